// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { conversations, current, draft, forgetConversations, maxQuestion, restoreConversations, startNew, stopRunning, submit } from "./chat";
import { engine } from "./engine";
import { correctAddress } from "./route";

const sse = (events: readonly (readonly [string, unknown])[]): Response =>
  new Response(events.map(([e, d]) => `event: ${e}\ndata: ${JSON.stringify(d)}\n\n`).join(""), { headers: { "Content-Type": "text/event-stream" } });

const done = (answer: string): readonly [string, unknown] => ["done", { answer, conversation_id: "c_7", engine: { name: "e", mode: "live" } }];

const asked: unknown[] = [];
const unsupported = (): Response => new Response('{"code":"unsupported"}', { status: 501 });

// server answers questions with answer, and what is asked of its store as a server without one.
function server(answer: (signal: AbortSignal) => Response | Promise<Response>): void {
  vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
    if (init.method !== "POST") return unsupported();
    asked.push(JSON.parse(String(init.body)));
    return answer(init.signal ?? new AbortController().signal);
  });
}

beforeEach(async () => {
  asked.length = 0;
  forgetConversations();
  server(unsupported);
  await restoreConversations("ana");
});
afterEach(() => vi.unstubAllGlobals());

const last = (): ReturnType<typeof current.peek>["turns"][number] | undefined => current.value.turns.at(-1);

describe("asking", () => {
  it("keeps the server's conversation for the next question", async () => {
    server(() => sse([["delta", { text: "a" }], done("answer")]));
    await submit("why did it stop?");
    await submit("and LOAD?");
    expect(asked).toEqual([
      { question: "why did it stop?", conversation_id: "", language: "" },
      { question: "and LOAD?", conversation_id: "c_7", language: "" },
    ]);
    expect([last()?.phase, last()?.prose, engine.value?.mode]).toEqual(["done", "answer", "live"]);
  });

  it("names a language only where the question has none", async () => {
    server(() => sse([done("x")]));
    await submit("A#B.C");
    expect(asked[0]).toMatchObject({ language: "en" });
  });

  it("sends nothing that is empty, too long or asked while another runs", async () => {
    server(() => new Promise<Response>(() => undefined));
    await submit("  ");
    await submit("x".repeat(maxQuestion + 1));
    expect(asked).toHaveLength(0);
    void submit("first one");
    await submit("second one");
    expect(asked).toHaveLength(1);
    stopRunning();
  });

  it("stops when told to", async () => {
    server((signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
    const asking = submit("slow one");
    stopRunning();
    await asking;
    expect(last()?.phase).toBe("stopped");
  });

  it.each([
    ["a problem document", () => new Response('{"code":"limited","correlation_id":"k"}', { status: 429 }), "limited"],
    ["a proxy's page", () => new Response("<html>", { status: 502 }), "unreachable"],
    ["a stream without end", () => sse([["delta", { text: "half" }]]), "interrupted"],
    ["an error event", () => sse([["error", { code: "timeout", message: "Too slow." }]]), "timeout"],
    ["no network", () => Promise.reject(new TypeError("x")), "unreachable"],
    ["nonsense", () => new Response("{", { headers: { "Content-Type": "application/json" } }), "bad_answer"],
  ])("turns %s into a problem", async (_name, answer, code) => {
    server(answer);
    await submit("why now?");
    expect([last()?.phase, last()?.problem?.code]).toEqual(["failed", code]);
  });

  it("takes a plain JSON answer too", async () => {
    server(() => new Response(JSON.stringify({ answer: "plain" }), { headers: { "Content-Type": "application/json" } }));
    await submit("why now?");
    expect(last()?.prose).toBe("plain");
  });
});

describe("this tab's memory", () => {
  it("gives conversations back to their user and to nobody else", async () => {
    server(() => sse([done("kept")]));
    await submit("why now?");
    const stored = sessionStorage.length;
    expect(stored).toBe(1);
    conversations.value = [];
    await restoreConversations("ana");
    expect(conversations.value.at(-1)?.turns[0]?.prose).toBe("kept");
    await restoreConversations("bob");
    expect(sessionStorage.length).toBe(0);
  });

  it("forgets everything at the end of the session", async () => {
    server(() => sse([done("kept")]));
    await submit("why now?");
    draft.value = "half a question";
    forgetConversations();
    expect([sessionStorage.length, current.value.turns.length, draft.value]).toEqual([0, 0, ""]);
  });

  it("drops an address that only a server with a store could follow", async () => {
    correctAddress("/chat?c=c_9");
    await restoreConversations("ana");
    expect([current.value.serverId, current.value.problem, location.search]).toEqual(["", null, ""]);
  });

  it("keeps one empty conversation at most", () => {
    startNew();
    startNew();
    expect(conversations.value.filter((c) => c.turns.length === 0)).toHaveLength(1);
  });
});
