package config_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
)

const key = "q7Zk2Pw9vXc4Rt8Ym1Lb6Nd3Hs5Jf0Ga"

// setup writes the files into a fresh folder; FILE: in a variable stands for that folder.
func setup(t *testing.T, files map[string]string, environ []string, flags map[string]string) config.Options {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := make([]string, len(environ))
	for i, e := range environ {
		env[i] = strings.ReplaceAll(e, "DIR/", dir+"/")
	}
	return config.Options{Dir: dir, Environ: env, Flags: flags}
}

func TestLoad(t *testing.T) {
	for _, tc := range []struct {
		name  string
		files map[string]string
		env   []string
		flags map[string]string
		want  map[string]string // key → value and origin as printed
	}{
		{name: "nothing-is-enough", want: map[string]string{"env": "development|default", "server.listen": "127.0.0.1:8000|default", "llm.provider": "offline|default"}},
		{
			name:  "layers-in-order",
			files: map[string]string{"settings.toml": "[log]\nlevel='warn'\nformat='json'\n[server]\nlisten='127.0.0.1:1'\n[limits]\nchats_at_once=3", "settings.qa.toml": "[log]\nlevel='error'\n[limits]\nchats_at_once=4"},
			env:   []string{"APP_ENV=qa", "APP_LIMITS__CHATS_AT_ONCE=5", "APP_SERVER__LISTEN=127.0.0.1:2"},
			flags: map[string]string{"server.listen": "127.0.0.1:3"},
			want: map[string]string{
				"env": "qa|APP_ENV", "log.format": "json|settings.toml", "log.level": "error|settings.qa.toml",
				"limits.chats_at_once": "5|APP_LIMITS__CHATS_AT_ONCE", "server.listen": "127.0.0.1:3|flag",
			},
		},
		{
			name: "env-chosen-by-settings", files: map[string]string{"settings.toml": "env='lab'", "settings.lab.toml": "data_dir='/lab'"},
			want: map[string]string{"env": "lab|settings.toml", "data_dir": "/lab|settings.lab.toml"},
		},
		{
			name:  "prefixes-keep-their-space",
			env:   []string{"APP_EMBEDDER__PROVIDER=ollama", "APP_EMBEDDER__ENDPOINT=http://127.0.0.1:11434", "APP_EMBEDDER__QUERY_PREFIX=query: "},
			files: map[string]string{"settings.toml": "[embedder]\nmodel='e5'\ndocument_prefix='passage: '\nquestion_timeout='500ms'"},
			want:  map[string]string{"embedder.query_prefix": "query: |APP_EMBEDDER__QUERY_PREFIX", "embedder.document_prefix": "passage: |settings.toml", "embedder.batch": "64|default", "embedder.question_timeout": "500ms|settings.toml"},
		},
		{
			name: "host-means-live", env: []string{"TWS_HOST=mdm.example.com"},
			want: map[string]string{"engines.default.mode": "live|because engines.default.host is set by TWS_HOST", "engines.default.port": "31116|default", "engines.default.scheme": "https|default"},
		},
		{
			name: "mock-although-host", env: []string{"TWS_HOST=mdm", "APP_TWS_MODE=mock"},
			want: map[string]string{"engines.default.mode": "mock|APP_TWS_MODE"},
		},
		{
			name: "aliases-of-the-engine",
			env:  []string{"TWS_HOST=10.1.2.3", "TWS_PORT=9443", "TWS_USER=ann", "TWS_PASSWORD=pw-of-ann", "APP_TWS_SCHEME=http", "APP_TWS_CA_FILE=/ca.pem", "APP_TWS_API=v1"},
			want: map[string]string{
				"engines.default.port": "9443|TWS_PORT", "engines.default.user": "ann|TWS_USER", "engines.default.password": "***|TWS_PASSWORD",
				"engines.default.scheme": "http|APP_TWS_SCHEME", "engines.default.ca_file": "/ca.pem|APP_TWS_CA_FILE", "engines.default.api": "v1|APP_TWS_API",
			},
		},
		{
			name: "second-engine", files: map[string]string{"settings.toml": "[engines.prod]\nhost='a'\n"}, env: []string{"APP_ENGINES__PROD__TIMEOUT=5s", "APP_ENGINES__DR__HOST=b"},
			want: map[string]string{"engines.prod.mode": "live|because engines.prod.host is set by settings.toml", "engines.prod.timeout": "5s|APP_ENGINES__PROD__TIMEOUT", "engines.dr.host": "b|APP_ENGINES__DR__HOST"},
		},
		{
			name: "endpoint-means-openai", env: []string{"LLM_ENDPOINT=http://127.0.0.1:11434/v1", "APP_LLM_MODEL=m"},
			want: map[string]string{"llm.provider": "openai|because llm.endpoint is set by LLM_ENDPOINT", "llm.model": "m|APP_LLM_MODEL"},
		},
		{
			name: "offline-although-endpoint", env: []string{"LLM_ENDPOINT=http://127.0.0.1:11434/v1", "APP_LLM_PROVIDER=offline"},
			want: map[string]string{"llm.provider": "offline|APP_LLM_PROVIDER"},
		},
		{
			name: "files-hold-values", files: map[string]string{"pw": "pw-in-file\n", "host": "from-file\r\n"},
			env:  []string{"TWS_PASSWORD_FILE=DIR/pw", "TWS_USER=ann", "TWS_HOST_FILE=DIR/host"},
			want: map[string]string{"engines.default.password": "***|TWS_PASSWORD_FILE", "engines.default.host": "from-file|TWS_HOST_FILE", "engines.default.mode": "live|because engines.default.host is set by TWS_HOST_FILE"},
		},
		{
			name: "empty-variables-are-not-set", env: []string{"TWS_HOST=", "LLM_ENDPOINT=", "REDIS_URL=", "SECRET_KEY_FILE=", "APP_NO_SUCH_THING="},
			want: map[string]string{"llm.provider": "offline|default"},
		},
		{
			name: "same-twice-is-once", env: []string{"TWS_HOST=a", "APP_TWS_HOST=a", "APP_ENGINES__DEFAULT__HOST=a"},
			want: map[string]string{"engines.default.host": "a|APP_ENGINES__DEFAULT__HOST"},
		},
		{name: "paths-by-comma", env: []string{"APP_KNOWLEDGE__PATHS=/a, /b"}, want: map[string]string{"knowledge.paths": "/a,/b|APP_KNOWLEDGE__PATHS"}},
		{
			name: "production", env: []string{"APP_ENV=production", "TWS_HOST=mdm", "TWS_USER=u", "TWS_PASSWORD=p", "SECRET_KEY=" + key},
			want: map[string]string{"env": "production|APP_ENV", "auth.secret_key": "***|SECRET_KEY"},
		},
		{
			name: "provider", env: []string{"APP_AUTH__OIDC_ISSUER=https://idp.example.com/realms/ops", "APP_SERVER__PUBLIC_URL=https://resync.example.com", "APP_AUTH__OIDC_ROLES=cn=ops;dc=x=operator,boss=admin"},
			want: map[string]string{"auth.oidc_role_claim": "roles|default", "auth.oidc_roles": "cn=ops;dc=x=operator,boss=admin|APP_AUTH__OIDC_ROLES"},
		},
		{name: "provider-on-this-machine", env: []string{"APP_AUTH__OIDC_ISSUER=http://127.0.0.1:9000", "APP_AUTH__OIDC_AUDIENCE=x"}, want: map[string]string{"auth.oidc_issuer": "http://127.0.0.1:9000|APP_AUTH__OIDC_ISSUER"}},
		{name: "strangers-of-others", env: []string{"HOME=/x", "APPLE=1", "TWSX=1"}, want: map[string]string{"env": "development|default"}},
		{
			name: "beyond-loopback-behind-proxy", env: []string{"APP_SERVER__LISTEN=0.0.0.0:80", "APP_SERVER__BEHIND_PROXY=true"},
			want: map[string]string{"server.behind_proxy": "true|APP_SERVER__BEHIND_PROXY"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := config.Load(setup(t, tc.files, tc.env, tc.flags))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, s := range c.Settings() {
				got[s.Key] = s.Value + "|" + s.Origin
			}
			for k, want := range tc.want {
				if got[k] != want {
					t.Errorf("%s = %q, want %q", k, got[k], want)
				}
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tc := range []struct {
		name    string
		files   map[string]string
		env     []string
		flags   map[string]string
		want    []string
		notWant string
	}{
		{name: "unknown-key-in-file", files: map[string]string{"settings.toml": "[server]\nlissten='x'"}, want: []string{"server.lissten", "settings.toml", "did you mean server.listen?"}},
		{name: "unknown-section", files: map[string]string{"settings.toml": "[sever]\nlisten='x'"}, want: []string{"sever.listen"}},
		{name: "unknown-variable", env: []string{"APP_LLM_MODLE=x"}, want: []string{"APP_LLM_MODLE", "did you mean APP_LLM_MODEL?"}},
		{name: "unknown-nested-variable", env: []string{"APP_SERVER__LISEN=x"}, want: []string{"APP_SERVER__LISEN", "APP_SERVER__LISTEN"}},
		{name: "unknown-engine-key", env: []string{"APP_ENGINES__PROD__HOTS=x"}, want: []string{"APP_ENGINES__PROD__HOTS"}},
		{name: "unknown-flag", flags: map[string]string{"server.port": "1"}, want: []string{"server.port"}},
		{name: "engine-name", files: map[string]string{"settings.toml": "[engines.'A b']\nhost='x'"}, want: []string{"no key"}},
		{name: "wrong-type", files: map[string]string{"settings.toml": "[limits]\nchats_at_once='many'"}, want: []string{"limits.chats_at_once", "whole number", `"many"`}},
		{name: "wrong-type-text", files: map[string]string{"settings.toml": "[server]\nlisten=8000"}, want: []string{"server.listen", "a text"}},
		{name: "wrong-duration", env: []string{"APP_LLM__TIMEOUT=60"}, want: []string{"llm.timeout", "30s"}},
		{name: "negative-duration", env: []string{"APP_LLM__TIMEOUT=-1s"}, want: []string{"llm.timeout", "above zero"}},
		{name: "netman", env: []string{"TWS_HOST=a", "TWS_PORT=31111"}, want: []string{"netman", "31116"}},
		{name: "host-with-scheme", env: []string{"TWS_HOST=https://a:1"}, want: []string{"engines.default.host", "keys of their own"}},
		{name: "second-host-netman", env: []string{"TWS_HOST=a, b:31111"}, want: []string{"engines.default.host", "netman"}},
		{name: "host-twice", env: []string{"TWS_HOST=a:1,b,a:1"}, want: []string{"names a host twice"}},
		{name: "host-with-user", env: []string{"TWS_HOST=u:hush-hush@a"}, want: []string{"engines.default.host"}},
		{name: "proxy-scheme", env: []string{"TWS_HOST=a", "APP_TWS_PROXY=ftp://u:hush-hush@p"}, want: []string{"engines.default.proxy", "socks5://"}, notWant: "hush-hush"},
		{name: "proxy-no-address", env: []string{"TWS_HOST=a", "APP_TWS_PROXY=http://u:hush-hush@%zz"}, want: []string{"engines.default.proxy"}, notWant: "hush-hush"},
		{name: "chain-names-nobody", env: []string{"APP_LLM__CHAIN=big", "APP_MODELS__SMALL__MODEL=m", "APP_MODELS__SMALL__ENDPOINT=http://h/v1"}, want: []string{"llm.chain", "names big", "[models.big]"}},
		{name: "chain-names-default", env: []string{"APP_LLM__CHAIN=default"}, want: []string{"llm.chain", "names default", "there is none"}},
		{name: "chain-twice", env: []string{"APP_LLM__CHAIN=a,a"}, want: []string{"llm.chain", "different names"}},
		{name: "chain-needed", env: []string{"LLM_ENDPOINT=http://h/v1", "APP_LLM_MODEL=m", "APP_MODELS__BIG__MODEL=m", "APP_MODELS__BIG__ENDPOINT=http://h/v1"}, want: []string{"llm.chain", "in which order"}},
		{name: "models-default", env: []string{"APP_MODELS__DEFAULT__MODEL=m"}, want: []string{"models.default", "choose another name"}},
		{name: "models-no-model", env: []string{"APP_MODELS__BIG__ENDPOINT=http://h/v1"}, want: []string{"models.big.model is needed"}},
		{name: "models-no-endpoint", env: []string{"APP_MODELS__BIG__MODEL=m"}, want: []string{"models.big.endpoint is needed"}},
		{name: "models-no-key", env: []string{"APP_MODELS__BIG__MODEL=m", "APP_MODELS__BIG__PROVIDER=anthropic"}, want: []string{"models.big.api_key is needed"}},
		{name: "models-provider", env: []string{"APP_MODELS__BIG__PROVIDER=oracle"}, want: []string{"models.big.provider", "anthropic"}},
		{name: "models-unknown-key", env: []string{"APP_MODELS__BIG__MODLE=m"}, want: []string{"APP_MODELS__BIG__MODLE"}},
		{name: "models-temperature", env: []string{"APP_MODELS__BIG__MODEL=m", "APP_MODELS__BIG__PROVIDER=anthropic", "APP_MODELS__BIG__API_KEY=hush-key", "APP_MODELS__BIG__TEMPERATURE=1.5"}, want: []string{"at most 1"}, notWant: "hush-key"},
		{name: "models-context", env: []string{"LLM_ENDPOINT=http://h/v1", "APP_LLM_MODEL=m", "APP_LLM__CONTEXT_TOKENS=1100"}, want: []string{"llm.context_tokens", "leave room"}},
		{name: "keep-alive-elsewhere", env: []string{"LLM_ENDPOINT=http://h/v1", "APP_LLM_MODEL=m", "APP_LLM__KEEP_ALIVE=30m"}, want: []string{"llm.keep_alive", "ollama"}},
		{name: "keep-alive", env: []string{"APP_LLM__KEEP_ALIVE=soon"}, want: []string{"llm.keep_alive", "30m"}},
		{name: "model-missing", env: []string{"LLM_ENDPOINT=http://127.0.0.1/v1"}, want: []string{"APP_LLM_MODEL"}},
		{name: "endpoint-missing", env: []string{"APP_LLM_PROVIDER=openai", "APP_LLM_MODEL=m"}, want: []string{"LLM_ENDPOINT"}},
		{name: "embedder-unknown", env: []string{"APP_EMBEDDER__PROVIDER=bert"}, want: []string{"embedder.provider", "none, openai, ollama"}},
		{name: "embedder-without-provider", env: []string{"APP_EMBEDDER__API_KEY=hush-hush"}, want: []string{"embedder.provider", "embedder.api_key set"}, notWant: "hush-hush"},
		{name: "embedder-half", env: []string{"APP_EMBEDDER__PROVIDER=ollama"}, want: []string{"embedder.endpoint is needed", "embedder.model is needed"}},
		{name: "embedder-batch", env: []string{"APP_EMBEDDER__BATCH=0"}, want: []string{"from 1 to 2048"}},
		{name: "endpoint-with-password", env: []string{"LLM_ENDPOINT=https://u:hush-hush@h/v1", "APP_LLM_MODEL=m"}, want: []string{"must not carry"}, notWant: "hush-hush"},
		{name: "live-without-host", env: []string{"APP_TWS_MODE=live"}, want: []string{"engines.default.host"}},
		{name: "user-without-password", env: []string{"TWS_HOST=a", "TWS_USER=u"}, want: []string{"engines.default.password"}},
		{name: "two-names-two-values", env: []string{"TWS_HOST=a", "APP_TWS_HOST=b"}, want: []string{"something else than APP_TWS_HOST"}},
		{name: "value-and-file", env: []string{"TWS_PASSWORD=hush-hush", "TWS_PASSWORD_FILE=/x"}, want: []string{"TWS_PASSWORD_FILE are both set"}, notWant: "hush-hush"},
		{name: "file-not-there", env: []string{"SECRET_KEY_FILE=/no/such"}, want: []string{"SECRET_KEY_FILE", "cannot be read"}},
		{name: "file-empty", files: map[string]string{"pw": "\n"}, env: []string{"ADMIN_PASSWORD_FILE=DIR/pw"}, want: []string{"empty file"}},
		{name: "not-toml", files: map[string]string{"settings.toml": "[auth]\nadmin_password = hush-hush\n"}, want: []string{"not TOML", "line 2"}, notWant: "hush"},
		{name: "password-type", files: map[string]string{"settings.toml": "[auth]\nadmin_password = 12345678\n"}, want: []string{"auth.admin_password"}, notWant: "12345678"},
		{name: "short-password", env: []string{"ADMIN_PASSWORD=hush"}, want: []string{"auth.admin_password", "8"}, notWant: "hush"},
		{name: "password-is-name", env: []string{"ADMIN_USERNAME=Operator1", "ADMIN_PASSWORD=operator1"}, want: []string{"must differ"}},
		{name: "weak-key", env: []string{"SECRET_KEY=" + strings.Repeat("ab", 20)}, want: []string{"auth.secret_key"}, notWant: "abab"},
		{name: "sample-key", env: []string{"SECRET_KEY=changeme-changeme-0123456789-abcdef"}, want: []string{"sample"}, notWant: "changeme"},
		{name: "qdrant-key-in-url", env: []string{"QDRANT_URL=http://:hush-hush@r:6334"}, want: []string{"qdrant_url", "setting of its own"}, notWant: "hush-hush"},
		{name: "qdrant-rest-port", env: []string{"QDRANT_URL=https://q.example.com:6333"}, want: []string{"qdrant_url", "6334"}},
		{name: "no-redis-url", env: []string{"REDIS_URL=http://:hush-hush@r"}, want: []string{"redis_url", "redis://"}, notWant: "hush-hush"},
		{name: "open-to-the-world", env: []string{"APP_SERVER__LISTEN=:8000"}, want: []string{"server.listen", "loopback"}},
		{name: "half-tls", env: []string{"APP_SERVER__TLS_CERT=c"}, want: []string{"tls_key"}},
		{name: "idle-beyond-max", env: []string{"APP_AUTH__SESSION_IDLE=13h"}, want: []string{"auth.session_max"}},
		{name: "provider-over-http", env: []string{"APP_AUTH__OIDC_ISSUER=http://idp.example.com", "APP_AUTH__OIDC_AUDIENCE=x"}, want: []string{"auth.oidc_issuer", "https://"}},
		{name: "provider-with-a-query", env: []string{"APP_AUTH__OIDC_ISSUER=https://idp.example.com?x=1", "APP_AUTH__OIDC_AUDIENCE=x"}, want: []string{"auth.oidc_issuer", "query"}},
		{name: "provider-for-whom", env: []string{"APP_AUTH__OIDC_ISSUER=https://idp.example.com"}, want: []string{"auth.oidc_audience", "server.public_url"}},
		{name: "provider-that-is-none", env: []string{"APP_AUTH__OIDC_ROLES=ops=operator"}, want: []string{"auth.oidc_issuer", "is needed"}},
		{name: "provider-roles", env: []string{"APP_AUTH__OIDC_ISSUER=https://idp.example.com", "APP_AUTH__OIDC_AUDIENCE=x", "APP_AUTH__OIDC_ROLES=ops=root"}, want: []string{"auth.oidc_roles", "operator"}},
		{name: "env-in-its-own-file", files: map[string]string{"settings.qa.toml": "env='x'"}, env: []string{"APP_ENV=qa"}, want: []string{"chose this file"}},
		{name: "env-path", env: []string{"APP_ENV=../../etc"}, want: []string{"one word"}},
		{
			name: "production-demo", env: []string{"APP_ENV=production"}, want: []string{"TWS_HOST", "SECRET_KEY"},
		},
		{
			name: "production-insecure", env: []string{"APP_ENV=production", "TWS_HOST=a", "SECRET_KEY=" + key, "APP_TWS_SCHEME=http", "APP_TWS_INSECURE_SKIP_VERIFY=true"},
			want: []string{"insecure_skip_verify", "must be https"}, notWant: key,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := config.Load(setup(t, tc.files, tc.env, tc.flags))
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("error = %v, want code invalid", err)
			}
			shown := err.Error() + fmt.Sprintf("%+v", c.Settings()) + fmt.Sprintf("%+v", c.Check())
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
			if tc.notWant != "" && strings.Contains(shown, tc.notWant) {
				t.Errorf("%q shows in %s", tc.notWant, shown)
			}
		})
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	env := []string{"TWS_HOST=a", "TWS_USER=u", "TWS_PASSWORD=hush-tws", "LLM_API_KEY=hush-llm", "ADMIN_PASSWORD=hush-admin", "SECRET_KEY=" + key}
	c, err := config.Load(setup(t, nil, env, nil))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	shown := out.String() + fmt.Sprintf("%+v %#v %v", c.Auth, c.LLM, c.Engines)
	for _, hidden := range []string{"hush", key} {
		if strings.Contains(shown, hidden) {
			t.Errorf("%q shows in\n%s", hidden, shown)
		}
	}
	if strings.Count(out.String(), "***") != 4 {
		t.Errorf("want four masked values in\n%s", out.String())
	}
	if got := c.Engines[0].Password.Reveal(); got != "hush-tws" {
		t.Errorf("password = %q", got)
	}
}

func TestTypedValues(t *testing.T) {
	c, err := config.Load(setup(t, map[string]string{"settings.toml": "[llm]\ntemperature = 1\n[knowledge]\npaths=['/docs','b']\n[auth]\nsession_idle='30m'"},
		[]string{"TWS_HOST=::1"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Knowledge.Paths) != 2 || c.Auth.SessionIdle != 30*time.Minute || c.Limits.BodyBytes != 65536 {
		t.Errorf("values = %+v %+v %+v %+v", c.LLM, c.Knowledge, c.Auth, c.Limits)
	}
	if e := c.Engines[0]; e.Name != "default" || e.Port != 31116 || e.Timeout != 30*time.Second || e.Mode != "live" {
		t.Errorf("engine = %+v", e)
	}
	if len(c.Engines[0].Hosts) != 1 || c.Engines[0].Hosts[0] != "::1" {
		t.Errorf("hosts = %q", c.Engines[0].Hosts)
	}
	for _, from := range []struct{ toml, env string }{{"host=['mdm', 'bkm:31117']", "X=1"}, {"host='mdm,bkm:31117'", "X=1"}, {"", "TWS_HOST=mdm , bkm:31117"}} {
		c, err := config.Load(setup(t, map[string]string{"settings.toml": "[engines.default]\n" + from.toml}, []string{from.env, "APP_TWS_PROXY=socks5://u:hush-hush@p:1080"}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if e := c.Engines[0]; e.Mode != "live" || !slices.Equal(e.Hosts, []string{"mdm", "bkm:31117"}) || e.Proxy.Reveal() != "socks5://u:hush-hush@p:1080" {
			t.Errorf("%+v: %s, hosts %q", from, e.Mode, e.Hosts)
		}
		if shown := fmt.Sprintf("%+v %+v", c.Engines, c.Settings()); strings.Contains(shown, "hush") {
			t.Errorf("the proxy's password shows in %s", shown)
		}
	}
	none, err := config.Load(setup(t, nil, nil, nil))
	if err != nil || len(none.Engines) != 0 || none.Production() {
		t.Errorf("engines without any setting = %+v, %v", none.Engines, err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("[server]\nlisten='x'\n", "APP_SERVER__LISTEN", "v")
	f.Add("[engines.a]\nport=1\n[engines.a.b]\nc=1", "APP_ENGINES__A__PORT", "1")
	f.Fuzz(func(t *testing.T, toml, name, v string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "settings.toml"), []byte(toml), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(config.Options{Dir: dir, Environ: []string{name + "=" + v}})
		if c == nil || (err != nil && !fault.Is(err, fault.Invalid)) {
			t.Fatalf("Load = %v, %v", c, err)
		}
	})
}

// Models in the order in which they are asked; offline, where it is asked for, leaves them all out.
func TestModels(t *testing.T) {
	const both = "[llm]\nendpoint = \"http://127.0.0.1:1/v1\"\nmodel = \"m\"\nchain = [\"big\", \"default\"]\n[models.big]\nprovider = \"anthropic\"\napi_key = \"hush-big\"\nmodel = \"b\"\ncontext_tokens = 200000\n" +
		"[models.spare]\nprovider = \"ollama\"\nmodel = \"s\"\nkeep_alive = \"-1\"\n"
	for name, c := range map[string]struct {
		toml string
		env  []string
		want string
	}{
		"chain":        {both, nil, "big/anthropic/b default/openai/m"},
		"chain-by-env": {both, []string{"APP_LLM__CHAIN=spare,big"}, "spare/ollama/s big/anthropic/b"},
		"offline":      {both, []string{"APP_LLM_PROVIDER=offline"}, ""},
		"only-one":     {"[models.spare]\nprovider = \"ollama\"\nmodel = \"s\"\n", nil, "spare/ollama/s"},
		"bare-names":   {"", []string{"LLM_ENDPOINT=http://127.0.0.1:1/v1", "APP_LLM_MODEL=m"}, "default/openai/m"},
		"public":       {"", []string{"APP_LLM_PROVIDER=gemini", "APP_LLM_MODEL=m", "LLM_API_KEY=hush"}, "default/gemini/m"},
		"none":         {"", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c2, err := config.Load(setup(t, map[string]string{"settings.toml": c.toml}, c.env, nil))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range c2.LLM.Models {
				got = append(got, m.Name+"/"+m.Provider+"/"+m.Model)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("models = %v, want %s", got, c.want)
			}
			var out strings.Builder
			if err := c2.Print(&out); err != nil || strings.Contains(out.String()+fmt.Sprintf("%+v", c2.LLM), "hush") {
				t.Errorf("a key is printed: %v", err)
			}
		})
	}
}
