// Reading unknown JSON without trusting it: every reader gives a value of its type, whatever came.

export type Fields = Readonly<Record<string, unknown>>;

// fieldsOf gives the object's fields, or none for anything that is no object.
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

// textOf gives strings as they are and numbers and booleans as text.
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

export function numberOf(value: unknown): number | null {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
  return null;
}

export function listOf<T>(value: unknown, each: (item: unknown) => T): T[] {
  return Array.isArray(value) ? value.map((item) => each(item)) : [];
}

// parseJSON gives undefined for text that is no JSON.
export function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
