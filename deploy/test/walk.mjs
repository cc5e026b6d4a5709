// What is asked of each operation, beyond what rest.mjs makes of the file for all alike. A new operation needs a line here: without one that
// succeeds the check fails.

// walk asks a server whose engine is the demo's.
export async function walk({ ask, check, server, key, events }) {
  // health and the description
  for (const id of ["getLiveness", "getHealth", "getReadiness"]) await ask(id, { as: "nobody" });
  await ask("getEngineHealth");
  const metrics = await ask("getMetrics");
  check(metrics.text.includes("\n# TYPE "), "the metrics are none");
  await ask("getMetrics", { as: "viewer", want: 403 });
  const file = await ask("getOpenAPI");
  await ask("getOpenAPI", { headers: { "If-None-Match": file.headers.get("etag") }, want: 304 });

  // session: a browser's cookie is sent by hand, for a script is no browser
  const login = { username: "admin", password: "a long phrase of my own" };
  const session = await ask("logIn", { as: "nobody", body: login });
  const cookie = session.headers.get("set-cookie").split(";")[0];
  await ask("logIn", { as: "nobody", body: { ...login, password: "wrong" }, want: 401 });
  const who = await ask("whoAmI", { as: "nobody", headers: { Cookie: cookie } });
  check(who.body.via === "session" && who.body.user.role === "admin", `the session is ${who.text}`);
  await ask("logOut", { as: "nobody", headers: { Cookie: cookie } });
  await ask("whoAmI", { as: "nobody", headers: { Cookie: cookie }, want: 401 });
  await ask("logOut", { want: 400 }); // a key has no session to end
  const tokens = await ask("issueTokens", { as: "nobody", form: { grant_type: "password", ...login } });
  await ask("whoAmI", { as: tokens.body.access_token });
  const next = await ask("issueTokens", { as: "nobody", form: { grant_type: "refresh_token", refresh_token: tokens.body.refresh_token } });
  await ask("issueTokens", { as: "nobody", form: { grant_type: "refresh_token", refresh_token: tokens.body.refresh_token }, want: 401 }); // it works once
  await ask("issueTokens", { as: "nobody", form: { grant_type: "client_credentials" }, wrong: true, want: 400 });
  check(next.body.refresh_token !== tokens.body.refresh_token, "a refresh token came back");

  // chat: as one object, as events, and what it rests on
  await ask("listAgents", { as: "viewer" });
  const question = "Why did CLM_RESERVE abend?";
  const answer = await ask("ask", { as: "trace", body: { question, language: "en" } });
  check(answer.body.diagnosis?.verdict === "problem", `the verdict is ${answer.body.diagnosis?.verdict}`);
  for (const other of ["Por que o job CLM_RESERVE abendou?", "What is running now?", "and why?", "Rerun CLM_RESERVE", "Why is NO_SUCH_JOB late?", "What is the weather?", "What does AWSBIA103E mean?"]) {
    await ask("ask", { as: "trace", body: { question: other, conversation_id: answer.body.conversation_id } });
  }
  const stream = await ask("ask", { as: "operator", body: { question }, headers: { Accept: "text/event-stream" } });
  const names = events("ask", stream.text);
  check(names.at(-1) === "done" && names.includes("tool_call") && names.includes("diagnosis") && names.includes("delta"), `the events are ${names}`);
  await ask("ask", { body: { question, conversation_id: "c_none" }, want: 404 });
  await ask("ask", { body: { question, agent: "nobody" }, want: 400 });
  await ask("ask", { body: { question: "x".repeat(4001) }, wrong: true, want: 400 });
  const turn = { path: { id: answer.body.conversation_id }, query: { message: answer.body.message_id } };
  await ask("getLedger", { as: "trace", ...turn });
  await ask("getLedger", { as: "trace", path: { id: "c_none" }, query: turn.query, want: 404 });
  await ask("getLedger", { as: "admin", ...turn, want: 403 }); // no role has this right
  await ask("getLedger", { as: "trace", path: turn.path, wrong: true, want: 400 });

  // conversations: those of the key that asked, and nobody else's
  const { conversation_id: id, message_id: message } = answer.body;
  const conversation = { as: "trace", path: { id } };
  const list = await ask("listConversations", { as: "trace", query: { page_size: 1 } });
  check(list.body.total >= 1 && list.body.items.length === 1, `the conversations are ${list.text}`);
  await ask("listConversations", { as: "trace", query: { q: "clm_reserve" } });
  await ask("listConversations", { as: "trace", query: { page_size: 1000 }, wrong: true, want: 400 });
  const whole = await ask("getConversation", conversation);
  check(whole.body.turns.length >= 2, `the conversation is ${whole.text.slice(0, 300)}`);
  await ask("getConversation", { as: "viewer", path: { id }, want: 404 });
  await ask("getTurn", { as: "trace", path: { id, message } });
  await ask("getTurn", { as: "trace", path: { id, message: "m_none" }, want: 404 });
  await ask("renameConversation", { as: "trace", path: { id }, body: { title: "The reserve of the claims" } });
  await ask("renameConversation", { as: "trace", path: { id }, body: { title: "" }, wrong: true, want: 400 });
  await ask("renameConversation", { as: "viewer", path: { id }, body: { title: "Mine" }, want: 404 });
  const written = await ask("exportConversation", conversation);
  check(written.text.startsWith("# The reserve of the claims"), `exported is ${written.text.slice(0, 100)}`);
  await ask("exportConversation", { as: "trace", path: { id: "c_none" }, want: 404 });
  await ask("giveFeedback", { as: "trace", body: { conversation_id: id, message_id: message, opinion: "down", words: "Which disk?" } });
  await ask("giveFeedback", { as: "trace", body: { conversation_id: id, message_id: message, opinion: "" } });
  await ask("giveFeedback", { as: "trace", body: { conversation_id: id, message_id: "m_none", opinion: "up" }, want: 404 });
  await ask("stopTurn", { as: "trace", path: { id } });
  const share = await ask("shareConversation", { as: "trace", path: { id }, query: { days: 1 } });
  const token = { token: share.body.token };
  await ask("readShared", { as: "viewer", path: token });
  await ask("shareConversation", { as: "viewer", path: { id }, want: 404 });
  await ask("unshareConversation", { as: "trace", path: { id } });
  await ask("readShared", { as: "viewer", path: token, want: 404 });
  const last = whole.body.turns.at(-1).answer?.message_id ?? whole.body.turns.at(-1).message_id;
  const anew = await ask("regenerate", { as: "operator", path: { id }, body: { message_id: last }, want: 404 });
  check(anew.body.code === "not_found", "another's answer is made anew");
  await ask("regenerate", { as: "trace", path: { id }, body: { message_id: last } });
  await ask("regenerate", { as: "trace", path: { id }, body: { message_id: "m_none" }, want: 404 });
  await ask("deleteConversation", { as: "viewer", path: { id }, want: 404 });
  await ask("deleteConversation", { as: "trace", path: { id } });
  await ask("getConversation", { ...conversation, want: 404 });
  await ask("deleteConversation", { as: "trace", path: { id }, want: 404 });

  // plan and radar
  await ask("getStatus", { as: "viewer" });
  await ask("getStatus", { query: { engine: "default" } });
  await ask("getStatus", { query: { engine: "nowhere" }, want: 404 });
  await ask("getStatus", { query: { engine: "x".repeat(65) }, wrong: true, want: 400 });
  await ask("listEngines", { as: "viewer" });
  const job = "CLM_RESERVE";
  const jobs = await ask("listJobs", { as: "viewer", query: { status: "ABEND,FAIL", page_size: 5 } });
  check(jobs.body.data.jobs.some((j) => j.name === job), `the jobs are ${jobs.text}`);
  const page = await ask("listJobs", { query: { page_size: 2 } });
  await ask("listJobs", { query: { page_size: 2, cursor: page.body.data.next_cursor } });
  await ask("listJobs", { query: { page_size: 2 }, headers: { "If-None-Match": page.headers.get("etag") }, want: 304 });
  await ask("listJobs", { query: { page_size: 101 }, wrong: true, want: 400 });
  await ask("listJobs", { query: { critical: true } });
  await ask("listJobs", { query: { late: true, text: "claims" } });
  await ask("getJob", { as: "viewer", path: { key: jobs.body.data.jobs[0].entity } });
  await ask("getJob", { path: { key: "NO_SUCH_JOB_1" }, want: 404 });
  await ask("getJobLog", { as: "viewer", path: { key: job }, query: { errors_only: true } });
  await ask("getJobLog", { path: { key: job }, query: { tail: 3 } });
  await ask("listJobStreams", { as: "viewer", query: { name: "CLM@" } });
  await ask("getJobStream", { as: "viewer", path: { key: "CLMEOD" } });
  await ask("listWorkstations", { as: "viewer", query: { problem: true } });
  await ask("getWorkstation", { as: "viewer", path: { name: "FRLWIN02" } });
  await ask("getWorkstation", { path: { name: "NOWHERE" }, want: 404 });
  await ask("listResources", { as: "viewer", query: { in_use: true } });
  await ask("listPrompts", { as: "viewer", query: { status: "ASKED" } });
  await ask("listChanges", { as: "viewer", query: { since: "8h" } });
  await ask("getGraph", { as: "viewer", query: { target: "CLM_IBNR", hops: 3 } });
  await ask("getGraph", { query: { target: "CLMEOD", target_kind: "job_stream" } });
  await ask("getTimeline", { as: "viewer", query: { job_stream: "CLM@" } });
  await ask("getTimeline", { query: { predict: true, to: "12h" } });
  const follow = await ask("followEvents", { as: "viewer", query: { seconds: 1 }, headers: { Accept: "text/event-stream" } });
  check(events("followEvents", follow.text)[0] === "ready", `the events are ${follow.text}`);
  const radar = await ask("getRadar", { as: "viewer", query: { page_size: 2 } });
  await ask("getRadar", { query: { page_size: 2, cursor: radar.body.data.next_cursor } });
  await ask("getRadar", { query: { page_size: "many" }, wrong: true, want: 400 });
  const finding = radar.body.data.findings[0].id;
  const until = new Date(Date.now() + 3_600_000).toISOString();
  await ask("acknowledge", { as: "operator", body: { id: finding, note: "Looked at.", until } });
  await ask("acknowledge", { as: "operator", body: { id: "none", note: "", until }, want: 404 });
  await ask("acknowledge", { as: "operator", body: { id: finding, note: "", until: "tomorrow" }, wrong: true, want: 400 });
  const acks = await ask("listAcks", { as: "viewer" });
  check(acks.body.acks.length === 1, `acknowledged is ${acks.text}`);
  await ask("getRadar");
  await ask("withdrawAck", { as: "operator", query: { id: finding } });
  await ask("withdrawAck", { as: "operator", query: { id: finding }, want: 404 });

  // knowledge
  const path = { path: "walk.md" };
  await ask("putDocument", { path, query: { kind: "runbook", language: "en" }, file: "# Walk\n\nWhat to do when the walk fails: read what it says.\n" });
  await ask("putDocument", { path: { path: "folder/walk.md" }, file: "# Walk\n\nA second one.\n" });
  await ask("putDocument", { path, file: "", wrong: true, want: 400 });
  await ask("listDocuments", { as: "viewer", query: { page_size: 1 } });
  await ask("listDocuments", { query: { page_size: 1000 }, wrong: true, want: 400 });
  await ask("searchKnowledge", { as: "viewer", query: { query: "AWSBIA103E", limit: 2 } });
  await ask("searchKnowledge", { query: { query: "x", limit: "many" }, wrong: true, want: 400 });
  await ask("removeDocument", { path });
  await ask("removeDocument", { path, want: 404 });
}

// walkAway asks a server whose engine cannot be reached.
export async function walkAway({ ask, check }) {
  await ask("getStatus", { want: 503 });
  await ask("getRadar", { want: 503 });
  await ask("getEngineHealth", { want: 503 });
  await ask("getReadiness");
  const answer = await ask("ask", { body: { question: "Why did CLM_RESERVE abend?" } });
  check(answer.body.diagnosis?.verdict === "insufficient_evidence" && answer.body.errors.length > 0, `without an engine the answer is ${answer.text.slice(0, 300)}`);
}
