// The verdict in one line: what it is, how sure it is, how soon somebody must act. Never by colour alone.
import type { JSX } from "preact";
import type { Diagnosis, Urgency } from "../api/types";
import { isMessageKey } from "../i18n/messages";
import { stamp } from "../lib/time";
import { verdictTone } from "../lib/tone";
import { t } from "../state/prefs";
import { Icon, type IconName } from "./icon";

const icons: Readonly<Record<string, IconName>> = {
  problem: "alert", no_problem: "check", insufficient_evidence: "search", needs_clarification: "question",
  out_of_scope: "question", refused: "lock",
};

// word translates one of the contract's words and shows an unknown one as it is.
export function word(family: "verdict" | "class" | "urgency" | "answer.risk" | "answer.met" | "answer.state", value: string): string {
  const key = `${family}.${value}`;
  return isMessageKey(key) ? t(key) : value;
}

export function Verdict({ diagnosis: d }: { readonly diagnosis: Diagnosis }): JSX.Element | null {
  if (d.verdict === "") return null;
  return (
    <div class="verdict-row">
      <span class={`badge verdict ${verdictTone(d.verdict)}`}>
        <Icon name={icons[d.verdict] ?? "question"} />
        {word("verdict", d.verdict)}
      </span>
      {d.verdict === "problem" && d.confidenceClass !== "" && <ClassBadge name={d.confidenceClass} />}
      {d.urgency !== null && d.urgency.class !== "none" && <UrgencyBadge urgency={d.urgency} />}
    </div>
  );
}

export function ClassBadge({ name }: { readonly name: string }): JSX.Element {
  return <span class={`badge class-${name === "confirmed" ? "confirmed" : "likely"}`}>{word("class", name)}</span>;
}

function UrgencyBadge({ urgency: u }: { readonly urgency: Urgency }): JSX.Element {
  return (
    <span class={`badge ${u.class === "now" ? "bad" : "warn"}`}>
      <Icon name="clock" />
      {word("urgency", u.class)}
      {u.actBy !== "" && ` ${t("urgency.by", { time: stamp(u.actBy) })}`}
    </span>
  );
}

// UrgencyWhy is the sentence below the badges: why it is urgent and whom to call.
export function UrgencyWhy({ urgency: u }: { readonly urgency: Urgency | null }): JSX.Element | null {
  if (u === null || (u.why === "" && u.contact === "")) return null;
  return (
    <p class="urgency-why">
      {u.why}
      {u.contact !== "" && <span class="contact">{t("urgency.contact", { contact: u.contact })}</span>}
    </p>
  );
}
