// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { mayAsk, session } from "./session";

describe("who may ask", () => {
  afterEach(() => { session.value = { phase: "loading" }; });
  it.each([["viewer", false], ["operator", true], ["admin", true], ["", false]])("a %s: %s", (role, may) => {
    session.value = { phase: "in", user: { id: "u1", name: "ana", role } };
    expect(mayAsk.value).toBe(may);
  });
  it("is nobody without a session", () => expect(mayAsk.value).toBe(false));
});
