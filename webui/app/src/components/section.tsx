// A titled part of an answer; folded ones are for what few readers need.
import type { ComponentChildren, JSX } from "preact";

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
