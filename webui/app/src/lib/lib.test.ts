import { describe, expect, it } from "vitest";
import { decodeAnswer, decodeEvent } from "../api/decode";
import { decodeStatus } from "../api/status";
import type { Hop } from "../api/types";
import { chainTree, type ChainNode } from "./chain";
import { plainText } from "./plaintext";
import { leafOf, requestion, saysNoLanguage } from "./requestion";
import { nextSentences } from "./sentences";
import { ageOf, stamp } from "./time";
import { byUrgency, toneOf } from "./tone";
import { newTurn, reduce, stop, type Turn } from "./turn";

const run = (events: readonly (readonly [string, unknown])[]): Turn =>
  events.reduce((turn, [name, data]) => {
    const event = decodeEvent(name, JSON.stringify(data));
    return event === null ? turn : reduce(turn, event);
  }, newTurn("1", "why?", 0));

describe("a turn", () => {
  it("keeps the call's arguments when the result comes", () => {
    const turn = run([
      ["tool_call", { id: "t1", name: "get_job", arguments: { job: "A" } }],
      ["tool_call", { id: "t2", name: "get_job_log", arguments: {} }],
      ["tool_result", { id: "t1", name: "get_job", duration_ms: 5, result_bytes: 9 }],
    ]);
    expect(turn.steps.map((s) => [s.call.name, s.call.arguments, s.call.durationMs, s.running])).toEqual([
      ["get_job", { job: "A" }, 5, false],
      ["get_job_log", {}, 0, true],
    ]);
  });
  it("starts the prose again on reset and lets done win", () => {
    const turn = run([["delta", { text: "old " }], ["reset", {}], ["delta", { text: "new" }]]);
    expect(turn.prose).toBe("new");
    const done = run([["delta", { text: "old" }], ["done", { answer: "final" }], ["delta", { text: "late" }], ["error", { code: "x" }]]);
    expect([done.prose, done.phase, done.problem]).toEqual(["final", "done", null]);
  });
  it("a null diagnosis in done takes an earlier one back", () => {
    const turn = run([["diagnosis", { verdict: "problem" }], ["done", { answer: "x", diagnosis: null }]]);
    expect(turn.diagnosis).toBeNull();
  });
  it("stops with no step running, and stays stopped", () => {
    const turn = stop(run([["tool_call", { id: "t1", name: "a" }]]));
    expect([turn.phase, turn.steps[0]?.running]).toEqual(["stopped", false]);
    expect(reduce(turn, { type: "delta", text: "x" })).toBe(turn);
  });
  it("ignores events it does not know and data that is no JSON", () => {
    expect(decodeEvent("heartbeat", "{}")).toBeNull();
    expect(decodeEvent("done", "{broken")).toBeNull();
    expect(run([["delta", "no object"]]).prose).toBe("");
  });
});

describe("decoding", () => {
  it("draws an answer out of nothing", () => {
    for (const v of [null, undefined, 1, "x", [], {}, { diagnosis: null, citations: null, errors: null }]) {
      const a = decodeAnswer(v);
      expect([a.answer, a.diagnosis, a.citations, a.errors]).toEqual(["", null, [], []]);
    }
  });
  it("takes null lists of a diagnosis as empty", () => {
    const d = decodeAnswer({ diagnosis: { verdict: "problem", causes: null, chain: null, actions: [{ preconditions: null }] } }).diagnosis;
    expect([d?.causes, d?.chain, d?.actions[0]?.preconditions, d?.urgency]).toEqual([[], [], [], null]);
  });
  it("reads a status with and without envelope, and with nothing in it", () => {
    const data = { jobs_by_status: { SUCC: 3, ABEND: "2" }, workstations: [{ name: "A", limit: 10 }], plan_now: "t" };
    for (const s of [decodeStatus({ data, stale: true }), decodeStatus(data)]) {
      expect([s.jobsTotal, s.workstations[0]?.limit, s.clocks.planNow]).toEqual([5, "10", "t"]);
    }
    expect(decodeStatus({}).jobsTotal).toBeNull();
    expect(decodeStatus(null).needsPerson).toEqual([]);
  });
});

describe("stamp", () => {
  it.each([
    ["2026-03-17T05:40:00-03:00", "2026-03-17 05:40:00 -03:00"],
    ["2026-03-17T05:40:00.123Z", "2026-03-17 05:40:00 UTC"],
    ["2026-03-17T05:40Z", "2026-03-17 05:40 UTC"],
    ["unknown", "unknown"],
    ["", ""],
  ])("%s is shown as %s", (text, want) => expect(stamp(text)).toBe(want));
  it("gives ages in the largest unit", () => {
    expect([-5, 1999, 2000, 59999, 60000, 7200000].map((ms) => ageOf(ms))).toEqual([
      { unit: "now", n: 0 }, { unit: "now", n: 0 }, { unit: "seconds", n: 2 }, { unit: "seconds", n: 59 },
      { unit: "minutes", n: 1 }, { unit: "hours", n: 2 },
    ]);
  });
});

describe("nextSentences", () => {
  it("announces each finished sentence once and does not cut names", () => {
    const text = "WS1#ST[(0200 03/17/26)].JOB **failed**. It wai";
    const first = nextSentences(text, 0);
    expect(first.say).toBe("WS1#ST[(0200 03/17/26)].JOB failed.");
    expect(nextSentences(text, first.upTo).say).toBe("");
    expect(nextSentences(text + "ts.\n", first.upTo).say).toBe("It waits.");
  });
});

describe("requestion", () => {
  const entity = "LX1#ST_A[(0200 03/17/26)].LOAD";
  it.each([
    ["Why did LOAD fail?", `Why did ${entity} fail?`],
    ["Why did load fail?", `Why did ${entity} fail?`],
    ["por que \"LOAD\" falhou?", `por que "${entity}" falhou?`],
    ["status of ST_A.LOAD, please", `status of ${entity}, please`],
    ["what is LX1#ST_A[(0300 03/17/26)].LOAD doing", `what is ${entity} doing`],
    ["why did the payroll fail?", `why did the payroll fail: ${entity}`],
    ["LOADER is slow", `LOADER is slow: ${entity}`],
  ])("%s", (question, want) => expect(requestion(question, entity)).toBe(want));
  it.each([["WS1", "WS1"], ["WS1#ST", "ST"], ["/F/WS#/G/ST[(0200 03/17/26),(0AAAAAAAAAAACQ3T)].J", "J"], ["db:X", "db:X"]])(
    "the last name of %s is %s", (e, want) => expect(leafOf(e)).toBe(want));
  it("knows questions without a language", () => {
    expect(saysNoLanguage("LX1#ST[(0200 03/17/26)].LOAD")).toBe(true);
    expect(saysNoLanguage("AWSBHT001E?")).toBe(true);
    expect(saysNoLanguage("por que LOAD parou")).toBe(false);
    expect(saysNoLanguage("Why?")).toBe(false);
  });
});

describe("chainTree", () => {
  const hop = (entity: string, blockedBy: string): Hop => ({ entity, blockedBy, status: "HOLD", why: "", evidence: [] });
  const draw = (nodes: readonly ChainNode[]): string => nodes.map((n) => `${n.entity}(${draw(n.children)})`).join("");
  it.each([
    ["a line", [hop("A", "B"), hop("B", "C"), hop("C", "")], "A(B(C()))"],
    ["a root that is no hop", [hop("A", "B")], "A(B())"],
    ["two blockers", [hop("A", "B"), hop("A", "C"), hop("B", "")], "A(B()C())"],
    ["a loop", [hop("A", "B"), hop("B", "A")], "A(B())"],
    ["itself", [hop("A", "A")], "A()"],
    ["a loop behind a top", [hop("T", "A"), hop("A", "B"), hop("B", "A")], "T(A(B()))"],
    ["nothing", [], ""],
  ])("draws %s", (_name, chain, want) => expect(draw(chainTree(chain))).toBe(want));
});

describe("tones", () => {
  it("puts trouble first and leaves unknown words neutral", () => {
    expect(toneOf("abend")).toBe("bad");
    expect(toneOf("constructor")).toBe("quiet");
    const sorted = byUrgency([{ status: "SUCC", count: 9 }, { status: "HOLD", count: 1 }, { status: "ABEND", count: 1 }, { status: "FAIL", count: 2 }]);
    expect(sorted.map((s) => s.status)).toEqual(["FAIL", "ABEND", "HOLD", "SUCC"]);
  });
});

describe("plainText", () => {
  it("carries question, quotes with their place, commands and the stamp", () => {
    const answer = decodeAnswer({
      answer: "**Prose.**", engine: { name: "default", mode: "mock" }, data_as_of: "2026-03-17T05:40:00Z",
      diagnosis: { causes: [{ entity: "A", kind: "app", statement: "s", evidence: [{ source: "joblog:W#1", line: 4, quote: "boom" }] }], actions: [{ text: "do", command: "rr A" }], missing: ["m"] },
    });
    const text = plainText("why?", answer, { verdict: "Problem", evidence: "Evidence", actions: "Do", missing: "Missing", asOf: "As of {time}" });
    for (const part of ["> why?", "Problem", "[joblog:W#1:4] boom", "1. do", "rr A", "- m", "As of 2026-03-17 05:40:00 UTC (default, mock)"]) {
      expect(text).toContain(part);
    }
  });
});
