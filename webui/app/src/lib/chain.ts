// The waiting chain as a tree: the asked entity on top, what it waits for below it.
import type { Hop } from "../api/types";

export interface ChainNode {
  readonly entity: string;
  readonly hop: Hop | null;
  readonly children: readonly ChainNode[];
}

const maxNodes = 200;

// chainTree puts every hop below the one that it blocks. An entity is drawn once; a loop ends where it closes.
export function chainTree(chain: readonly Hop[]): ChainNode[] {
  const byEntity = new Map<string, Hop[]>();
  for (const hop of chain.slice(0, maxNodes)) byEntity.set(hop.entity, [...(byEntity.get(hop.entity) ?? []), hop]);
  const blockers = new Set(chain.map((h) => h.blockedBy).filter((e) => e !== ""));
  const drawn = new Set<string>();
  const node = (entity: string): ChainNode => {
    drawn.add(entity);
    const hops = byEntity.get(entity) ?? [];
    const below: ChainNode[] = [];
    for (const hop of hops) if (hop.blockedBy !== "" && !drawn.has(hop.blockedBy)) below.push(node(hop.blockedBy));
    return { entity, hop: hops[0] ?? null, children: below };
  };
  const tops = [...byEntity.keys()].filter((e) => !blockers.has(e)).map(node);
  // What is left stands in a loop: its first hop is as good a top as any.
  for (const entity of byEntity.keys()) if (!drawn.has(entity)) tops.push(node(entity));
  return tops;
}
