// Times as an operator reads them: in the zone they came in, with the zone, never moved to the browser's.

const rfc3339 = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?(Z|[+-]\d{2}:\d{2})?$/i;

// stamp gives "2026-03-17 05:40:00 -03:00"; text that is no RFC 3339 time is given back as it is.
export function stamp(text: string): string {
  const m = rfc3339.exec(text);
  if (!m) return text;
  const zone = m[4] === undefined ? "" : m[4].toUpperCase() === "Z" ? " UTC" : ` ${m[4]}`;
  return `${m[1] ?? ""} ${m[2] ?? ""}${m[3] ?? ""}${zone}`;
}

export function isTime(text: string): boolean {
  return rfc3339.test(text);
}

export type AgeUnit = "now" | "seconds" | "minutes" | "hours";

export interface Age {
  readonly unit: AgeUnit;
  readonly n: number;
}

// ageOf gives the largest unit that is at least one.
export function ageOf(milliseconds: number): Age {
  const s = Math.max(0, Math.floor(milliseconds / 1000));
  if (s < 2) return { unit: "now", n: 0 };
  if (s < 60) return { unit: "seconds", n: s };
  if (s < 3600) return { unit: "minutes", n: Math.floor(s / 60) };
  return { unit: "hours", n: Math.floor(s / 3600) };
}
