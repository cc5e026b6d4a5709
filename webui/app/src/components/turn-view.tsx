// One question and its answer, in the making or made. The order is the reader's: verdict, prose, causes, advice, and then what else
// hangs on it.
import type { JSX } from "preact";
import type { Answer, Diagnosis } from "../api/types";
import { plainText } from "../lib/plaintext";
import { requestion } from "../lib/requestion";
import type { Turn } from "../lib/turn";
import { busy, current, regenerate, submit } from "../state/chat";
import { now } from "../state/clock";
import { kept } from "../state/history";
import { t } from "../state/prefs";
import { mayAsk } from "../state/session";
import { Actions } from "./actions";
import { Causes, Explanations } from "./causes";
import { Chain } from "./chain";
import { CopyButton } from "./copy-button";
import { Icon } from "./icon";
import { Impact } from "./impact";
import { Candidates, Citations, Errors, Lines, RuledOutList } from "./notes";
import { OpinionButtons } from "./opinion";
import { ProblemNote } from "./problem-note";
import { Prose } from "./prose";
import { StampLine } from "./stamp-line";
import { Trace } from "./trace";
import { UrgencyWhy, Verdict, word } from "./verdict";

interface Props {
  readonly turn: Turn;
  readonly readOnly?: boolean; // somebody else's: nothing can be asked or said
}

export function TurnView({ turn, readOnly = false }: Props): JSX.Element {
  const { answer, diagnosis } = turn;
  const live = turn.phase === "running";
  return (
    <article class="turn" id={`turn-${turn.id}`} aria-busy={live}>
      <h2 class="ask"><span class="sr-only">{`${t("chat.you")}: `}</span>{turn.question}</h2>
      <div class="reply">
        {live && <Working since={turn.startedAt} stopping={turn.stopping} />}
        <Trace steps={turn.steps} live={live} />
        {diagnosis !== null && <Verdict diagnosis={diagnosis} />}
        {answer?.stale === true && <p class="note warn">{t("answer.staleNote")}</p>}
        {diagnosis !== null && <UrgencyWhy urgency={diagnosis.urgency} />}
        {turn.prose !== "" && <Prose text={turn.prose} />}
        {diagnosis !== null && <Details diagnosis={diagnosis} question={turn.question} readOnly={readOnly} />}
        {answer !== null && <Citations list={answer.citations} />}
        {answer !== null && <Errors list={answer.errors} />}
        {turn.phase === "stopped" && <p class="note quiet">{t("chat.stopped")}</p>}
        {turn.problem !== null && (
          <ProblemNote problem={turn.problem}>
            <button type="button" class="button" onClick={() => void submit(turn.question)}>{t("common.retry")}</button>
          </ProblemNote>
        )}
        {answer !== null && <Foot turn={turn} answer={answer} readOnly={readOnly} />}
      </div>
    </article>
  );
}

function Working({ since, stopping }: { readonly since: number; readonly stopping: boolean }): JSX.Element {
  const seconds = Math.max(0, Math.round((now.value - since) / 1000));
  return (
    <p class="working">
      <span class="spinner" aria-hidden="true" />
      {stopping ? t("chat.stopping") : t("chat.working", { s: seconds })}
    </p>
  );
}

interface DetailsProps {
  readonly diagnosis: Diagnosis;
  readonly question: string;
  readonly readOnly: boolean;
}

function Details({ diagnosis: d, question, readOnly }: DetailsProps): JSX.Element {
  const choose = readOnly ? null : (entity: string): void => {
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

interface FootProps {
  readonly turn: Turn;
  readonly answer: Answer;
  readonly readOnly: boolean;
}

function Foot({ turn, answer, readOnly }: FootProps): JSX.Element {
  const text = (): string =>
    plainText(turn.question, answer, {
      verdict: answer.diagnosis === null ? "" : word("verdict", answer.diagnosis.verdict),
      evidence: t("answer.evidence"), actions: t("answer.actions"), missing: t("answer.missing"), asOf: t("answer.asOf"),
    });
  const mine = !readOnly && kept.value === "yes" && turn.messageId !== "";
  const isLast = mine && current.value.turns.at(-1)?.id === turn.id;
  return (
    <footer class="foot">
      <StampLine answer={answer} agent={turn.agent} />
      <div class="foot-actions">
        <CopyButton text={text} label={t("chat.copyAnswer")} />
        {isLast && mayAsk.value && <button type="button" class="button small" disabled={busy.value} onClick={() => void regenerate()}><Icon name="refresh" />{t("chat.regenerate")}</button>}
        {mine && <OpinionButtons turn={turn} />}
      </div>
    </footer>
  );
}
