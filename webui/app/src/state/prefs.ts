// Language and appearance: chosen once, kept in this browser, applied to the document.
import { effect, signal } from "@preact/signals";
import { dictionaries, format, isLanguage, type Language, type MessageKey, type Params, preferred } from "../i18n/messages";

export type Theme = "auto" | "light" | "dark";

const languageKey = "resync.language";
const themeKey = "resync.theme";

// A browser may forbid storage; a preference is then kept until the page is left.
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // nothing to do: the choice holds for this page
  }
}

function storedLanguage(): Language {
  const stored = read(languageKey);
  return isLanguage(stored) ? stored : preferred(navigator.languages);
}

function storedTheme(): Theme {
  const stored = read(themeKey);
  return stored === "light" || stored === "dark" ? stored : "auto";
}

export const language = signal<Language>(storedLanguage());
export const theme = signal<Theme>(storedTheme());

export function setLanguage(value: string): void {
  if (!isLanguage(value)) return;
  language.value = value;
  write(languageKey, value);
}

export function setTheme(value: string): void {
  theme.value = value === "light" || value === "dark" ? value : "auto";
  write(themeKey, theme.value);
}

// t gives a text in the chosen language; components that call it follow the language.
export function t(key: MessageKey, params: Params = {}): string {
  return format(dictionaries[language.value][key], params);
}

// count writes a number the way the language does.
export function count(n: number): string {
  return n.toLocaleString(language.value);
}

// applyPrefs keeps the document's attributes in step with the choices; call it once.
export function applyPrefs(): void {
  effect(() => {
    document.documentElement.lang = language.value;
  });
  effect(() => {
    if (theme.value === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", theme.value);
  });
}
