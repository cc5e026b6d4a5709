// Two pages and their addresses. What a page needs beyond its path stands in the query.
import { signal } from "@preact/signals";

export type Page = "chat" | "status";

function pageOf(path: string): Page {
  return /^\/(status|dashboard)\/*$/.test(path) ? "status" : "chat";
}

export const page = signal<Page>(pageOf(location.pathname));

export function navigate(href: string): void {
  history.pushState(null, "", href);
  page.value = pageOf(location.pathname);
}

export function startRouter(): void {
  addEventListener("popstate", () => {
    page.value = pageOf(location.pathname);
  });
}

// proposedQuestion is the question that a link brought along. It is put into the input, never sent by itself.
export function proposedQuestion(): string {
  return new URLSearchParams(location.search).get("q") ?? "";
}

export function chatHref(question: string): string {
  return `/chat?q=${encodeURIComponent(question)}`;
}
