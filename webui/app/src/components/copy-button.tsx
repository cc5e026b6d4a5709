// A button that puts a text on the clipboard and says whether it worked.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { t } from "../state/prefs";
import { Icon } from "./icon";

type Outcome = "none" | "copied" | "failed";

interface Props {
  readonly text: () => string;
  readonly label?: string;
  readonly about?: string;
}

export function CopyButton({ text, label, about }: Props): JSX.Element {
  const outcome = useSignal<Outcome>("none");
  const copy = async (): Promise<void> => {
    outcome.value = (await toClipboard(text())) ? "copied" : "failed";
    setTimeout(() => (outcome.value = "none"), 2500);
  };
  const idle = label ?? t("common.copy");
  const shown = outcome.value === "none" ? idle : t(outcome.value === "copied" ? "common.copied" : "common.copyFailed");
  return (
    <button type="button" class="button small copy" aria-label={about && outcome.value === "none" ? `${idle}: ${about}` : undefined} onClick={() => void copy()}>
      <Icon name={outcome.value === "copied" ? "check" : "copy"} />
      <span aria-live="polite">{shown}</span>
    </button>
  );
}

// Without TLS and off this machine browsers offer no clipboard; the old way still works there.
async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return selectAndCopy(text);
  }
}

function selectAndCopy(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
