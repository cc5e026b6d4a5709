// Above a stored conversation: the link by which others may read it, and its download.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { problemOf } from "../api/client";
import { exportHref, type Share, shareConversation, unshareConversation } from "../api/conversations";
import type { Problem } from "../api/types";
import { stamp } from "../lib/time";
import { change, type Conversation } from "../state/chat";
import { t } from "../state/prefs";
import { CopyButton } from "./copy-button";
import { Icon } from "./icon";
import { ProblemNote } from "./problem-note";

const lives = [1, 7, 30]; // days that a link may work

export function ConversationBar({ conversation: c }: { readonly conversation: Conversation }): JSX.Element {
  const open = useSignal(false);
  const working = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const days = useSignal(7);
  const set = async (work: () => Promise<Share | null>): Promise<void> => {
    if (working.value) return;
    working.value = true;
    try {
      const share = await work();
      change(c.id, (now) => ({ ...now, share }));
      problem.value = null;
    } catch (err) {
      problem.value = problemOf(err);
    } finally {
      working.value = false;
    }
  };
  const make = (): void => void set(() => shareConversation(c.serverId, days.value));
  const revoke = (): void => void set(() => unshareConversation(c.serverId).then(() => null));
  return (
    <div class="conversation-bar">
      <div class="row">
        <button type="button" class="button small" aria-expanded={open.value} aria-controls="share" onClick={() => (open.value = !open.value)}>
          <Icon name="link" />{t(c.share === null ? "share.title" : "share.shared")}
        </button>
        <a class="button small" href={exportHref(c.serverId)} download><Icon name="download" />{t("history.export")}</a>
      </div>
      {open.value && (
        <section class="share-panel" id="share" aria-label={t("share.title")}>
          <p>{t("share.note")}</p>
          {c.share !== null && <Link share={c.share} />}
          <div class="row">
            <select class="mini" aria-label={t("share.days")} value={String(days.value)} onChange={(e) => (days.value = Number(e.currentTarget.value))}>
              {lives.map((n) => <option value={String(n)}>{t(n === 1 ? "share.oneDay" : "share.nDays", { n })}</option>)}
            </select>
            <button type="button" class={c.share === null ? "button small primary" : "button small"} disabled={working.value} onClick={make}>
              {t(c.share === null ? "share.make" : "share.makeNew")}
            </button>
            {c.share !== null && <button type="button" class="button small danger" disabled={working.value} onClick={revoke}>{t("share.revoke")}</button>}
          </div>
          {problem.value !== null && <ProblemNote problem={problem.value} />}
        </section>
      )}
    </div>
  );
}

function Link({ share }: { readonly share: Share }): JSX.Element {
  const href = `${location.origin}/shared/${share.token}`;
  return (
    <>
      <p role="status">{t("share.until", { time: stamp(share.expires) })}</p>
      {share.token === "" ? <p class="faint">{t("share.shownOnce")}</p> : (
        <div class="share-link">
          <input class="field" readOnly aria-label={t("share.link")} value={href} onFocus={(e) => e.currentTarget.select()} />
          <CopyButton text={() => href} label={t("share.copy")} />
        </div>
      )}
    </>
  );
}
