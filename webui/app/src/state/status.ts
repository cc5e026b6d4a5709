// The plan's status, read again and again: every 15 s where it is looked at, every minute for the engine's badge elsewhere.
// One request at a time; none while the page is hidden. A failed read keeps the numbers and says so.
import { signal } from "@preact/signals";
import { getStatus, isAbort, problemOf } from "../api/client";
import type { PlanStatus, Problem } from "../api/types";
import { heardOf } from "./engine";
import { page } from "./route";

export const refreshSeconds = 15;
const idleSeconds = 60;
const timeoutSeconds = 45;

export const status = signal<PlanStatus | null>(null);
export const statusReadAt = signal(0);
export const statusProblem = signal<Problem | null>(null);
export const refreshing = signal(false);

let triedAt = 0;

export async function refreshStatus(): Promise<void> {
  if (refreshing.value) return;
  refreshing.value = true;
  triedAt = Date.now();
  try {
    const got = await getStatus(AbortSignal.timeout(timeoutSeconds * 1000));
    status.value = got;
    statusReadAt.value = Date.now();
    statusProblem.value = null;
    heardOf(got.engine);
  } catch (err) {
    const problem = problemOf(err);
    statusProblem.value = isAbort(err) ? { ...problem, code: "timeout" } : problem;
  } finally {
    refreshing.value = false;
  }
}

function refreshIfDue(): void {
  const every = page.value === "status" ? refreshSeconds : idleSeconds;
  if (!document.hidden && Date.now() - triedAt >= every * 1000) void refreshStatus();
}

let started = false;

// startStatus begins the reading; a second call does nothing.
export function startStatus(): void {
  if (started) return;
  started = true;
  void refreshStatus();
  setInterval(refreshIfDue, 1000);
  document.addEventListener("visibilitychange", refreshIfDue);
}

// isOld is true for numbers that the server calls stale, that could not be read again, or that missed two refreshes.
export function isOld(at: number): boolean {
  if (status.value === null) return false;
  return status.value.stale || statusProblem.value !== null || at - statusReadAt.value > 3 * refreshSeconds * 1000;
}
