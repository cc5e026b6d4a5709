package extract

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// The formats as File names them.
const (
	Markdown = "markdown"
	HTML     = "html"
	PDF      = "pdf"
	DOCX     = "docx"
	Text     = "text"
)

// archive is no format of a document: its entries are.
const archive = "zip"

// File is one document found in what was given: the file itself, or an entry of an archive.
type File struct {
	Name   string   // path below what was given, slashes; for an archive's entry "manual.zip/guide/ch1.html"
	Format string   // Markdown, HTML, PDF, DOCX or Text
	Title  string   // from the document's own metadata; "" where it says none, and for Markdown, whose front matter the cutter reads
	Lines  []string // the text, without line ends; Markdown syntax (headings, tables, fences, lists) where the format knows structure
	Stored bool     // the lines are not the file's own: they are what was made of it (HTML, PDF, DOCX); citations count lines in them
	Notes  []string // sentences for people: what was left out or guessed
}

// formats gives the format that an ending promises.
var formats = map[string]string{
	".md": Markdown, ".markdown": Markdown,
	".html": HTML, ".htm": HTML, ".xhtml": HTML,
	".pdf": PDF, ".docx": DOCX,
	".txt": Text, ".text": Text, ".log": Text,
	".zip": archive,
}

// Supported reports whether a file of this name is worth giving to Read, by its ending.
func Supported(name string) bool { return formats[ending(name)] != "" }

func ending(name string) string { return strings.ToLower(path.Ext(name)) }

// Read gives the documents in data one by one to each, in the order of their names. Problems of an archive's entries go to bad, with the reason as the
// end of a sentence that begins with the name; the rest is kept. An error is the context's, each's, or (fault.Invalid) that data is nothing that can be
// read at all. It works on the caller's goroutine and holds one document at a time besides data; what each got is the caller's.
func Read(ctx context.Context, name string, data []byte, limits Limits, each func(File) error, bad func(name, reason string)) error {
	r := reader{limits: limits.withDefaults(), each: each, bad: bad}
	err := r.read(ctx, name, data, 0)
	var why unreadable
	if errors.As(err, &why) {
		return fault.New(fault.Invalid, "%s cannot be read: %s.", name, string(why))
	}
	return err
}

// reader is one Read.
type reader struct {
	limits   Limits
	each     func(File) error
	bad      func(name, reason string)
	unpacked int64 // bytes that came out of archives so far
	found    int   // entries that were given or tried
}

// read gives the documents of one file; depth counts the archives around it.
func (r *reader) read(ctx context.Context, name string, data []byte, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	format, err := formatOf(name, data)
	if err != nil {
		return err
	}
	if format == archive {
		if depth > 1 {
			return refuse("it is an archive in an archive in an archive")
		}
		return r.archive(ctx, name, data, depth)
	}
	f, err := r.document(ctx, format, data)
	if err != nil {
		return err
	}
	f.Name, f.Format = name, format
	return r.each(f)
}

// document reads one document. A reader that panics has met a file that nobody thought of: the file is refused, the rest goes on.
func (r *reader) document(ctx context.Context, format string, data []byte) (f File, err error) {
	if !r.limits.strict {
		defer func() {
			if recover() != nil {
				f, err = File{}, refuse("it is damaged in a way that its reader does not know")
			}
		}()
	}
	m := newMeter(ctx, r.limits.Time)
	most := r.limits.SourceBytes
	if format == Markdown || format == Text {
		most = r.limits.FileBytes
	}
	if int64(len(data)) > most {
		return File{}, refuse("it has %s, more than the %s allowed", size(int64(len(data))), size(most))
	}
	p := newPaper(m, &r.limits)
	switch format {
	case Markdown, Text:
		f, err = readText(m, data, r.limits)
	case HTML:
		f, err = readHTML(m, p, data)
	case PDF:
		f, err = readPDF(m, p, data, r.limits)
	case DOCX:
		f, err = readDOCX(m, p, data, r.limits)
	}
	if err != nil {
		return File{}, err
	}
	if !slices.ContainsFunc(f.Lines, func(l string) bool { return strings.TrimSpace(l) != "" }) {
		return File{}, refuse("it holds no text")
	}
	return f, nil
}
