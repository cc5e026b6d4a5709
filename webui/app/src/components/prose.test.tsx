// @vitest-environment happy-dom
import { render } from "preact";
import { describe, expect, it } from "vitest";
import { corpus } from "../lib/hostile.testdata";
import { Prose } from "./prose";

function draw(text: string): HTMLElement {
  const host = document.createElement("div");
  render(<Prose text={text} />, host);
  return host;
}

const allowed = new Set(["DIV", "P", "UL", "OL", "LI", "CODE", "PRE", "STRONG", "EM", "DEL", "A", "BR", "HR", "BLOCKQUOTE", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD"]);
const attributes = new Set(["class", "href", "start", "scope"]);

describe("prose on the screen", () => {
  it.each(corpus)("%j makes only known elements without handlers", (text) => {
    for (const element of draw(text).querySelectorAll("*")) {
      expect(allowed.has(element.tagName), element.tagName).toBe(true);
      for (const name of element.getAttributeNames()) expect(attributes.has(name), `${element.tagName} ${name}`).toBe(true);
      if (element.tagName === "A") expect(element.getAttribute("href")).toMatch(/^[/#](?!\/)/);
    }
  });

  it("shows tags as the text they are", () => {
    expect(draw("a <b>bold</b> & &lt;i&gt;").textContent).toBe("a <b>bold</b> & &lt;i&gt;");
  });

  it("draws what operators write", () => {
    const host = draw("**Verdict.** See `A#B.C`:\n\n1. first\n2. second\n\n|x|y|\n|-|-|\n|1|2|");
    expect([host.querySelector("strong")?.textContent, host.querySelector("code")?.textContent]).toEqual(["Verdict.", "A#B.C"]);
    expect([...host.querySelectorAll("ol > li")].map((li) => li.textContent)).toEqual(["first", "second"]);
    expect(host.querySelectorAll("tbody td")).toHaveLength(2);
  });
});
