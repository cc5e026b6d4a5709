// The person's conversations: beside the chat on wide screens, behind a button on narrow ones. The server's list where it keeps
// conversations, this tab's own where it does not.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Summary } from "../api/conversations";
import { conversations, current, currentId, select, startNew } from "../state/chat";
import { kept, listed, listing, listProblem, nextPage, readHistory, readOn, search, words } from "../state/history";
import { t } from "../state/prefs";
import { navigate, conversationHref } from "../state/route";
import { focusComposer } from "./composer";
import { Icon } from "./icon";
import { ProblemNote } from "./problem-note";
import { StoredItem } from "./stored-item";

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
  return (
    <aside class={open.value ? "side open" : "side"} aria-label={t("chat.conversations")}>
      <div class="side-head">
        <button type="button" class="button side-toggle" aria-expanded={open.value} aria-controls="conversations" onClick={() => (open.value = !open.value)}>
          <Icon name="menu" />{t("chat.conversations")}
        </button>
        <button type="button" class="button" onClick={begin}><Icon name="plus" />{t("chat.new")}</button>
      </div>
      <div class="side-body" id="conversations">
        {kept.value === "no" ? <OfTab onChosen={close} /> : <Stored onChosen={close} />}
      </div>
    </aside>
  );
}

function Stored({ onChosen }: { readonly onChosen: () => void }): JSX.Element {
  const list = listed.value;
  const searched = words.value.trim() !== "";
  const choose = (s: Summary): void => {
    navigate(conversationHref(s.id));
    onChosen();
  };
  return (
    <>
      <label class="sr-only" for="conversation-search">{t("history.search")}</label>
      <input
        id="conversation-search" class="field" type="search" value={words.value} maxLength={200} placeholder={t("history.search")} autocomplete="off"
        onInput={(e) => search(e.currentTarget.value)}
      />
      <div role="status" class="faint side-state">
        {kept.value === "unknown" && listing.value && t("common.loading")}
        {kept.value === "yes" && list.length === 0 && !listing.value && t(searched ? "history.nothingFound" : "chat.noConversations")}
      </div>
      {listProblem.value !== null && (
        <ProblemNote problem={listProblem.value}>
          <button type="button" class="button small" onClick={() => void readHistory()}>{t("common.retry")}</button>
        </ProblemNote>
      )}
      {list.length > 0 && (
        <ul class="plain" aria-busy={listing.value}>
          {list.map((s) => <StoredItem key={s.id} summary={s} chosen={s.id === current.value.serverId} onChoose={() => choose(s)} />)}
        </ul>
      )}
      {nextPage.value !== "" && (
        <button type="button" class="button small side-more" disabled={listing.value} onClick={() => void readOn()}>{t("history.more")}</button>
      )}
    </>
  );
}

function OfTab({ onChosen }: { readonly onChosen: () => void }): JSX.Element {
  const asked = conversations.value.filter((c) => c.turns.length > 0);
  const choose = (id: string): void => {
    select(id);
    onChosen();
  };
  return (
    <>
      {asked.length === 0 ? <p class="faint">{t("chat.noConversations")}</p> : (
        <ul class="plain">
          {asked.map((c) => (
            <li>
              <button type="button" class="conversation" aria-current={c.id === currentId.value ? "true" : undefined} onClick={() => choose(c.id)}>
                {c.turns.at(-1)?.phase === "running" && <span class="spinner" aria-hidden="true" />}
                <span class="ellipsis">{c.turns[0]?.question}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <p class="faint side-note">{t("chat.conversationsNote")}</p>
    </>
  );
}
