import { describe, expect, it } from "vitest";
import { readEvents, type SSEEvent, SSEParser } from "./sse";

function parseInPieces(text: string, size: number): SSEEvent[] {
  const got: SSEEvent[] = [];
  const parser = new SSEParser((e) => got.push(e));
  for (let i = 0; i < text.length; i += size) parser.feed(text.slice(i, i + size));
  return got;
}

const cases: readonly (readonly [string, string, readonly SSEEvent[]])[] = [
  ["one event", "event: delta\ndata: {\"a\":1}\n\n", [{ event: "delta", data: '{"a":1}' }]],
  ["CRLF", "event: a\r\ndata: 1\r\n\r\nevent: b\r\ndata: 2\r\n\r\n", [{ event: "a", data: "1" }, { event: "b", data: "2" }]],
  ["CR alone", "data: 1\r\rdata: 2\r\r", [{ event: "message", data: "1" }, { event: "message", data: "2" }]],
  ["several data lines", "data: a\ndata: b\ndata:\n\n", [{ event: "message", data: "a\nb\n" }]],
  ["comments and heartbeats", ": hi\n\n:\n\ndata: x\n\n", [{ event: "message", data: "x" }]],
  ["no space after the colon", "event:a\ndata:x\n\n", [{ event: "a", data: "x" }]],
  ["only one space is taken", "data:  x\n\n", [{ event: "message", data: " x" }]],
  ["byte order mark", "\uFEFFdata: x\n\n", [{ event: "message", data: "x" }]],
  ["ids and unknown fields", "id: 7\nretry: 5\nfoo: bar\nnocolon\ndata: x\n\n", [{ event: "message", data: "x" }]],
  ["an event without data", "event: a\n\ndata: x\n\n", [{ event: "message", data: "x" }]],
  ["an unfinished event", "data: x\n\ndata: y\n", [{ event: "message", data: "x" }]],
  ["colons in the data", "data: a: b\n\n", [{ event: "message", data: "a: b" }]],
];

describe("SSEParser", () => {
  for (const [name, text, want] of cases) {
    it(`reads ${name} in pieces of every size`, () => {
      for (let size = 1; size <= text.length; size++) expect(parseInPieces(text, size), `pieces of ${size}`).toEqual(want);
    });
  }

  it("refuses a line without end", () => {
    const parser = new SSEParser(() => undefined);
    expect(() => {
      for (let i = 0; i < 10; i++) parser.feed("x".repeat(1024 * 1024));
    }).toThrow(/without end/);
  });
});

describe("readEvents", () => {
  it("joins characters that are split between pieces", async () => {
    const bytes = new TextEncoder().encode("data: não está — 日本\n\n");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const b of bytes) controller.enqueue(Uint8Array.of(b));
        controller.close();
      },
    });
    const got: SSEEvent[] = [];
    await readEvents(body, (e) => got.push(e));
    expect(got).toEqual([{ event: "message", data: "não está — 日本" }]);
  });

  it("passes on the error of a broken stream", async () => {
    const body = new ReadableStream<Uint8Array>({ pull: (c) => c.error(new Error("gone")) });
    await expect(readEvents(body, () => undefined)).rejects.toThrow("gone");
  });
});
