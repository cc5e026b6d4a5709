// The list of the person's conversations that the server keeps: searched, read page by page, the latest used first.
import { signal } from "@preact/signals";
import { problemOf } from "../api/client";
import { listConversations, type Summary, type SummaryPage } from "../api/conversations";
import type { Problem } from "../api/types";

// kept tells whether this server keeps conversations; unknown until it has answered once.
export const kept = signal<"unknown" | "yes" | "no">("unknown");
export const listed = signal<readonly Summary[]>([]);
export const nextPage = signal("");
export const words = signal("");
export const listing = signal(false);
export const listProblem = signal<Problem | null>(null);

let latest = 0;

async function read(cursor: string, take: (page: SummaryPage) => void): Promise<void> {
  const mine = ++latest;
  listing.value = true;
  try {
    const page = await listConversations(words.peek().trim(), cursor);
    if (mine !== latest) return; // words typed meanwhile
    kept.value = "yes";
    listProblem.value = null;
    nextPage.value = page.next;
    take(page);
  } catch (err) {
    if (mine !== latest) return;
    const problem = problemOf(err);
    if (problem.code === "unsupported") kept.value = "no";
    else listProblem.value = problem;
  } finally {
    if (mine === latest) listing.value = false;
  }
}

export async function readHistory(): Promise<void> {
  await read("", (page) => (listed.value = page.items));
}

// readOn adds the next page. What moved to the front meanwhile is not listed twice.
export async function readOn(): Promise<void> {
  if (nextPage.value === "" || listing.value) return;
  await read(nextPage.value, (page) => {
    const known = new Set(listed.value.map((s) => s.id));
    listed.value = [...listed.value, ...page.items.filter((s) => !known.has(s.id))];
  });
}

let typing: ReturnType<typeof setTimeout> | undefined;

// search follows the words once typing pauses.
export function search(text: string): void {
  words.value = text;
  clearTimeout(typing);
  typing = setTimeout(() => void readHistory(), 250);
}

// used moves a conversation to the front, new or not. What a search found stays as it was found.
export function used(id: string, title: string): void {
  if (kept.value !== "yes" || words.value.trim() !== "") return;
  const known = listed.value.find((s) => s.id === id);
  listed.value = [known ?? { id, title }, ...listed.value.filter((s) => s.id !== id)];
}

export function retitled(id: string, title: string): void {
  listed.value = listed.value.map((s) => (s.id === id ? { ...s, title } : s));
}

export function unlisted(id: string): void {
  listed.value = listed.value.filter((s) => s.id !== id);
}

export function forgetHistory(): void {
  latest++;
  clearTimeout(typing);
  kept.value = "unknown";
  listed.value = [];
  nextPage.value = words.value = "";
  listing.value = false;
  listProblem.value = null;
}
