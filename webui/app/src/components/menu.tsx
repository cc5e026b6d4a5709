// A button with a menu: Enter, Space or the down arrow opens it, arrows move, Escape closes it and gives the focus back.
import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { Icon, type IconName } from "./icon";

export interface MenuItem {
  readonly label: string;
  readonly icon: IconName;
  readonly href?: string; // a download instead of an action
  readonly onChoose?: () => void;
}

export function Menu({ label, items }: { readonly label: string; readonly items: readonly MenuItem[] }): JSX.Element {
  const open = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const entries = (): HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  const close = (): void => {
    open.value = false;
    box.current?.querySelector("button")?.focus();
  };
  useLayoutEffect(() => {
    if (!open.value) return;
    entries()[0]?.focus();
    const outside = (e: Event): void => {
      if (e.target instanceof Node && !box.current?.contains(e.target)) open.value = false;
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open.value]);
  const onKeyDown = (e: KeyboardEvent): void => {
    const all = entries();
    const at = all.findIndex((entry) => entry === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[e.key];
    if (e.key === "Escape" && open.value) close();
    else if (e.key === "ArrowDown" && !open.value) open.value = true;
    else if (to !== undefined && open.value) all.at(to % all.length)?.focus();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const choose = (item: MenuItem): void => {
    close();
    item.onChoose?.();
  };
  return (
    <div class="menu-box" ref={box} onKeyDown={onKeyDown}>
      <button type="button" class="menu-button" aria-label={label} title={label} aria-haspopup="menu" aria-expanded={open.value} aria-controls={open.value ? id : undefined} onClick={() => (open.value = !open.value)}>
        <Icon name="dots" />
      </button>
      {open.value && (
        <div class="menu" role="menu" id={id} aria-label={label}>
          {items.map((item) => item.href === undefined ? (
            <button type="button" role="menuitem" tabIndex={-1} onClick={() => choose(item)}><Icon name={item.icon} />{item.label}</button>
          ) : (
            <a role="menuitem" tabIndex={-1} href={item.href} download onClick={() => choose(item)}><Icon name={item.icon} />{item.label}</a>
          ))}
        </div>
      )}
    </div>
  );
}
