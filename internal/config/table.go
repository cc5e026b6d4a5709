package config

import (
	"regexp"
	"strings"
	"time"
)

// kind is the type of a value.
type kind int

const (
	text kind = iota
	number
	decimal
	toggle
	duration
	list // in the environment: separated by commas
)

// option is one row of the table of keys. Everything that documents, prints or checks a key reads it from here.
type option struct {
	key     string // section.key; for groups the key below SECTION.NAME
	kind    kind
	def     string // as written in the environment
	secret  bool
	doc     string   // one line for config print, settings.toml and .env.example
	aliases []string // environment names besides APP_SECTION__KEY; those of an engine's keys mean engines.default
	check   func(string) error
}

// options is the table of all keys but those of groups.
var options = []option{
	{key: "env", def: "development", aliases: []string{"APP_ENV"}, check: word,
		doc: "Name of this installation; settings.NAME.toml is read too, and production makes the checks strict."},
	{key: "data_dir", def: ".resync", aliases: []string{"APP_DATA_DIR"}, check: filled,
		doc: "Folder for all local state; made with mode 0700."},

	{key: "log.level", def: "info", check: oneOf("debug", "info", "warn", "error"), doc: "Least severe record that is logged: debug, info, warn, error."},
	{key: "log.format", def: "text", check: oneOf("text", "json"), doc: "Form of the log on standard error: text, json."},

	{key: "server.listen", def: "127.0.0.1:8000", check: address,
		doc: "Address to listen on; beyond loopback TLS or a declared proxy is needed."},
	{key: "server.public_url", check: publicURL, doc: "Address that people type, where it differs from listen, such as https://resync.example.com."},
	{key: "server.behind_proxy", kind: toggle, def: "false", doc: "A reverse proxy in front ends TLS and sets X-Forwarded-For and X-Forwarded-Proto."},
	{key: "server.tls_cert", doc: "File with the certificate chain (PEM); together with tls_key it turns TLS on."},
	{key: "server.tls_key", doc: "File with the private key (PEM)."},

	{key: "llm.provider", def: "auto", aliases: []string{"APP_LLM_PROVIDER"}, check: oneOf("auto", "offline", "openai", "anthropic", "gemini", "ollama"),
		doc: "Who writes prose: openai (any OpenAI-compatible endpoint), anthropic, gemini, ollama (its own interface), or offline (no model at all, whatever else is set); auto is openai as soon as an endpoint is set."},
	{key: "llm.endpoint", aliases: []string{"LLM_ENDPOINT", "APP_LLM_ENDPOINT"}, check: endpoint,
		doc: "Base URL of the model server, such as http://127.0.0.1:11434/v1; empty means the provider's own: of anthropic and gemini the public one, of ollama http://127.0.0.1:11434."},
	{key: "llm.api_key", secret: true, aliases: []string{"LLM_API_KEY", "APP_LLM_API_KEY"}, doc: "Key for the model server, if it wants one."},
	{key: "llm.model", aliases: []string{"APP_LLM_MODEL"}, doc: "Name of the model; needed with an endpoint."},
	{key: "llm.chain", kind: list, check: uniqueWords,
		doc: "Names of the models in the order in which they are asked, the next one when one fails: default is the one of this section, others are sections [models.NAME]; the offline model ends every chain."},
	{key: "llm.timeout", kind: duration, def: "60s", check: positive, doc: "Longest time that the model works on one question."},
	{key: "llm.first_byte_timeout", kind: duration, def: "30s", check: positive, doc: "Longest wait for the beginning of one answer; a server that has to load the model first may need more."},
	{key: "llm.chunk_timeout", kind: duration, def: "20s", check: positive, doc: "Longest wait between two pieces of an answer."},
	{key: "llm.max_tokens", kind: number, def: "1024", check: between(1, 1_000_000), doc: "Most tokens of one answer of the model, its thoughts included."},
	{key: "llm.temperature", kind: decimal, def: "0", check: temperature, doc: "0 is the most repeatable; at most 2."},
	{key: "llm.context_tokens", kind: number, def: "0", check: between(0, 10_000_000), doc: "Tokens that the model can hold, question and answer together; 0: unknown, and for ollama 16384, which it is told as num_ctx."},
	{key: "llm.keep_alive", check: keepAlive, doc: "How long ollama keeps the model in memory afterwards, such as 30m, or -1 for ever; empty: as it is set itself."},
	{key: "llm.ca_file", doc: "File with the certificate authority of the model server (PEM), where the system does not know it."},

	{key: "agents.path", doc: "Folder with agents' files (ID.md), which override fields of the built-in agents or add own ones; read once at the start; empty: the built-in ones."},

	{key: "llm.prices", doc: "File with prices of models (YAML), which come before the built-in ones; docs/configuration.md has the form."},
	{key: "llm.budget_per_user_day_usd", kind: decimal, def: "0", check: amount, doc: "US dollars that the models may cost one person in a UTC day; what is asked beyond is answered without a model. 0: no such budget."},
	{key: "llm.budget_per_day_usd", kind: decimal, def: "0", check: amount, doc: "The same for all people together."},
	{key: "llm.budget_per_user_day_tokens", kind: number, def: "0", check: between(0, 2_000_000_000), doc: "Tokens, read and written, that one person may use in a UTC day; for models without a price. 0: no such budget."},
	{key: "llm.budget_per_day_tokens", kind: number, def: "0", check: between(0, 2_000_000_000), doc: "The same for all people together."},
	{key: "llm.accounts_keep", kind: duration, def: "9600h", check: positive, doc: "How long the sums of what each person's models cost are kept, by day; 9600h are 400 days."},
	{key: "llm.cache_bytes", kind: number, def: "16777216", check: between(0, 1<<30), doc: "Memory for prose of models, which serves again while the tools say the same; 0: none is kept."},
	{key: "llm.cache_age", kind: duration, def: "15m", check: positive, doc: "How long such prose is kept."},

	{key: "embedder.provider", def: "none", check: oneOf("none", "openai", "ollama"),
		doc: "Who turns texts into vectors for the search in documents: none (it goes by words alone), openai (any OpenAI-compatible endpoint) or ollama."},
	{key: "embedder.endpoint", check: endpoint, doc: "Base URL of the embedder's server, such as http://127.0.0.1:8080/v1, or http://127.0.0.1:11434 for ollama."},
	{key: "embedder.model", doc: "Name of the embedding model; documents are embedded anew when it changes."},
	{key: "embedder.api_key", secret: true, doc: "Key for the embedder's server, if it wants one."},
	{key: "embedder.query_prefix", doc: "Text before each question, as the model was trained, such as \"query: \" for e5 or \"search_query: \" for nomic-embed-text."},
	{key: "embedder.document_prefix", doc: "Text before each passage, such as \"passage: \" for e5 or \"search_document: \" for nomic-embed-text."},
	{key: "embedder.batch", kind: number, def: "64", check: between(1, 2048), doc: "Most texts of one request; a server that takes fewer is found out."},
	{key: "embedder.timeout", kind: duration, def: "60s", check: positive, doc: "Longest wait for one request while documents are read in."},
	{key: "embedder.question_timeout", kind: duration, def: "2s", check: positive, doc: "Longest wait for the vector of a question; after it the search goes by words alone, and says so."},
	{key: "embedder.ca_file", doc: "File with the certificate authority of the embedder's server (PEM), where the system does not know it."},

	{key: "knowledge.paths", kind: list, doc: "Files, folders and archives with manuals and runbooks (Markdown, HTML, PDF, DOCX, text, zip), read at the start and whenever they change; without any, and with nothing ingested, the built-in runbooks serve."},
	{key: "knowledge.watch", kind: duration, def: "1m", check: positive, doc: "How often serve and mcp --http look whether those have changed."},
	{key: "knowledge.collection", def: "resync", check: word, doc: "Collection in Qdrant that holds the index, where qdrant_url is set."},

	{key: "mcp.toolsets", kind: list, check: toolsets, doc: "Toolsets that are offered over MCP: plan, diagnose, history, knowledge; none means all."},
	{key: "mcp.sessions", kind: toggle, def: "false",
		doc: "Give MCP clients of the revisions before 2026-07-28 sessions over HTTP; each costs memory, and its requests must come to the same process."},
	{key: "mcp.session_idle", kind: duration, def: "30m", check: positive, doc: "Such a session ends after this time without a request."},

	{key: "auth.session_idle", kind: duration, def: "1h", check: positive, doc: "A login in the browser ends after this time without a request."},
	{key: "auth.session_max", kind: duration, def: "12h", check: positive, doc: "A login in the browser ends after this time in any case."},
	{key: "auth.token_ttl", kind: duration, def: "10m", check: positive, doc: "Life of an access token of /token."},
	{key: "auth.refresh_ttl", kind: duration, def: "12h", check: positive, doc: "Life of a chain of refresh tokens, counted from the password."},
	{key: "auth.admin_username", def: "admin", aliases: []string{"ADMIN_USERNAME"}, check: filled, doc: "Name of the admin made at the first start."},
	{key: "auth.admin_password", secret: true, aliases: []string{"ADMIN_PASSWORD"}, check: password,
		doc: "Password of the admin made at the first start; without one a one-time login link is printed."},
	{key: "auth.secret_key", secret: true, aliases: []string{"SECRET_KEY"}, check: secretKey,
		doc: "Key that signs tokens, 32 characters or more; made and kept in the data folder when absent, demanded in production."},

	{key: "auth.oidc_issuer", check: issuer, doc: "Address of an OpenID Connect provider whose access tokens count as well, as its tokens name it, such as https://idp.example.com/realms/ops."},
	{key: "auth.oidc_audience", doc: "Audience that the provider's tokens for this server carry; empty means server.public_url with /mcp behind it."},
	{key: "auth.oidc_role_claim", def: "roles", check: filled, doc: "Claim with the caller's roles or groups; dots lead into objects (realm_access.roles)."},
	{key: "auth.oidc_roles", kind: list, check: roleValues, doc: "What the values of that claim mean, such as tws-ops=operator; none means the names viewer, operator and admin. Whoever has none of them is a viewer."},
	{key: "auth.oidc_ca_file", doc: "File with the certificate authority of the provider (PEM), where the system does not know it."},

	{key: "limits.body_bytes", kind: number, def: "65536", check: between(4096, 64<<20), doc: "Largest request body."},
	{key: "limits.requests_per_minute", kind: number, def: "600", check: between(1, 1_000_000), doc: "Requests a minute of each caller, or of each client address while nobody is known."},
	{key: "limits.logins_per_minute", kind: number, def: "20", check: between(1, 10_000), doc: "Login attempts per client address and minute."},
	{key: "limits.chats_at_once", kind: number, def: "8", check: between(1, 10_000), doc: "Questions that are worked on at the same time."},
	{key: "limits.turn_timeout", kind: duration, def: "2m", check: positive, doc: "Longest time for one answer."},

	{key: "shift.starts", kind: list, def: "06:00,14:00,22:00", check: shiftStarts, doc: "When shifts begin, times of day in the plan's zone; resync handover without --since reports the one that ends."},

	{key: "watch.interval", kind: duration, def: "1m", check: lasting(5*time.Second, 24*time.Hour), doc: "How often resync watch, and serve with webhooks, look for findings."},
	{key: "watch.settle", kind: duration, def: "5m", check: lasting(0, 24*time.Hour), doc: "How long a finding must be away until it is told as over; one that comes back before is the same one."},

	{key: "conversations.keep", kind: duration, def: "2160h", check: positive, doc: "How long a conversation is kept after its last question; 2160h are 90 days."},
	{key: "conversations.turns", kind: number, def: "100", check: between(1, 10_000), doc: "Most questions that are kept of one conversation; the oldest go first."},
	{key: "conversations.per_person", kind: number, def: "500", check: between(1, 100_000), doc: "Most conversations that are kept of one person; those longest unused go first."},

	{key: "audit.keep", kind: duration, def: "2160h", check: positive, doc: "How long the audit trail keeps a tool call; 2160h are 90 days."},
	{key: "audit.rows", kind: number, def: "1000000", check: between(1000, 1_000_000_000), doc: "Most calls that the audit trail keeps, some 200 bytes each; the oldest go first."},

	{key: "telemetry.otlp_endpoint", check: endpoint, doc: "Collector of traces, OTLP over HTTP, such as http://127.0.0.1:4318; empty: no traces."},
	{key: "telemetry.sample", kind: decimal, def: "1", check: share, doc: "Part of the traces that is recorded, from 0 to 1; those that a caller records are recorded in any case."},

	{key: "database_url", secret: true, aliases: []string{"DATABASE_URL"}, doc: "PostgreSQL for state that several processes share, a postgres:// URL; none means SQLite in data_dir."},
	{key: "redis_url", secret: true, aliases: []string{"REDIS_URL"}, check: redisURL, doc: "Redis in which several processes share what they read of the engine, sealed with secret_key; empty: each reads for itself."},
	{key: "qdrant_url", secret: true, aliases: []string{"QDRANT_URL"}, check: qdrantURL, doc: "Qdrant as index of the documents, its gRPC port, such as http://127.0.0.1:6334 or https://qdrant.example.com:6334; empty: files in data_dir."},
	{key: "qdrant_api_key", secret: true, aliases: []string{"QDRANT_API_KEY"}, doc: "Key for Qdrant, if it wants one."},
}

// engineOptions is the table of the keys of engines.NAME.
var engineOptions = []option{
	{key: "mode", def: "auto", aliases: []string{"APP_TWS_MODE"}, check: oneOf("auto", "mock", "live"), doc: "mock is the built-in demo engine, live a real one; auto is live as soon as a host is set."},
	{key: "host", kind: list, aliases: []string{"TWS_HOST", "APP_TWS_HOST"}, check: hosts,
		doc: "Name or address of the engine (the master, or the server that answers its REST API); several with commas (backup masters) are tried in this order, each may carry :port."},
	{key: "port", kind: number, def: "31116", aliases: []string{"TWS_PORT", "APP_TWS_PORT"}, check: enginePort, doc: "Port of the engine's REST API (not netman's 31111) for hosts without one."},
	{key: "scheme", def: "https", aliases: []string{"APP_TWS_SCHEME"}, check: oneOf("https", "http"), doc: "https, or http for a test engine."},
	{key: "user", aliases: []string{"TWS_USER", "APP_TWS_USER"}, doc: "Account that may LIST and DISPLAY; it needs no right to change anything."},
	{key: "password", secret: true, aliases: []string{"TWS_PASSWORD", "APP_TWS_PASSWORD"}, doc: "Its password."},
	{key: "api_key", secret: true, aliases: []string{"APP_TWS_API_KEY"}, doc: "Bearer token instead of user and password."},
	{key: "api", def: "auto", aliases: []string{"APP_TWS_API"}, check: oneOf("auto", "v2", "v1"), doc: "Which REST API to speak: auto, v2, v1."},
	{key: "ca_file", aliases: []string{"APP_TWS_CA_FILE"}, doc: "File with the certificate authority of the engine (PEM)."},
	{key: "insecure_skip_verify", kind: toggle, def: "false", aliases: []string{"APP_TWS_INSECURE_SKIP_VERIFY"}, doc: "Do not verify the engine's certificate; refused in production."},
	{key: "proxy", secret: true, aliases: []string{"APP_TWS_PROXY"}, check: proxy,
		doc: "Proxy in front of the engine: http://, https:// or socks5://, may hold user and password; none goes straight; empty takes that of the environment (HTTPS_PROXY, NO_PROXY)."},
	{key: "timeout", kind: duration, def: "30s", aliases: []string{"APP_TWS_TIMEOUT"}, check: positive, doc: "Longest wait for one answer of the engine."},
}

// serverOptions is the table of the keys of mcp_servers.NAME: further MCP servers whose tools a model may use.
var serverOptions = []option{
	{key: "command", doc: "Program to start, which then speaks MCP over its standard input and output; no shell reads it. Either this or url."},
	{key: "args", kind: list, doc: "Its arguments."},
	{key: "env", kind: list, secret: true, doc: "Its environment beside PATH and HOME: NAME=VALUE, or NAME alone to hand on that variable of Resync's own environment."},
	{key: "url", check: endpoint, doc: "Address of a server over streamable HTTP, instead of a command."},
	{key: "bearer", secret: true, doc: "Token for url, sent to that server only; needs https beyond loopback."},
	{key: "tools", kind: list, doc: "Names of the tools that may be used, as the server has them; there is no wildcard, and without a name there is no tool."},
	{key: "timeout", kind: duration, def: "30s", check: positive, doc: "Longest wait for one call."},
	{key: "max_calls_per_turn", kind: number, def: "4", check: between(1, 8), doc: "Calls that one question may make of this server."},
	{key: "trust_unannotated", kind: toggle, def: "false", doc: "Also use tools that do not say whether they only read. One that says that it writes or destroys is never used."},
}

// modelOptions is the table of the keys of models.NAME: further language models.
var modelOptions = []option{
	{key: "provider", def: "openai", check: oneOf("openai", "anthropic", "gemini", "ollama"), doc: "What its server speaks: openai (any OpenAI-compatible endpoint), anthropic, gemini, or ollama (its own interface)."},
	{key: "endpoint", check: endpoint, doc: "Base URL of its server; empty means the provider's own, as for llm.endpoint."},
	{key: "api_key", secret: true, doc: "Key for its server, if it wants one."},
	{key: "model", doc: "The model's own name."},
	{key: "timeout", kind: duration, def: "60s", check: positive, doc: "Longest time that it works on one question."},
	{key: "first_byte_timeout", kind: duration, def: "30s", check: positive, doc: "Longest wait for the beginning of one answer."},
	{key: "chunk_timeout", kind: duration, def: "20s", check: positive, doc: "Longest wait between two pieces of an answer."},
	{key: "max_tokens", kind: number, def: "1024", check: between(1, 1_000_000), doc: "Most tokens of one answer, its thoughts included."},
	{key: "temperature", kind: decimal, def: "0", check: temperature, doc: "0 is the most repeatable; at most 2, for anthropic 1."},
	{key: "context_tokens", kind: number, def: "0", check: between(0, 10_000_000), doc: "Tokens that it can hold, question and answer together; 0: unknown, and for ollama 16384."},
	{key: "keep_alive", check: keepAlive, doc: "How long ollama keeps it in memory afterwards, such as 30m, or -1 for ever; empty: as it is set itself."},
	{key: "ca_file", doc: "File with the certificate authority of its server (PEM)."},
}

// webhookOptions is the table of the keys of webhooks.NAME: where findings are sent to.
var webhookOptions = []option{
	{key: "kind", def: "generic", check: oneOf("generic", "teams", "slack"), doc: "Form of the message: generic (JSON, docs/watch.md), teams (a workflow that posts when a Teams webhook request is received) or slack (an incoming webhook)."},
	{key: "url", secret: true, check: webhookURL, doc: "Its address; https:// beyond this machine. It counts as a secret: whoever knows it can post."},
	{key: "secret", secret: true, doc: "Key of the signature of generic messages (HMAC-SHA256); empty: they are not signed."},
	{key: "min_severity", def: "high", check: oneOf("critical", "high", "medium", "low"), doc: "Only findings at least that bad: critical, high, medium or low."},
	{key: "engines", kind: list, doc: "Only findings of these engines; empty: of all."},
	{key: "language", def: "en", check: oneOf("en", "pt"), doc: "en or pt."},
	{key: "quiet", check: quietHours, doc: "Time of day in the plan's zone at which only what is critical is sent, such as 22:00-06:00; the rest follows if it still stands."},
	{key: "remind", kind: duration, def: "4h", check: notNegative, doc: "Findings that still stand are sent again after this time; 0s: never."},
}

// toolServerOptions is the table of the keys of tool_servers.NAME: the tool servers of an edge agent.
var toolServerOptions = []option{
	{key: "url", check: endpoint, doc: "Address of a resync mcp --http, with or without /mcp at its end; https beyond loopback."},
	{key: "bearer", secret: true, doc: "API key or token for it, with the scopes mcp, read and delegate; sent to that server only."},
	{key: "ca_file", doc: "File with the certificate authority of the server (PEM), where the system does not know it."},
	{key: "timeout", kind: duration, def: "50s", check: positive, doc: "Longest wait for one answer; tools themselves take 45 s at most."},
}

// group is a table of keys that exist once for each NAME: SECTION.NAME.key.
type group struct {
	section string
	rows    []option
	name    *regexp.Regexp
}

func (g group) prefix(name string) string { return g.section + "." + name + "." }

// groups are the tables that have names of their own.
func groups() []group {
	return []group{{"engines", engineOptions, engineName}, {"mcp_servers", serverOptions, serverName}, {"models", modelOptions, engineName}, {"webhooks", webhookOptions, engineName}, {"tool_servers", toolServerOptions, serverName}}
}

// defaultEngine is the engine that the environment names without NAME configure.
const defaultEngine = "default"

// find gives the row of a full key; where the key belongs to a group, also the group and the name within it.
func find(key string) (row option, in group, name string, ok bool) {
	rows, rest := options, key
	for _, g := range groups() {
		after, ok := strings.CutPrefix(key, g.section+".")
		if !ok {
			continue
		}
		name, rest, _ = strings.Cut(after, ".")
		if !g.name.MatchString(name) {
			return option{}, group{}, "", false
		}
		rows, in = g.rows, g
	}
	for _, o := range rows {
		if o.key == rest {
			return o, in, name, true
		}
	}
	return option{}, group{}, "", false
}

// envName gives the regular environment name of a full key.
func envName(key string) string {
	return "APP_" + strings.ToUpper(strings.ReplaceAll(key, ".", "__"))
}
