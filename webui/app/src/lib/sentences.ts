// What a screen reader is told while prose streams in: whole sentences, each once.

// Marks are not read aloud; identifiers keep their stars and underscores.
function spoken(text: string): string {
  return text.replace(/\*\*|`|^#+ /gm, "").replace(/\s+/g, " ").trim();
}

// nextSentences gives what may be announced of text beyond `from`, and where to go on. A sentence ends with a mark and white
// space: a dot inside WS#STREAM.JOB ends none.
export function nextSentences(text: string, from: number): { readonly say: string; readonly upTo: number } {
  const rest = text.slice(from);
  const ends = [...rest.matchAll(/[.!?:;](?:[)"*`]*)\s+|\n+/g)];
  const last = ends.at(-1);
  if (last === undefined) return { say: "", upTo: from };
  const length = last.index + last[0].length;
  return { say: spoken(rest.slice(0, length)), upTo: from + length };
}
