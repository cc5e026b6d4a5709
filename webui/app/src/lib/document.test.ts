import { expect, test } from "vitest";
import { documentAddress } from "./document";

test("a cited section leads to the page of its document, marked", () => {
  expect(documentAddress("knowledge:runbooks/rerun safely.md#what-to-do")).toBe("/knowledge/runbooks/rerun%20safely.md?section=what-to-do#marked");
  expect(documentAddress("knowledge:manual.zip/a#b.html#top-2", 12)).toBe("/knowledge/manual.zip/a%23b.html?lines=12#marked");
  expect(documentAddress("knowledge:a.md")).toBe("/knowledge/a.md");
});

test("what is no document, or would lead elsewhere, gives no link", () => {
  for (const source of ["joblog:WS#J1", "", "knowledge:", "knowledge:#x", "knowledge://evil.example/x", "knowledge:../api/session", "knowledge:a/./b"]) {
    expect(documentAddress(source)).toBe("");
  }
  expect(documentAddress("knowledge:a?b=c&d.md")).toBe("/knowledge/a%3Fb%3Dc%26d.md");
});
