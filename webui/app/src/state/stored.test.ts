// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chosenAgent } from "./agents";
import { current, drop, followAddress, forgetConversations, open, regenerate, restoreConversations, startNew, stopRunning, submit } from "./chat";
import { kept, listed, listProblem, nextPage, readHistory, readOn, words } from "./history";
import { correctAddress, navigate } from "./route";

const json = (value: unknown, status = 200): Response => new Response(JSON.stringify(value), { status, headers: { "Content-Type": "application/json" } });
const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const answer = (text: string, message = "m_1"): unknown => ({ answer: text, conversation_id: "c_7", message_id: message, tool_calls: [{ id: "t1", name: "plan_status" }] });
const begin = event("turn", { conversation_id: "c_7", message_id: "m_1" }) + event("agent", { id: "status", name: "Status", chosen: true });
const stream = (text: string): Response => new Response(text, { headers: { "Content-Type": "text/event-stream" } });
const stored = (over: object = {}): unknown => ({
  id: "c_7", title: "why?", share: { expires: "2027-01-02T03:04:05Z" },
  turns: [{ message_id: "m_1", question: "why?", agent: "status", stopped: false, feedback: { opinion: "down", words: "no" }, answer: answer("kept"), ...over }],
});

type Route = (body: unknown, signal: AbortSignal) => Response | Promise<Response>;
let routes: Record<string, Route>;
const calls: string[] = [];

beforeEach(async () => {
  routes = { "GET /api/conversations?page_size=30": () => json({ items: [], total: 0 }) };
  calls.length = 0;
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const name = `${init.method ?? "GET"} ${path}`;
    calls.push(name);
    const route = routes[name];
    if (route === undefined) return json({ code: "not_found" }, 404);
    return route(init.body === undefined ? null : JSON.parse(String(init.body)), init.signal ?? new AbortController().signal);
  });
  correctAddress("/chat");
  forgetConversations();
  await restoreConversations("ana");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  chosenAgent.value = "auto";
});

const last = (): ReturnType<typeof current.peek>["turns"][number] | undefined => current.value.turns.at(-1);

// aStream is answered piece by piece, as the test says; a connection that is given up ends it.
function aStream(): { push: (text: string) => void; end: () => void; route: Route } {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (c) => void (controller = c) });
  return {
    push: (text) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
    route: (_, signal) => {
      signal.addEventListener("abort", () => controller.error(signal.reason));
      return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
    },
  };
}

describe("where the server keeps conversations", () => {
  it("a question is listed, addressed, and not kept in the tab", async () => {
    routes["POST /api/chat"] = () => stream(begin + event("done", answer("yes")));
    await submit("why?");
    expect([kept.value, listed.value, location.search, sessionStorage.length]).toEqual(["yes", [{ id: "c_7", title: "why?" }], "?c=c_7", 0]);
    expect(last()).toMatchObject({ phase: "done", messageId: "m_1", agent: { id: "status", name: "Status" } });
  });

  it("a stored conversation looks as it did live", async () => {
    routes["POST /api/chat"] = () => stream(begin + event("done", answer("kept")));
    routes["GET /api/conversations/c_7"] = () => json(stored());
    await submit("why?");
    const live = last();
    forgetConversations();
    await restoreConversations("ana");
    await open("c_7");
    expect(last()).toMatchObject({ prose: live?.prose, steps: live?.steps, answer: live?.answer, phase: "done", feedback: { opinion: "down", words: "no" } });
    expect(current.value.share).toEqual({ token: "", expires: "2027-01-02T03:04:05Z" });
  });

  it("one that was stopped says so, one that is gone is a problem", async () => {
    routes["GET /api/conversations/c_7"] = () => json(stored({ stopped: true }));
    await open("c_7");
    expect(last()?.phase).toBe("stopped");
    await open("c_8");
    expect([current.value.problem?.code, current.value.turns.length]).toEqual(["not_found", 0]);
  });

  it("back and forward change what is shown", async () => {
    followAddress();
    routes["GET /api/conversations/c_7"] = () => json(stored());
    navigate("/chat?c=c_7");
    await vi.waitFor(() => expect(last()?.prose).toBe("kept"));
    navigate("/chat");
    expect(current.value.turns).toHaveLength(0);
  });

  it("the chosen agent is asked", async () => {
    const bodies: unknown[] = [];
    routes["POST /api/chat"] = (body) => (bodies.push(body), stream(begin + event("done", answer("yes"))));
    chosenAgent.value = "knowledge";
    await submit("why?");
    expect(bodies).toMatchObject([{ agent: "knowledge" }]);
  });

  it("one that is deleted leaves an empty one", async () => {
    routes["GET /api/conversations/c_7"] = () => json(stored());
    await open("c_7");
    drop("c_7");
    expect([current.value.serverId, current.value.turns.length]).toEqual(["", 0]);
  });
});

describe("the list", () => {
  it("is read on without repeating what moved to the front, and searched", async () => {
    routes["GET /api/conversations?page_size=30"] = () => json({ items: [{ id: "a", title: "A" }, { id: "b", title: "B" }], next_cursor: "n" });
    routes["GET /api/conversations?page_size=30&cursor=n"] = () => json({ items: [{ id: "b", title: "B" }, { id: "c", title: "C" }] });
    routes["GET /api/conversations?page_size=30&q=x+y"] = () => json({ items: [{ id: "c", title: "C" }] });
    await readHistory();
    await readOn();
    expect([listed.value.map((s) => s.id), nextPage.value]).toEqual([["a", "b", "c"], ""]);
    words.value = " x y ";
    await readHistory();
    expect(listed.value.map((s) => s.id)).toEqual(["c"]);
  });

  it("keeps what it has when it cannot be read", async () => {
    listed.value = [{ id: "a", title: "A" }];
    routes["GET /api/conversations?page_size=30"] = () => json({ code: "internal" }, 500);
    await readHistory();
    expect([listed.value.length, listProblem.value?.code, kept.value]).toEqual([1, "internal", "yes"]);
  });
});

describe("stopping", () => {
  it("tells the server and shows what stood by then", async () => {
    const s = aStream();
    routes["POST /api/chat"] = s.route;
    routes["POST /api/conversations/c_7/stop"] = () => {
      s.push(event("done", answer("half")));
      s.end();
      return json({ stopped: true });
    };
    const asking = submit("why?");
    s.push(begin);
    await vi.waitFor(() => expect(last()?.messageId).toBe("m_1"));
    stopRunning();
    expect(last()).toMatchObject({ phase: "running", stopping: true });
    await asking;
    expect(last()).toMatchObject({ phase: "stopped", stopping: false, prose: "half" });
  });

  it("ends the connection when the server cannot be told", async () => {
    const s = aStream();
    routes["POST /api/chat"] = s.route;
    const asking = submit("why?");
    s.push(begin);
    await vi.waitFor(() => expect(last()?.messageId).toBe("m_1"));
    stopRunning();
    await asking;
    expect(calls).toContain("POST /api/conversations/c_7/stop");
    expect(last()).toMatchObject({ phase: "stopped", answer: null });
  });
});

describe("an answer made anew", () => {
  it("takes the place of the old one", async () => {
    const bodies: unknown[] = [];
    routes["GET /api/conversations/c_7"] = () => json(stored());
    routes["POST /api/conversations/c_7/regenerate"] = (body) => (bodies.push(body), stream(event("done", answer("new", "m_2"))));
    await open("c_7");
    await regenerate();
    expect(bodies).toEqual([{ message_id: "m_1" }]);
    expect(current.value.turns.map((turn) => [turn.messageId, turn.prose, turn.feedback])).toEqual([["m_2", "new", null]]);
  });

  it("leaves the old one where it fails", async () => {
    routes["GET /api/conversations/c_7"] = () => json(stored());
    routes["POST /api/conversations/c_7/regenerate"] = () => json({ code: "limited" }, 429);
    await open("c_7");
    await regenerate();
    expect(last()).toMatchObject({ messageId: "m_1", prose: "kept", problem: { code: "limited" } });
    startNew();
  });
});
