// From the wire's JSON to the types of types.ts. Lenient: a missing field is empty, an unknown one is ignored.
import { fieldsOf, listOf, numberOf, parseJSON, textOf } from "../lib/decode";
import type {
  Action, Answer, Candidate, Cause, ChatEvent, Citation, Clocks, CodedError, Diagnosis, EngineInfo, Evidence, Hop,
  Impact, Precondition, Problem, RuledOut, Session, ToolCall, Urgency,
} from "./types";

function evidence(v: unknown): Evidence {
  const f = fieldsOf(v);
  return { source: textOf(f.source), runId: textOf(f.run_id), line: numberOf(f.line) ?? 0, quote: textOf(f.quote) };
}

function cause(v: unknown): Cause {
  const f = fieldsOf(v);
  return {
    entity: textOf(f.entity), kind: textOf(f.kind), statement: textOf(f.statement),
    evidence: listOf(f.evidence, evidence), class: textOf(f.class),
  };
}

function hop(v: unknown): Hop {
  const f = fieldsOf(v);
  return {
    entity: textOf(f.entity), status: textOf(f.status), why: textOf(f.why), blockedBy: textOf(f.blocked_by),
    evidence: listOf(f.evidence, evidence),
  };
}

function impact(v: unknown): Impact {
  const f = fieldsOf(v);
  return {
    entity: textOf(f.entity), hops: numberOf(f.hops) ?? 0, state: textOf(f.state), deadline: textOf(f.deadline),
    predictedEnd: textOf(f.predicted_end), service: textOf(f.service), contact: textOf(f.contact),
  };
}

function urgency(v: unknown): Urgency | null {
  const f = fieldsOf(v);
  const u = { class: textOf(f.class), actBy: textOf(f.act_by), why: textOf(f.why), contact: textOf(f.contact) };
  return u.class === "" ? null : u;
}

function candidate(v: unknown): Candidate {
  const f = fieldsOf(v);
  return { entity: typeof v === "string" ? v : textOf(f.entity), why: textOf(f.why) };
}

function ruledOut(v: unknown): RuledOut {
  const f = fieldsOf(v);
  return { entity: textOf(f.entity), kind: textOf(f.kind), why: textOf(f.why) };
}

function precondition(v: unknown): Precondition {
  const f = fieldsOf(v);
  return { text: textOf(f.text), met: textOf(f.met) };
}

function action(v: unknown): Action {
  const f = fieldsOf(v);
  return {
    code: textOf(f.code), target: textOf(f.target), text: textOf(f.text), command: textOf(f.command),
    after: numberOf(f.after) ?? -1, preconditions: listOf(f.preconditions, precondition),
    starts: listOf(f.starts, textOf), wayBack: textOf(f.way_back), risk: textOf(f.risk),
    needsApproval: f.needs_approval === true,
  };
}

export function decodeDiagnosis(v: unknown): Diagnosis {
  const f = fieldsOf(v);
  const affected = listOf(f.affected, textOf);
  return {
    verdict: textOf(f.verdict), confidenceClass: textOf(f.confidence_class), causes: listOf(f.causes, cause),
    explanations: listOf(f.explanations, cause), chain: listOf(f.chain, hop), impact: listOf(f.impact, impact),
    affected, affectedTotal: Math.max(numberOf(f.affected_total) ?? 0, affected.length), urgency: urgency(f.urgency),
    candidates: listOf(f.candidates, candidate), ruledOut: listOf(f.ruled_out, ruledOut),
    actions: listOf(f.actions, action), missing: listOf(f.missing, textOf), wouldChange: listOf(f.would_change, textOf),
  };
}

function citation(v: unknown): Citation {
  const f = fieldsOf(v);
  return { source: textOf(f.source), title: textOf(f.title), quote: textOf(f.quote) };
}

export function decodeToolCall(v: unknown): ToolCall {
  const f = fieldsOf(v);
  return {
    id: textOf(f.id), name: textOf(f.name), arguments: fieldsOf(f.arguments), durationMs: numberOf(f.duration_ms) ?? 0,
    resultBytes: numberOf(f.result_bytes) ?? 0, error: textOf(f.error),
  };
}

export function decodeClocks(v: unknown): Clocks {
  const f = fieldsOf(v);
  return { fetchedAt: textOf(f.fetched_at), mirroredAt: textOf(f.mirrored_at), planNow: textOf(f.plan_now) };
}

// decodeEngine takes the engine's object, or its bare name.
export function decodeEngine(v: unknown): EngineInfo {
  if (typeof v === "string") return { name: v, mode: "", api: "", version: "", timezone: "" };
  const f = fieldsOf(v);
  return {
    name: textOf(f.name), mode: textOf(f.mode), api: textOf(f.api), version: textOf(f.version),
    timezone: textOf(f.timezone),
  };
}

export function decodeError(v: unknown): CodedError {
  const f = fieldsOf(v);
  return { code: textOf(f.code), message: textOf(f.message), hint: textOf(f.hint), source: textOf(f.source) };
}

export function decodeAnswer(v: unknown): Answer {
  const f = fieldsOf(v);
  const usage = fieldsOf(f.usage);
  return {
    conversationId: textOf(f.conversation_id), messageId: textOf(f.message_id), question: textOf(f.question),
    language: textOf(f.language), engine: decodeEngine(f.engine), answer: textOf(f.answer),
    diagnosis: f.diagnosis === null || f.diagnosis === undefined ? null : decodeDiagnosis(f.diagnosis),
    citations: listOf(f.citations, citation), toolCalls: listOf(f.tool_calls, decodeToolCall),
    clocks: decodeClocks(f.clocks), dataAsOf: textOf(f.data_as_of), stale: f.stale === true,
    errors: listOf(f.errors, decodeError), model: textOf(f.model), upstreamCalls: numberOf(usage.upstream_calls) ?? 0,
    durationMs: numberOf(usage.duration_ms) ?? 0,
  };
}

export function decodeProblem(v: unknown, status: number): Problem {
  const f = fieldsOf(v);
  return {
    code: textOf(f.code), title: textOf(f.title), detail: textOf(f.detail) || textOf(f.message), hint: textOf(f.hint),
    correlationId: textOf(f.correlation_id), status,
  };
}

// decodeSession reads {user: {name, role}}, or the bare user.
export function decodeSession(v: unknown): Session {
  const f = fieldsOf(v);
  const user = fieldsOf(f.user ?? f);
  return { id: textOf(user.id), name: textOf(user.name) || textOf(f.user), role: textOf(user.role) };
}

// decodeEvent gives null for events that this page does not know.
export function decodeEvent(name: string, data: string): ChatEvent | null {
  const v = parseJSON(data);
  const f = fieldsOf(v);
  switch (name) {
    case "turn":
      return { type: name, conversationId: textOf(f.conversation_id), messageId: textOf(f.message_id) };
    case "agent":
      return { type: name, agent: { id: textOf(f.id), name: textOf(f.name) } };
    case "tool_call":
    case "tool_result":
      return { type: name, call: decodeToolCall(v) };
    case "diagnosis":
      return v === null ? null : { type: name, diagnosis: decodeDiagnosis(v) };
    case "delta":
      return { type: name, text: textOf(f.text) };
    case "reset":
      return { type: name };
    case "done":
      return v === undefined ? null : { type: name, answer: decodeAnswer(v) };
    case "error":
      return { type: name, problem: decodeProblem(v, 200) };
    default:
      return null;
  }
}
