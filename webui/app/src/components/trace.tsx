// The steps that were taken to read the plan: open while they run, one line when they are done.
import type { JSX } from "preact";
import type { TraceStep } from "../lib/turn";
import { count, t } from "../state/prefs";
import { Icon } from "./icon";

interface Props {
  readonly steps: readonly TraceStep[];
  readonly live: boolean;
}

export function Trace({ steps, live }: Props): JSX.Element | null {
  if (steps.length === 0) return null;
  const failed = steps.filter((s) => s.call.error !== "").length;
  const took = steps.reduce((sum, s) => sum + s.call.durationMs, 0);
  return (
    <details class="trace" open={live}>
      <summary>
        <span>{steps.length === 1 ? t("trace.countOne") : t("trace.count", { n: steps.length })}</span>
        <span class="faint">{t("trace.ms", { n: count(took) })}</span>
        {failed > 0 && <span class="badge warn">{`${failed} ${t("trace.failed")}`}</span>}
      </summary>
      <ol class="trace-list">{steps.map((s) => <Step step={s} />)}</ol>
    </details>
  );
}

function Step({ step }: { readonly step: TraceStep }): JSX.Element {
  const { call, running } = step;
  const args = Object.entries(call.arguments).map(([k, v]) => `${k}=${typeof v === "string" ? v : JSON.stringify(v)}`);
  const tone = running ? "busy" : call.error !== "" ? "bad" : "good";
  return (
    <li class="trace-step">
      <span class={`mark ${tone}`}>
        {running ? <span class="spinner" aria-hidden="true" /> : <Icon name={call.error !== "" ? "cross" : "check"} />}
      </span>
      <span class="trace-call">
        <code class="trace-name">{call.name}</code>
        <code class="faint">{args.length > 0 ? args.join("  ") : t("trace.noArguments")}</code>
        {call.error !== "" && <span class="trace-error">{call.error}</span>}
      </span>
      <span class="trace-facts faint">
        {running ? t("trace.running") : t("trace.ms", { n: count(call.durationMs) })}
        {call.resultBytes > 0 && <span class="trace-bytes">{t("trace.bytes", { n: count(call.resultBytes) })}</span>}
      </span>
    </li>
  );
}
