// Who is signed in. Without a session the login page takes over.
import { computed, signal } from "@preact/signals";
import { endSession, getSession, problemOf } from "../api/client";
import type { Problem, Session } from "../api/types";
import { forgetConversations, restoreConversations } from "./chat";

export type SessionState =
  | { readonly phase: "loading" }
  | { readonly phase: "in"; readonly user: Session }
  | { readonly phase: "failed"; readonly problem: Problem };

export const session = signal<SessionState>({ phase: "loading" });

// mayAsk says whether the person's role lets them ask, and so have answers made anew; viewers look.
export const mayAsk = computed(() => session.value.phase === "in" && ["operator", "admin"].includes(session.value.user.role));

export function goToLogin(): void {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

export async function loadSession(): Promise<void> {
  session.value = { phase: "loading" };
  try {
    const user = await getSession();
    void restoreConversations(user.id || user.name);
    session.value = { phase: "in", user };
  } catch (err) {
    const problem = problemOf(err);
    if (problem.status === 401) {
      forgetConversations();
      goToLogin();
    } else session.value = { phase: "failed", problem };
  }
}

// signOut forgets this tab's conversations whether or not the server could be told.
export async function signOut(): Promise<void> {
  forgetConversations();
  try {
    await endSession();
  } catch (err) {
    const problem = problemOf(err);
    if (problem.status !== 401) {
      session.value = { phase: "failed", problem };
      return;
    }
  }
  goToLogin();
}
