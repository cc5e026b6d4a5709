package knowledge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
)

const (
	maxFileBytes  = 16 << 20  // per document
	maxTotalBytes = 256 << 20 // all documents
	maxFiles      = 20_000
	maxLine       = 1 << 20 // bytes; a longer line is no text that anybody wrote
	maxLines      = 500_000 // per document; a manual of 16 MB has half of that
)

// file is a document as read: its name in citations and its lines without line ends.
type file struct {
	document string
	site     bool
	lines    []string
	size     int
}

// Problem is a file, or a part of one, that was left out, and why. Reason is a sentence for people.
type Problem struct {
	Document string
	Reason   string
}

// gatherer reads folders one after the other and keeps the sum of what it took.
type gatherer struct {
	names    map[string]bool
	files    []file
	problems []Problem
	total    int
}

// folder reads a configured path. A path that cannot be opened is an error: what is configured must be there.
func (g *gatherer) folder(ctx context.Context, root string) error {
	info, err := os.Stat(root)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The knowledge path %s cannot be read.", root).
			WithHint("Check the path and the rights of the account that runs Resync.")
	}
	base, only := root, ""
	if !info.IsDir() {
		base, only = filepath.Dir(root), filepath.Base(root)
	}
	// os.Root refuses every link that leads out of the folder, whoever made it and however late.
	dir, err := os.OpenRoot(base)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The knowledge path %s cannot be opened.", root)
	}
	defer func() { _ = dir.Close() }() // read only: nothing can be lost
	prefix := filepath.Base(filepath.Clean(base))
	if only != "" {
		g.take(dir.FS(), only, prefix, true)
		return nil
	}
	return g.walk(ctx, dir.FS(), prefix, true)
}

// walk takes every Markdown file below the root of fsys. Hidden files and folders are left alone.
func (g *gatherer) walk(ctx context.Context, fsys fs.FS, prefix string, site bool) error {
	return fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			g.reject(p, "it cannot be read")
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if p != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || !isMarkdown(p) {
			return nil
		}
		if len(g.files) >= maxFiles {
			g.reject(p, fmt.Sprintf("there are more than %d documents", maxFiles))
			return fs.SkipAll
		}
		g.take(fsys, p, prefix, site)
		return nil
	})
}

func isMarkdown(p string) bool {
	ext := strings.ToLower(path.Ext(p))
	return ext == ".md" || ext == ".markdown"
}

// take reads one file, or notes why not.
func (g *gatherer) take(fsys fs.FS, p, prefix string, site bool) {
	if untrusted.Clean(p) != p {
		g.reject(p, "its name holds characters that cannot be shown")
		return
	}
	data, err := g.read(fsys, p)
	if err != nil {
		g.reject(p, err.Error())
		return
	}
	lines, err := textLines(data)
	if err != nil {
		g.reject(p, err.Error())
		return
	}
	g.total += len(data)
	g.files = append(g.files, file{document: g.name(p, prefix), site: site, lines: lines, size: len(data)})
}

func (g *gatherer) reject(p, reason string) {
	g.problems = append(g.problems, Problem{Document: untrusted.Clean(p), Reason: reason})
}

// read gives the bytes of a regular file within the limits. Its errors are sentences of our own: foreign ones name paths.
func (g *gatherer) read(fsys fs.FS, p string) ([]byte, error) {
	// Looked at before it is opened: opening a pipe would wait for a writer.
	info, err := fs.Stat(fsys, p)
	switch {
	case err != nil:
		return nil, errors.New("it cannot be read, or is a link that leads out of its folder")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	case info.Size() > maxFileBytes:
		return nil, fmt.Errorf("it has %d MB, more than the %d MB allowed", info.Size()>>20, maxFileBytes>>20)
	case g.total+int(info.Size()) > maxTotalBytes:
		return nil, fmt.Errorf("all documents together would have more than the %d MB allowed", maxTotalBytes>>20)
	}
	f, err := fsys.Open(p)
	if err != nil {
		return nil, errors.New("it cannot be read, or is a link that leads out of its folder")
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	switch {
	case err != nil:
		return nil, errors.New("it cannot be read to its end")
	case len(data) > maxFileBytes:
		return nil, fmt.Errorf("it has more than the %d MB allowed", maxFileBytes>>20)
	}
	return data, nil
}

// textLines checks that data is text and cuts it into lines; a byte order mark and carriage returns go.
func textLines(data []byte) ([]string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var lines []string
	for n := 1; len(data) > 0; n++ {
		var l []byte
		l, data, _ = bytes.Cut(data, []byte("\n"))
		l = bytes.TrimSuffix(l, []byte("\r"))
		switch {
		case len(l) > maxLine:
			return nil, fmt.Errorf("its line %d has more than %d KB", n, maxLine>>10)
		case bytes.IndexByte(l, 0) >= 0:
			return nil, fmt.Errorf("its line %d holds binary data", n)
		case !utf8.Valid(l):
			return nil, fmt.Errorf("its line %d is not valid UTF-8; save the file as UTF-8", n)
		case n > maxLines:
			return nil, fmt.Errorf("it has more than %d lines", maxLines)
		}
		lines = append(lines, string(l))
	}
	return lines, nil
}

// name gives the document's name in citations: its path below the folder. Where two folders have the same, the folder's
// own name goes before it.
func (g *gatherer) name(p, prefix string) string {
	name := path.Clean(filepath.ToSlash(p))
	for try := 1; g.names[name]; try++ {
		name = path.Join(prefix, path.Clean(filepath.ToSlash(p)))
		if try > 1 {
			name = path.Join(fmt.Sprintf("%s-%d", prefix, try), path.Clean(filepath.ToSlash(p)))
		}
	}
	g.names[name] = true
	return name
}
