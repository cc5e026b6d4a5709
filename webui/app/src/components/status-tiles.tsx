// Counts by status as tiles and as one bar. A tile asks the chat which ones they are.
import type { JSX } from "preact";
import type { StatusCount } from "../api/types";
import { byUrgency, toneOf } from "../lib/tone";
import { count, t } from "../state/prefs";
import { AskLink } from "./ask-link";

interface Props {
  readonly title: string;
  readonly total: number | null;
  readonly counts: readonly StatusCount[];
  readonly none: string;
  readonly ask: "chat.askStatus" | "chat.askStreamStatus";
}

export function StatusTiles({ title, total, counts, none, ask }: Props): JSX.Element {
  const sorted = byUrgency(counts.filter((c) => c.count > 0));
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>{title}</h2>
        {total !== null && <p class="faint">{t("status.total", { n: count(total) })}</p>}
      </div>
      {sorted.length === 0 ? <p class="empty">{none}</p> : (
        <>
          <Bar counts={sorted} />
          <ul class="tiles">
            {sorted.map((c) => (
              <li>
                <AskLink class={`tile ${toneOf(c.status)}`} question={t(ask, { status: c.status })}>
                  <span class="tile-count">{count(c.count)}</span>
                  <span class="tile-status">{c.status}</span>
                </AskLink>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

// A share too small to see is drawn at least as a line: one ABEND among 500,000 must not vanish.
const least = 6;
const width = 1000;

function Bar({ counts }: { readonly counts: readonly StatusCount[] }): JSX.Element {
  const sum = counts.reduce((n, c) => n + c.count, 0);
  const room = width - least * counts.length;
  let x = 0;
  return (
    <svg class="share" viewBox={`0 0 ${width} 8`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {counts.map((c) => {
        const w = least + (room * c.count) / sum;
        const from = x;
        x += w;
        return <rect class={toneOf(c.status)} x={from} y={0} width={Math.max(1, w - 2)} height={8} />;
      })}
    </svg>
  );
}
