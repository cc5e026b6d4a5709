// The conversations that this page has open. A question runs in its conversation whichever one is looked at; each has at most one
// running. The server keeps them (state/history lists those); where it does not, this tab does.
import { computed, effect, signal, untracked } from "@preact/signals";
import { ask, askAgain, type Emit, isAbort, problemOf } from "../api/client";
import { getConversation, type Share, stopTurn } from "../api/conversations";
import type { ChatEvent, Problem } from "../api/types";
import { saysNoLanguage } from "../lib/requestion";
import { fail, fromStored, newTurn, reduce, stop, type Turn } from "../lib/turn";
import { auto, chosenAgent } from "./agents";
import { heardOf } from "./engine";
import { forgetHistory, kept, readHistory, used } from "./history";
import { language } from "./prefs";
import { addressed, conversationHref, correctAddress, navigate, page } from "./route";
import { clearStored, loadStored, saveStored } from "./storage";

export interface Conversation {
  readonly id: string;
  readonly serverId: string;
  readonly turns: readonly Turn[];
  readonly share: Share | null;
  readonly loading: boolean;
  readonly problem: Problem | null; // why it could not be opened
}

export const maxQuestion = 4000;

// How long a stopped answer may take to end by itself, so that what stood by then is shown.
const stopGrace = 4000;

function empty(): Conversation {
  return { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, serverId: "", turns: [], share: null, loading: false, problem: null };
}

const first = empty();
export const conversations = signal<readonly Conversation[]>([first]);
export const currentId = signal(first.id);
export const current = computed(() => conversations.value.find((c) => c.id === currentId.value) ?? first);
export const running = computed(() => current.value.turns.at(-1)?.phase === "running");
export const busy = computed(() => running.value || current.value.loading);

// draft is the text in the input; it survives a look at the other page.
export const draft = signal("");

const aborts = new Map<string, AbortController>();
let owner = "";
let turns = 0;

export function select(id: string): void {
  currentId.value = id;
}

// startNew shows an empty conversation: the one there is, or a new one on top.
export function startNew(): void {
  const unused = conversations.value.find((c) => c.turns.length === 0 && c.serverId === "") ?? empty();
  conversations.value = [unused, ...conversations.value.filter((c) => c !== unused)];
  currentId.value = unused.id;
  if (page.value === "chat" && addressed.value !== "") navigate("/chat");
}

// open shows one of the stored conversations, as the server has it now.
export async function open(serverId: string): Promise<void> {
  const known = conversations.value.find((c) => c.serverId === serverId);
  const { id } = known ?? empty();
  if (known === undefined) conversations.value = [{ ...empty(), id, serverId, loading: true }, ...conversations.value];
  else if (known.problem !== null) change(id, (c) => ({ ...c, loading: true, problem: null }));
  currentId.value = id;
  // What the server does not have, a question that failed or is running, must not be lost to a look elsewhere.
  if (known?.turns.some((turn) => turn.phase === "running" || turn.phase === "failed")) return;
  try {
    const stored = await getConversation(serverId);
    const share = stored.share;
    change(id, (c) => (aborts.has(id) ? c : {
      ...c, loading: false, problem: null, turns: stored.turns.map(fromStored),
      share: share !== null && c.share?.expires === share.expires ? c.share : share,
    }));
  } catch (err) {
    // An answer that is on the screen stays there.
    change(id, (c) => ({ ...c, loading: false, problem: c.turns.length > 0 ? null : problemOf(err) }));
  }
}

export function change(id: string, with_: (c: Conversation) => Conversation): void {
  conversations.value = conversations.value.map((c) => (c.id === id ? with_(c) : c));
}

export function changeTurn(id: string, turnId: string, with_: (turn: Turn) => Turn): void {
  change(id, (c) => ({ ...c, turns: c.turns.map((turn) => (turn.id === turnId ? with_(turn) : turn)) }));
}

// drop takes a conversation that does not exist off the page.
export function drop(serverId: string): void {
  const gone = conversations.value.find((c) => c.serverId === serverId);
  if (gone === undefined) return;
  aborts.get(gone.id)?.abort();
  if (gone.id === currentId.value) startNew();
  conversations.value = conversations.value.filter((c) => c.id !== gone.id);
}

// submit asks in the conversation that is shown, and shows the chat.
export async function submit(text: string): Promise<void> {
  const question = text.trim();
  const { id, serverId } = current.value;
  if (question === "" || question.length > maxQuestion || busy.value) return;
  const here = conversationHref(kept.value === "yes" ? serverId : "");
  if (location.pathname + location.search !== here) navigate(here);
  const turn = newTurn(`${id}.${turns++}`, question, Date.now());
  change(id, (c) => ({ ...c, turns: [...c.turns, turn], problem: null }));
  const hint = saysNoLanguage(question) ? (language.value === "pt-BR" ? "pt" : "en") : "";
  const agent = chosenAgent.value === auto ? "" : chosenAgent.value;
  await run(id, turn, (emit, signal) => ask({ question, conversationId: serverId, language: hint, agent }, emit, signal));
}

// regenerate has the last answer of the conversation that is shown made anew, in its place.
export async function regenerate(): Promise<void> {
  const { id, serverId } = current.value;
  const old = current.value.turns.at(-1);
  if (old === undefined || old.messageId === "" || busy.value) return;
  const turn = newTurn(`${id}.${turns++}`, old.question, Date.now());
  changeTurn(id, old.id, () => turn);
  await run(id, turn, (emit, signal) => askAgain(serverId, old.messageId, emit, signal));
  // Without a new answer the old one still counts.
  changeTurn(id, turn.id, (now) => (now.answer === null ? { ...old, problem: now.problem } : now));
}

async function run(id: string, turn: Turn, send: (emit: Emit, signal: AbortSignal) => Promise<void>): Promise<void> {
  const abort = new AbortController();
  aborts.set(id, abort);
  try {
    await send((event) => receive(id, turn, event), abort.signal);
  } catch (err) {
    changeTurn(id, turn.id, (now) => (isAbort(err) ? stop(now) : fail(now, problemOf(err))));
  } finally {
    aborts.delete(id);
    if (owner !== "" && kept.value === "no") saveStored(owner, conversations.value);
  }
}

function receive(id: string, turn: Turn, event: ChatEvent): void {
  changeTurn(id, turn.id, (now) => reduce(now, event));
  if (event.type === "turn") named(id, event.conversationId, turn.question);
  if (event.type !== "done") return;
  heardOf(event.answer.engine);
  named(id, event.answer.conversationId, turn.question);
}

// named notes what the server calls a conversation, and makes the address lead to it.
function named(id: string, serverId: string, question: string): void {
  if (serverId === "") return;
  change(id, (c) => ({ ...c, serverId }));
  if (kept.value !== "yes") return;
  used(serverId, question);
  if (id === currentId.value && page.value === "chat" && addressed.value !== serverId) correctAddress(conversationHref(serverId));
}

// stopRunning stops the answer that is made in the conversation that is shown. The server is told first, so that it keeps what stands
// and sends it; a second call, or one that the server does not hear, just ends the connection.
export function stopRunning(): void {
  const { id, serverId } = current.value;
  const turn = current.value.turns.at(-1);
  const abort = aborts.get(id);
  if (turn === undefined || abort === undefined) return;
  if (kept.value !== "yes" || turn.messageId === "" || turn.stopping) return abort.abort();
  changeTurn(id, turn.id, (now) => ({ ...now, stopping: true }));
  setTimeout(() => abort.abort(), stopGrace);
  stopTurn(serverId).catch(() => abort.abort());
}

// restoreConversations brings back what the user asked before: from the server, or else from this tab.
export async function restoreConversations(user: string): Promise<void> {
  owner = user;
  if (addressed.value !== "") void open(addressed.value);
  await readHistory();
  if (owner !== user) return;
  if (kept.value === "yes") return clearStored();
  if (kept.value !== "no") return;
  conversations.value = [...conversations.value, ...loadStored(user)];
  if (addressed.value !== "") drop(addressed.value); // this server cannot have it
}

// followAddress shows what the address names when "back", "forward" or a link changed it; call it once.
export function followAddress(): void {
  effect(() => {
    const wanted = addressed.value;
    untracked(() => {
      if (owner === "" || wanted === current.value.serverId || kept.value === "no") return;
      if (wanted !== "") void open(wanted);
      else startNew();
    });
  });
}

export function forgetConversations(): void {
  for (const abort of aborts.values()) abort.abort();
  owner = "";
  draft.value = "";
  clearStored();
  forgetHistory();
  const fresh = empty();
  conversations.value = [fresh];
  currentId.value = fresh.id;
}
