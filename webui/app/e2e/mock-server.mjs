// A small stand-in for the server: dist under the real policy, a session, scripted answers and a status that can be switched.
// POST /__mock {status: ok|stale|error|empty|slow, chat: ok|error|signed-out} sets what comes next. `npm run mock` starts it.
import { readFile } from "node:fs/promises";
import { createServer, STATUS_CODES } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { answerFor, status } from "./mock-answers.mjs";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; " +
  "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const cookie = "resync_mock=1";

const loginPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in · Resync</title><link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="/login.css"></head><body><main>
<div class="brand"><img src="/favicon.svg" alt="" width="28" height="28">Resync</div><h1>Sign in</h1>
<p class="error" role="alert">The name or the password is wrong.</p>
<form method="post" action="/api/session"><label for="u">Name</label><input id="u" name="username" autocomplete="username">
<label for="p">Password</label><input id="p" name="password" type="password" autocomplete="current-password"><button>Sign in</button></form>
</main></body></html>`;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function startMock(port = 0) {
  const mode = { status: "ok", chat: "ok", asked: [] };
  const server = createServer((req, res) => {
    route(req, res, mode).catch((err) => {
      console.error("mock:", err);
      res.destroy();
    });
  });
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      const url = `http://127.0.0.1:${server.address().port}`;
      resolve({ url, loginUrl: `${url}/login/once`, mode, close: () => server.closeAllConnections() ?? server.close() });
    });
  });
}

async function route(req, res, mode) {
  const path = new URL(req.url, "http://mock").pathname;
  res.setHeader("Content-Security-Policy", policy);
  res.setHeader("X-Content-Type-Options", "nosniff");
  if (path === "/__mock") return json(res, 200, Object.assign(mode, JSON.parse(await body(req))));
  if (path === "/login") return send(res, 200, ".html", loginPage);
  if (path === "/login/once") return redirect(res, "/chat", `${cookie}; HttpOnly; SameSite=Strict; Path=/`);
  if (path.startsWith("/api/")) return api(req, res, path, mode);
  return file(res, path);
}

async function api(req, res, path, mode) {
  const signedIn = (req.headers.cookie ?? "").includes(cookie);
  if (!signedIn) return problem(res, 401, "unauthorized", "You are signed out.");
  if (path === "/api/session" && req.method === "DELETE") {
    res.setHeader("Set-Cookie", "resync_mock=; Max-Age=0; Path=/");
    return json(res, 200, {});
  }
  if (path === "/api/session") return json(res, 200, { user: { name: "ana.souza", role: "operator" } });
  if (path === "/api/status") return answerStatus(res, mode);
  if (path === "/api/chat" && req.method === "POST") return chat(req, res, mode);
  if (path === "/api/agents") return json(res, 200, { agents: [] });
  // The conversations of this server live in the tab; history-checks.mjs looks at those that a server keeps.
  if (path === "/api/conversations") return problem(res, 501, "unsupported", "This server keeps no conversations.");
  return problem(res, 404, "not_found", "There is no such thing.");
}

async function answerStatus(res, mode) {
  if (mode.status === "slow") await sleep(3000);
  if (mode.status === "error") return problem(res, 503, "upstream_unavailable", "The engine does not answer.");
  if (mode.status === "empty") return json(res, 200, { data: { jobs_by_status: null, workstations: null } });
  return json(res, 200, { ...status, stale: mode.status === "stale" });
}

async function chat(req, res, mode) {
  const asked = JSON.parse(await body(req));
  mode.asked.push(asked);
  if (mode.chat === "error") return problem(res, 429, "limited", "Too many questions at once.");
  if (mode.chat === "signed-out") return problem(res, 401, "unauthorized", "You are signed out.");
  const script = answerFor(asked.question);
  const lang = /\b(por que|qual|quais|o que)\b/i.test(asked.question) ? "pt" : "en";
  res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  await play(res, { ...script, done: { ...script.done, language: lang } });
  res.end();
}

async function play(res, { calls, diagnosis, prose, done, pause = 0, cut = false }) {
  const emit = (event, data) => res.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  res.write(": hello\n\n");
  for (const c of calls) {
    emit("tool_call", { id: c.id, name: c.name, arguments: c.arguments });
    await sleep(60);
    emit("tool_result", { id: c.id, name: c.name, duration_ms: c.duration_ms, result_bytes: c.result_bytes, error: c.error });
  }
  emit("diagnosis", diagnosis);
  emit("delta", { text: "A first attempt that is taken back. " });
  emit("reset", {});
  for (const text of prose) {
    emit("delta", { text });
    await sleep(40);
    if (pause > 0) await sleep(pause);
    if (cut) return res.destroy();
    if (res.destroyed) return undefined;
  }
  return emit("done", done);
}

async function file(res, path) {
  const name = extname(path) === "" ? "index.html" : normalize(path).replace(/^[/\\.]+/, "");
  try {
    const packed = /^assets\/.*\.(js|css)$/.test(name);
    if (packed) res.setHeader("Content-Encoding", "gzip");
    if (name.startsWith("assets/")) res.setHeader("Cache-Control", "public, max-age=31536000, immutable");
    send(res, 200, extname(name), await readFile(join(dist, packed ? `${name}.gz` : name)));
  } catch {
    problem(res, 404, "not_found", "There is no such file.");
  }
}

async function body(req) {
  const parts = [];
  for await (const part of req) parts.push(part);
  return Buffer.concat(parts).toString("utf8") || "{}";
}

function send(res, code, ext, content) {
  res.writeHead(code, { "Content-Type": types[ext] ?? "application/octet-stream" }).end(content);
}

function json(res, code, value) {
  res.writeHead(code, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

function problem(res, code, name, detail) {
  const value = { type: "about:blank", title: STATUS_CODES[code], status: code, detail, code: name, hint: "Try again in a minute.", correlation_id: "01MOCK" };
  res.writeHead(code, { "Content-Type": "application/problem+json" }).end(JSON.stringify(value));
}

function redirect(res, to, setCookie) {
  res.writeHead(303, { Location: to, "Set-Cookie": setCookie }).end();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { url, loginUrl } = await startMock(Number(process.env.PORT ?? 8099));
  console.log(`mock server at ${url}, sign in at ${loginUrl}`);
}
