package api

import (
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// pages serves the built application. Files beside which a .gz stands are sent compressed to those who take it.
type pages struct{ files fs.FS }

func newPages(files fs.FS) *pages { return &pages{files: files} }

// types are the media types of what a build holds; the table of the machine may differ from place to place.
var types = map[string]string{
	".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".png": "image/png", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json",
	".woff2": "font/woff2", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8",
}

// index answers every page of the application with its one document. Browsers ask for it each time, so that a new build is seen.
func (p *pages) index(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-cache")
	return p.send(w, r, "index.html")
}

// file answers for the few files whose names never change, and which the login page needs too.
func (p *pages) file(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-cache")
	return p.send(w, r, strings.TrimPrefix(r.URL.Path, "/"))
}

// asset answers /assets/…: the names carry a hash of the content, so they may be kept for ever.
func (p *pages) asset(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if !fs.ValidPath(name) || strings.HasSuffix(name, ".gz") {
		return noFile()
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return p.send(w, r, name)
}

func noFile() error { return fault.New(fault.NotFound, "There is nothing at this address.") }

func (p *pages) send(w http.ResponseWriter, r *http.Request, name string) error {
	if p.files == nil {
		return fault.New(fault.NotFound, "The web page is not part of this build.")
	}
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if takesGzip(r) {
		if b, err := fs.ReadFile(p.files, name+".gz"); err == nil {
			h.Set("Content-Encoding", "gzip")
			return p.write(w, r, name, b)
		}
	}
	b, err := fs.ReadFile(p.files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist), isFolder(p.files, name):
		return noFile()
	case err != nil:
		return fmt.Errorf("read %s: %w", name, err)
	}
	return p.write(w, r, name, b)
}

func (p *pages) write(w http.ResponseWriter, r *http.Request, name string, b []byte) error {
	ext := path.Ext(name)
	kind := types[ext]
	if kind == "" {
		kind = mime.TypeByExtension(ext)
	}
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = w.Write(b) //nolint:gosec // our own embedded files; whoever asked may have left
	return nil
}

func isFolder(files fs.FS, name string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && info.IsDir()
}

func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) == "gzip" {
			return strings.ReplaceAll(params, " ", "") != "q=0"
		}
	}
	return false
}
