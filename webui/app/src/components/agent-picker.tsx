// Who is to answer. Nothing is shown where there is nobody to choose from.
import type { JSX } from "preact";
import { agents, auto, chosenAgent } from "../state/agents";
import { t } from "../state/prefs";

export function AgentPicker(): JSX.Element | null {
  const list = agents.value;
  if (!list.some((a) => a.id !== auto)) return null;
  const chosen = list.find((a) => a.id === chosenAgent.value);
  return (
    <select class="mini agent" aria-label={t("agent.label")} title={chosen?.description} value={chosenAgent.value} onChange={(e) => (chosenAgent.value = e.currentTarget.value)}>
      {list.map((a) => <option value={a.id} title={a.description}>{a.id === auto ? t("agent.auto") : a.name || a.id}</option>)}
    </select>
  );
}
