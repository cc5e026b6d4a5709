// This tab's conversations: beside the chat on wide screens, behind a button on narrow ones.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { type Conversation, conversations, currentId, select, startNew } from "../state/chat";
import { t } from "../state/prefs";
import { focusComposer } from "./composer";
import { Icon } from "./icon";

export function ConversationList(): JSX.Element {
  const open = useSignal(false);
  const close = (): void => {
    open.value = false;
  };
  const begin = (): void => {
    startNew();
    close();
    focusComposer();
  };
  const asked = conversations.value.filter((c) => c.turns.length > 0);
  return (
    <aside class={open.value ? "side open" : "side"} aria-label={t("chat.conversations")}>
      <div class="side-head">
        <button type="button" class="button side-toggle" aria-expanded={open.value} aria-controls="conversations" onClick={() => (open.value = !open.value)}>
          <Icon name="menu" />{`${t("chat.conversations")} (${asked.length})`}
        </button>
        <button type="button" class="button" onClick={begin}><Icon name="plus" />{t("chat.new")}</button>
      </div>
      <div class="side-body" id="conversations">
        {asked.length === 0 ? <p class="faint">{t("chat.noConversations")}</p> : (
          <ul class="plain">{asked.map((c) => <Item conversation={c} onChosen={close} />)}</ul>
        )}
        <p class="faint side-note">{t("chat.conversationsNote")}</p>
      </div>
    </aside>
  );
}

function Item({ conversation: c, onChosen }: { readonly conversation: Conversation; readonly onChosen: () => void }): JSX.Element {
  const chosen = c.id === currentId.value;
  const choose = (): void => {
    select(c.id);
    onChosen();
  };
  return (
    <li>
      <button type="button" class="conversation" aria-current={chosen ? "true" : undefined} onClick={choose}>
        {c.turns.at(-1)?.phase === "running" && <span class="spinner" aria-hidden="true" />}
        <span class="ellipsis">{c.turns[0]?.question}</span>
      </button>
    </li>
  );
}
