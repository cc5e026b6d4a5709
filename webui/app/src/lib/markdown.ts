// Markdown to a tree of known nodes. No HTML comes out of it: a component makes text nodes of the tree.
// Tags in the text stay text, images become text with their host, links survive only within this origin.
import { type Inline, parseInline } from "./inline";

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "heading"; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | { readonly kind: "list"; readonly ordered: boolean; readonly start: number; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: "table"; readonly head: readonly (readonly Inline[])[]; readonly rows: readonly (readonly (readonly Inline[])[])[] }
  | { readonly kind: "rule" };

const maxLength = 64 * 1024;
const maxDepth = 6;

const fence = /^ {0,3}(`{3,}|~{3,})/;
const heading = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/;
const rule = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const bullet = /^( {0,3})([-*+])[ \t]+(?=\S)/;
const ordinal = /^( {0,3})(\d{1,9})[.)][ \t]+(?=\S)/;
const quoted = /^ {0,3}>[ ]?/;
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

// parseMarkdown never throws; text beyond 64 K characters is cut, it could only be an attack or a mistake.
export function parseMarkdown(source: string, origin: string): Block[] {
  const text = source.slice(0, maxLength).replace(/\r\n?/g, "\n");
  return new BlockParser(origin).parse(text.split("\n"), 0);
}

class BlockParser {
  constructor(private readonly origin: string) {}

  parse(lines: readonly string[], depth: number): Block[] {
    const out: Block[] = [];
    let i = 0;
    while (i < lines.length) {
      const line = lines[i] ?? "";
      if (line.trim() === "") {
        i++;
        continue;
      }
      const before = i;
      i = this.block(lines, i, depth, out);
      if (i === before) throw new Error("markdown: no progress"); // cannot happen: every branch takes a line
    }
    return out;
  }

  private block(lines: readonly string[], i: number, depth: number, out: Block[]): number {
    const line = lines[i] ?? "";
    const opening = fence.exec(line);
    if (opening) return this.fenced(lines, i, opening[1] ?? "```", out);
    const head = heading.exec(line);
    if (head) {
      out.push({ kind: "heading", level: (head[1] ?? "#").length, children: this.inline(head[2] ?? "") });
      return i + 1;
    }
    if (rule.test(line)) {
      out.push({ kind: "rule" });
      return i + 1;
    }
    if (depth < maxDepth && quoted.test(line)) return this.quote(lines, i, depth, out);
    if (depth < maxDepth && (bullet.test(line) || ordinal.test(line))) return this.list(lines, i, depth, out);
    if (line.includes("|") && tableRule.test(lines[i + 1] ?? "") && (lines[i + 1] ?? "").includes("-")) {
      return this.table(lines, i, out);
    }
    return this.paragraph(lines, i, depth, out);
  }

  private fenced(lines: readonly string[], at: number, marks: string, out: Block[]): number {
    const text: string[] = [];
    let i = at + 1;
    for (; i < lines.length; i++) {
      const line = (lines[i] ?? "").trim();
      if (line.startsWith(marks) && line === marks.charAt(0).repeat(line.length)) {
        i++;
        break;
      }
      text.push(lines[i] ?? "");
    }
    out.push({ kind: "code", text: text.join("\n") });
    return i;
  }

  private quote(lines: readonly string[], at: number, depth: number, out: Block[]): number {
    const inner: string[] = [];
    let i = at;
    for (; i < lines.length && quoted.test(lines[i] ?? ""); i++) inner.push((lines[i] ?? "").replace(quoted, ""));
    out.push({ kind: "quote", children: this.parse(inner, depth + 1) });
    return i;
  }

  private list(lines: readonly string[], at: number, depth: number, out: Block[]): number {
    const ordered = ordinal.test(lines[at] ?? "");
    const marker = ordered ? ordinal : bullet;
    const start = Number(marker.exec(lines[at] ?? "")?.[2] ?? 1);
    const items: Block[][] = [];
    let i = at;
    while (i < lines.length) {
      const match = marker.exec(lines[i] ?? "");
      if (!match || rule.test(lines[i] ?? "")) break;
      const inner = [(lines[i] ?? "").slice(match[0].length)];
      i = this.itemRest(lines, i + 1, match[0].length, inner);
      items.push(this.parse(inner, depth + 1));
    }
    out.push({ kind: "list", ordered, start: ordered ? start : 1, items });
    return i;
  }

  // itemRest takes the lines that belong to a list item: indented ones, and lazy ones until a blank line.
  private itemRest(lines: readonly string[], at: number, indent: number, inner: string[]): number {
    const pad = Math.min(indent, 2);
    let i = at;
    for (; i < lines.length; i++) {
      const line = lines[i] ?? "";
      const spaces = line.length - line.trimStart().length;
      if (line.trim() === "") {
        const next = lines[i + 1] ?? "";
        if (next.trim() === "" || next.length - next.trimStart().length < pad) return this.skipBlank(lines, i, pad);
        inner.push("");
      } else if (spaces >= pad) inner.push(line.slice(Math.min(spaces, indent)));
      else if (this.startsBlock(line)) return i;
      else inner.push(line);
    }
    return i;
  }

  // A blank line between two items keeps one list.
  private skipBlank(lines: readonly string[], at: number, pad: number): number {
    const next = lines[at + 1] ?? "";
    const goesOn = next.length - next.trimStart().length < pad && (bullet.test(next) || ordinal.test(next));
    return goesOn ? at + 1 : at;
  }

  private table(lines: readonly string[], at: number, out: Block[]): number {
    const head = this.cells(lines[at] ?? "");
    const rows: Inline[][][] = [];
    let i = at + 2;
    for (; i < lines.length && (lines[i] ?? "").includes("|") && (lines[i] ?? "").trim() !== ""; i++) {
      rows.push(this.cells(lines[i] ?? "").slice(0, head.length));
    }
    out.push({ kind: "table", head, rows });
    return i;
  }

  private cells(line: string): Inline[][] {
    const bare = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
    return bare.split(/(?<!\\)\|/).map((cell) => this.inline(cell.trim().replaceAll("\\|", "|")));
  }

  private paragraph(lines: readonly string[], at: number, depth: number, out: Block[]): number {
    const text = [(lines[at] ?? "").trim()];
    let i = at + 1;
    for (; i < lines.length; i++) {
      const line = lines[i] ?? "";
      if (line.trim() === "" || (depth < maxDepth && this.startsBlock(line))) break;
      text.push(line.trimStart());
    }
    out.push({ kind: "paragraph", children: this.inline(text.join("\n")) });
    return i;
  }

  private startsBlock(line: string): boolean {
    return [fence, heading, rule, quoted, bullet, ordinal].some((re) => re.test(line));
  }

  private inline(text: string): Inline[] {
    return parseInline(text, this.origin);
  }
}
