package api_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/agentsvc/api/chat"
	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/internal/auth"
)

func TestTheAgentsAreListed(t *testing.T) {
	dir := t.TempDir()
	own := "---\nname: {en: Payroll, pt: Folha}\ndescription: Only payroll.\nlanguage: pt\nmodel: offline\ntools: [plan_status]\n---\nA secret of the prompt.\n"
	if err := os.WriteFile(filepath.Join(dir, "payroll.md"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := roster.Load(roster.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	o, b := options(t)
	o.Roster, o.Model = r, "big"
	b.start(t, o)
	viewer := b.as(t, auth.Viewer, "session")
	cases := []struct{ query, accept, language, name string }{
		{"", "", "en", "Handover"}, {"?language=pt", "", "pt", "Passagem de turno"}, {"", "pt-BR,pt;q=0.9,en;q=0.8", "pt", "Passagem de turno"}, {"", "de-DE, en;q=0.5, pt;q=0.3", "en", "Handover"},
		{"?language=en", "pt", "en", "Handover"}, {"", "pt;q=0, fr", "en", "Handover"}, {"", ";;,,=", "en", "Handover"},
	}
	for _, c := range cases {
		got := b.do(t, "GET", "/api/agents"+c.query, "", viewer, header("Accept-Language", c.accept))
		var body struct{ Agents []chat.Agent }
		if err := json.Unmarshal([]byte(got.text), &body); err != nil || got.StatusCode != 200 {
			t.Fatalf("%d %s: %v", got.StatusCode, got.text, err)
		}
		if got.Header.Get("Content-Language") != c.language || !slices.Contains(got.Header.Values("Vary"), "Accept-Language") {
			t.Errorf("%+v: headers = %v", c, got.Header)
		}
		if len(body.Agents) != 6 {
			t.Fatalf("%d agents", len(body.Agents))
		}
		h, p := body.Agents[4], body.Agents[5]
		if h.ID != "handover" || h.Name != c.name || len(h.Examples) < 3 || h.Model != "big" || !slices.Equal(h.Languages, []string{"en", "pt"}) || !slices.Equal(h.Intents, []string{"handover", "plan", "find"}) || !slices.Contains(h.Tools, "what_changed") {
			t.Errorf("%+v: %+v", c, h)
		}
		if p.ID != "payroll" || p.Model != "offline" || !slices.Equal(p.Languages, []string{"pt"}) || !slices.Equal(p.Tools, []string{"plan_status"}) || len(p.Intents) != 0 {
			t.Errorf("%+v: %+v", c, p)
		}
		if strings.Contains(got.text, "secret") || strings.Contains(got.text, dir) || strings.Contains(got.text, "null") {
			t.Errorf("prompt, folder or null in %s", got.text)
		}
	}
	if got := b.do(t, "GET", "/api/agents?language=fr", "", viewer); got.StatusCode != 422 && got.StatusCode != 400 {
		t.Errorf("an unknown language: %d %s", got.StatusCode, got.text)
	}
}
