// How a word of the engine or of an answer is coloured. The word itself is always shown; unknown words are neutral.

export type Tone = "bad" | "warn" | "busy" | "good" | "quiet";

const tones: Readonly<Record<string, Tone>> = {
  ABEND: "bad", ABENP: "bad", FAIL: "bad", FAILED: "bad", ERROR: "bad", STUCK: "bad", UNLINKED: "bad", OFFLINE: "bad",
  BLOCKED: "bad", STOPPED: "bad", IGNORED: "warn", ASKED: "warn", FENCE: "warn", SUSP: "warn", PEND: "warn", SUPPR: "warn", LATE: "warn", UNDECIDED: "warn", HELD: "warn",
  EXEC: "busy", "EXEC+": "busy", INTRO: "busy", STARTED: "busy", SCHED: "quiet", RUNNING: "busy",
  SUCC: "good", SUCCP: "good", SUCCESSFUL: "good", LINKED: "good", ONLINE: "good",
};

const order: readonly Tone[] = ["bad", "warn", "busy", "quiet", "good"];

export function toneOf(status: string): Tone {
  return tones[status.trim().toUpperCase()] ?? "quiet";
}

export function verdictTone(verdict: string): Tone {
  if (verdict === "problem") return "bad";
  if (verdict === "no_problem") return "good";
  if (verdict === "insufficient_evidence") return "warn";
  return verdict === "needs_clarification" ? "busy" : "quiet";
}

// byUrgency puts what hurts first, then what there is most of; the name decides between equals.
export function byUrgency<T extends { readonly status: string; readonly count: number }>(counts: readonly T[]): T[] {
  const rank = (c: T): number => order.indexOf(toneOf(c.status));
  return [...counts].sort((a, b) => rank(a) - rank(b) || b.count - a.count || a.status.localeCompare(b.status));
}
