// A turn is one question and what came back so far. reduce applies one event; it changes nothing in place.
import type { Feedback, StoredTurn } from "../api/conversations";
import type { AgentInfo, Answer, ChatEvent, Diagnosis, Problem, ToolCall } from "../api/types";

export type Phase = "running" | "done" | "stopped" | "failed";

export interface TraceStep {
  readonly call: ToolCall;
  readonly running: boolean;
}

export interface Turn {
  readonly id: string;
  readonly question: string;
  readonly phase: Phase;
  readonly stopping: boolean; // the server was told to stop; what stood by then is on its way
  readonly messageId: string; // empty until the server has named it
  readonly startedAt: number;
  readonly steps: readonly TraceStep[];
  readonly prose: string;
  readonly diagnosis: Diagnosis | null;
  readonly answer: Answer | null;
  readonly problem: Problem | null;
  readonly agent: AgentInfo | null;
  readonly feedback: Feedback | null;
}

export function newTurn(id: string, question: string, startedAt: number): Turn {
  return {
    id, question, phase: "running", stopping: false, messageId: "", startedAt, steps: [], prose: "", diagnosis: null, answer: null, problem: null,
    agent: null, feedback: null,
  };
}

// fromStored gives a turn that the server kept, as it stood when it was made.
export function fromStored(stored: StoredTurn): Turn {
  const made = complete(newTurn(stored.messageId, stored.question, 0), stored.answer);
  return {
    ...made, phase: stored.stopped ? "stopped" : "done", messageId: stored.messageId, feedback: stored.feedback,
    agent: stored.agent === "" ? null : { id: stored.agent, name: "" },
  };
}

export function reduce(turn: Turn, event: ChatEvent): Turn {
  // Done wins: whatever trails behind it is old.
  if (turn.phase !== "running") return turn;
  switch (event.type) {
    case "turn":
      return { ...turn, messageId: event.messageId };
    case "agent":
      return { ...turn, agent: event.agent };
    case "tool_call":
      return { ...turn, steps: [...turn.steps, { call: event.call, running: true }] };
    case "tool_result":
      return { ...turn, steps: finish(turn.steps, event.call) };
    case "diagnosis":
      return { ...turn, diagnosis: event.diagnosis };
    case "delta":
      return { ...turn, prose: turn.prose + event.text };
    case "reset":
      return { ...turn, prose: "" };
    case "done":
      return complete(turn, event.answer);
    case "error":
      return fail(turn, event.problem);
  }
}

function complete(turn: Turn, answer: Answer): Turn {
  const steps = answer.toolCalls.length > 0 ? answer.toolCalls.map((call) => ({ call, running: false })) : settle(turn.steps);
  const phase = turn.stopping ? "stopped" : "done";
  return { ...turn, phase, stopping: false, messageId: answer.messageId || turn.messageId, answer, steps, prose: answer.answer, diagnosis: answer.diagnosis };
}

export function fail(turn: Turn, problem: Problem): Turn {
  return turn.phase === "running" ? { ...turn, phase: "failed", stopping: false, problem, steps: settle(turn.steps) } : turn;
}

export function stop(turn: Turn): Turn {
  return turn.phase === "running" ? { ...turn, phase: "stopped", stopping: false, steps: settle(turn.steps) } : turn;
}

// finish ends the step with the result's id; a result carries no arguments, the call's stay.
function finish(steps: readonly TraceStep[], result: ToolCall): readonly TraceStep[] {
  const at = steps.findLastIndex((s) => s.running && s.call.id === result.id);
  if (at < 0) return [...steps, { call: result, running: false }];
  return steps.map((s, i) =>
    i === at ? { call: { ...result, name: result.name || s.call.name, arguments: s.call.arguments }, running: false } : s,
  );
}

function settle(steps: readonly TraceStep[]): readonly TraceStep[] {
  return steps.map((s) => (s.running ? { ...s, running: false } : s));
}
