import { describe, expect, it } from "vitest";
import { dictionaries, format, isLanguage, isMessageKey, preferred } from "./messages";

const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? "").sort();

describe("the dictionaries", () => {
  const { en, "pt-BR": pt } = dictionaries;

  it("have the same keys", () => {
    expect(Object.keys(pt).sort()).toEqual(Object.keys(en).sort());
  });

  it("have no empty text and fill in the same names", () => {
    for (const key of Object.keys(en)) {
      if (!isMessageKey(key)) throw new Error(key);
      expect(en[key].trim(), key).not.toBe("");
      expect(pt[key].trim(), key).not.toBe("");
      expect(names(pt[key]), key).toEqual(names(en[key]));
    }
  });

  it("are translated where the text is a sentence", () => {
    const same = Object.keys(en).filter((k) => isMessageKey(k) && en[k] === pt[k] && / .* /.test(en[k]));
    expect(same).toEqual([]);
  });
});

describe("preferred", () => {
  it.each([
    [["pt-BR", "en"], "pt-BR"],
    [["pt-PT"], "pt-BR"],
    [["de", "pt"], "pt-BR"],
    [["en-GB", "pt"], "en"],
    [["de"], "en"],
    [[], "en"],
  ])("%j gives %s", (wanted, want) => expect(preferred(wanted)).toBe(want));
});

describe("format", () => {
  it("fills names in once and leaves unknown ones", () => {
    expect(format("{a} and {b}", { a: "{b}" })).toBe("{b} and {b}");
    expect(format("{toString}", {})).toBe("{toString}");
  });
  it("knows its languages", () => {
    expect(isLanguage("pt-BR")).toBe(true);
    expect(isLanguage("pt")).toBe(false);
    expect(isMessageKey("toString")).toBe(false);
  });
});
