// Who suffers: deadlines first where there are any, then everything else that was named.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Diagnosis, Impact as ImpactEntry } from "../api/types";
import { stamp } from "../lib/time";
import { count, t } from "../state/prefs";
import { Entity, Section, ShowAll } from "./section";
import { word } from "./verdict";

const shownAtFirst = 6;

export function Impact({ diagnosis: d }: { readonly diagnosis: Diagnosis }): JSX.Element | null {
  const all = useSignal(false);
  const told = new Set(d.impact.map((i) => i.entity));
  const others = d.affected.filter((a) => !told.has(a));
  if (d.impact.length === 0 && others.length === 0) return null;
  const rows = [
    ...d.impact.map((i) => <ImpactRow impact={i} />),
    ...others.map((name) => <li class="rows-item"><Entity name={name} /></li>),
  ];
  return (
    <Section title={t("answer.impact")}>
      <ul class="rows">
        {rows.slice(0, all.value ? rows.length : shownAtFirst)}
      </ul>
      {!all.value && rows.length > shownAtFirst && <ShowAll total={rows.length} onClick={() => (all.value = true)} />}
      {d.affectedTotal > rows.length && <p class="faint">{t("answer.affectedTotal", { n: count(d.affectedTotal) })}</p>}
    </Section>
  );
}

function ImpactRow({ impact: i }: { readonly impact: ImpactEntry }): JSX.Element {
  const facts = [
    i.deadline && t("answer.deadline", { time: stamp(i.deadline) }),
    i.predictedEnd && t("answer.predicted", { time: stamp(i.predictedEnd) }),
    i.service && t("answer.service", { name: i.service }),
    i.contact && t("answer.contact", { name: i.contact }),
    i.hops === 1 && t("answer.hop"),
    i.hops > 1 && t("answer.hops", { n: i.hops }),
  ].filter((f) => typeof f === "string" && f !== "");
  const tone = i.state === "late" ? "bad" : i.state === "blocked" ? "warn" : "quiet";
  return (
    <li class="rows-item">
      <div class="tree-line">
        {i.state !== "" && <span class={`status ${tone}`}>{word("answer.state", i.state)}</span>}
        <Entity name={i.entity} />
      </div>
      {facts.length > 0 && <p class="facts">{facts.map((f) => <span>{f}</span>)}</p>}
    </li>
  );
}
