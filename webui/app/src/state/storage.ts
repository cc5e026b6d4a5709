// Where the server keeps no conversations, they outlive a reload, not the tab and not the sign-out: they stand in sessionStorage under their user's name.
import { fieldsOf, parseJSON } from "../lib/decode";
import type { Conversation } from "./chat";

// Raise the version whenever Turn or what it holds changes shape: older ones are then forgotten, not misread.
const key = "resync.conversations.2";
const maxConversations = 20;
const maxBytes = 2_000_000;

export function saveStored(user: string, conversations: readonly Conversation[]): void {
  const settled = conversations
    .map((c) => ({ ...c, turns: c.turns.filter((turn) => turn.phase !== "running") }))
    .filter((c) => c.turns.length > 0)
    .slice(0, maxConversations);
  try {
    for (let n = settled.length; n >= 0; n--) {
      const text = JSON.stringify({ user, conversations: settled.slice(0, n) });
      if (text.length > maxBytes) continue;
      sessionStorage.setItem(key, text);
      return;
    }
  } catch {
    clearStored(); // full or forbidden: the conversations then last as long as the page
  }
}

// loadStored gives nothing to another user than the one who asked.
export function loadStored(user: string): readonly Conversation[] {
  try {
    const stored = fieldsOf(parseJSON(sessionStorage.getItem(key) ?? ""));
    if (stored.user !== user || !Array.isArray(stored.conversations)) {
      clearStored();
      return [];
    }
    return stored.conversations as Conversation[];
  } catch {
    return [];
  }
}

export function clearStored(): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // forbidden storage holds nothing
  }
}
