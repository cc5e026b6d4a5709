// Asking again about one of the candidates: the operator's own question, with the exact instance in place of the vague name.

// leafOf gives the last name of an entity in the operator's form, without instance: the job, else the stream, else the whole.
export function leafOf(entity: string): string {
  const bare = entity.replace(/\[\(.*?\)\]|\[.*?\]/g, "");
  const afterHash = bare.slice(bare.lastIndexOf("#") + 1);
  const afterDot = afterHash.slice(afterHash.lastIndexOf(".") + 1);
  return afterDot.slice(afterDot.lastIndexOf("/") + 1);
}

// requestion puts the entity where the question names its last part; where it names nothing, the entity is added at the end.
export function requestion(question: string, entity: string): string {
  const leaf = leafOf(entity).toUpperCase();
  let found = false;
  // A bracketed instance may hold a space and belongs to its word.
  const words = question.split(/((?:[^\s[]|\[\([^\])]*\)(?:,\([^\])]*\))*\]|\[)+)/);
  const replaced = words.map((word) => {
    const m = /^(["'“”‘’(]*)(.*?)([?!.,;:"'“”‘’)]*)$/s.exec(word);
    const core = m?.[2] ?? "";
    if (found || core === "" || leafOf(core).toUpperCase() !== leaf) return word;
    found = true;
    return (m?.[1] ?? "") + entity + (m?.[3] ?? "");
  });
  return found ? replaced.join("") : `${question.replace(/[\s?.!:]+$/, "")}: ${entity}`;
}

// saysNoLanguage is true for questions made of names only, whose language nobody can tell.
export function saysNoLanguage(question: string): boolean {
  return !/(?<![\p{L}\p{N}_#.@/-])\p{Ll}{2,}(?![\p{L}\p{N}_#@/-])/u.test(question) && !/(^|\s)\p{Lu}\p{Ll}+(\s|[?!.,]|$)/u.test(question);
}
