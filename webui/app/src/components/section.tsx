// A titled part of an answer; folded ones are for what few readers need.
import type { ComponentChildren, JSX } from "preact";
import { count, t } from "../state/prefs";

interface Props {
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Section({ title, children }: Props): JSX.Element {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

export function Folded({ title, children }: Props): JSX.Element {
  return (
    <details class="folded">
      <summary>{title}</summary>
      {children}
    </details>
  );
}

export function Entity({ name }: { readonly name: string }): JSX.Element {
  return <code class="entity">{name}</code>;
}

interface ShowAllProps {
  readonly total: number;
  readonly onClick: () => void;
}

// ShowAll ends a list that shows its beginning only.
export function ShowAll({ total, onClick }: ShowAllProps): JSX.Element {
  return <button type="button" class="button small show-all" onClick={onClick}>{t("common.showAll", { n: count(total) })}</button>;
}
