// What deploy/test/rest runs: `close` makes the strict description that the proxy holds answers against, `walk` asks.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { walk, walkAway } from "./walk.mjs";

const [, , what, ...files] = process.argv;
const read = (file) => JSON.parse(readFileSync(file, "utf8"));

// each calls f for every object in v.
function each(v, f) {
  if (v === null || typeof v !== "object") return;
  if (!Array.isArray(v)) f(v);
  for (const inner of Object.values(v)) each(inner, f);
}

// closed is the description with answers as strict as requests: nothing may come that is not described, though clients must bear it. Who may
// ask is the server's affair, not the proxy's. A stream is text to the proxy; its events are looked at below.
function closed(doc) {
  each(doc, (o) => {
    if (o.type === "object" && o.properties && o.additionalProperties === undefined) o.additionalProperties = false;
    if (o["text/event-stream"]?.schema) o["text/event-stream"].schema = { type: "string" };
  });
  each(doc.paths, (o) => delete o.security);
  return doc;
}

function operationsOf(doc) {
  const out = new Map();
  for (const [path, methods] of Object.entries(doc.paths))
    for (const [method, op] of Object.entries(methods)) out.set(op.operationId, { ...op, id: op.operationId, path, method: method.toUpperCase(), seen: new Set() });
  return out;
}

const keys = { admin: process.env.RESYNC_KEY_ADMIN, operator: process.env.RESYNC_KEY_OPERATOR, viewer: process.env.RESYNC_KEY_VIEWER, trace: process.env.RESYNC_KEY_TRACE, away: process.env.RESYNC_KEY_AWAY };
const failures = [];
let asked = 0;

// walker gives the function that asks an operation through the proxy: ask(id, {as, path, query, headers, body, form, file, want, wrong}).
// `want` is the status, the operation's success when absent; `wrong` says that the proxy must find the request itself wrong too.
function walker(operations, proxy, who) {
  return async function ask(id, { as = who, path = {}, query, headers = {}, body, form, file, want, wrong = false } = {}) {
    const op = operations.get(id);
    if (!op) throw new Error(`there is no operation ${id}`);
    want ??= Number(Object.keys(op.responses).find((status) => status < 300));
    const at = op.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? "none"));
    const init = { method: op.method, headers: { ...headers }, redirect: "manual", signal: AbortSignal.timeout(30_000) };
    if (keys[as] || as.includes(".")) init.headers.Authorization = `Bearer ${keys[as] ?? as}`;
    if (body !== undefined) [init.body, init.headers["Content-Type"]] = [typeof body === "string" ? body : JSON.stringify(body), headers["Content-Type"] ?? "application/json"];
    if (form) init.body = new URLSearchParams(form);
    if (file !== undefined) [init.body, init.headers["Content-Type"]] = [file, "application/octet-stream"];
    const res = await fetch(proxy + at + (query ? `?${new URLSearchParams(query)}` : ""), init);
    const text = await res.text();
    asked++;
    op.seen.add(res.status);
    const say = (finding) => failures.push(`${id} as ${as} ${JSON.stringify({ path, query, body, form })}: ${finding}\n    ${text.slice(0, 400)}`);
    if (res.status !== want) say(`status ${res.status}, want ${want}`);
    const found = JSON.parse(res.headers.get("sl-violations") ?? "[]");
    const inRequest = found.filter((v) => v.location[0] === "request");
    const elsewhere = found.filter((v) => v.location[0] !== "request");
    if (elsewhere.length) say(`the answer is not what the file says: ${JSON.stringify(elsewhere)}`);
    if (inRequest.length && !wrong) say(`the request is not what the file says: ${JSON.stringify(inRequest)}`);
    if (wrong && !inRequest.length) say("the file would let this request pass");
    const type = (res.headers.get("content-type") ?? "").split(";")[0];
    if (res.status >= 400 && type !== "application/json") problem(res, type, text, say);
    const json = /json$/.test(type);
    return { status: res.status, headers: res.headers, text, body: json && text ? JSON.parse(text) : undefined };
  };
}

// problem looks at what a description does not say of a problem document.
function problem(res, type, text, say) {
  if (type !== "application/problem+json") return say(`an error as ${type}`);
  const p = JSON.parse(text);
  if (p.status !== res.status || !p.code || !p.detail || p.correlation_id !== res.headers.get("x-request-id")) say("the problem document does not fit its answer");
}

// For every operation alike, made from the file: who may not ask, and what may not be sent.
async function refusals(ask, op) {
  const guarded = op.responses["403"] !== undefined;
  const path = Object.fromEntries((op.parameters ?? []).filter((p) => p.in === "path").map((p) => [p.name, "none"]));
  const query = Object.fromEntries((op.parameters ?? []).filter((p) => p.in === "query" && p.required).map((p) => [p.name, "none"]));
  const types = Object.keys(op.requestBody?.content ?? {});
  const sent = types.includes("application/octet-stream") ? { file: "x" } : types.includes("application/x-www-form-urlencoded") ? { form: { grant_type: "password" } } : types.length ? { body: {} } : {};
  const wrong = types.includes("application/json");
  if (guarded) {
    await ask(op.id, { as: "nobody", path, query, ...sent, wrong, want: 401 });
    await ask(op.id, { as: "forged.token", path, query, ...sent, wrong, want: 401 });
    if (["operator", "admin"].includes(op["x-resync-role"])) await ask(op.id, { as: "viewer", path, query, ...sent, wrong, want: 403 });
  }
  const as = op["x-resync-scope"] === "trace" ? "trace" : "admin";
  if (op.method === "GET" && op.id !== "getMetrics") await ask(op.id, { as, path, query: { ...query, no_such_parameter: "1" }, want: 400 });
  if (!wrong) return;
  await ask(op.id, { as, path, query, body: { no_such_field: 1 }, wrong, want: 400 });
  await ask(op.id, { as, path, query, body: "[]", wrong, want: 400 });
  await ask(op.id, { as, path, query, body: JSON.stringify({ padding: "x".repeat(70_000) }), wrong, want: 413 });
}

// eventReader gives a function that reads a stream and holds each event against what the file says of it; it gives their names.
function eventReader(doc, prismDir) {
  const require = createRequire(join(prismDir, "package.json"));
  const ajv = new (require("ajv").default)({ strict: false, validateFormats: false });
  ajv.addSchema(doc, "doc");
  return function events(id, text) {
    const op = operationsOf(doc).get(id);
    const success = Object.keys(op.responses).find((status) => status < 300);
    const pointer = ["paths", op.path, op.method.toLowerCase(), "responses", success, "content", "text/event-stream", "schema", "items"].map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1"));
    const valid = ajv.getSchema("doc#/" + pointer.map(encodeURIComponent).join("/"));
    const names = [];
    for (const block of text.split("\n\n")) {
      const lines = block.split("\n").filter((line) => line && !line.startsWith(":"));
      if (!lines.length) continue;
      const event = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
      names.push(event.event);
      if (!valid({ event: event.event, data: JSON.parse(event.data) })) failures.push(`${id}: the event ${event.event} is not what the file says: ${ajv.errorsText(valid.errors).slice(0, 400)}`);
    }
    return names;
  };
}

// strictEvents is the description whose answers are closed and whose streams are still described.
function strictEvents(doc) {
  each(doc.components, (o) => {
    if (o.type === "object" && o.properties && o.additionalProperties === undefined) o.additionalProperties = false;
  });
  return doc;
}

async function run([closedFile, committedFile, prismDir]) {
  const operations = operationsOf(read(closedFile));
  const committed = read(committedFile);
  const check = (ok, finding) => ok || failures.push(finding);
  const ask = walker(operations, process.env.RESYNC_PROXY, "admin");
  const here = { ask, check, server: process.env.RESYNC_SERVER, key: (as) => keys[as], events: eventReader(strictEvents(read(committedFile)), prismDir) };
  const served = await ask("getOpenAPI");
  check(JSON.stringify(served.body) === JSON.stringify(committed), "docs/openapi.json is not what this server says of itself");
  for (const op of operations.values()) await refusals(ask, op);
  await walk(here);
  for (const op of operations.values()) {
    check([...op.seen].some((status) => status < 300), `${op.id} (${op.method} ${op.path}) never succeeded: add it to deploy/test/walk.mjs`);
  }
  await walkAway({ ...here, ask: walker(operations, process.env.RESYNC_AWAY_PROXY, "away"), operations });
  let said = 0, seen = 0;
  for (const op of operations.values()) [said, seen] = [said + Object.keys(op.responses).length, seen + op.seen.size];
  console.log(`${operations.size} operations, ${asked} requests through the proxy; ${seen} of ${said} described answers were seen`);
  for (const failure of failures) console.log(`FAILED: ${failure}`);
  if (failures.length) process.exit(1);
}

if (what === "close") writeFileSync(files[1], JSON.stringify(closed(read(files[0]))));
else await run(files);
