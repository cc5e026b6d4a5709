// One question and its answer, in the making or made. The order is the reader's: verdict, prose, causes, advice, and then what else
// hangs on it.
import type { JSX } from "preact";
import type { Answer, Diagnosis } from "../api/types";
import { plainText } from "../lib/plaintext";
import { requestion } from "../lib/requestion";
import type { Turn } from "../lib/turn";
import { submit } from "../state/chat";
import { now } from "../state/clock";
import { t } from "../state/prefs";
import { Actions } from "./actions";
import { Causes, Explanations } from "./causes";
import { Chain } from "./chain";
import { CopyButton } from "./copy-button";
import { Impact } from "./impact";
import { Candidates, Citations, Errors, Lines, RuledOutList } from "./notes";
import { ProblemNote } from "./problem-note";
import { Prose } from "./prose";
import { StampLine } from "./stamp-line";
import { Trace } from "./trace";
import { UrgencyWhy, Verdict, word } from "./verdict";

export function TurnView({ turn }: { readonly turn: Turn }): JSX.Element {
  const { answer, diagnosis } = turn;
  const live = turn.phase === "running";
  return (
    <article class="turn" id={`turn-${turn.id}`} aria-busy={live}>
      <h2 class="ask"><span class="sr-only">{`${t("chat.you")}: `}</span>{turn.question}</h2>
      <div class="reply">
        {live && <Working since={turn.startedAt} />}
        <Trace steps={turn.steps} live={live} />
        {diagnosis !== null && <Verdict diagnosis={diagnosis} />}
        {answer?.stale === true && <p class="note warn">{t("answer.staleNote")}</p>}
        {diagnosis !== null && <UrgencyWhy urgency={diagnosis.urgency} />}
        {turn.prose !== "" && <Prose text={turn.prose} />}
        {diagnosis !== null && <Details diagnosis={diagnosis} question={turn.question} />}
        {answer !== null && <Citations list={answer.citations} />}
        {answer !== null && <Errors list={answer.errors} />}
        {turn.phase === "stopped" && <p class="note quiet">{t("chat.stopped")}</p>}
        {turn.problem !== null && (
          <ProblemNote problem={turn.problem}>
            <button type="button" class="button" onClick={() => void submit(turn.question)}>{t("common.retry")}</button>
          </ProblemNote>
        )}
        {answer !== null && <Foot answer={answer} question={turn.question} />}
      </div>
    </article>
  );
}

function Working({ since }: { readonly since: number }): JSX.Element {
  const seconds = Math.max(0, Math.round((now.value - since) / 1000));
  return (
    <p class="working">
      <span class="spinner" aria-hidden="true" />
      {t("chat.working", { s: seconds })}
    </p>
  );
}

function Details({ diagnosis: d, question }: { readonly diagnosis: Diagnosis; readonly question: string }): JSX.Element {
  const choose = (entity: string): void => {
    const vague = d.verdict === "needs_clarification";
    void submit(vague ? requestion(question, entity) : t("chat.askAbout", { entity }));
  };
  return (
    <>
      {d.verdict === "needs_clarification" && <Candidates diagnosis={d} onChoose={choose} />}
      <Causes causes={d.causes} />
      {d.causes.length === 0 && <Explanations list={d.explanations} />}
      <Actions actions={d.actions} />
      <Chain chain={d.chain} />
      <Impact diagnosis={d} />
      {d.causes.length > 0 && <Explanations list={d.explanations} />}
      {d.verdict !== "needs_clarification" && <Candidates diagnosis={d} onChoose={choose} />}
      <Lines title={t("answer.missing")} lines={d.missing} />
      <Lines title={t("answer.wouldChange")} lines={d.wouldChange} />
      <RuledOutList list={d.ruledOut} />
    </>
  );
}

function Foot({ answer, question }: { readonly answer: Answer; readonly question: string }): JSX.Element {
  const text = (): string =>
    plainText(question, answer, {
      verdict: answer.diagnosis === null ? "" : word("verdict", answer.diagnosis.verdict),
      evidence: t("answer.evidence"), actions: t("answer.actions"), missing: t("answer.missing"), asOf: t("answer.asOf"),
    });
  return (
    <footer class="foot">
      <StampLine answer={answer} />
      <CopyButton text={text} label={t("chat.copyAnswer")} />
    </footer>
  );
}
