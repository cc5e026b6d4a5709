// The question's input. Enter sends, Shift+Enter breaks the line; a letter that is still being composed sends nothing.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { busy, draft, maxQuestion, running, stopRunning, submit } from "../state/chat";
import { count, t } from "../state/prefs";
import { AgentPicker } from "./agent-picker";
import { Icon } from "./icon";

export function Composer(): JSX.Element {
  const input = useRef<HTMLTextAreaElement>(null);
  const tooLong = draft.value.length > maxQuestion;
  useLayoutEffect(() => fit(input.current), [draft.value]);
  const send = (): void => {
    if (busy.value || tooLong || draft.value.trim() === "") return;
    const text = draft.value;
    draft.value = "";
    void submit(text);
  };
  const onKeyDown = (e: KeyboardEvent): void => {
    if (e.key !== "Enter" || e.shiftKey || e.isComposing) return;
    e.preventDefault();
    send();
  };
  return (
    <form class="composer" onSubmit={(e) => { e.preventDefault(); send(); }}>
      <div class="composer-box">
        <label class="sr-only" for="question">{t("chat.input")}</label>
        <textarea
          id="question" ref={input} rows={1} value={draft.value} placeholder={t("chat.placeholder")} autocomplete="off"
          aria-describedby="keys" aria-invalid={tooLong} spellcheck={false}
          onInput={(e) => (draft.value = e.currentTarget.value)} onKeyDown={onKeyDown}
        />
        {running.value ? (
          <button type="button" class="button primary stop" onClick={stopRunning}><Icon name="stop" />{t("chat.stop")}</button>
        ) : (
          <button type="submit" class="button primary" disabled={draft.value.trim() === "" || tooLong || busy.value}><Icon name="send" />{t("chat.send")}</button>
        )}
      </div>
      <div class="composer-foot">
        <AgentPicker />
        <p class="faint keys" id="keys">
          {tooLong ? t("chat.tooLong", { n: count(draft.value.length), max: count(maxQuestion) }) : t("chat.keys")}
        </p>
      </div>
    </form>
  );
}

// fit lets the input grow with its text up to the height that its style allows.
function fit(area: HTMLTextAreaElement | null): void {
  if (area === null) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

export function focusComposer(): void {
  document.getElementById("question")?.focus();
}
