// A link that asks: a click sends its question to the chat, a new tab opens with it written but not sent.
import type { ComponentChildren, JSX } from "preact";
import { startNew, submit } from "../state/chat";
import { chatHref } from "../state/route";

interface Props {
  readonly question: string;
  readonly class: string;
  readonly children: ComponentChildren;
}

export function AskLink({ question, class: class_, children }: Props): JSX.Element {
  const onClick = (e: MouseEvent): void => {
    if (e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return;
    e.preventDefault();
    startNew();
    void submit(question);
  };
  return <a class={class_} href={chatHref(question)} title={question} onClick={onClick}>{children}</a>;
}
