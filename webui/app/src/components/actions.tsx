// Advice to a person, in order. Resync runs none of it: a command is text to copy, with what must hold before and how to go back.
import type { JSX } from "preact";
import type { Action, Precondition } from "../api/types";
import { t } from "../state/prefs";
import { CopyButton } from "./copy-button";
import { Icon, type IconName } from "./icon";
import { Entity, Section } from "./section";
import { word } from "./verdict";

export function Actions({ actions }: { readonly actions: readonly Action[] }): JSX.Element | null {
  if (actions.length === 0) return null;
  return (
    <Section title={t("answer.actions")}>
      <ol class="steps">{actions.map((a) => <ActionItem action={a} />)}</ol>
    </Section>
  );
}

function ActionItem({ action: a }: { readonly action: Action }): JSX.Element {
  return (
    <li class="step">
      <p class="step-text">{a.text}</p>
      <p class="tags">
        {a.code !== "" && <code class="chip">{a.code}</code>}
        {a.needsApproval && <span class="badge warn"><Icon name="person" />{t("answer.approval")}</span>}
        {(a.risk === "high" || a.risk === "low") && <span class={`badge ${a.risk === "high" ? "bad" : "quiet"}`}>{word("answer.risk", a.risk)}</span>}
        {a.after >= 0 && <span class="faint">{t("answer.after", { n: a.after + 1 })}</span>}
      </p>
      {a.preconditions.length > 0 && <Preconditions list={a.preconditions} />}
      {a.command !== "" && <Command text={a.command} />}
      {a.starts.length > 0 && (
        <div class="sub">
          <p class="sub-title">{t("answer.starts")}</p>
          <ul class="plain">{a.starts.map((s) => <li><Entity name={s} /></li>)}</ul>
        </div>
      )}
      {a.wayBack !== "" && (
        <div class="sub">
          <p class="sub-title">{t("answer.wayBack")}</p>
          <p>{a.wayBack}</p>
        </div>
      )}
    </li>
  );
}

function Command({ text }: { readonly text: string }): JSX.Element {
  return (
    <figure class="command">
      <figcaption>
        {t("answer.command")}
        <CopyButton text={() => text} about={text} />
      </figcaption>
      <pre><code>{text}</code></pre>
    </figure>
  );
}

const marks: Readonly<Record<string, IconName>> = { yes: "check", no: "cross" };

function Preconditions({ list }: { readonly list: readonly Precondition[] }): JSX.Element {
  return (
    <div class="sub">
      <p class="sub-title">{t("answer.preconditions")}</p>
      <ul class="plain checks">
        {list.map((p) => (
          <li>
            <span class={`mark ${p.met === "yes" ? "good" : p.met === "no" ? "bad" : "warn"}`}>
              <Icon name={marks[p.met] ?? "question"} />
              {word("answer.met", p.met || "unknown")}
            </span>
            <span>{p.text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
