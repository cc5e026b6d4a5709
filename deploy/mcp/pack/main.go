// Command pack builds what a release offers to MCP clients: for each target one bundle for Claude Desktop (.mcpb, a zip with the program
// and its manifest), and the server.json that the MCP registry takes, with the bundles' checksums. The same source gives the same bytes.
//
//	go run ./deploy/mcp/pack -version 1.2.3 -targets "linux/amd64 darwin/arm64 windows/amd64" -out dist
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// platforms are the names that manifests have for operating systems.
var platforms = map[string]string{"linux": "linux", "darwin": "darwin", "windows": "win32"}

// release is what is packed.
type release struct {
	version string // as the program says it
	source  string // folder with manifest.json and server.json
	out     string
}

func run(ctx context.Context, args []string, said io.Writer) error {
	flags := flag.NewFlagSet("pack", flag.ContinueOnError)
	var r release
	flags.StringVar(&r.version, "version", "devel", "version of the release, without a v")
	flags.StringVar(&r.source, "source", "deploy/mcp", "folder with manifest.json and server.json")
	flags.StringVar(&r.out, "out", "dist", "folder for the files that are made")
	targets := flags.String("targets", runtime.GOOS+"/"+runtime.GOARCH, "what to build for: os/arch, with spaces")
	binary := flags.String("binary", "", "a program that is already built, for a single target")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil { //nolint:gosec // files that anybody may read
		return err
	}
	list := strings.Fields(*targets)
	if *binary != "" && len(list) != 1 {
		return fmt.Errorf("-binary is one program, and %d targets are named", len(list))
	}
	sums := map[string]string{} // by file name
	for _, target := range list {
		system, arch, ok := strings.Cut(target, "/")
		if platforms[system] == "" || !ok {
			return fmt.Errorf("%q is no target: linux, darwin or windows, a slash, and what Go calls the processor", target)
		}
		program := *binary
		if program == "" {
			dir, err := os.MkdirTemp("", "resync-pack-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(dir) //nolint:errcheck // a folder for temporary files
			program = filepath.Join(dir, "resync")
			if err := build(ctx, program, r.version, system, arch); err != nil {
				return err
			}
		}
		name := fmt.Sprintf("resync-%s-%s-%s.mcpb", r.number(), system, arch)
		size, err := r.bundle(filepath.Join(r.out, name), program, system)
		if err != nil {
			return err
		}
		if sums[name], err = checksum(filepath.Join(r.out, name)); err != nil {
			return err
		}
		fmt.Fprintf(said, "%s  %d bytes, the program %d\n", filepath.Join(r.out, name), size.bundle, size.program)
	}
	if err := r.describe(sums); err != nil {
		return err
	}
	fmt.Fprintln(said, filepath.Join(r.out, "server.json"))
	return nil
}

// number gives the version as clients and the registry compare it.
func (r release) number() string {
	if r.version == "devel" {
		return "0.0.0-devel"
	}
	return r.version
}

func build(ctx context.Context, program, version, system, arch string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w -X main.version="+version, "-o", program, "./cmd/resync") //nolint:gosec // arguments of the person who packs
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build for %s/%s: %w\n%s", system, arch, err, out)
	}
	return nil
}

type sizes struct{ bundle, program int64 }

// bundle writes one .mcpb. Times, order and modes are fixed, so that two runs make the same file.
func (r release) bundle(path, program, system string) (sizes, error) {
	manifest, err := r.manifest(system)
	if err != nil {
		return sizes{}, err
	}
	text, err := os.ReadFile(program)
	if err != nil {
		return sizes{}, err
	}
	licence, err := os.ReadFile(filepath.Join(r.source, "..", "..", "LICENSE"))
	if err != nil {
		return sizes{}, err
	}
	name := "server/resync"
	if system == "windows" {
		name += ".exe"
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
	for _, f := range []struct {
		name string
		mode fs.FileMode
		text []byte
	}{{"manifest.json", 0o644, manifest}, {"LICENSE", 0o644, licence}, {name, 0o755, text}} {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		h.SetMode(f.mode)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write(f.text)
		}
		if err != nil {
			return sizes{}, err
		}
	}
	if err := z.Close(); err != nil {
		return sizes{}, err
	}
	return sizes{int64(b.Len()), int64(len(text))}, os.WriteFile(path, b.Bytes(), 0o644) //nolint:gosec // anybody may read it
}

// manifest fills in what the file in the source leaves open: the version, and the one system that this bundle is for.
func (r release) manifest(system string) ([]byte, error) {
	doc, err := load(filepath.Join(r.source, "manifest.json"))
	if err != nil {
		return nil, err
	}
	doc["version"] = r.number()
	doc["compatibility"] = map[string]any{"platforms": []string{platforms[system]}}
	server, _ := doc["server"].(map[string]any)
	config, _ := server["mcp_config"].(map[string]any)
	if config == nil {
		return nil, fmt.Errorf("%s has no server.mcp_config", r.source)
	}
	if system == "windows" {
		server["entry_point"] = "server/resync.exe"
		config["command"] = "${__dirname}/server/resync.exe"
	}
	delete(config, "platform_overrides")
	return text(doc)
}

// describe writes server.json for the registry: a package for each bundle, like the one in the source, with its address and checksum.
func (r release) describe(sums map[string]string) error {
	doc, err := load(filepath.Join(r.source, "server.json"))
	if err != nil {
		return err
	}
	doc["version"] = r.number()
	list, _ := doc["packages"].([]any)
	if len(list) != 1 {
		return fmt.Errorf("%s/server.json has %d packages, and one is the pattern of all", r.source, len(list))
	}
	pattern, _ := list[0].(map[string]any)
	base := "https://github.com/resync-hwa/resync/releases/download/v" + r.number() + "/"
	var packages []any
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		p := maps.Clone(pattern)
		p["identifier"], p["fileSha256"] = base+name, sums[name]
		packages = append(packages, p)
	}
	doc["packages"] = packages
	b, err := text(doc)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, "server.json"), b, 0o644) //nolint:gosec // anybody may read it
}

func load(path string) (map[string]any, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	doc := map[string]any{}
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return doc, nil
}

// text writes a document with sorted names.
func text(doc map[string]any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(doc)
	return b.Bytes(), err
}

func checksum(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
