package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/secret"
)

func TestTheLogHidesSecrets(t *testing.T) {
	for _, form := range []string{"text", "json"} {
		var out bytes.Buffer
		p := &program{err: &out}
		c := &config.Config{Log: config.Log{Level: "debug", Format: form}, LLM: config.LLM{Models: []config.Model{{APIKey: secret.New("sk-key-of-the-model")}}},
			Engines: []config.Engine{{User: "ana", Password: secret.New(`pa"ss&wörd`)}, {APIKey: secret.New("ab")}}}
		log := p.logger(c)
		log.Debug("sk-key-of-the-model", "error", errors.New(`401: no key Bearer sk-key-of-the-model`), "sent", "Basic "+base64.StdEncoding.EncodeToString([]byte(`ana:pa"ss&wörd`)), "url", "x?p=pa%22ss%26w%C3%B6rd")
		log.Info(`pa"ss&wörd`, "ab", "about")
		for _, bad := range []string{"key-of-the-model", "ss&w", "ss%26w", base64.StdEncoding.EncodeToString([]byte(`ana:pa"ss&wörd`))} {
			if strings.Contains(out.String(), bad) {
				t.Errorf("%s: %s is in the log: %s", form, bad, out.String())
			}
		}
		if !strings.Contains(out.String(), "about") || !strings.Contains(out.String(), "no key Bearer ***") || strings.Count(out.String(), "\n") != 2 {
			t.Errorf("%s: the log lost too much: %s", form, out.String())
		}
	}
}
