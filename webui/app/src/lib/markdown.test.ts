import { describe, expect, it } from "vitest";
import { corpus } from "./hostile.testdata";
import { hostOf, parseInline, sameOrigin } from "./inline";
import { type Block, parseMarkdown } from "./markdown";

const origin = "https://resync.example";
const parse = (text: string): Block[] => parseMarkdown(text, origin);
const all = (tree: unknown): string => JSON.stringify(tree);

describe("blocks", () => {
  it("knows paragraphs, headings, lists, quotes, code, rules and tables", () => {
    const kinds = parse("# H\n\npara\nmore\n\n- a\n- b\n  - c\n\n1. x\n2. y\n\n> q\n\n```\ncode <b>\n```\n\n---\n\n|a|b|\n|-|-|\n|1|2|").map((b) => b.kind);
    expect(kinds).toEqual(["heading", "paragraph", "list", "list", "quote", "code", "rule", "table"]);
  });
  it("nests lists and keeps one list over blank lines", () => {
    const [list, ...rest] = parse("- a\n\n- b\n  - c\n- d");
    expect(rest).toEqual([]);
    expect(list).toMatchObject({ kind: "list", ordered: false });
    expect(list?.kind === "list" && list.items.length).toBe(3);
    expect(list?.kind === "list" && list.items[1]?.map((b) => b.kind)).toEqual(["paragraph", "list"]);
  });
  it("keeps the number an ordered list starts with", () => {
    expect(parse("3. c\n4. d")[0]).toMatchObject({ kind: "list", ordered: true, start: 3 });
  });
  it("closes an open fence at the end of a half-streamed text", () => {
    expect(parse("```\nconman")[0]).toEqual({ kind: "code", text: "conman" });
  });
  it("keeps escaped bars in table cells", () => {
    expect(parse("|a|b|\n|-|-|\n|x\\|y|2|")[0]).toMatchObject({ rows: [[[{ kind: "text", text: "x|y" }], [{ kind: "text", text: "2" }]]] });
  });
  it("reads CRLF like LF", () => {
    expect(parse("a\r\n\r\nb")).toHaveLength(2);
  });
});

describe("inline", () => {
  it.each([
    ["PAY_LOAD and GL_FEED_2", [{ kind: "text", text: "PAY_LOAD and GL_FEED_2" }]],
    ["AB* and CD* match", [{ kind: "text", text: "AB* and CD* match" }]],
    ["WS1#STR[(0200 03/17/26)].JOB_A", [{ kind: "text", text: "WS1#STR[(0200 03/17/26)].JOB_A" }]],
    ["**bold** x", [{ kind: "strong", children: [{ kind: "text", text: "bold" }] }, { kind: "text", text: " x" }]],
    ["*em*", [{ kind: "em", children: [{ kind: "text", text: "em" }] }]],
    ["_em_", [{ kind: "em", children: [{ kind: "text", text: "em" }] }]],
    ["`a_b*c*`", [{ kind: "code", text: "a_b*c*" }]],
    ["`` a`b ``", [{ kind: "code", text: "a`b" }]],
    ["\\*no\\*", [{ kind: "text", text: "*no*" }]],
    ["[x](/status)", [{ kind: "link", href: "/status", children: [{ kind: "text", text: "x" }] }]],
    ["***both***", [{ kind: "strong", children: [{ kind: "em", children: [{ kind: "text", text: "both" }] }] }]],
  ])("%s", (text, want) => expect(parseInline(text, origin)).toEqual(want));
});

describe("links", () => {
  it.each([
    ["/status", "/status"],
    ["/chat?q=a#b", "/chat?q=a#b"],
    ["#part", "#part"],
    ["https://resync.example/status", "/status"],
    ["https://resync.example.evil.test/x", ""],
    ["https://resync.example@evil.test/", ""],
    ["//evil.test/x", ""],
    ["/\\evil.test", ""],
    ["/\t/evil.test", ""],
    ["\\\\evil.test", ""],
    ["javascript:alert(1)", ""],
    ["JaVaScRiPt:alert(1)", ""],
    ["java\nscript:alert(1)", ""],
    ["data:text/html,<script>1</script>", ""],
    ["vbscript:x", ""],
    ["blob:https://resync.example/1", ""],
    ["/api/session", ""],
    ["/x/../api/session", ""],
    ["relative", ""],
    ["", ""],
  ])("%j leads to %j", (href, want) => expect(sameOrigin(href, origin)).toBe(want));

  it("names the host of what it does not link", () => {
    expect(all(parseInline("[click](https://evil.test/a)", origin))).toContain("click");
    expect(all(parseInline("[click](https://evil.test/a)", origin))).toContain(" (evil.test)");
    expect(parseInline("![alt](https://evil.test/p.png)", origin)).toEqual([{ kind: "image", alt: "alt", host: "evil.test" }]);
    expect(hostOf("//evil.test/x")).toBe("evil.test");
    expect(hostOf("javascript:alert(1)")).toBe("");
  });
});

// Whatever comes in, only these kinds come out, and every link stays here.
const known = new Set(["paragraph", "heading", "code", "quote", "list", "table", "rule", "text", "strong", "em", "del", "link", "image", "break"]);

function walk(node: unknown, visit: (n: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const n of node) walk(n, visit);
  else if (typeof node === "object" && node !== null) {
    visit(node as Record<string, unknown>);
    for (const v of Object.values(node)) walk(v, visit);
  }
}

describe("hostile text", () => {
  it.each(corpus)("%j stays inert", (text) => {
    walk(parse(text), (n) => {
      expect(known.has(String(n.kind))).toBe(true);
      if (n.kind === "link") expect(String(n.href)).toMatch(/^[/#](?!\/)/);
    });
  });

  it.each([
    ["stars", "*a ".repeat(20000)],
    ["underscores", "_a ".repeat(20000)],
    ["backticks", "`a ``b ".repeat(9000)],
    ["brackets", "[".repeat(60000)],
    ["half links", "[a](".repeat(15000)],
    ["parens", "[](" + "(".repeat(60000)],
    ["quotes", "> ".repeat(30000)],
    ["bullets", "- ".repeat(30000) + "x"],
    ["nested bullets", Array.from({ length: 2000 }, (_, i) => " ".repeat(i % 40) + "- x").join("\n")],
    ["bars", "|".repeat(60000) + "\n|-|\n"],
    ["dashes", "- ".repeat(30000) + "\n" + "-".repeat(30000) + "a"],
    ["emphasis both ways", "**a*".repeat(15000)],
  ])("%s do not take long", (_name, text) => {
    const started = performance.now();
    parse(text);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it("never throws and keeps every word of random marks", () => {
    let seed = 7;
    const next = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    const marks = ["*", "**", "_", "`", "~~", "[", "](", ")", "!", "\n", "\n\n", "- ", "> ", "1. ", "|", "#", "# ", "\\", "<", " ", "WORD"];
    for (let round = 0; round < 2000; round++) {
      let text = "";
      for (let i = 0; i < 40; i++) text += marks[next(marks.length)] ?? "";
      const words = text.split("WORD").length - 1;
      const outside = all(parse(text)).split("WORD").length - 1;
      // A cell beyond a table's head and a link's address are the only things that may go.
      if (!text.includes("|") && !text.includes("](")) expect(outside, text).toBe(words);
    }
  });
});
