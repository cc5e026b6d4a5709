// The shapes that the server sends, after decoding: every field is there, absent text is "", absent lists are empty.
// The engine's words (status, kind, type) are open strings and are shown as they are.

export interface Session {
  readonly id: string;
  readonly name: string;
  readonly role: string;
}

export interface EngineInfo {
  readonly name: string;
  readonly mode: string;
  readonly api: string;
  readonly version: string;
  readonly timezone: string;
}

export interface Evidence {
  readonly source: string;
  readonly runId: string;
  readonly line: number;
  readonly quote: string;
}

export interface Cause {
  readonly entity: string;
  readonly kind: string;
  readonly statement: string;
  readonly evidence: readonly Evidence[];
  readonly class: string;
}

export interface Hop {
  readonly entity: string;
  readonly status: string;
  readonly why: string;
  readonly blockedBy: string;
  readonly evidence: readonly Evidence[];
}

export interface Impact {
  readonly entity: string;
  readonly hops: number;
  readonly state: string;
  readonly deadline: string;
  readonly predictedEnd: string;
  readonly service: string;
  readonly contact: string;
}

export interface Urgency {
  readonly class: string;
  readonly actBy: string;
  readonly why: string;
  readonly contact: string;
}

export interface Candidate {
  readonly entity: string;
  readonly why: string;
}

export interface RuledOut {
  readonly entity: string;
  readonly kind: string;
  readonly why: string;
}

export interface Precondition {
  readonly text: string;
  readonly met: string;
}

export interface Action {
  readonly code: string;
  readonly target: string;
  readonly text: string;
  readonly command: string;
  readonly after: number;
  readonly preconditions: readonly Precondition[];
  readonly starts: readonly string[];
  readonly wayBack: string;
  readonly risk: string;
  readonly needsApproval: boolean;
}

export interface Diagnosis {
  readonly verdict: string;
  readonly confidenceClass: string;
  readonly causes: readonly Cause[];
  readonly explanations: readonly Cause[];
  readonly chain: readonly Hop[];
  readonly impact: readonly Impact[];
  readonly affected: readonly string[];
  readonly affectedTotal: number;
  readonly urgency: Urgency | null;
  readonly candidates: readonly Candidate[];
  readonly ruledOut: readonly RuledOut[];
  readonly actions: readonly Action[];
  readonly missing: readonly string[];
  readonly wouldChange: readonly string[];
}

export interface Citation {
  readonly source: string;
  readonly title: string;
  readonly quote: string;
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly durationMs: number;
  readonly resultBytes: number;
  readonly error: string;
}

export interface Clocks {
  readonly fetchedAt: string;
  readonly mirroredAt: string;
  readonly planNow: string;
}

export interface CodedError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly source: string;
}

export interface Answer {
  readonly conversationId: string;
  readonly messageId: string;
  readonly question: string;
  readonly language: string;
  readonly engine: EngineInfo;
  readonly answer: string;
  readonly diagnosis: Diagnosis | null;
  readonly citations: readonly Citation[];
  readonly toolCalls: readonly ToolCall[];
  readonly clocks: Clocks;
  readonly dataAsOf: string;
  readonly stale: boolean;
  readonly errors: readonly CodedError[];
  readonly model: string;
  readonly upstreamCalls: number;
  readonly durationMs: number;
}

export interface Workstation {
  readonly name: string;
  readonly entity: string;
  readonly type: string;
  readonly status: string;
  readonly limit: string;
  readonly fence: string;
  readonly problem: string;
}

export interface NeedsPerson {
  readonly entity: string;
  readonly status: string;
  readonly why: string;
  readonly since: string;
}

export interface StatusCount {
  readonly status: string;
  readonly count: number;
}

export interface PlanStatus {
  readonly engine: EngineInfo;
  readonly jobsTotal: number | null;
  readonly jobs: readonly StatusCount[];
  readonly streamsTotal: number | null;
  readonly streams: readonly StatusCount[];
  readonly workstations: readonly Workstation[];
  readonly needsPerson: readonly NeedsPerson[];
  readonly needsPersonTotal: number;
  readonly missing: readonly string[];
  readonly failures: readonly CodedError[];
  readonly clocks: Clocks;
  readonly stale: boolean;
}

// Problem is what is shown when the server refuses or cannot be reached.
export interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string;
  readonly correlationId: string;
  readonly status: number;
}

// AgentInfo is one of those who answer. The name is in the language of what named it, and may be empty.
export interface AgentInfo {
  readonly id: string;
  readonly name: string;
}

export type ChatEvent =
  | { readonly type: "turn"; readonly conversationId: string; readonly messageId: string }
  | { readonly type: "agent"; readonly agent: AgentInfo }
  | { readonly type: "tool_call"; readonly call: ToolCall }
  | { readonly type: "tool_result"; readonly call: ToolCall }
  | { readonly type: "diagnosis"; readonly diagnosis: Diagnosis }
  | { readonly type: "delta"; readonly text: string }
  | { readonly type: "reset" }
  | { readonly type: "done"; readonly answer: Answer }
  | { readonly type: "error"; readonly problem: Problem };
