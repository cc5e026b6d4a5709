package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWebhooks reads webhooks from file and environment, and refuses what cannot work; neither an address nor a key is repeated.
func TestWebhooks(t *testing.T) {
	const good = "[webhooks.ops]\nurl = \"https://hooks.example.com/T0/hunter2\"\n"
	load := func(file string, environ ...string) (*Config, error) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "settings.toml"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		return Load(Options{Dir: dir, Environ: environ})
	}
	c, err := load(good, "APP_WEBHOOKS__OPS__SECRET=hunter2-key", "APP_WEBHOOKS__NIGHT__URL=http://127.0.0.1:9/x", "APP_WEBHOOKS__NIGHT__KIND=slack", "APP_WEBHOOKS__NIGHT__QUIET=22:00-06:00", "APP_WEBHOOKS__NIGHT__REMIND=0s")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Webhooks) != 2 || c.Webhooks[0].Name != "night" || c.Webhooks[0].Kind != "slack" || c.Webhooks[0].Remind != 0 || c.Webhooks[1].MinSeverity != "high" || c.Webhooks[1].Remind != 4*time.Hour ||
		c.Webhooks[1].Secret.Reveal() != "hunter2-key" || c.Watch.Interval != time.Minute {
		t.Errorf("webhooks = %+v", c.Webhooks)
	}
	if shown := fmt.Sprint(c.Settings(), c.Webhooks); strings.Contains(shown, "hunter2") {
		t.Error("a secret is shown")
	}
	for name, tt := range map[string]struct{ file, want string }{
		"no address": {"[webhooks.x]\nkind = \"teams\"\n", "is needed"},
		"clear":      {"[webhooks.x]\nurl = \"http://far.example/hunter2\"\n", "must start with https://"},
		"user":       {"[webhooks.x]\nurl = \"https://u:hunter2@far.example/\"\n", "must not carry a user"},
		"kind":       {good + "kind = \"pager\"\n", "generic, teams, slack"},
		"severity":   {good + "min_severity = \"bad\"\n", "critical, high, medium, low"},
		"quiet":      {good + "quiet = \"at night\"\n", "22:00-06:00"},
		"remind":     {good + "remind = \"-1h\"\n", "such as 4h"},
		"engine":     {good + "engines = [\"north\"]\n", "not configured"},
		"signature":  {good + "kind = \"slack\"\nsecret = \"hunter2\"\n", "has no signature"},
		"key":        {good + "follow_redirects = true\n", "is no key of Resync"},
		"interval":   {"[watch]\ninterval = \"1s\"\n", "from 5s to 24h"},
	} {
		_, err := load(tt.file)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
