// The engine that was heard of last, from a status or from an answer.
import { signal } from "@preact/signals";
import type { EngineInfo } from "../api/types";

export const engine = signal<EngineInfo | null>(null);

export function heardOf(info: EngineInfo): void {
  if (info.mode !== "") engine.value = info;
}
