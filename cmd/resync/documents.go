package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	pages "github.com/resync-hwa/resync/agentsvc/api/knowledge"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/extract"
	"github.com/resync-hwa/resync/knowledge/library"
)

// uploads is the source of documents that were sent in over REST.
const uploads = "uploads"

// maxName and maxPart bound the name of a document that is sent in, and each part of it, in bytes: it is a file for a moment.
const (
	maxName = 1024
	maxPart = 255
)

// restDocuments serves the documents to the REST API, with their texts cleaned. The base shows a caller what they may see.
type restDocuments struct {
	base  *knowledge.Base
	shelf *shelf // nil where nothing is kept
	turn  sync.Mutex
}

var _ pages.Documents = (*restDocuments)(nil)

// List implements pages.Documents.
func (r *restDocuments) List(ctx context.Context, after string, n int) ([]pages.Document, error) {
	all, err := r.base.Documents(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b library.Document) int { return strings.Compare(a.Path, b.Path) })
	var out []pages.Document
	for _, d := range all {
		if d.Path > after && len(out) < n {
			out = append(out, pageOf(d))
		}
	}
	return out, nil
}

func pageOf(d library.Document) pages.Document {
	notes := make([]string, 0, len(d.Notes))
	for _, n := range d.Notes {
		notes = append(notes, untrusted.Normalize(n))
	}
	return pages.Document{Path: d.Path, Title: untrusted.Normalize(d.Title), Kind: string(d.Kind), Format: d.Format, Language: d.Language, Version: untrusted.Normalize(d.Version), Access: d.Access,
		Source: untrusted.Normalize(d.Source), Lines: d.Lines, Sections: d.Sections, Passages: d.Passages, Bytes: d.Size, Ingested: d.Ingested, Notes: notes}
}

// Read implements pages.Documents.
func (r *restDocuments) Read(ctx context.Context, path string) (pages.Document, []pages.Section, error) {
	d, err := r.base.Document(ctx, path)
	if err != nil {
		return pages.Document{}, nil, err
	}
	sections, err := r.base.Sections(ctx, path)
	if err != nil {
		return pages.Document{}, nil, err
	}
	out := make([]pages.Section, 0, len(sections))
	for _, s := range sections {
		out = append(out, pageSection(s))
	}
	return pageOf(d), out, nil
}

func pageSection(s cut.Section) pages.Section {
	p := pages.Section{Slug: s.Slug, Level: s.Level, StartLine: s.StartLine, EndLine: s.EndLine}
	if n := len(s.HeadingPath); n > 0 {
		p.Heading = untrusted.Normalize(s.HeadingPath[n-1])
	}
	return p
}

// Lines implements pages.Documents.
func (r *restDocuments) Lines(ctx context.Context, path string, start, end int) ([]string, error) {
	lines, err := r.base.Lines(ctx, path, start, end)
	if err != nil {
		return nil, err
	}
	for i, l := range lines {
		lines[i] = strings.TrimRight(untrusted.Clean(l), " \t\n")
	}
	untrusted.HideKeys(len(lines), func(i int) *string { return &lines[i] })
	return lines, nil
}

// Add implements pages.Documents.
func (r *restDocuments) Add(ctx context.Context, u pages.Upload) (pages.Added, error) {
	if r.shelf == nil {
		return pages.Added{}, fault.New(fault.Unsupported, "This server keeps no documents.")
	}
	if !nameable(u.Name) {
		return pages.Added{}, fault.New(fault.Invalid, "%q is no name for a document.", untrusted.Clean(u.Name)).
			WithHint("A name is a path such as guides/rerun.md, without hidden parts, each part of 255 bytes at most.")
	}
	if !extract.Supported(u.Name) { // in a folder such a file is passed over; here somebody waits for it
		return pages.Added{}, fault.New(fault.Invalid, "%q ends in nothing that is read here.", u.Name).WithHint("Documents end in md, html, pdf, docx, txt, log or zip.")
	}
	folder, err := os.MkdirTemp("", "resync-upload-")
	if err != nil {
		return pages.Added{}, fmt.Errorf("make a folder for an upload: %w", err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	if err := save(filepath.Join(folder, filepath.FromSlash(u.Name)), u.Body); err != nil {
		return pages.Added{}, err
	}
	r.turn.Lock() // one upload at a time: each is a whole reading in
	defer r.turn.Unlock()
	added := pages.Added{}
	report, err := library.Ingest(ctx, r.shelf.Library, library.IngestOptions{
		FS: os.DirFS(folder), Source: uploads, Site: true, Kind: library.Kind(u.Kind), Language: u.Language, Version: u.Version, Access: u.Access,
		Courtesy: r.base.Courtesy(), Progress: func(x library.Progress) {
			switch x.Became {
			case "added":
				added.Added = append(added.Added, x.Document)
			case "changed":
				added.Changed = append(added.Changed, x.Document)
			case "unchanged":
				added.Unchanged = append(added.Unchanged, x.Document)
			}
		},
	})
	if err != nil {
		return pages.Added{}, err
	}
	for _, x := range report.Problems {
		if strings.HasPrefix(x.Document, u.Name) {
			added.Problems = append(added.Problems, pages.Problem{Document: untrusted.Clean(x.Document), Reason: untrusted.Clean(x.Reason)})
		}
	}
	added.Passages = report.Passages
	// What is kept is not lost when the index is away: the next round takes it up.
	added.Searchable = r.base.Sync(ctx, nil) == nil
	r.shelf.nudge()
	return added, nil
}

// nameable reports whether a document may be sent in under a name: a path that a folder here can hold, with nothing hidden in it.
func nameable(name string) bool {
	if !fs.ValidPath(name) || untrusted.Clean(name) != name || len(name) > maxName {
		return false
	}
	return !slices.ContainsFunc(strings.Split(name, "/"), func(p string) bool { return strings.HasPrefix(p, ".") || len(p) > maxPart })
}

// save writes what is sent to a file.
func save(path string, body io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make a folder for an upload: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keep an upload: %w", err)
	}
	_, err = io.Copy(f, body)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keep an upload: %w", err)
	}
	return nil
}

// Remove implements pages.Documents.
func (r *restDocuments) Remove(ctx context.Context, path string) error {
	if r.shelf == nil {
		return fault.New(fault.Unsupported, "This server keeps no documents.")
	}
	if err := r.shelf.Remove(ctx, path); err != nil {
		return err
	}
	defer r.shelf.nudge()
	return r.base.Sync(ctx, nil)
}
