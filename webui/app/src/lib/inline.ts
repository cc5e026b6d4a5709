// The inline half of Markdown: emphasis, code and links of one paragraph, as a tree of known nodes.
// Identifiers stay whole: an underscore inside a word, a lone star and a bracketed time are text.

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "em" | "del"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: "image"; readonly alt: string; readonly host: string }
  | { readonly kind: "break" };

const maxDepth = 6;
const wordChar = /[\p{L}\p{N}_]/u;
const escapable = /[!-/:-@[-`{-~]/;
const link = /^\[((?:[^[\]\\\n]|\\.)*)\]\(\s*<?((?:[^\s<>()]|\([^\s<>()]*\))*)>?(?:\s+"[^"\n]*")?\s*\)/;

// sameOrigin gives the path of a link that stays on this site's pages, or "" for every other one.
export function sameOrigin(href: string, origin: string): string {
  if (/[\u0000-\u0020\u007f-\u009f\\]/.test(href) || href === "") return "";
  if (!href.startsWith("/") && !href.startsWith("#") && !href.startsWith(origin + "/")) return "";
  try {
    const url = new URL(href, origin);
    if (url.origin !== origin || url.username !== "" || url.pathname.startsWith("/api/")) return "";
    return href.startsWith("#") ? url.hash : url.pathname + url.search + url.hash;
  } catch {
    return "";
  }
}

// hostOf gives the host that an address would have led to, or "".
export function hostOf(href: string): string {
  try {
    return new URL(href.startsWith("//") ? "https:" + href : href).host;
  } catch {
    return "";
  }
}

// Scan is where one text stands: dead holds the marks that no later mark closes, so that nobody searches for them twice.
interface Scan {
  readonly text: string;
  readonly origin: string;
  readonly depth: number;
  readonly dead: Set<string>;
}

export function parseInline(text: string, origin: string, depth = 0): Inline[] {
  const scan: Scan = { text, origin, depth, dead: new Set() };
  const out: Inline[] = [];
  let plain = "";
  const flush = (): void => {
    if (plain !== "") out.push({ kind: "text", text: plain });
    plain = "";
  };
  let i = 0;
  while (i < text.length) {
    const found = depth < maxDepth ? nodeAt(scan, i) : null;
    if (found) {
      flush();
      out.push(...found.nodes);
      i += found.length;
    } else if (text[i] === "\\" && escapable.test(text[i + 1] ?? "")) {
      plain += text[i + 1];
      i += 2;
    } else {
      // A run of marks that opened nothing is taken whole, or each of its marks would search the text again.
      const run = markRun(text, i);
      plain += text.slice(i, i + run);
      i += run;
    }
  }
  flush();
  return out;
}

interface Found {
  readonly nodes: readonly Inline[];
  readonly length: number;
}

function markRun(text: string, at: number): number {
  const c = text[at];
  if (c !== "*" && c !== "_" && c !== "`" && c !== "~") return 1;
  let n = 1;
  while (text[at + n] === c) n++;
  return n;
}

function nodeAt(scan: Scan, i: number): Found | null {
  const { text } = scan;
  switch (text[i]) {
    case "`":
      return codeAt(scan, i);
    case "*":
    case "_":
    case "~":
      return emphasisAt(scan, i);
    case "!":
      return text[i + 1] === "[" ? linkAt(scan, i + 1, true) : null;
    case "[":
      return linkAt(scan, i, false);
    case "\n":
      return { nodes: text.slice(0, i).endsWith("  ") ? [{ kind: "break" }] : [{ kind: "text", text: "\n" }], length: 1 };
    default:
      return null;
  }
}

function codeAt({ text, dead }: Scan, i: number): Found | null {
  const run = markRun(text, i);
  const marks = "`".repeat(run);
  if (dead.has(marks)) return null;
  for (let end = text.indexOf(marks, i + run); end >= 0; end = text.indexOf(marks, end + 1)) {
    const length = markRun(text, end);
    if (length === run) {
      const inner = text.slice(i + run, end).replaceAll("\n", " ");
      const code = /^ .*\S.* $/.test(inner) ? inner.slice(1, -1) : inner;
      return { nodes: [{ kind: "code", text: code }], length: end + run - i };
    }
    end += length - 1;
  }
  dead.add(marks);
  return null;
}

function emphasisAt({ text, origin, depth, dead }: Scan, i: number): Found | null {
  const mark = text[i] ?? "";
  const run = markRun(text, i);
  const size = mark === "~" ? 2 : Math.min(run, 2);
  if (run > 3 || (mark === "~" && run !== 2)) return null;
  const next = text[i + run] ?? " ";
  const before = text[i - 1] ?? " ";
  if (/\s/.test(next) || (mark === "_" && wordChar.test(before))) return null;
  const marks = mark.repeat(size);
  if (dead.has(mark.repeat(run))) return null;
  for (let end = text.indexOf(marks, i + run); end >= 0; end = text.indexOf(marks, end + markRun(text, end))) {
    const closes = markRun(text, end) === (run === 3 ? 3 : size);
    const after = text[end + size] ?? " ";
    if (!closes || /\s/.test(text[end - 1] ?? " ") || (mark === "_" && wordChar.test(after))) continue;
    const start = i + size;
    const inner = text.slice(start, run === 3 ? end + 1 : end);
    const kind = mark === "~" ? "del" : size === 2 ? "strong" : "em";
    return {
      nodes: [{ kind, children: parseInline(inner, origin, depth + 1) }],
      length: (run === 3 ? end + 3 : end + size) - i,
    };
  }
  dead.add(mark.repeat(run));
  return null;
}

function linkAt({ text, origin, depth }: Scan, at: number, image: boolean): Found | null {
  const match = link.exec(text.slice(at, at + 4096));
  if (!match) return null;
  const label = match[1] ?? "";
  const href = match[2] ?? "";
  const length = match[0].length + (image ? 1 : 0);
  if (image) return { nodes: [{ kind: "image", alt: label, host: hostOf(href) }], length };
  const children = parseInline(label, origin, depth + 1);
  const safe = sameOrigin(href, origin);
  if (safe !== "") return { nodes: [{ kind: "link", href: safe, children }], length };
  const host = hostOf(href);
  return { nodes: host === "" ? children : [...children, { kind: "text", text: ` (${host})` }], length };
}
