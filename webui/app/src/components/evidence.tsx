// Quotes with the place they were read at, looking like the log they came from.
import type { JSX } from "preact";
import type { Evidence } from "../api/types";
import { documentAddress } from "../lib/document";
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
        <Source source={e.source} line={e.line} />
        {e.line > 0 && <span>{t("answer.line", { n: e.line })}</span>}
        {e.runId !== "" && <span>{t("answer.run", { id: e.runId })}</span>}
      </span>
    </li>
  );
}

// Source names where something was read; a document opens at the place.
export function Source({ source, line = 0 }: { readonly source: string; readonly line?: number }): JSX.Element {
  const address = documentAddress(source, line);
  return address === "" ? <code>{source}</code> : <a href={address}><code>{source}</code></a>;
}
