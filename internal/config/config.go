// Package config reads what Resync is told: built-in defaults, settings.toml, settings.{APP_ENV}.toml, the environment
// (APP_SECTION__KEY, a few older names, and each name with _FILE for a file that holds the value) and flags, each layer
// over the ones before it. A key that nobody knows, a value of the wrong type and a combination that cannot work are errors
// with a sentence for people; values of secrets appear in none of them.
//
// The table of all keys is in table.go; a test holds settings.toml and .env.example to it. Only cmd imports this package:
// rooms have Options. Start at Load. A Config is not changed after Load and may be read by many goroutines.
package config

import (
	"strings"
	"time"

	"github.com/knadh/koanf/v2"

	"github.com/resync-hwa/resync/internal/secret"
)

// Config is the whole configuration, checked.
type Config struct {
	Env       string // APP_ENV; "production" makes checks strict
	DataDir   string // all local state
	Log       Log
	Server    Server
	Engines   []Engine // by name; empty when none is configured, which means the demo engine
	LLM       LLM
	Embedder  Embedder
	Knowledge Knowledge
	MCP       MCP
	Agents    Agents
	Auth      Auth
	Limits    Limits
	Shift     Shift
	Watch     Watch
	Audit     Audit
	Telemetry Telemetry
	Database  secret.String // PostgreSQL URL; may hold a password
	Redis     secret.String
	Qdrant    secret.String
	QdrantKey secret.String

	// MCPServers are further MCP servers whose tools a model may use, by name.
	MCPServers []MCPServer
	// ToolServers are what an edge agent takes its tools and data from, by name.
	ToolServers []ToolServer

	// Webhooks are where findings are sent to, by name.
	Webhooks []Webhook

	// Conversations says how long, and how much, is kept of what people asked.
	Conversations Conversations

	llm    Model    // of llm.*; its Provider may be offline
	others []Model  // of models.NAME, by name
	chain  []string // as configured
	off    bool     // no model at all is wanted
	values []value
}

// Log says what is logged and how.
type Log struct {
	Level  string // debug, info, warn, error
	Format string // text, json
}

// Server is where and how Resync listens.
type Server struct {
	Listen      string
	PublicURL   string
	BehindProxy bool
	TLSCert     string
	TLSKey      string
}

// Engine is one workload scheduler to ask.
type Engine struct {
	Name               string
	Mode               string   // mock or live
	Hosts              []string // the master and its backup masters, each with or without a port
	Port               int      // of those without one
	Scheme             string
	User               string
	Password           secret.String
	APIKey             secret.String
	API                string // auto, v2, v1
	CAFile             string
	InsecureSkipVerify bool
	Proxy              secret.String // URL, may hold a password; "none" for no proxy, empty for the environment's
	Timeout            time.Duration
}

// LLM is the language models, if any.
type LLM struct {
	Models     []Model // in the order in which they are asked; empty: the offline model alone
	Spend      Spend
	CacheBytes int // of prose that is kept; 0: none
	CacheAge   time.Duration
}

// Spend is what models may cost, and how long that is remembered. A budget of 0 is none.
type Spend struct {
	Prices                   string // file
	UserDayUSD, DayUSD       float64
	UserDayTokens, DayTokens int64
	Keep                     time.Duration
}

// Model is one language model.
type Model struct {
	Name          string // "default" for the one of llm.*
	Provider      string // openai, anthropic, gemini or ollama
	Endpoint      string // empty means the provider's own
	APIKey        secret.String
	Model         string
	Timeout       time.Duration
	FirstByte     time.Duration
	Chunk         time.Duration
	MaxTokens     int
	Temperature   float64
	ContextTokens int // 0: unknown
	KeepAlive     string
	CAFile        string
}

// Embedder is the server that turns texts into vectors, if any.
type Embedder struct {
	Provider        string // none, openai or ollama
	Endpoint        string
	Model           string
	APIKey          secret.String
	QueryPrefix     string
	DocumentPrefix  string
	Batch           int
	Timeout         time.Duration
	QuestionTimeout time.Duration
	CAFile          string
}

// MCPServer is one further MCP server: a program, or an address.
type MCPServer struct {
	Name             string
	Command          string
	Args             []string
	Env              []secret.String // NAME=VALUE, or NAME alone
	URL              string
	Bearer           secret.String
	Tools            []string
	Timeout          time.Duration
	MaxCallsPerTurn  int
	TrustUnannotated bool
}

// Agents is where a site's own agents are.
type Agents struct {
	Path string // folder; empty: the built-in agents
}

// ToolServer is one tool server of an edge agent.
type ToolServer struct {
	Name    string
	URL     string
	Bearer  secret.String
	CAFile  string
	Timeout time.Duration
}

// Knowledge is where documents are read from, and how their index is kept.
type Knowledge struct {
	Paths      []string      // may be empty: what was ingested by hand serves, else the built-in runbooks
	Watch      time.Duration // how often Paths are looked at
	Collection string        // in Qdrant
}

// MCP is what is offered over MCP, and how over HTTP.
type MCP struct {
	Toolsets    []string // empty means all
	Sessions    bool
	SessionIdle time.Duration
}

// Auth is how long people stay logged in and how the first admin is made.
type Auth struct {
	SessionIdle   time.Duration
	SessionMax    time.Duration
	TokenTTL      time.Duration
	RefreshTTL    time.Duration
	AdminUsername string
	AdminPassword secret.String
	SecretKey     secret.String
	OIDCIssuer    string // empty: no provider
	OIDCAudience  string // never empty with an issuer
	OIDCRoleClaim string
	OIDCRoles     []string // VALUE=ROLE
	OIDCCAFile    string
}

// Limits bound what callers may cost.
type Limits struct {
	BodyBytes         int
	RequestsPerMinute int
	LoginsPerMinute   int
	ChatsAtOnce       int
	TurnTimeout       time.Duration
}

// Shift is how people work.
type Shift struct {
	Starts []string // times of day as 06:00, in the plan's zone
}

// Watch is how often findings are looked for, and when one is over.
type Watch struct {
	Interval time.Duration
	Settle   time.Duration
}

// Webhook is one place that findings are sent to.
type Webhook struct {
	Name        string
	Kind        string // generic, teams, slack
	URL         secret.String
	Secret      secret.String
	MinSeverity string
	Engines     []string
	Language    string
	Quiet       string // 22:00-06:00, or empty
	Remind      time.Duration
}

// Conversations is how much is kept of what people asked.
type Conversations struct {
	Keep      time.Duration
	Turns     int // of one conversation
	PerPerson int // conversations
}

// Audit is how much of the audit trail is kept.
type Audit struct {
	Keep time.Duration
	Rows int
}

// Telemetry is where traces go; an empty endpoint means nowhere.
type Telemetry struct {
	Endpoint string
	Sample   float64
}

// Production reports whether the strict checks apply.
func (c *Config) Production() bool { return c.Env == production }

// production is the value of APP_ENV that makes checks strict.
const production = "production"

// build makes the typed configuration of the merged layers.
func build(k *koanf.Koanf, names func(group) []string, off bool) *Config {
	c := &Config{
		off:     off,
		Env:     k.String("env"),
		DataDir: k.String("data_dir"),
		Log:     Log{Level: k.String("log.level"), Format: k.String("log.format")},
		Server: Server{
			Listen: k.String("server.listen"), PublicURL: k.String("server.public_url"), BehindProxy: k.Bool("server.behind_proxy"),
			TLSCert: k.String("server.tls_cert"), TLSKey: k.String("server.tls_key"),
		},
		LLM: LLM{
			Spend: Spend{Prices: k.String("llm.prices"), UserDayUSD: k.Float64("llm.budget_per_user_day_usd"), DayUSD: k.Float64("llm.budget_per_day_usd"),
				UserDayTokens: k.Int64("llm.budget_per_user_day_tokens"), DayTokens: k.Int64("llm.budget_per_day_tokens"), Keep: k.Duration("llm.accounts_keep")},
			CacheBytes: k.Int("llm.cache_bytes"), CacheAge: k.Duration("llm.cache_age"),
		},
		Embedder: Embedder{
			Provider: k.String("embedder.provider"), Endpoint: k.String("embedder.endpoint"), Model: k.String("embedder.model"), APIKey: secret.New(k.String("embedder.api_key")),
			QueryPrefix: k.String("embedder.query_prefix"), DocumentPrefix: k.String("embedder.document_prefix"), Batch: k.Int("embedder.batch"),
			Timeout: k.Duration("embedder.timeout"), QuestionTimeout: k.Duration("embedder.question_timeout"), CAFile: k.String("embedder.ca_file"),
		},
		Agents:    Agents{Path: k.String("agents.path")},
		Knowledge: Knowledge{Paths: k.Strings("knowledge.paths"), Watch: k.Duration("knowledge.watch"), Collection: k.String("knowledge.collection")},
		MCP:       MCP{Toolsets: k.Strings("mcp.toolsets"), Sessions: k.Bool("mcp.sessions"), SessionIdle: k.Duration("mcp.session_idle")},
		Auth: Auth{
			SessionIdle: k.Duration("auth.session_idle"), SessionMax: k.Duration("auth.session_max"),
			TokenTTL: k.Duration("auth.token_ttl"), RefreshTTL: k.Duration("auth.refresh_ttl"),
			AdminUsername: k.String("auth.admin_username"), AdminPassword: secret.New(k.String("auth.admin_password")),
			SecretKey:  secret.New(k.String("auth.secret_key")),
			OIDCIssuer: k.String("auth.oidc_issuer"), OIDCAudience: k.String("auth.oidc_audience"),
			OIDCRoleClaim: k.String("auth.oidc_role_claim"), OIDCRoles: k.Strings("auth.oidc_roles"), OIDCCAFile: k.String("auth.oidc_ca_file"),
		},
		Limits: Limits{
			BodyBytes: k.Int("limits.body_bytes"), RequestsPerMinute: k.Int("limits.requests_per_minute"),
			LoginsPerMinute: k.Int("limits.logins_per_minute"), ChatsAtOnce: k.Int("limits.chats_at_once"), TurnTimeout: k.Duration("limits.turn_timeout"),
		},
		Shift: Shift{Starts: k.Strings("shift.starts")},
		Watch: Watch{Interval: k.Duration("watch.interval"), Settle: k.Duration("watch.settle")},
		Conversations: Conversations{
			Keep: k.Duration("conversations.keep"), Turns: k.Int("conversations.turns"), PerPerson: k.Int("conversations.per_person"),
		},
		Audit:     Audit{Keep: k.Duration("audit.keep"), Rows: k.Int("audit.rows")},
		Telemetry: Telemetry{Endpoint: k.String("telemetry.otlp_endpoint"), Sample: k.Float64("telemetry.sample")},
		Database:  secret.New(k.String("database_url")),
		Redis:     secret.New(k.String("redis_url")),
		Qdrant:    secret.New(k.String("qdrant_url")),
		QdrantKey: secret.New(k.String("qdrant_api_key")),
	}
	if c.Auth.OIDCAudience == "" && c.Server.PublicURL != "" {
		c.Auth.OIDCAudience = strings.TrimRight(c.Server.PublicURL, "/") + "/mcp"
	}
	engines, servers, models, webhooks, tools := groups()[0], groups()[1], groups()[2], groups()[3], groups()[4]
	c.llm, c.chain = buildModel(k.Cut("llm"), defaultModel), k.Strings("llm.chain")
	for _, name := range names(models) {
		c.others = append(c.others, buildModel(k.Cut("models."+name), name))
	}
	c.LLM.Models = c.ordered()
	for _, name := range names(engines) {
		c.Engines = append(c.Engines, buildEngine(k.Cut("engines."+name), name))
	}
	for _, name := range names(servers) {
		c.MCPServers = append(c.MCPServers, buildServer(k.Cut("mcp_servers."+name), name))
	}
	for _, name := range names(webhooks) {
		c.Webhooks = append(c.Webhooks, buildWebhook(k.Cut("webhooks."+name), name))
	}
	for _, name := range names(tools) {
		t := k.Cut("tool_servers." + name)
		c.ToolServers = append(c.ToolServers, ToolServer{Name: name, URL: t.String("url"), Bearer: secret.New(t.String("bearer")), CAFile: t.String("ca_file"), Timeout: t.Duration("timeout")})
	}
	return c
}

func buildModel(k *koanf.Koanf, name string) Model {
	return Model{
		Name: name, Provider: k.String("provider"), Endpoint: k.String("endpoint"), APIKey: secret.New(k.String("api_key")), Model: k.String("model"),
		Timeout: k.Duration("timeout"), FirstByte: k.Duration("first_byte_timeout"), Chunk: k.Duration("chunk_timeout"),
		MaxTokens: k.Int("max_tokens"), Temperature: k.Float64("temperature"), ContextTokens: k.Int("context_tokens"), KeepAlive: k.String("keep_alive"), CAFile: k.String("ca_file"),
	}
}

func buildWebhook(k *koanf.Koanf, name string) Webhook {
	return Webhook{
		Name: name, Kind: k.String("kind"), URL: secret.New(k.String("url")), Secret: secret.New(k.String("secret")), MinSeverity: k.String("min_severity"),
		Engines: k.Strings("engines"), Language: k.String("language"), Quiet: k.String("quiet"), Remind: k.Duration("remind"),
	}
}

func buildServer(k *koanf.Koanf, name string) MCPServer {
	s := MCPServer{
		Name: name, Command: k.String("command"), Args: k.Strings("args"), URL: k.String("url"), Bearer: secret.New(k.String("bearer")), Tools: k.Strings("tools"),
		Timeout: k.Duration("timeout"), MaxCallsPerTurn: k.Int("max_calls_per_turn"), TrustUnannotated: k.Bool("trust_unannotated"),
	}
	for _, e := range k.Strings("env") {
		s.Env = append(s.Env, secret.New(e))
	}
	return s
}

func buildEngine(k *koanf.Koanf, name string) Engine {
	return Engine{
		Name: name, Mode: k.String("mode"), Hosts: k.Strings("host"), Port: k.Int("port"), Scheme: k.String("scheme"),
		User: k.String("user"), Password: secret.New(k.String("password")), APIKey: secret.New(k.String("api_key")), API: k.String("api"),
		CAFile: k.String("ca_file"), InsecureSkipVerify: k.Bool("insecure_skip_verify"),
		Proxy: secret.New(k.String("proxy")), Timeout: k.Duration("timeout"),
	}
}
