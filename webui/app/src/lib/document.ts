// Where a cited document can be read: the page that the server draws, with the cited lines or section marked.

// documentAddress gives the page for a source such as "knowledge:runbooks/rerun.md#steps", or "" for what is no document. The path is
// encoded piece by piece: whatever a document is called, the link stays below /knowledge/.
export function documentAddress(source: string, line = 0): string {
  if (!source.startsWith("knowledge:")) return "";
  const name = source.slice("knowledge:".length);
  const at = name.lastIndexOf("#");
  const path = at < 0 ? name : name.slice(0, at);
  const section = at < 0 ? "" : name.slice(at + 1);
  const pieces = path.split("/");
  if (path === "" || pieces.some((p) => p === "" || p === "." || p === "..")) return "";
  const page = "/knowledge/" + pieces.map(encodeURIComponent).join("/");
  if (line > 0) return `${page}?lines=${line}#marked`;
  return section === "" ? page : `${page}?section=${encodeURIComponent(section)}#marked`;
}
