// Scripted answers for the mock server. Every name is made up; some texts are hostile on purpose.
export const hostile = "<img src=x onerror=window.__xss=1> [click](javascript:window.__xss=1) ![p](https://evil.example/p.png)";

const stream = "NORTH1#BILLING[(0130 04/02/27)]";
const engine = { name: "default", mode: "mock", api: "v2" };
const clocks = { fetched_at: "2027-04-02T03:12:09-03:00", mirrored_at: "unknown", plan_now: "2027-04-02T03:12:08-03:00" };

function envelope(question, extra) {
  return {
    conversation_id: "c_mock", message_id: "m_mock", question, language: "en", engine, citations: [], tool_calls: [], clocks,
    data_as_of: clocks.plan_now, stale: false, errors: [], model: "offline", answer: "", diagnosis: null,
    usage: { input_tokens: 0, output_tokens: 0, cost_usd: 0, upstream_calls: 7, duration_ms: 412 }, ...extra,
  };
}

const empty = {
  causes: null, explanations: null, chain: null, impact: null, affected: null, affected_total: 0, candidates: null,
  ruled_out: null, actions: null, missing: null, would_change: null,
};

const calls = [
  { id: "t1", name: "diagnose_job", arguments: { job: `${stream}.RATE_CALLS` }, duration_ms: 184, result_bytes: 9120, error: "" },
  { id: "t2", name: "explain_wait", arguments: { job_stream: "NORTH1#INVOICE[(0400 04/02/27)]", depth: 5 }, duration_ms: 96, result_bytes: 2211, error: "" },
  { id: "t3", name: "search_knowledge", arguments: { query: "tablespace cannot extend", limit: 3 }, duration_ms: 12, result_bytes: 0, error: "timeout: the search took longer than allowed." },
];

const problem = {
  ...empty,
  verdict: "problem", confidence_class: "confirmed",
  causes: [
    {
      entity: `${stream}.RATE_CALLS`, kind: "app.db.space", class: "confirmed", confidence: 0.95,
      statement: "The job stopped because the tablespace RATING_IDX of its database is full and cannot be extended.",
      evidence: [
        { source: "joblog:NORTH1#40113", run_id: "r-2", line: 88, quote: "ORA-01654: unable to extend index RATING.IX_CDR by 8192 in tablespace RATING_IDX" },
        { source: "joblog:NORTH1#40113", run_id: "r-2", line: 93, quote: "rate_calls.sh: exiting with return code 12" },
        { source: `plan:${stream}.RATE_CALLS`, quote: "status=ABEND" },
      ],
    },
    {
      entity: "NORTH2", kind: "sched.agent.unlinked", class: "likely", confidence: 0.5,
      statement: `The workstation is not linked. ${hostile}`,
      evidence: [{ source: "workstation:NORTH2", quote: `linked=false ${hostile}` }],
    },
  ],
  explanations: [{ entity: "NORTH1#ARCHIVE[(0600 04/02/27)]", kind: "planned.not_yet", statement: "Its start time has not come.", evidence: [] }],
  chain: [
    { entity: "NORTH1#INVOICE[(0400 04/02/27)].PRINT", status: "HOLD", why: "sched.dep.predecessor", blocked_by: "NORTH1#INVOICE[(0400 04/02/27)].BUILD", evidence: [] },
    { entity: "NORTH1#INVOICE[(0400 04/02/27)].BUILD", status: "HOLD", why: "sched.dep.predecessor", blocked_by: `${stream}.RATE_CALLS`, evidence: [{ source: "plan:NORTH1#INVOICE[(0400 04/02/27)].BUILD", quote: "predecessor=RATE_CALLS" }] },
    { entity: "NORTH1#INVOICE[(0400 04/02/27)].PRINT", status: "HOLD", why: "sched.dep.resource", blocked_by: "NORTH1#PRINTERS", evidence: [] },
    { entity: `${stream}.RATE_CALLS`, status: "ABEND", why: "app.db.space", blocked_by: "", evidence: [] },
  ],
  impact: [
    { entity: "NORTH1#INVOICE[(0400 04/02/27)].PRINT", hops: 2, state: "late", deadline: "2027-04-02T06:00:00-03:00", predicted_end: "2027-04-02T06:48:00-03:00", service: "Customer invoices", contact: "Billing on call, ext. 4417" },
    { entity: "NORTH1#INVOICE[(0400 04/02/27)].BUILD", hops: 1, state: "blocked" },
  ],
  affected: ["NORTH1#INVOICE[(0400 04/02/27)].PRINT", "NORTH1#LEDGER[(0500 04/02/27)]"], affected_total: 14,
  urgency: { class: "now", act_by: "2027-04-02T04:20:00-03:00", why: "Customer invoices are due at 06:00 and need 1 h 40 min after the rerun.", contact: "Billing on call, ext. 4417" },
  actions: [
    { code: "fix_database", target: "db:RATING", text: "Have the tablespace RATING_IDX extended by the database team.", command: "", after: -1, preconditions: [], starts: [], way_back: "", risk: "low", needs_approval: false },
    {
      code: "rerun", target: `${stream}.RATE_CALLS`, text: "Then rerun RATE_CALLS.", command: "rr NORTH1#0AAAAAAAAAAABZ7Q.RATE_CALLS;schedid", after: 0,
      preconditions: [{ text: "last run is final", met: "yes" }, { text: "agent linked", met: "no" }, { text: "tablespace extended", met: "unknown" }],
      starts: ["NORTH1#INVOICE[(0400 04/02/27)].BUILD", "NORTH1#LEDGER[(0500 04/02/27)].LOAD"],
      way_back: "Until the rerun starts it can be cancelled; afterwards its load is undone with step 3 of the runbook.", risk: "high", needs_approval: true,
    },
  ],
  ruled_out: [{ entity: `${stream}.RATE_CALLS`, kind: "app.db.auth", why: "The log shows an open session." }],
  missing: ["audit: plan audit is not switched on"],
  would_change: ["A look at the free space of RATING_IDX now."],
};

const prose = [
  "**RATE_CALLS failed because its database is full.** ",
  `The run of \`${stream}.RATE_CALLS\` ended with return code 12 after ORA-01654: the tablespace \`RATING_IDX\` cannot be extended. `,
  "Two jobs of INVOICE wait behind it, and the invoices due at 06:00 will be late.\n\n",
  "1. Have the tablespace extended.\n2. Then rerun the job; see the [status](/status).\n\n",
  `Hostile text stays text: ${hostile} <b>bold</b>.`,
];

const candidates = [
  { entity: `${stream}.RATE_CALLS`, ref: {}, why: "ABEND, started 01:31" },
  { entity: "NORTH1#BILLING[(0130 04/01/27)].RATE_CALLS", ref: {}, why: "SUCC, carried forward from yesterday" },
];

// answerFor picks a script by a word of the question: { prose, diagnosis, calls, done, pause, cut }.
export function answerFor(question) {
  const q = question.toLowerCase();
  if (q.includes("which one")) {
    const diagnosis = { ...empty, verdict: "needs_clarification", confidence_class: "inconclusive", candidates };
    const answer = "Two instances of RATE_CALLS are in the plan. Which one do you mean?";
    return { prose: [answer], diagnosis, calls: calls.slice(0, 1), done: envelope(question, { answer, diagnosis, tool_calls: calls.slice(0, 1) }) };
  }
  if (q.includes("old data")) {
    const diagnosis = { ...empty, verdict: "insufficient_evidence", confidence_class: "inconclusive", missing: ["engine:default: it does not answer"], would_change: ["A fresh reading of the plan."] };
    const answer = "The engine does not answer, so nothing can be said about now.";
    const errors = [{ code: "upstream_unavailable", message: "The engine default does not answer.", hint: "Try again in a minute, or ask the scheduler's administrator.", source: "engine:default" }];
    return { prose: [answer], diagnosis, calls: [], done: envelope(question, { answer, diagnosis, errors, stale: true }) };
  }
  if (q.includes("all well")) {
    const diagnosis = { ...empty, verdict: "no_problem", confidence_class: "inconclusive", explanations: problem.explanations };
    return { prose: ["Nothing is wrong."], diagnosis, calls: calls.slice(0, 1), done: envelope(question, { answer: "Nothing is wrong.", diagnosis }) };
  }
  const citations = [{ source: "knowledge:runbooks/rating.md#tablespace", title: "Rating runbook, tablespace full", quote: "Extend RATING_IDX by 4 GB before any rerun; the load restarts at its last commit." }];
  const done = envelope(question, { answer: prose.join(""), diagnosis: problem, citations, tool_calls: calls });
  return { prose, diagnosis: problem, calls, done, pause: q.includes("slow") ? 60000 : 0, cut: q.includes("break off") };
}

export const status = {
  data: {
    engine: { name: "default", mode: "mock", api: "v2", version: "10.2.4", timezone: "America/Sao_Paulo" },
    plan_now: clocks.plan_now, jobs_total: 18342,
    jobs_by_status: { SUCC: 15210, HOLD: 2719, READY: 204, EXEC: 187, ABEND: 9, FAIL: 2, STUCK: 0, "WAIT": 11 },
    job_streams_total: 2207, job_streams_by_status: { SUCC: 1690, HOLD: 402, EXEC: 96, STUCK: 7, READY: 12 },
    workstations: [
      { name: "NORTH1", type: "FTA", status: "LINKED", limit: 40, fence: 0, problem: "" },
      { name: "NORTH2", type: "FTA", status: "UNLINKED", limit: 40, fence: 0, problem: "unlinked for 22 min" },
      { name: "MASTER", type: "MANAGER", status: "LINKED", limit: 20, fence: 0, problem: "" },
      { name: "POOL_ETL", type: "POOL", status: "ONLINE", limit: 0, fence: 10, problem: "limit is 0" },
    ],
    needs_person: [
      { entity: `${stream}.RATE_CALLS`, status: "ABEND", why: "ended with return code 12; 14 objects wait behind it" },
      { entity: "NORTH2", status: "UNLINKED", why: "204 jobs are ready and cannot start", since: "2027-04-02T02:50:00-03:00" },
      { entity: "#217", status: "ASKED", why: `a prompt waits for an answer since 02:40 ${hostile}` },
    ],
    needs_person_total: 5,
    missing: ["resource: the account may not list resources of folder /RESTRICTED"],
  },
  clocks, stale: false, truncated: false, upstream_calls: 9,
};
