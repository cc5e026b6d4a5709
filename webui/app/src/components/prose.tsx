// Markdown on the screen. Every word becomes a text node: no string is ever taken for HTML.
import type { ComponentChildren, JSX } from "preact";
import type { Inline } from "../lib/inline";
import { type Block, parseMarkdown } from "../lib/markdown";
import { t } from "../state/prefs";

export function Prose({ text }: { readonly text: string }): JSX.Element {
  return <div class="prose">{blocks(parseMarkdown(text, location.origin))}</div>;
}

function blocks(list: readonly Block[]): ComponentChildren {
  return list.map((b) => block(b));
}

function block(b: Block): JSX.Element {
  switch (b.kind) {
    case "paragraph":
      return <p>{inlines(b.children)}</p>;
    case "heading": // the page's own headings make its outline; a text's must not break in
      return <p class="prose-heading">{inlines(b.children)}</p>;
    case "code":
      return <pre><code>{b.text}</code></pre>;
    case "quote":
      return <blockquote>{blocks(b.children)}</blockquote>;
    case "rule":
      return <hr />;
    case "list": {
      const items = b.items.map((item) => <li>{tight(item)}</li>);
      return b.ordered ? <ol start={b.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <table class="grid">
          <thead><tr>{b.head.map((cell) => <th scope="col">{inlines(cell)}</th>)}</tr></thead>
          <tbody>{b.rows.map((row) => <tr>{row.map((cell) => <td>{inlines(cell)}</td>)}</tr>)}</tbody>
        </table>
      );
  }
}

// An item of one paragraph needs no paragraph.
function tight(item: readonly Block[]): ComponentChildren {
  return item.map((b) => (b.kind === "paragraph" ? <>{inlines(b.children)}</> : block(b)));
}

function inlines(list: readonly Inline[]): ComponentChildren {
  return list.map((n) => inline(n));
}

function inline(n: Inline): ComponentChildren {
  switch (n.kind) {
    case "text":
      return n.text;
    case "code":
      return <code>{n.text}</code>;
    case "strong":
      return <strong>{inlines(n.children)}</strong>;
    case "em":
      return <em>{inlines(n.children)}</em>;
    case "del":
      return <del>{inlines(n.children)}</del>;
    case "link":
      return <a href={n.href}>{inlines(n.children)}</a>;
    case "image":
      return `${n.alt} (${t("answer.image", { host: n.host || t("common.unknown") })})`;
    case "break":
      return <br />;
  }
}
