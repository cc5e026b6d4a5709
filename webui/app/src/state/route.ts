// The pages and their addresses. What a page needs beyond its path stands in the query.
import { batch, signal } from "@preact/signals";

export type Page = "chat" | "status" | "shared";

function pageOf(path: string): Page {
  if (/^\/(status|dashboard)\/*$/.test(path)) return "status";
  return path.startsWith("/shared/") ? "shared" : "chat";
}

// parameter gives a value of the address's query on the page that it belongs to, else "".
function parameter(name: string): string {
  return pageOf(location.pathname) === "chat" ? (new URLSearchParams(location.search).get(name) ?? "") : "";
}

export const page = signal<Page>(pageOf(location.pathname));

// addressed is the stored conversation that the chat's address names.
export const addressed = signal(parameter("c"));

function follow(): void {
  batch(() => {
    page.value = pageOf(location.pathname);
    if (page.value === "chat") addressed.value = parameter("c");
  });
}

export function navigate(href: string): void {
  history.pushState(null, "", href);
  follow();
}

// correctAddress corrects the address of what is shown; "back" does not lead to the earlier one.
export function correctAddress(href: string): void {
  history.replaceState(null, "", href);
  follow();
}

export function startRouter(): void {
  addEventListener("popstate", follow);
}

// proposedQuestion is the question that a link brought along. It is put into the input, never sent by itself.
export function proposedQuestion(): string {
  return parameter("q");
}

export function chatHref(question: string): string {
  return `/chat?q=${encodeURIComponent(question)}`;
}

export function conversationHref(id: string): string {
  return id === "" ? "/chat" : `/chat?c=${encodeURIComponent(id)}`;
}

// sharedToken is the token of the link that a shared conversation is read by.
export function sharedToken(): string {
  return location.pathname.slice("/shared/".length);
}
