package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/secret"
)

const hidden = "correct-horse-battery"

// TestNothingPrintsIt tries the ways in which a secret leaves a program by accident.
func TestNothingPrintsIt(t *testing.T) {
	s := secret.New(hidden)
	open := struct{ Password secret.String }{s}
	closed := struct{ password secret.String }{s}
	nested := map[string]any{"a": []any{open, &closed}}

	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "open", open, "closed", closed)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s, "open", open, "closed", closed)

	shown := []string{log.String(), s.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		for _, v := range []any{s, &s, open, &open, closed, &closed, nested} {
			shown = append(shown, fmt.Sprintf(verb, v))
		}
	}
	for _, v := range []any{s, open, nested} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		y, err := yaml.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, string(b), string(y))
	}
	shown = append(shown, fmt.Errorf("log in: %w", fmt.Errorf("with %v", open)).Error())
	hex := fmt.Sprintf("%x", hidden)
	for _, text := range shown {
		if strings.Contains(text, hidden) || strings.Contains(text, hex) {
			t.Errorf("the secret shows in %q", text)
		}
	}
	if got := fmt.Sprintf("%v", s); got != secret.Mask {
		t.Errorf("printed = %q, want the mask", got)
	}
	if got := s.Reveal(); got != hidden {
		t.Errorf("Reveal() = %q", got)
	}
}

func TestAbsent(t *testing.T) {
	s := secret.New("")
	if !s.IsZero() || s.String() != "" || s.Reveal() != "" {
		t.Errorf("absent secret = %q, %q", s.String(), s.Reveal())
	}
	if !secret.New("a").Equal(secret.New("a")) || secret.New("a").Equal(secret.New("b")) || secret.New("a").Equal(s) {
		t.Error("Equal compares the texts")
	}
}

func TestKeyFileIsMadeOnceAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret.key")
	var wg sync.WaitGroup
	keys := make([]secret.String, 8)
	for i := range keys {
		wg.Go(func() {
			k, err := secret.KeyFile(path)
			if err != nil {
				t.Error(err)
			}
			keys[i] = k
		})
	}
	wg.Wait()
	for _, k := range keys {
		if !k.Equal(keys[0]) || len(k.Reveal()) < 32 {
			t.Fatal("every start must get the same long key")
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %o, want 600", info.Mode().Perm())
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("the folder holds %d files, want the key alone (%v)", len(left), err)
	}
}

func TestKeyFileRefusals(t *testing.T) {
	for _, tc := range []struct {
		name, content string
		mode          os.FileMode
		want          string
	}{
		{"readable-by-others", strings.Repeat("k", 43), 0o644, "0600"},
		{"too-short", "abc", 0o600, "less than"},
		{"empty", "", 0o600, "less than"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret.key")
			if err := os.WriteFile(path, []byte(tc.content), tc.mode); err != nil {
				t.Fatal(err)
			}
			_, err := secret.KeyFile(path)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error = %v, want one with %q", err, tc.want)
			}
			if tc.content != "" && strings.Contains(err.Error(), tc.content) {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
	if _, err := secret.KeyFile(filepath.Join(t.TempDir(), "no", "folder", "key")); err == nil {
		t.Error("a folder that is not there must be an error")
	}
}
