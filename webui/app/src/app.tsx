// The frame around the pages, and the keys that work everywhere.
import { useEffect } from "preact/hooks";
import type { JSX } from "preact";
import { focusComposer } from "./components/composer";
import { EngineBanner, Header } from "./components/header";
import { ProblemNote } from "./components/problem-note";
import { ChatPage } from "./pages/chat";
import { SharedPage } from "./pages/shared";
import { StatusPage } from "./pages/status";
import { running, stopRunning } from "./state/chat";
import { t } from "./state/prefs";
import { navigate, page } from "./state/route";
import { loadSession, session } from "./state/session";

export function App(): JSX.Element {
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  useTitle();
  return (
    <>
      <a class="skip" href="#content">{t("app.skip")}</a>
      <Header />
      <EngineBanner />
      <Content />
    </>
  );
}

function useTitle(): void {
  const title = t(({ status: "status.title", shared: "shared.title", chat: "nav.chat" } as const)[page.value]);
  useEffect(() => {
    document.title = `${title} · Resync`;
  }, [title]);
}

function Content(): JSX.Element {
  const s = session.value;
  if (s.phase === "loading") return <main class="page" id="content"><p class="loading" role="status"><span class="spinner" aria-hidden="true" />{t("common.loading")}</p></main>;
  if (s.phase === "failed") {
    return (
      <main class="page" id="content">
        <ProblemNote problem={s.problem}>
          <button type="button" class="button" onClick={() => void loadSession()}>{t("common.retry")}</button>
        </ProblemNote>
      </main>
    );
  }
  if (page.value === "shared") return <SharedPage />;
  return page.value === "status" ? <StatusPage /> : <ChatPage />;
}

// A key pressed while writing belongs to the text.
function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function onKey(e: KeyboardEvent): void {
  if (e.key === "Escape" && running.value && !e.isComposing) {
    e.preventDefault();
    stopRunning();
  } else if (e.key === "/" && !isWriting(e.target) && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    // Another page focuses the input itself when it is drawn.
    if (page.value === "chat") focusComposer();
    else navigate("/chat");
  }
}
