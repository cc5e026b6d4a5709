// The one client of the server. Every failure leaves it as an ApiFailure with something to show; aborts pass through.
import { parseJSON } from "../lib/decode";
import { readEvents } from "../lib/sse";
import { decodeAnswer, decodeEvent, decodeProblem, decodeSession } from "./decode";
import { decodeStatus } from "./status";
import type { ChatEvent, PlanStatus, Problem, Session } from "./types";

export class ApiFailure extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title || problem.code);
  }
}

export function failure(code: string, status = 0): ApiFailure {
  return new ApiFailure({ code, title: "", detail: "", hint: "", correlationId: "", status });
}

export function isAbort(err: unknown): boolean {
  return err instanceof DOMException && (err.name === "AbortError" || err.name === "TimeoutError");
}

// problemOf gives what to show for whatever was thrown.
export function problemOf(err: unknown): Problem {
  return err instanceof ApiFailure ? err.problem : failure("unreachable").problem;
}

export async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", redirect: "error", ...init });
  } catch (err) {
    if (isAbort(err)) throw err;
    throw failure("unreachable");
  }
  if (response.ok) return response;
  const problem = decodeProblem(parseJSON(await response.text()), response.status);
  throw new ApiFailure({ ...problem, code: problem.code || codeOfStatus(response.status) });
}

function codeOfStatus(status: number): string {
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 429) return "limited";
  return status >= 502 && status <= 504 ? "unreachable" : "internal";
}

export async function readJSON(response: Response): Promise<unknown> {
  const v = parseJSON(await response.text());
  if (v === undefined) throw failure("bad_answer", response.status);
  return v;
}

export const json = { Accept: "application/json" };

export async function getSession(signal?: AbortSignal): Promise<Session> {
  return decodeSession(await readJSON(await send("/api/session", { headers: json, ...(signal && { signal }) })));
}

export async function endSession(): Promise<void> {
  await send("/api/session", { method: "DELETE", headers: { ...json, "Content-Type": "application/json" } });
}

export async function getStatus(signal: AbortSignal): Promise<PlanStatus> {
  return decodeStatus(await readJSON(await send("/api/status", { headers: json, signal })));
}

export interface AskInput {
  readonly question: string;
  readonly conversationId: string;
  readonly language: string;
  readonly agent: string; // empty: the server chooses
}

export type Emit = (event: ChatEvent) => void;

export async function ask(input: AskInput, emit: Emit, signal: AbortSignal): Promise<void> {
  const body = { question: input.question, conversation_id: input.conversationId, language: input.language };
  await answered("/api/chat", input.agent === "" ? body : { ...body, agent: input.agent }, emit, signal);
}

export async function askAgain(conversation: string, message: string, emit: Emit, signal: AbortSignal): Promise<void> {
  await answered(`/api/conversations/${encodeURIComponent(conversation)}/regenerate`, { message_id: message }, emit, signal);
}

// answered streams the answer's events; a server that answers with plain JSON is taken as well.
async function answered(path: string, body: unknown, emit: Emit, signal: AbortSignal): Promise<void> {
  const response = await send(path, {
    method: "POST",
    headers: { Accept: "text/event-stream", "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("text/event-stream") || response.body === null) {
    emit({ type: "done", answer: decodeAnswer(await readJSON(response)) });
    return;
  }
  let last = "";
  try {
    await readEvents(response.body, (e) => {
      const event = decodeEvent(e.event, e.data);
      if (event === null) return;
      last = event.type;
      emit(event);
    });
  } catch (err) {
    if (isAbort(err)) throw err;
    throw failure("interrupted");
  }
  if (last !== "done" && last !== "error") throw failure("interrupted");
}
