// A turn is one question and what came back so far. reduce applies one event; it changes nothing in place.
import type { Answer, ChatEvent, Diagnosis, Problem, ToolCall } from "../api/types";

export type Phase = "running" | "done" | "stopped" | "failed";

export interface TraceStep {
  readonly call: ToolCall;
  readonly running: boolean;
}

export interface Turn {
  readonly id: string;
  readonly question: string;
  readonly phase: Phase;
  readonly startedAt: number;
  readonly steps: readonly TraceStep[];
  readonly prose: string;
  readonly diagnosis: Diagnosis | null;
  readonly answer: Answer | null;
  readonly problem: Problem | null;
}

export function newTurn(id: string, question: string, startedAt: number): Turn {
  return { id, question, phase: "running", startedAt, steps: [], prose: "", diagnosis: null, answer: null, problem: null };
}

export function reduce(turn: Turn, event: ChatEvent): Turn {
  // Done wins: whatever trails behind it is old.
  if (turn.phase !== "running") return turn;
  switch (event.type) {
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
  return { ...turn, phase: "done", answer, steps, prose: answer.answer, diagnosis: answer.diagnosis };
}

export function fail(turn: Turn, problem: Problem): Turn {
  return turn.phase === "running" ? { ...turn, phase: "failed", problem, steps: settle(turn.steps) } : turn;
}

export function stop(turn: Turn): Turn {
  return turn.phase === "running" ? { ...turn, phase: "stopped", steps: settle(turn.steps) } : turn;
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
