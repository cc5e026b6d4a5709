// A conversation that somebody shares, to be read and nothing else.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { JSX } from "preact";
import { problemOf } from "../api/client";
import { getShared } from "../api/conversations";
import type { Problem } from "../api/types";
import { ProblemNote } from "../components/problem-note";
import { TurnView } from "../components/turn-view";
import { fromStored, type Turn } from "../lib/turn";
import { t } from "../state/prefs";
import { sharedToken } from "../state/route";

type State =
  | { readonly phase: "loading" }
  | { readonly phase: "read"; readonly title: string; readonly turns: readonly Turn[] }
  | { readonly phase: "failed"; readonly problem: Problem };

export function SharedPage(): JSX.Element {
  const state = useSignal<State>({ phase: "loading" });
  const read = async (): Promise<void> => {
    state.value = { phase: "loading" };
    try {
      const { title, turns } = await getShared(sharedToken());
      state.value = { phase: "read", title, turns: turns.map(fromStored) };
    } catch (err) {
      state.value = { phase: "failed", problem: problemOf(err) };
    }
  };
  useEffect(() => void read(), []);
  const s = state.value;
  return (
    <main class="page shared" id="content" tabIndex={-1}>
      {s.phase === "loading" && <p class="loading" role="status"><span class="spinner" aria-hidden="true" />{t("common.loading")}</p>}
      {s.phase === "failed" && (
        <>
          <h1>{t("shared.title")}</h1>
          <ProblemNote problem={s.problem.code === "not_found" ? { ...s.problem, title: "", detail: t("shared.gone"), hint: "" } : s.problem}>
            <button type="button" class="button" onClick={() => void read()}>{t("common.retry")}</button>
          </ProblemNote>
        </>
      )}
      {s.phase === "read" && (
        <>
          <h1>{s.title || t("shared.title")}</h1>
          <p class="note quiet">{t("shared.note")}</p>
          <div class="turns">{s.turns.map((turn) => <TurnView key={turn.id} turn={turn} readOnly />)}</div>
        </>
      )}
    </main>
  );
}
