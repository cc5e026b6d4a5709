// The bar on top of every page: where one is, which engine is read, language, appearance, who is signed in.
import type { JSX } from "preact";
import favicon from "../favicon.svg";
import { session, signOut } from "../state/session";
import { language, setLanguage, setTheme, t, theme } from "../state/prefs";
import { current } from "../state/chat";
import { kept } from "../state/history";
import { conversationHref, navigate, page, type Page } from "../state/route";
import { engine } from "../state/engine";
import { status } from "../state/status";
import { Icon } from "./icon";

export function Header(): JSX.Element {
  return (
    <header class="bar">
      <a class="brand" href="/chat" onClick={follow("/chat")}>
        <img src={favicon} alt="" width="26" height="26" />
        <span>Resync</span>
      </a>
      <nav aria-label={t("nav.main")}>
        <PageLink to="chat" label={t("nav.chat")} />
        <PageLink to="status" label={t("nav.status")} attention={status.value?.needsPersonTotal ?? 0} />
      </nav>
      <div class="bar-end">
        <Preferences />
        <User />
      </div>
    </header>
  );
}

function follow(href: string): (e: MouseEvent) => void {
  return (e) => {
    if (e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return;
    e.preventDefault();
    navigate(href);
  };
}

interface PageLinkProps {
  readonly to: Page;
  readonly label: string;
  readonly attention?: number;
}

function PageLink({ to, label, attention = 0 }: PageLinkProps): JSX.Element {
  const href = to === "chat" ? conversationHref(kept.value === "yes" ? current.value.serverId : "") : `/${to}`;
  return (
    <a class="tab" href={href} aria-current={page.value === to ? "page" : undefined} onClick={follow(href)}>
      {label}
      {attention > 0 && (
        <span class="count bad">
          <span aria-hidden="true">{attention}</span>
          <span class="sr-only">{`, ${t("status.needsPerson")}: ${attention}`}</span>
        </span>
      )}
    </a>
  );
}

function Preferences(): JSX.Element {
  return (
    <>
      <select class="mini" aria-label={t("nav.language")} value={language.value} onChange={(e) => setLanguage(e.currentTarget.value)}>
        <option value="en" lang="en">English</option>
        <option value="pt-BR" lang="pt-BR">Português</option>
      </select>
      <select class="mini" aria-label={t("nav.theme")} value={theme.value} onChange={(e) => setTheme(e.currentTarget.value)}>
        <option value="auto">{t("theme.auto")}</option>
        <option value="light">{t("theme.light")}</option>
        <option value="dark">{t("theme.dark")}</option>
      </select>
    </>
  );
}

function User(): JSX.Element | null {
  if (session.value.phase !== "in") return null;
  const { name, role } = session.value.user;
  return (
    <div class="user">
      <span class="user-name" title={t("user.signedInAs", { name, role })}><Icon name="person" />{name}</span>
      <button type="button" class="button small" aria-label={t("user.signOut")} title={t("user.signOut")} onClick={() => void signOut()}>
        <Icon name="out" />
      </button>
    </div>
  );
}

// EngineBanner says on every page which engine is read, and loudly when it is not the real one. Its room is kept from the
// beginning, so that nothing moves when the engine is known.
export function EngineBanner(): JSX.Element {
  const e = engine.value;
  if (e?.mode === "mock" || e?.mode === "replay") {
    return <p class="banner warn" role="status"><Icon name="flask" />{t(e.mode === "mock" ? "app.demo" : "app.replay")}</p>;
  }
  const parts = e === null ? [] : [t("answer.engine", { name: e.name }), e.mode, e.api && `API ${e.api}`].filter((p) => p !== "");
  return <p class="banner">{parts.join(" · ")}</p>;
}
