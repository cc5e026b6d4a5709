// Who answers: chosen by the server unless the person names one. The names follow the language.
import { effect, signal } from "@preact/signals";
import { type Agent, listAgents } from "../api/conversations";
import type { AgentInfo } from "../api/types";
import { language } from "./prefs";

export const auto = "auto";
export const agents = signal<readonly Agent[]>([]);
export const chosenAgent = signal(auto);

let started = false;

// startAgents begins to read the list; a second call does nothing. Without a list nobody is offered, and the server chooses.
export function startAgents(): void {
  if (started) return;
  started = true;
  effect(() => {
    const wanted = language.value;
    listAgents(wanted === "pt-BR" ? "pt" : "en").then(
      (list) => {
        if (language.peek() === wanted) agents.value = list;
      },
      () => undefined,
    );
  });
}

// nameOf gives an agent's name in the page's language; else the name it came with, else its id.
export function nameOf(agent: AgentInfo): string {
  return agents.value.find((a) => a.id === agent.id)?.name || agent.name || agent.id;
}
