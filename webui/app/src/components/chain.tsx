// The waiting chain as nested lists: a screen reader hears the depth, everyone sees it.
import type { JSX } from "preact";
import type { Hop } from "../api/types";
import { type ChainNode, chainTree } from "../lib/chain";
import { toneOf } from "../lib/tone";
import { t } from "../state/prefs";
import { EvidenceList } from "./evidence";
import { Entity, Section } from "./section";

export function Chain({ chain }: { readonly chain: readonly Hop[] }): JSX.Element | null {
  if (chain.length === 0) return null;
  return (
    <Section title={t("answer.chain")}>
      <ul class="tree root">{chainTree(chain).map((n) => <Node node={n} />)}</ul>
    </Section>
  );
}

export function StatusWord({ status }: { readonly status: string }): JSX.Element | null {
  return status === "" ? null : <span class={`status ${toneOf(status)}`}>{status}</span>;
}

function Node({ node }: { readonly node: ChainNode }): JSX.Element {
  const { hop } = node;
  return (
    <li>
      <div class="tree-line">
        <StatusWord status={hop?.status ?? ""} />
        <Entity name={node.entity} />
        {hop !== null && hop.why !== "" && <code class="chip">{hop.why}</code>}
      </div>
      {hop !== null && <EvidenceList evidence={hop.evidence} />}
      {node.children.length > 0 && <ul class="tree">{node.children.map((n) => <Node node={n} />)}</ul>}
    </li>
  );
}
