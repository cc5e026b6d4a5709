// What the person thinks of an answer: up or down, and words if there are any. A second press takes it back.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { problemOf } from "../api/client";
import { type Feedback, giveFeedback, type Opinion } from "../api/conversations";
import type { Problem } from "../api/types";
import type { Turn } from "../lib/turn";
import { changeTurn, current } from "../state/chat";
import { t } from "../state/prefs";
import { Icon } from "./icon";
import { ProblemNote } from "./problem-note";

export function OpinionButtons({ turn }: { readonly turn: Turn }): JSX.Element {
  const writing = useSignal(false);
  const working = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const opinion = turn.feedback?.opinion ?? "";
  const say = async (said: Feedback): Promise<void> => {
    const { id, serverId } = current.value;
    if (working.value) return;
    working.value = true;
    try {
      await giveFeedback(serverId, turn.messageId, said);
      changeTurn(id, turn.id, (now) => ({ ...now, feedback: said.opinion === "" ? null : said }));
      problem.value = null;
      writing.value = said.opinion !== "" && said.words === "";
    } catch (err) {
      problem.value = problemOf(err);
    } finally {
      working.value = false;
    }
  };
  const press = (pressed: Opinion): void => void say({ opinion: opinion === pressed ? "" : pressed, words: opinion === pressed ? "" : (turn.feedback?.words ?? "") });
  return (
    <div class="opinion">
      <div class="row" role="group" aria-label={t("feedback.title")}>
        <Thumb name="up" pressed={opinion === "up"} onPress={() => press("up")} />
        <Thumb name="down" pressed={opinion === "down"} onPress={() => press("down")} />
        <span class="faint" role="status">{opinion !== "" && t("feedback.kept")}</span>
      </div>
      {opinion !== "" && !writing.value && (
        <p class="faint">
          {turn.feedback?.words}{" "}
          <button type="button" class="link-button" onClick={() => (writing.value = true)}>{t(turn.feedback?.words ? "feedback.change" : "feedback.add")}</button>
        </p>
      )}
      {opinion !== "" && writing.value && (
        <Words words={turn.feedback?.words ?? ""} onSend={(words) => void say({ opinion, words })} onCancel={() => (writing.value = false)} />
      )}
      {problem.value !== null && <ProblemNote problem={problem.value} />}
    </div>
  );
}

interface ThumbProps {
  readonly name: "up" | "down";
  readonly pressed: boolean;
  readonly onPress: () => void;
}

function Thumb({ name, pressed, onPress }: ThumbProps): JSX.Element {
  const label = t(name === "up" ? "feedback.up" : "feedback.down");
  return (
    <button type="button" class="button small thumb" aria-pressed={pressed} aria-label={label} title={label} onClick={onPress}>
      <Icon name={name} />
    </button>
  );
}

interface WordsProps {
  readonly words: string;
  readonly onSend: (words: string) => void;
  readonly onCancel: () => void;
}

function Words({ words, onSend, onCancel }: WordsProps): JSX.Element {
  const text = useSignal(words);
  return (
    <form class="words" onSubmit={(e) => { e.preventDefault(); onSend(text.value.trim()); }}>
      <textarea class="field" rows={2} maxLength={2000} aria-label={t("feedback.words")} placeholder={t("feedback.words")} value={text.value} onInput={(e) => (text.value = e.currentTarget.value)} />
      <div class="row">
        <button type="button" class="button small" onClick={onCancel}>{t("common.cancel")}</button>
        <button type="submit" class="button small primary" disabled={text.value.trim() === words.trim()}>{t("feedback.send")}</button>
      </div>
    </form>
  );
}
