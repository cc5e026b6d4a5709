// What a screen reader hears while an answer comes in: that work began, each finished sentence, and the verdict at the end.
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { nextSentences } from "../lib/sentences";
import { current } from "../state/chat";
import { t } from "../state/prefs";
import { word } from "./verdict";

export function Announcer(): JSX.Element {
  const say = useSignal("");
  const heard = useRef({ turn: "", phase: "", upTo: 0 });
  const turn = current.value.turns.at(-1);
  useEffect(() => {
    if (turn === undefined) return;
    const before = heard.current.turn === turn.id ? heard.current : { turn: turn.id, phase: "", upTo: 0 };
    if (turn.phase !== "running") {
      // An answer that was finished before it was looked at is not read out.
      if (before.phase === "running") say.value = ending(turn.phase, turn.diagnosis?.verdict ?? "");
      heard.current = { ...before, phase: turn.phase };
      return;
    }
    // After a reset the prose begins anew.
    const { say: sentences, upTo } = nextSentences(turn.prose, turn.prose.length < before.upTo ? 0 : before.upTo);
    if (sentences !== "") say.value = sentences;
    else if (before.phase === "") say.value = t("chat.announceWorking");
    heard.current = { turn: turn.id, phase: turn.phase, upTo };
  }, [turn]);
  return <div class="sr-only" role="status" aria-live="polite">{say.value}</div>;
}

function ending(phase: string, verdict: string): string {
  if (phase === "failed") return t("chat.failed");
  if (phase === "stopped") return t("chat.stopped");
  return t("chat.announceDone", { verdict: verdict === "" ? t("chat.answer") : word("verdict", verdict) });
}
