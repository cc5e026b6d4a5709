// Under every answer: of when the data are, from which engine, who answered, and what the answer cost to read.
import type { JSX } from "preact";
import type { AgentInfo, Answer } from "../api/types";
import { stamp } from "../lib/time";
import { nameOf } from "../state/agents";
import { count, t } from "../state/prefs";

interface Props {
  readonly answer: Answer;
  readonly agent: AgentInfo | null;
}

export function StampLine({ answer: a, agent }: Props): JSX.Element {
  const at = a.dataAsOf || a.clocks.planNow || a.clocks.fetchedAt;
  const engine = [t("answer.engine", { name: a.engine.name }), a.engine.mode && `(${a.engine.mode})`].filter(Boolean).join(" ");
  const mirrored = a.clocks.mirroredAt;
  return (
    <p class="stamp">
      {a.stale && <span class="badge warn">{t("answer.stale")}</span>}
      {at !== "" && <span>{t("answer.asOf", { time: stamp(at) })}</span>}
      {a.engine.name !== "" && <span>{engine}</span>}
      {mirrored !== "" && <span>{mirrored === "unknown" ? t("answer.mirrorUnknown") : t("answer.mirrored", { time: stamp(mirrored) })}</span>}
      {agent !== null && <span>{t("answer.agent", { name: nameOf(agent) })}</span>}
      {a.model !== "" && <span>{t("answer.model", { name: a.model })}</span>}
      {a.upstreamCalls > 0 && <span>{t("answer.calls", { n: count(a.upstreamCalls) })}</span>}
      {a.durationMs > 0 && <span>{t("trace.ms", { n: count(a.durationMs) })}</span>}
    </p>
  );
}
