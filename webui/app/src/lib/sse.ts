// Server-sent events from a fetch body: EventSource can only GET, questions are POSTed.

export interface SSEEvent {
  readonly event: string;
  readonly data: string;
}

// A stream that never ends a line must not fill the tab's memory.
const maxPending = 8 * 1024 * 1024;

// SSEParser takes text in pieces of any size and hands over whole events. It is fed by one reader.
export class SSEParser {
  private pending = "";
  private scanned = 0;
  private event = "";
  private data: string[] = [];
  private started = false;
  private sawCR = false;

  constructor(private readonly emit: (event: SSEEvent) => void) {}

  feed(chunk: string): void {
    let text = chunk;
    if (!this.started && text !== "") {
      this.started = true;
      if (text.startsWith("\uFEFF")) text = text.slice(1);
    }
    // A CRLF may be split between two pieces: its LF ends no second line.
    if (this.sawCR && text !== "") {
      this.sawCR = false;
      if (text.startsWith("\n")) text = text.slice(1);
    }
    this.pending += text;
    this.drain();
    if (this.pending.length > maxPending) throw new Error("The answer's stream sent a line without end.");
  }

  private drain(): void {
    let from = 0;
    for (let i = this.scanned; i < this.pending.length; i++) {
      const c = this.pending.charCodeAt(i);
      if (c !== 10 && c !== 13) continue;
      this.line(this.pending.slice(from, i));
      if (c === 13) {
        if (i + 1 === this.pending.length) this.sawCR = true;
        else if (this.pending.charCodeAt(i + 1) === 10) i++;
      }
      from = i + 1;
    }
    this.pending = this.pending.slice(from);
    this.scanned = this.pending.length;
  }

  private line(line: string): void {
    if (line === "") {
      this.dispatch();
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment keeps the line open
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.event = value;
    else if (field === "data") this.data.push(value);
  }

  private dispatch(): void {
    const { event, data } = this;
    this.event = "";
    this.data = [];
    if (data.length > 0) this.emit({ event: event || "message", data: data.join("\n") });
  }
}

// readEvents feeds the parser from a response body until it ends or the signal aborts.
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  emit: (event: SSEEvent) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new SSEParser(emit);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
    }
    parser.feed(decoder.decode());
  } finally {
    reader.cancel().catch(() => undefined); // already closed or aborted: nothing to free
  }
}
