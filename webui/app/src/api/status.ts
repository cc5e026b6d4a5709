// Decoding of GET /api/status: the tool envelope of plan_status, or its bare data. Every field is optional.
import { fieldsOf, listOf, numberOf, textOf } from "../lib/decode";
import { decodeClocks, decodeEngine, decodeError } from "./decode";
import type { NeedsPerson, PlanStatus, StatusCount, Workstation } from "./types";

function workstation(v: unknown): Workstation {
  const f = fieldsOf(v);
  return {
    name: textOf(f.name) || textOf(f.entity), entity: textOf(f.entity) || textOf(f.name), type: textOf(f.type), status: textOf(f.status), limit: textOf(f.limit),
    fence: textOf(f.fence), problem: textOf(f.problem),
  };
}

function needsPerson(v: unknown): NeedsPerson {
  const f = fieldsOf(v);
  return {
    entity: typeof v === "string" ? v : textOf(f.entity), status: textOf(f.status), why: textOf(f.why),
    since: textOf(f.since),
  };
}

function counts(v: unknown): StatusCount[] {
  return Object.entries(fieldsOf(v)).map(([status, n]) => ({ status, count: numberOf(n) ?? 0 }));
}

// total prefers the server's own number and adds up the counts where it is absent.
function total(v: unknown, of: readonly StatusCount[]): number | null {
  return numberOf(v) ?? (of.length > 0 ? of.reduce((sum, c) => sum + c.count, 0) : null);
}

export function decodeStatus(v: unknown): PlanStatus {
  const envelope = fieldsOf(v);
  const data = fieldsOf(envelope.data ?? envelope);
  const jobs = counts(data.jobs_by_status);
  const streams = counts(data.job_streams_by_status);
  const needs = listOf(data.needs_person, needsPerson);
  const clocks = decodeClocks(envelope.clocks);
  return {
    engine: decodeEngine(data.engine ?? envelope.engine),
    jobsTotal: total(data.jobs_total, jobs), jobs,
    streamsTotal: total(data.job_streams_total, streams), streams,
    workstations: listOf(data.workstations, workstation), needsPerson: needs,
    needsPersonTotal: Math.max(numberOf(data.needs_person_total) ?? 0, needs.length),
    missing: listOf(data.missing, textOf), failures: listOf(data.failures, decodeError),
    clocks: { ...clocks, planNow: clocks.planNow || textOf(data.plan_now) },
    stale: envelope.stale === true,
  };
}
