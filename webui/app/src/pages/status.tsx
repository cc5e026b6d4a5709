// The plan's status. It shows what there is of it, how old it is, and what could not be seen.
import type { JSX } from "preact";
import type { PlanStatus } from "../api/types";
import { Icon } from "../components/icon";
import { ProblemNote } from "../components/problem-note";
import { NeedsPerson, Workstations } from "../components/status-tables";
import { StatusTiles } from "../components/status-tiles";
import { ageOf, stamp } from "../lib/time";
import { now } from "../state/clock";
import { t } from "../state/prefs";
import { isOld, refreshing, refreshSeconds, refreshStatus, status, statusProblem, statusReadAt } from "../state/status";

export function StatusPage(): JSX.Element {
  return (
    <main class="page" id="content" tabIndex={-1}>
      <div class="page-head">
        <h1>{t("status.title")}</h1>
        <Freshness />
      </div>
      <Trouble />
      {status.value !== null ? <Board status={status.value} /> : statusProblem.value === null && <Skeleton />}
    </main>
  );
}

function Freshness(): JSX.Element {
  const { unit, n } = ageOf(now.value - statusReadAt.value);
  return (
    <div class="row freshness">
      {isOld(now.value) && <span class="badge warn"><Icon name="clock" />{t("status.stale")}</span>}
      {status.value !== null && <span>{t("status.updated", { age: t(`age.${unit}`, { n }) })}</span>}
      <span class="faint">{t("status.every", { n: refreshSeconds })}</span>
      <button type="button" class="button small" disabled={refreshing.value} onClick={() => void refreshStatus()}>
        <Icon name="refresh" />{t("status.refresh")}
      </button>
    </div>
  );
}

function Trouble(): JSX.Element | null {
  const problem = statusProblem.value;
  if (problem !== null) {
    return (
      <ProblemNote problem={problem}>
        {status.value !== null && <p>{t("status.failedNote")}</p>}
        <button type="button" class="button" onClick={() => void refreshStatus()}>{t("common.retry")}</button>
      </ProblemNote>
    );
  }
  return isOld(now.value) ? <p class="note warn"><Icon name="clock" />{t("status.staleNote")}</p> : null;
}

function Skeleton(): JSX.Element {
  return (
    <div aria-busy="true">
      <p class="sr-only" role="status">{t("common.loading")}</p>
      <div class="skeleton" /><div class="skeleton" /><div class="skeleton" />
    </div>
  );
}

function Board({ status: s }: { readonly status: PlanStatus }): JSX.Element {
  const nothing = s.jobsTotal === null && s.streamsTotal === null && s.workstations.length === 0 && s.needsPerson.length === 0;
  return (
    <>
      <EngineLine status={s} />
      {nothing ? <p class="panel empty">{t("status.empty")}</p> : (
        <div class="board">
          <NeedsPerson needs={s.needsPerson} total={s.needsPersonTotal} unseen={s.missing.length + s.failures.length > 0} />
          <StatusTiles title={t("status.jobs")} total={s.jobsTotal} counts={s.jobs} none={t("status.noJobs")} ask="chat.askStatus" />
          <StatusTiles title={t("status.streams")} total={s.streamsTotal} counts={s.streams} none={t("status.noStreams")} ask="chat.askStreamStatus" />
          <Workstations list={s.workstations} />
        </div>
      )}
      {s.missing.length + s.failures.length > 0 && (
        <section class="panel">
          <h2>{t("status.missing")}</h2>
          <ul class="bullets">
            {s.missing.map((m) => <li>{m}</li>)}
            {s.failures.map((f) => <li>{[f.source, f.message || f.code, f.hint].filter((p) => p !== "").join(" · ")}</li>)}
          </ul>
        </section>
      )}
    </>
  );
}

function EngineLine({ status: s }: { readonly status: PlanStatus }): JSX.Element {
  const e = s.engine;
  const parts = [
    e.name !== "" && `${t("status.engine")} ${e.name}${e.mode === "" ? "" : ` (${e.mode})`}`,
    e.api !== "" && `API ${e.api}`,
    e.version !== "" && t("status.version", { v: e.version }),
    s.clocks.planNow !== "" && `${t("status.planNow")} ${stamp(s.clocks.planNow)}`,
    e.timezone,
    s.clocks.mirroredAt === "unknown" && t("answer.mirrorUnknown"),
  ].filter((p) => typeof p === "string" && p !== "");
  return <p class="stamp">{parts.map((p) => <span>{p}</span>)}</p>;
}
