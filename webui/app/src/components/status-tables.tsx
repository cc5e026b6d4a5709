// What needs a person, the workstations, and what could not be seen.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { NeedsPerson as Need, Workstation } from "../api/types";
import { stamp } from "../lib/time";
import { count, t } from "../state/prefs";
import { AskLink } from "./ask-link";
import { StatusWord } from "./chain";
import { Icon } from "./icon";
import { Entity, ShowAll } from "./section";

const shownAtFirst = 25;

interface NeedsProps {
  readonly needs: readonly Need[];
  readonly total: number;
  readonly unseen: boolean;
}

export function NeedsPerson({ needs, total, unseen }: NeedsProps): JSX.Element {
  const all = useSignal(false);
  const shown = all.value ? needs : needs.slice(0, shownAtFirst);
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>{t("status.needsPerson")}</h2>
        {total > 0 && <span class="count bad">{count(total)}</span>}
      </div>
      {needs.length === 0 ? <p class="empty">{t(unseen ? "status.needsUnseen" : "status.needsNobody")}</p> : (
        <ul class="plain choices">
          {shown.map((n) => (
            <li>
              <AskLink class="choice" question={t("chat.askAbout", { entity: n.entity })}>
                <span class="choice-text">
                  <span class="tree-line"><StatusWord status={n.status} /><Entity name={n.entity} /></span>
                  {n.why !== "" && <span class="faint">{n.why}</span>}
                  {n.since !== "" && <span class="faint">{t("status.since", { time: stamp(n.since) })}</span>}
                </span>
                <Icon name="arrow" />
              </AskLink>
            </li>
          ))}
        </ul>
      )}
      {shown.length < needs.length && <ShowAll total={needs.length} onClick={() => (all.value = true)} />}
      {shown.length === needs.length && total > needs.length && <p class="faint">{t("common.more", { n: count(total - needs.length) })}</p>}
    </section>
  );
}

export function Workstations({ list }: { readonly list: readonly Workstation[] }): JSX.Element {
  const all = useSignal(false);
  // Those with a problem first, otherwise as the server ordered them.
  const sorted = [...list].sort((a, b) => Number(a.problem === "") - Number(b.problem === ""));
  const shown = all.value ? sorted : sorted.slice(0, shownAtFirst);
  return (
    <section class="panel">
      <div class="panel-head"><h2>{t("status.workstations")}</h2><p class="faint">{list.length > 0 && count(list.length)}</p></div>
      {list.length === 0 ? <p class="empty">{t("status.noWorkstations")}</p> : (
        <table class="grid stack">
          <thead>
            <tr>
              <th scope="col">{t("status.ws.name")}</th>
              <th scope="col">{t("status.ws.type")}</th>
              <th scope="col">{t("status.ws.status")}</th>
              <th scope="col" class="num">{t("status.ws.limit")}</th>
              <th scope="col" class="num">{t("status.ws.fence")}</th>
              <th scope="col">{t("status.ws.problem")}</th>
            </tr>
          </thead>
          <tbody>{shown.map((w) => <WorkstationRow workstation={w} />)}</tbody>
        </table>
      )}
      {shown.length < list.length && <ShowAll total={list.length} onClick={() => (all.value = true)} />}
    </section>
  );
}

function WorkstationRow({ workstation: w }: { readonly workstation: Workstation }): JSX.Element {
  const label = (name: "type" | "status" | "limit" | "fence" | "problem"): { "data-label": string } => ({ "data-label": t(`status.ws.${name}`) });
  return (
    <tr class={w.problem !== "" ? "troubled" : undefined}>
      <th scope="row"><AskLink class="quiet-link" question={t("chat.askWorkstation", { name: w.entity })}><Entity name={w.entity} /></AskLink></th>
      <td {...label("type")}>{w.type || "–"}</td>
      <td {...label("status")}>{w.status === "" ? "–" : <StatusWord status={w.status} />}</td>
      <td class="num" {...label("limit")}>{w.limit || "–"}</td>
      <td class="num" {...label("fence")}>{w.fence || "–"}</td>
      <td {...label("problem")}>{w.problem === "" ? "–" : <span class="mark bad"><Icon name="alert" />{w.problem}</span>}</td>
    </tr>
  );
}
