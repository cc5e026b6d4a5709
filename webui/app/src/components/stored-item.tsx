// One stored conversation in the list, with its menu. Renaming and the question whether to delete take the row's place.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { problemOf } from "../api/client";
import { deleteConversation, exportHref, renameConversation, type Summary } from "../api/conversations";
import type { Problem } from "../api/types";
import { conversations, drop } from "../state/chat";
import { retitled, unlisted } from "../state/history";
import { t } from "../state/prefs";
import { focusComposer } from "./composer";
import { Menu } from "./menu";
import { ProblemNote } from "./problem-note";

interface Props {
  readonly summary: Summary;
  readonly chosen: boolean;
  readonly onChoose: () => void;
}

export function StoredItem({ summary: s, chosen, onChoose }: Props): JSX.Element {
  const mode = useSignal<"row" | "rename" | "delete">("row");
  const problem = useSignal<Problem | null>(null);
  const row = useRef<HTMLLIElement>(null);
  const before = useRef(mode.value);
  useEffect(() => {
    // What had the focus is gone when the row comes back.
    if (mode.value === "row" && before.current !== "row") row.current?.querySelector("button")?.focus();
    before.current = mode.value;
  }, [mode.value]);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      problem.value = null;
    } catch (err) {
      problem.value = problemOf(err);
    }
    mode.value = "row";
  };
  const rename = (title: string): void => {
    if (title === "" || title === s.title) mode.value = "row";
    else void attempt(async () => {
      await renameConversation(s.id, title);
      retitled(s.id, title);
    });
  };
  const remove = (): void => {
    void attempt(async () => {
      await deleteConversation(s.id);
      unlisted(s.id);
      drop(s.id);
      focusComposer(); // the row that had the focus is gone
    });
  };
  const back = (): void => {
    mode.value = "row";
  };
  return (
    <li ref={row}>
      {mode.value === "rename" && <Rename title={s.title} onDone={rename} onCancel={back} />}
      {mode.value === "delete" && (
        <Asking onCancel={back}>
          <p>{t("history.deleteAsk", { title: s.title })}</p>
          <div class="row">
            <button type="button" class="button small" onClick={back}>{t("common.cancel")}</button>
            <button type="button" class="button small danger" onClick={remove}>{t("history.delete")}</button>
          </div>
        </Asking>
      )}
      {mode.value === "row" && (
        <div class="conversation-row">
          <button type="button" class="conversation" aria-current={chosen ? "true" : undefined} title={s.title} onClick={onChoose}>
            {isRunning(s.id) && <span class="spinner" aria-hidden="true" />}
            <span class="ellipsis">{s.title}</span>
          </button>
          <Menu
            label={t("history.menu", { title: s.title })}
            items={[
              { label: t("history.rename"), icon: "pen", onChoose: () => (mode.value = "rename") },
              { label: t("history.export"), icon: "download", href: exportHref(s.id) },
              { label: t("history.delete"), icon: "bin", onChoose: () => (mode.value = "delete") },
            ]}
          />
        </div>
      )}
      {problem.value !== null && <ProblemNote problem={problem.value} />}
    </li>
  );
}

function isRunning(serverId: string): boolean {
  return conversations.value.find((c) => c.serverId === serverId)?.turns.at(-1)?.phase === "running";
}

// Asking takes the focus to its first control; Escape cancels.
function Asking({ onCancel, children }: { readonly onCancel: () => void; readonly children: ComponentChildren }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector<HTMLElement>("input, button")?.focus(), []);
  const onKeyDown = (e: KeyboardEvent): void => {
    if (e.key !== "Escape" || e.isComposing) return;
    e.stopPropagation();
    onCancel();
  };
  return <div class="asking" ref={box} role="group" onKeyDown={onKeyDown}>{children}</div>;
}

interface RenameProps {
  readonly title: string;
  readonly onDone: (title: string) => void;
  readonly onCancel: () => void;
}

function Rename({ title, onDone, onCancel }: RenameProps): JSX.Element {
  const text = useSignal(title);
  return (
    <Asking onCancel={onCancel}>
      <form onSubmit={(e) => { e.preventDefault(); onDone(text.value.trim()); }}>
        <input class="field" aria-label={t("history.newName")} value={text.value} maxLength={80} onInput={(e) => (text.value = e.currentTarget.value)} />
        <div class="row">
          <button type="button" class="button small" onClick={onCancel}>{t("common.cancel")}</button>
          <button type="submit" class="button small primary">{t("common.save")}</button>
        </div>
      </form>
    </Asking>
  );
}
