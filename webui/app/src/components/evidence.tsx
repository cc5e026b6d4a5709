// Quotes with the place they were read at, looking like the log they came from.
import type { JSX } from "preact";
import type { Evidence } from "../api/types";
import { t } from "../state/prefs";

export function EvidenceList({ evidence }: { readonly evidence: readonly Evidence[] }): JSX.Element | null {
  if (evidence.length === 0) return null;
  return (
    <ul class="evidence" aria-label={t("answer.evidence")}>
      {evidence.map((e) => <EvidenceItem evidence={e} />)}
    </ul>
  );
}

function EvidenceItem({ evidence: e }: { readonly evidence: Evidence }): JSX.Element {
  return (
    <li class="quote">
      <code class="quote-text">{e.quote}</code>
      <span class="quote-source">
        <code>{e.source}</code>
        {e.line > 0 && <span>{t("answer.line", { n: e.line })}</span>}
        {e.runId !== "" && <span>{t("answer.run", { id: e.runId })}</span>}
      </span>
    </li>
  );
}
