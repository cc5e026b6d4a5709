// Causes, and waits that are as planned: each with its entity, its kind, a sentence and the lines that show it.
import type { JSX } from "preact";
import type { Cause } from "../api/types";
import { t } from "../state/prefs";
import { EvidenceList } from "./evidence";
import { Entity, Section } from "./section";
import { ClassBadge } from "./verdict";

export function Causes({ causes }: { readonly causes: readonly Cause[] }): JSX.Element | null {
  if (causes.length === 0) return null;
  return (
    <Section title={t(causes.length === 1 ? "answer.cause" : "answer.causes")}>
      <ul class="cards">{causes.map((c) => <CauseCard cause={c} tone="bad" />)}</ul>
    </Section>
  );
}

export function Explanations({ list }: { readonly list: readonly Cause[] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <Section title={t("answer.explanations")}>
      <ul class="cards">{list.map((c) => <CauseCard cause={c} tone="quiet" />)}</ul>
    </Section>
  );
}

function CauseCard({ cause: c, tone }: { readonly cause: Cause; readonly tone: "bad" | "quiet" }): JSX.Element {
  return (
    <li class={`card edge ${tone}`}>
      <div class="card-head">
        <Entity name={c.entity} />
        {c.kind !== "" && <code class="chip">{c.kind}</code>}
        {c.class !== "" && <ClassBadge name={c.class} />}
      </div>
      {c.statement !== "" && <p>{c.statement}</p>}
      <EvidenceList evidence={c.evidence} />
    </li>
  );
}
