// The chat: conversations beside it, turns from top to bottom, the input always at hand.
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { Announcer } from "../components/announcer";
import { Composer, focusComposer } from "../components/composer";
import { ConversationBar } from "../components/conversation-bar";
import { ConversationList } from "../components/conversation-list";
import { Icon } from "../components/icon";
import { ProblemNote } from "../components/problem-note";
import { TurnView } from "../components/turn-view";
import type { MessageKey } from "../i18n/messages";
import type { Turn } from "../lib/turn";
import { current, draft, open, startNew, submit } from "../state/chat";
import { kept } from "../state/history";
import { language, t } from "../state/prefs";
import { proposedQuestion } from "../state/route";

const examples: readonly MessageKey[] = [
  "chat.example1", "chat.example2", "chat.example3", "chat.example4", "chat.example5", "chat.example6",
];

export function ChatPage(): JSX.Element {
  const { id, serverId, turns } = current.value;
  useEffect(() => {
    const proposed = proposedQuestion();
    if (proposed !== "") draft.value = proposed;
    focusComposer();
  }, []);
  useNewTurnOnTop(id, turns);
  return (
    <div class="chat">
      <ConversationList />
      <main class="chat-main" id="content" tabIndex={-1}>
        {turns.length === 0 ? <Start /> : (
          <>
            <h1 class="sr-only">{t("chat.title")}</h1>
            {kept.value === "yes" && serverId !== "" && <ConversationBar key={id} conversation={current.value} />}
            <div class="turns">{turns.map((turn) => <MemoTurn key={turn.id} turn={turn} />)}</div>
          </>
        )}
        <Announcer />
        <Composer />
      </main>
    </div>
  );
}

// Only the turn that changed is drawn again while an answer streams in.
function MemoTurn({ turn }: { readonly turn: Turn }): JSX.Element {
  return useMemo(() => <TurnView turn={turn} />, [turn, language.value]);
}

// useNewTurnOnTop shows a new question at the top of the window and leaves it there: the reader scrolls, not the text.
function useNewTurnOnTop(conversation: string, turns: readonly Turn[]): void {
  const seen = useRef({ conversation: "", length: 0 });
  const last = turns.at(-1);
  useLayoutEffect(() => {
    const before = seen.current;
    seen.current = { conversation, length: turns.length };
    const isNew = before.conversation !== conversation || turns.length > before.length;
    if (!isNew || last === undefined) return;
    document.getElementById(`turn-${last.id}`)?.scrollIntoView({ block: "start" });
  }, [conversation, turns.length]);
}

// Start is what stands there before any turn: a conversation that is still read or cannot be, or the examples.
function Start(): JSX.Element {
  const { loading, problem, serverId } = current.value;
  if (loading) return <div class="welcome"><h1 class="sr-only">{t("chat.title")}</h1><p class="loading" role="status"><span class="spinner" aria-hidden="true" />{t("common.loading")}</p></div>;
  if (problem === null) return <Empty />;
  return (
    <div class="welcome">
      <h1 class="sr-only">{t("chat.title")}</h1>
      <ProblemNote problem={problem}>
        <button type="button" class="button" onClick={() => void open(serverId)}>{t("common.retry")}</button>
        <button type="button" class="button" onClick={startNew}>{t("chat.new")}</button>
      </ProblemNote>
    </div>
  );
}

function Empty(): JSX.Element {
  return (
    <div class="welcome">
      <h1>{t("chat.title")}</h1>
      <p class="lead">{t("chat.intro")}</p>
      <h2 class="part-title">{t("chat.examples")}</h2>
      <ul class="plain examples">
        {examples.map((key) => (
          <li>
            <button type="button" class="choice" onClick={() => void submit(t(key))}>
              <span class="choice-text">{t(key)}</span>
              <Icon name="arrow" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
