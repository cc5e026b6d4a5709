// What surrounds a diagnosis: instances to choose from, what could not be seen, what was ruled out, documents, errors.
import type { JSX } from "preact";
import type { Candidate, Citation, CodedError, Diagnosis, RuledOut } from "../api/types";
import { t } from "../state/prefs";
import { Source } from "./evidence";
import { Icon } from "./icon";
import { Entity, Folded, Section } from "./section";

interface CandidatesProps {
  readonly diagnosis: Diagnosis;
  readonly onChoose: ((entity: string) => void) | null; // null: they are only read
}

export function Candidates({ diagnosis: d, onChoose }: CandidatesProps): JSX.Element | null {
  if (d.candidates.length === 0) return null;
  return (
    <Section title={t(d.verdict === "needs_clarification" ? "answer.candidates" : "answer.others")}>
      <ul class="plain choices">{d.candidates.map((c) => <Choice candidate={c} onChoose={onChoose} />)}</ul>
    </Section>
  );
}

interface ChoiceProps {
  readonly candidate: Candidate;
  readonly onChoose: CandidatesProps["onChoose"];
}

function Choice({ candidate: c, onChoose }: ChoiceProps): JSX.Element {
  const text = (
    <span class="choice-text">
      <Entity name={c.entity} />
      {c.why !== "" && <span class="faint">{c.why}</span>}
    </span>
  );
  if (onChoose === null) return <li>{text}</li>;
  return (
    <li>
      <button type="button" class="choice" onClick={() => onChoose(c.entity)}>
        {text}
        <Icon name="arrow" />
      </button>
    </li>
  );
}

export function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }): JSX.Element | null {
  if (lines.length === 0) return null;
  return (
    <Section title={title}>
      <ul class="bullets">{lines.map((line) => <li>{line}</li>)}</ul>
    </Section>
  );
}

export function RuledOutList({ list }: { readonly list: readonly RuledOut[] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <Folded title={`${t("answer.ruledOut")} (${list.length})`}>
      <ul class="rows">
        {list.map((r) => (
          <li class="rows-item">
            <div class="tree-line"><Entity name={r.entity} />{r.kind !== "" && <code class="chip">{r.kind}</code>}</div>
            <p class="facts">{r.why}</p>
          </li>
        ))}
      </ul>
    </Folded>
  );
}

export function Citations({ list }: { readonly list: readonly Citation[] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <Section title={t("answer.citations")}>
      <ul class="plain">
        {list.map((c) => (
          <li class="citation">
            {c.title !== "" && <p class="citation-title">{c.title}</p>}
            <blockquote>{c.quote}</blockquote>
            <p class="faint"><Source source={c.source} /></p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Errors({ list }: { readonly list: readonly CodedError[] }): JSX.Element | null {
  if (list.length === 0) return null;
  return (
    <Section title={t("answer.errors")}>
      <ul class="plain">
        {list.map((e) => (
          <li class="note warn">
            <Icon name="alert" />
            <div class="note-body">
              <p class="note-title">{e.message || e.code}</p>
              {e.hint !== "" && <p>{e.hint}</p>}
              <p class="faint"><code>{[e.code, e.source].filter((s) => s !== "").join(" · ")}</code></p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
