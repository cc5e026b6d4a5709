package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const source = ".."

// packed packs a stand-in for the program and gives the folder.
func packed(t *testing.T, target string) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, bytes.Repeat([]byte("a program "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	if err := run(t.Context(), []string{"-version", "1.2.3", "-source", source, "-out", out, "-targets", target, "-binary", program}, io.Discard); err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBundle(t *testing.T) {
	for _, c := range []struct{ target, file, platform, program string }{
		{"linux/amd64", "resync-1.2.3-linux-amd64.mcpb", "linux", "server/resync"},
		{"darwin/arm64", "resync-1.2.3-darwin-arm64.mcpb", "darwin", "server/resync"},
		{"windows/amd64", "resync-1.2.3-windows-amd64.mcpb", "win32", "server/resync.exe"},
	} {
		t.Run(c.target, func(t *testing.T) {
			first := read(t, filepath.Join(packed(t, c.target), c.file))
			if again := read(t, filepath.Join(packed(t, c.target), c.file)); !bytes.Equal(first, again) {
				t.Error("two runs make two files")
			}
			z, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{}
			for _, f := range z.File {
				r, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				files[f.Name] = string(b)
				if want := map[bool]os.FileMode{true: 0o755, false: 0o644}[f.Name == c.program]; f.Mode().Perm() != want {
					t.Errorf("%s has the mode %v", f.Name, f.Mode())
				}
			}
			if len(files) != 3 || files["LICENSE"] == "" || len(files[c.program]) != 10_000 {
				t.Errorf("the bundle holds %d files", len(files))
			}
			var m struct {
				Version string `json:"version"`
				Server  struct {
					Entry  string `json:"entry_point"`
					Config struct {
						Command  string         `json:"command"`
						Override map[string]any `json:"platform_overrides"`
					} `json:"mcp_config"`
				} `json:"server"`
				Compatibility struct {
					Platforms []string `json:"platforms"`
				} `json:"compatibility"`
			}
			if err := json.Unmarshal([]byte(files["manifest.json"]), &m); err != nil {
				t.Fatal(err)
			}
			if m.Version != "1.2.3" || m.Server.Entry != c.program || m.Server.Config.Command != "${__dirname}/"+c.program || m.Server.Config.Override != nil || strings.Join(m.Compatibility.Platforms, " ") != c.platform {
				t.Errorf("the manifest says %+v", m)
			}
		})
	}
}

func TestWrongTargets(t *testing.T) {
	for _, args := range [][]string{{"-targets", "plan9/amd64"}, {"-targets", "linux"}, {"-targets", "linux/amd64 darwin/arm64", "-binary", "x"}, {"-binary", "/nonexistent"}, {"-source", "/nonexistent", "-binary", "x"}} {
		if err := run(t.Context(), append(args, "-out", t.TempDir()), io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

// TestManifestAsksForWhatItUses: a variable of user_config that nobody asks for would stay in the environment as it is written, and one
// without a default, too.
func TestManifestAsksForWhatItUses(t *testing.T) {
	var m struct {
		Server struct {
			Config struct {
				Env map[string]string `json:"env"`
			} `json:"mcp_config"`
		} `json:"server"`
		Config map[string]struct {
			Default   any  `json:"default"`
			Sensitive bool `json:"sensitive"`
		} `json:"user_config"`
	}
	if err := json.Unmarshal(read(t, filepath.Join(source, "manifest.json")), &m); err != nil {
		t.Fatal(err)
	}
	known := string(read(t, filepath.Join(source, "..", "..", ".env.example")))
	used := map[string]bool{}
	for name, value := range m.Server.Config.Env {
		if !strings.Contains(known, "\n#"+name+"=") {
			t.Errorf("%s is no setting", name)
		}
		if k := regexp.MustCompile(`^\$\{user_config\.(\w+)\}$`).FindStringSubmatch(value); k != nil {
			used[k[1]] = true
			if c, ok := m.Config[k[1]]; !ok || c.Default == nil || c.Sensitive != (name == "TWS_PASSWORD") {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
	if len(used) != len(m.Config) || len(used) < 6 {
		t.Errorf("%d of %d are used", len(used), len(m.Config))
	}
}

// TestServerJSON holds what the registry's schema of 2025-12-11 and its rules for bundles demand.
func TestServerJSON(t *testing.T) {
	out := packed(t, "linux/amd64")
	for _, path := range []string{filepath.Join(source, "server.json"), filepath.Join(out, "server.json")} {
		var s struct {
			Schema      string `json:"$schema"`
			Name        string `json:"name"`
			Title       string `json:"title"`
			Description string `json:"description"`
			Version     string `json:"version"`
			Repository  struct {
				URL    string `json:"url"`
				Source string `json:"source"`
			} `json:"repository"`
			Packages []struct {
				Type       string `json:"registryType"`
				Identifier string `json:"identifier"`
				Sum        string `json:"fileSha256"`
				Transport  struct {
					Type string `json:"type"`
				} `json:"transport"`
				Variables []struct {
					Name        string `json:"name"`
					Description string `json:"description"`
					Format      string `json:"format"`
					Default     string `json:"default"`
					Secret      bool   `json:"isSecret"`
				} `json:"environmentVariables"`
			} `json:"packages"`
		}
		dec := json.NewDecoder(bytes.NewReader(read(t, path)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&s); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		made := strings.HasPrefix(path, out)
		if s.Schema != "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json" || s.Name != "io.github.resync-hwa/resync" {
			t.Errorf("%s: %s %s", path, s.Schema, s.Name)
		}
		if n := len(s.Description); n < 1 || n > 100 || s.Title == "" || len(s.Title) > 100 || s.Repository.Source != "github" || s.Repository.URL != "https://github.com/resync-hwa/resync" {
			t.Errorf("%s: description of %d, %+v", path, n, s.Repository)
		}
		if want := map[bool]string{true: "1.2.3", false: "0.0.0"}[made]; s.Version != want || len(s.Packages) != 1 {
			t.Fatalf("%s: version %s, %d packages", path, s.Version, len(s.Packages))
		}
		p := s.Packages[0]
		if p.Type != "mcpb" || p.Transport.Type != "stdio" || !strings.HasPrefix(p.Identifier, "https://github.com/resync-hwa/resync/releases/download/v"+s.Version+"/resync-"+s.Version+"-") || !strings.HasSuffix(p.Identifier, ".mcpb") {
			t.Errorf("%s: %+v", path, p)
		}
		if made {
			sum := sha256.Sum256(read(t, filepath.Join(out, filepath.Base(p.Identifier))))
			if p.Sum != hex.EncodeToString(sum[:]) {
				t.Errorf("the checksum is %s", p.Sum)
			}
		}
		for _, v := range p.Variables {
			if v.Name == "" || v.Description == "" || v.Secret != (v.Name == "TWS_PASSWORD") || !strings.Contains(" number filepath", " "+v.Format) {
				t.Errorf("%s: %+v", path, v)
			}
		}
		if len(p.Variables) < 5 {
			t.Errorf("%s: only %d variables", path, len(p.Variables))
		}
	}
}
