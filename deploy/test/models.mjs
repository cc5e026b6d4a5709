// What deploy/test/models needs beside the shell: the scripts of the models, and what answers must be like.
//   node models.mjs prepare BASE            writes fixtures.json for the server of models and settings.toml for Resync
//   node models.mjs check CHECK CHAIN FILE  holds an answer against the expectation; says what differs and fails
import { readFileSync, writeFileSync } from "node:fs";

const providers = ["openai", "anthropic", "gemini", "ollama"];
const prose =
  "CLM_RESERVE ended ABEND because the database refused the login of its account. Somebody has to unlock the account before the job can run again. What waits behind it stays where it is until then.";
const usage = { prompt_tokens: 9000, completion_tokens: 40, input_tokens: 9000, output_tokens: 40, promptTokenCount: 9000, candidatesTokenCount: 40 };
const diagnose = { name: "diagnose_job", arguments: { target: "CLM_RESERVE", premise: "abended", language: "en" } };
const error = (status, type, more = {}) => ({ error: { message: "inner words of the server", type }, status, ...more });

// How each model behaves, and what the answer says of it: code and words of the error. None of them is fit to answer but the first three.
const scenarios = {
  plain: { turns: [{ toolCalls: [diagnose], usage }, { content: prose, usage }] },
  parallel: { turns: [{ toolCalls: [{ name: "plan_status", arguments: {} }, diagnose], usage }, { content: prose, usage }] },
  soon: { once: error(429, "rate_limit_error", { retryAfter: 1 }), turns: [{ toolCalls: [diagnose], usage }, { content: prose, usage }] },
  limited: { turns: [error(429, "rate_limit_error", { retryAfter: 60 })], code: "limited", words: /takes no more requests/ },
  cut: { turns: [{ content: prose }], fixture: { truncateAfterChunks: 3 }, code: "upstream_unavailable", words: /broke off/ },
  late: { turns: [{ toolCalls: [diagnose], usage }, { content: prose }], fixture: { truncateAfterChunks: 9 }, code: "upstream_unavailable", words: /broke off/ },
  // Only over OpenAI's interface does the server send them as they are; elsewhere it makes them {}, and the model calls so again and again.
  malformed: { turns: [{ toolCalls: [{ name: "diagnose_job", arguments: '{"target": CLM' }] }], code: "upstream_unavailable", words: /cannot be read|kept calling tools/ },
  unoffered: { turns: [{ toolCalls: [{ name: "cancel_job", arguments: { target: "CLM_RESERVE" } }] }], code: "upstream_unavailable", words: /kept calling tools/ },
  empty: { turns: [{ content: "" }], code: "upstream_unavailable", words: /empty answer/ },
  denied: { turns: [error(401, "authentication_error")], code: "upstream_denied", words: /does not accept the key/ },
  drop: { turns: [{ content: prose }], fixture: { chaos: { dropRate: 1 } }, code: "upstream_unavailable", words: /failed inside its server/ },
  disconnect: { turns: [{ content: prose }], fixture: { chaos: { disconnectRate: 1 } }, code: "upstream_unavailable", words: /broke off|cannot be reached/ },
  garbled: { turns: [{ content: prose }], fixture: { chaos: { malformedRate: 1 } }, code: "upstream_unavailable", words: /something else did|broke off/ },
};

function prepare(base) {
  const fixtures = [];
  let settings = "";
  for (const provider of providers) {
    for (const [name, s] of Object.entries(scenarios)) {
      const model = `${name}-${provider}`;
      if (s.once) fixtures.push({ match: { model, sequenceIndex: 0 }, response: s.once });
      s.turns.forEach((response, i) => {
        // The last turn answers whatever came before it.
        const match = i < s.turns.length - 1 ? { model, hasToolResult: false } : { model };
        fixtures.push({ match, response, ...(i === s.turns.length - 1 ? s.fixture : {}) });
      });
      const path = { openai: "/v1", anthropic: "", gemini: "", ollama: "" }[provider];
      settings += `[models.${model}]\nprovider = "${provider}"\nendpoint = "${base}${path}"\nmodel = "${model}"\napi_key = "sk-of-${provider}-0123456789"\n\n`;
    }
  }
  writeFileSync("fixtures.json", JSON.stringify({ fixtures }, null, 1));
  writeFileSync("settings.toml", settings);
}

const offline = () => JSON.parse(readFileSync("offline.json", "utf8"));
// The demo's night moves with the clock, so times of day differ from one run to the next: the instance goes by its id.
const diagnosis = (a) => JSON.stringify([a.diagnosis.verdict, a.diagnosis.confidence_class, a.diagnosis.causes.map((c) => [c.ref.jobstream_id, c.ref.job, c.kind, c.class]), a.diagnosis.actions.map((x) => x.code)]);
const timeless = (text) => text.split("\n\n").map((paragraph) => paragraph.split(/ \(|: /)[0].replace(/\d+/g, "#")).join("\n");

// told holds the errors of an answer against those that the models of a chain must have caused.
function told(answer, failed, expect) {
  expect(answer.errors.length === failed.length, `${failed.length} errors`);
  failed.forEach((model, i) => {
    const { code, words } = scenarios[model.split("-")[0]];
    const e = answer.errors[i] ?? {};
    expect(e.source === `model:${model}` && e.code === code && words.test(e.message) && e.hint, `error ${i} of ${model}: ${code} ${words}`);
  });
}

const checks = {
  // One model writes, nothing is wrong.
  writes(chain, a, expect) {
    expect(a.model === chain[0] && a.answer === prose, "the model's prose");
    told(a, [], expect);
    expect(a.tool_calls.some((c) => c.name === "diagnose_job" && !c.error), "a call of diagnose_job");
    // What the question needs is asked before the model is; that it asks for the same costs no second call.
    const once = (name) => a.tool_calls.filter((c) => c.name === name).length === 1;
    if (chain[0].startsWith("parallel")) expect(once("diagnose_job") && once("plan_status"), "both calls, each once");
    const counted = !chain[0].endsWith("ollama"); // the server counts nothing there, so the counts are estimates
    expect(counted ? a.usage.input_tokens === 18000 && a.usage.output_tokens === 80 : a.usage.input_tokens > 4000 && a.usage.output_tokens > 20, "usage of both turns");
  },
  // A server that asks for a second of patience gets it.
  waits(chain, a, expect) {
    checks.writes(chain, a, expect);
    expect(a.usage.duration_ms >= 1000, "a second of waiting");
  },
  // All but the last model fail, each in its way, and the last one writes.
  falls(chain, a, expect) {
    expect(a.model === chain.at(-1) && a.answer === prose, "the prose of the last model");
    told(a, chain.slice(0, -1), expect);
    expect(a.usage.input_tokens > 6000, "usage of failed tries too");
  },
  // All fail, and the answer is what it is without any model.
  offline(chain, a, expect) {
    expect(a.model === "offline" && a.answer.length > 200 && timeless(a.answer) === timeless(offline().answer), "the offline prose");
    told(a, chain, expect);
  },
};

function check(name, chain, file) {
  const text = readFileSync(file, "utf8");
  const wrong = [];
  const expect = (ok, what) => ok || wrong.push(what);
  expect(!text.includes("sk-of-") && !text.includes("inner words"), "no key and none of the server's words");
  if (name === "stream") {
    stream(chain, text, expect);
  } else if (name === "doctor") {
    const found = Object.fromEntries(JSON.parse(text).findings.map((f) => [f.what, f.state]));
    expect(found[`model ${chain[0]}`] === "ok" && found[`model ${chain[1]}`] === "denied", "one model that answers, one that is denied");
  } else {
    const a = JSON.parse(text);
    checks[name](chain, a, expect);
    expect(diagnosis(a) === diagnosis(offline()), "the diagnosis of the offline answer");
  }
  if (wrong.length > 0) {
    console.log(`FAILED: ${name} ${chain}: expected ${wrong.join("; ")}, in:\n${text.slice(0, 6000)}`);
    process.exit(1);
  }
  console.log(`${name} ${chain}: ok`);
}

// The events of a stream: words, a reset, the words of the next model, and the whole answer.
function stream(chain, text, expect) {
  const events = text
    .split("\n\n")
    .map((e) => ({ type: /^event: (.*)$/m.exec(e)?.[1], data: /^data: (.*)$/m.exec(e)?.[1] }))
    .filter((e) => e.type);
  const at = events.findIndex((e) => e.type === "reset"); // of the first try
  const last = events.findLastIndex((e) => e.type === "reset"); // of its repetition
  const words = (list) => list.filter((e) => e.type === "delta").map((e) => JSON.parse(e.data).text).join("").trim();
  expect(at > 0 && words(events.slice(0, at)).length > 20 && prose.startsWith(words(events.slice(0, at))), "words before the reset");
  expect(words(events.slice(last)) === prose, "the whole prose after the last one");
  const done = JSON.parse(events.at(-1).data);
  expect(events.at(-1).type === "done" && done.model === chain[1] && done.answer === prose, "the answer of the second model");
  told(done, [chain[0]], expect);
}

const [, , what, ...args] = process.argv;
if (what === "prepare") prepare(args[0]);
else check(args[0], args[1].split(","), args[2]);
