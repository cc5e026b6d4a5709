// An answer as plain text, for a ticket or the shift's log. Words come from the caller: this file knows no language.
import type { Answer, Evidence } from "../api/types";
import { stamp } from "./time";

export interface Words {
  readonly verdict: string;
  readonly evidence: string;
  readonly actions: string;
  readonly missing: string;
  readonly asOf: string;
}

function quoteLine(e: Evidence): string {
  const at = e.line > 0 ? `:${e.line}` : "";
  return `   [${e.source}${at}] ${e.quote}`;
}

export function plainText(question: string, answer: Answer, words: Words): string {
  const out = [`> ${question}`, ""];
  if (words.verdict !== "") out.push(words.verdict, "");
  out.push(answer.answer.trim());
  const d = answer.diagnosis;
  if (d !== null && d.causes.length > 0) {
    out.push("", `${words.evidence}:`);
    for (const c of d.causes) out.push(`- ${c.entity} (${c.kind}): ${c.statement}`, ...c.evidence.map(quoteLine));
  }
  if (d !== null && d.actions.length > 0) {
    out.push("", `${words.actions}:`);
    d.actions.forEach((a, i) => {
      out.push(`${i + 1}. ${a.text}`);
      if (a.command !== "") out.push(`   ${a.command}`);
    });
  }
  if (d !== null && d.missing.length > 0) out.push("", `${words.missing}:`, ...d.missing.map((m) => `- ${m}`));
  const engine = [answer.engine.name, answer.engine.mode].filter((s) => s !== "").join(", ");
  out.push("", `${words.asOf.replace("{time}", stamp(answer.dataAsOf || answer.clocks.fetchedAt))} (${engine})`);
  return out.join("\n") + "\n";
}
