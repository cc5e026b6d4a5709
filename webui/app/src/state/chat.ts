// This tab's conversations. A question runs in its conversation whichever one is looked at; each has at most one running.
import { computed, signal } from "@preact/signals";
import { ask, isAbort, problemOf } from "../api/client";
import type { ChatEvent } from "../api/types";
import { saysNoLanguage } from "../lib/requestion";
import { fail, newTurn, reduce, stop, type Turn } from "../lib/turn";
import { heardOf } from "./engine";
import { language } from "./prefs";
import { navigate } from "./route";
import { clearStored, loadStored, saveStored } from "./storage";

export interface Conversation {
  readonly id: string;
  readonly serverId: string;
  readonly turns: readonly Turn[];
}

export const maxQuestion = 4000;

function empty(): Conversation {
  return { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, serverId: "", turns: [] };
}

const first = empty();
export const conversations = signal<readonly Conversation[]>([first]);
export const currentId = signal(first.id);
export const current = computed(() => conversations.value.find((c) => c.id === currentId.value) ?? first);
export const running = computed(() => current.value.turns.at(-1)?.phase === "running");

// draft is the text in the input; it survives a look at the other page.
export const draft = signal("");

const aborts = new Map<string, AbortController>();
let owner = "";

export function select(id: string): void {
  currentId.value = id;
}

// startNew shows an empty conversation: the one there is, or a new one on top.
export function startNew(): void {
  const unused = conversations.value.find((c) => c.turns.length === 0) ?? empty();
  conversations.value = [unused, ...conversations.value.filter((c) => c !== unused)];
  currentId.value = unused.id;
}

function change(id: string, with_: (c: Conversation) => Conversation): void {
  conversations.value = conversations.value.map((c) => (c.id === id ? with_(c) : c));
}

function changeTurn(id: string, turnId: string, with_: (turn: Turn) => Turn): void {
  change(id, (c) => ({ ...c, turns: c.turns.map((turn) => (turn.id === turnId ? with_(turn) : turn)) }));
}

// submit asks in the conversation that is shown, and shows the chat.
export async function submit(text: string): Promise<void> {
  const question = text.trim();
  const { id, serverId, turns } = current.value;
  if (question === "" || question.length > maxQuestion || running.value) return;
  if (location.pathname !== "/chat" || location.search !== "") navigate("/chat");
  const turn = newTurn(`${id}.${turns.length}`, question, Date.now());
  change(id, (c) => ({ ...c, turns: [...c.turns, turn] }));
  const abort = new AbortController();
  aborts.set(id, abort);
  const settle = (with_: (turn: Turn) => Turn): void => changeTurn(id, turn.id, with_);
  try {
    const hint = saysNoLanguage(question) ? (language.value === "pt-BR" ? "pt" : "en") : "";
    await ask({ question, conversationId: serverId, language: hint }, (event) => receive(id, turn.id, event), abort.signal);
  } catch (err) {
    settle((now) => (isAbort(err) ? stop(now) : fail(now, problemOf(err))));
  } finally {
    aborts.delete(id);
    if (owner !== "") saveStored(owner, conversations.value);
  }
}

function receive(id: string, turnId: string, event: ChatEvent): void {
  changeTurn(id, turnId, (turn) => reduce(turn, event));
  if (event.type !== "done") return;
  heardOf(event.answer.engine);
  if (event.answer.conversationId !== "") {
    change(id, (c) => ({ ...c, serverId: event.answer.conversationId }));
  }
}

export function stopRunning(): void {
  aborts.get(currentId.value)?.abort();
}

export function restoreConversations(user: string): void {
  owner = user;
  const stored = loadStored(user);
  if (stored.length === 0) return;
  const shown = current.value;
  conversations.value = [shown, ...stored];
  currentId.value = shown.id;
}

export function forgetConversations(): void {
  for (const abort of aborts.values()) abort.abort();
  owner = "";
  draft.value = "";
  clearStored();
  const fresh = empty();
  conversations.value = [fresh];
  currentId.value = fresh.id;
}
