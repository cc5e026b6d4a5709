// Which languages there are, and how a text is found and filled in. Pure; the chosen language lives in state/prefs.
import { en } from "./en";
import { ptBR } from "./pt-BR";

export type MessageKey = keyof typeof en;
export type Messages = Readonly<Record<MessageKey, string>>;
export type Language = "en" | "pt-BR";
export type Params = Readonly<Record<string, string | number>>;

export const dictionaries: Readonly<Record<Language, Messages>> = { en, "pt-BR": ptBR };

export function isLanguage(v: unknown): v is Language {
  return v === "en" || v === "pt-BR";
}

export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}

// preferred gives the first language that we speak, of those a browser asks for.
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0];
    if (base === "pt") return "pt-BR";
    if (base === "en") return "en";
  }
  return "en";
}

// format fills {name} in; a name without a value stays as it is, so that it is seen.
export function format(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(params, name) ? String(params[name]) : whole));
}
