// What the server keeps: conversations with their turns, links to them, what people think of answers; and who answers.
import { type Fields, fieldsOf, listOf, textOf } from "../lib/decode";
import { json, readJSON, send } from "./client";
import { decodeAnswer } from "./decode";
import type { AgentInfo, Answer } from "./types";

export type Opinion = "up" | "down" | "";

export interface Summary {
  readonly id: string;
  readonly title: string;
}

export interface SummaryPage {
  readonly items: readonly Summary[];
  readonly next: string; // the cursor of the next page; empty on the last one
}

export interface Feedback {
  readonly opinion: Opinion;
  readonly words: string;
}

// Share is a link for others; its token is known only to the page that made it.
export interface Share {
  readonly token: string;
  readonly expires: string;
}

export interface StoredTurn {
  readonly messageId: string;
  readonly question: string;
  readonly stopped: boolean;
  readonly agent: string;
  readonly feedback: Feedback | null;
  readonly answer: Answer;
}

export interface StoredConversation {
  readonly id: string;
  readonly title: string;
  readonly share: Share | null;
  readonly turns: readonly StoredTurn[];
}

export interface Agent extends AgentInfo {
  readonly description: string;
}

function summary(v: unknown): Summary {
  const f = fieldsOf(v);
  return { id: textOf(f.id), title: textOf(f.title) };
}

function feedback(f: Fields): Feedback | null {
  return f.opinion === "up" || f.opinion === "down" ? { opinion: f.opinion, words: textOf(f.words) } : null;
}

function share(f: Fields): Share | null {
  const expires = textOf(f.expires);
  return expires === "" ? null : { token: textOf(f.token), expires };
}

function storedTurn(v: unknown): StoredTurn {
  const f = fieldsOf(v);
  return {
    messageId: textOf(f.message_id), question: textOf(f.question), stopped: f.stopped === true, agent: textOf(f.agent),
    feedback: feedback(fieldsOf(f.feedback)), answer: decodeAnswer(f.answer),
  };
}

function conversation(v: unknown): StoredConversation {
  const f = fieldsOf(v);
  return { id: textOf(f.id), title: textOf(f.title), share: share(fieldsOf(f.share)), turns: listOf(f.turns, storedTurn) };
}

function path(id: string, rest = ""): string {
  return `/api/conversations/${encodeURIComponent(id)}${rest}`;
}

async function read(from: string): Promise<unknown> {
  return readJSON(await send(from, { headers: json }));
}

function change(method: "POST" | "PATCH" | "DELETE", to: string, body: unknown = {}): Promise<Response> {
  const headers = { ...json, "Content-Type": "application/json" };
  return send(to, method === "DELETE" ? { method, headers } : { method, headers, body: JSON.stringify(body) });
}

export async function listConversations(words: string, cursor: string): Promise<SummaryPage> {
  const query = new URLSearchParams({ page_size: "30" });
  if (words !== "") query.set("q", words);
  if (cursor !== "") query.set("cursor", cursor);
  const f = fieldsOf(await read(`/api/conversations?${query.toString()}`));
  return { items: listOf(f.items, summary), next: textOf(f.next_cursor) };
}

export async function getConversation(id: string): Promise<StoredConversation> {
  return conversation(await read(path(id)));
}

export async function renameConversation(id: string, title: string): Promise<void> {
  await change("PATCH", path(id), { title });
}

export async function deleteConversation(id: string): Promise<void> {
  await change("DELETE", path(id));
}

// exportHref is where a conversation is downloaded as Markdown.
export function exportHref(id: string): string {
  return path(id, "/export");
}

export async function stopTurn(id: string): Promise<void> {
  await change("POST", path(id, "/stop"));
}

export async function shareConversation(id: string, days: number): Promise<Share | null> {
  return share(fieldsOf(await readJSON(await change("POST", path(id, `/share?days=${days}`)))));
}

export async function unshareConversation(id: string): Promise<void> {
  await change("DELETE", path(id, "/share"));
}

export async function getShared(token: string): Promise<StoredConversation> {
  return conversation(await read(`/api/shared/${encodeURIComponent(token)}`));
}

export async function giveFeedback(id: string, message: string, said: Feedback): Promise<void> {
  await change("POST", "/api/feedback", { conversation_id: id, message_id: message, opinion: said.opinion, words: said.words });
}

export async function listAgents(language: string): Promise<readonly Agent[]> {
  const f = fieldsOf(await read(`/api/agents?language=${encodeURIComponent(language)}`));
  return listOf(f.agents, (v) => {
    const a = fieldsOf(v);
    return { id: textOf(a.id), name: textOf(a.name), description: textOf(a.description) };
  });
}
