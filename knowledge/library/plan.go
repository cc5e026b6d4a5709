package library

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
)

// origin is where a document came from.
type origin struct{ source, file, part string }

func (o origin) whole() origin { return origin{source: o.source, file: o.file} }

// ingest is one run of Ingest: what lies in the sources beside what is on the shelf, and what is to be done about it.
type ingest struct {
	shelf  Shelf
	o      IngestOptions
	manner string
	turn   int64

	listings []listing
	known    map[origin]File     // by the whole file
	owned    map[origin][]string // documents by the whole file that they came from
	at       map[origin]string   // the name of the document that came from there
	prints   map[string]string   // of all documents, by name

	work   []*job
	notes  []note
	gone   []origin // files
	same   []string // documents of files that look as they did
	bytes  int64    // of all files that were seen
	report Report

	pending    Delivery
	size       int // of pending, in bytes of text
	events     []Progress
	done       int
	doneBytes  int64
	totalFiles int
}

// note is what is to be remembered of a file that is not read.
type note struct {
	file   File
	remove []string
}

// untold is the manner of a file that could not be reached: it is read anew when it can.
const untold = ""

// look is what a round of watching saw of a file.
type look struct {
	size  int64
	stamp int64
}

// prepare compares what lies in the sources with what is known of them. It changes nothing.
func prepare(ctx context.Context, shelf Shelf, o IngestOptions) (*ingest, error) {
	in := &ingest{shelf: shelf, o: o, manner: o.manner(), known: map[origin]File{}, owned: map[origin][]string{}, at: map[origin]string{}, prints: map[string]string{}}
	sources, err := openSources(o)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		in.listings = append(in.listings, listing{source: s})
	}
	for i := range in.listings {
		s := &in.listings[i].source
		if s.folder {
			if *s, err = partOf(ctx, shelf, *s); err != nil {
				in.close()
				return nil, err
			}
		}
	}
	if err := in.compare(ctx); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

func (in *ingest) close() {
	for _, l := range in.listings {
		l.close()
	}
}

func (in *ingest) compare(ctx context.Context) error {
	if err := in.load(ctx); err != nil {
		return err
	}
	seen := map[origin]bool{}
	for i := range in.listings {
		l := &in.listings[i]
		listed, err := l.list(ctx, in.o)
		if err != nil {
			return err
		}
		*l = listed
		for _, f := range l.files {
			if from := (origin{source: l.name, file: f.path}); !seen[from] {
				seen[from] = true
				in.weigh(l, from, f)
			}
		}
	}
	for i := range in.listings {
		in.miss(&in.listings[i], seen)
	}
	in.totalFiles = len(in.work)
	return nil
}

// load reads what the shelf knows.
func (in *ingest) load(ctx context.Context) error {
	for after := ""; ; {
		const step = 1000
		documents, err := in.shelf.Documents(ctx, after, step)
		if err != nil {
			return err
		}
		for _, d := range documents {
			from := origin{d.Source, d.File, d.Part}
			in.at[from], in.prints[d.Path] = d.Path, d.Print
			in.owned[from.whole()] = append(in.owned[from.whole()], d.Path)
			after = d.Path
		}
		if len(documents) < step {
			break
		}
	}
	for i := range in.listings {
		files, err := in.shelf.Files(ctx, in.listings[i].name)
		if err != nil {
			return err
		}
		for _, f := range files {
			in.known[origin{source: f.Source, file: f.Path}] = f
		}
	}
	return nil
}

// weigh decides what becomes of a file.
func (in *ingest) weigh(l *listing, from origin, f found) {
	known, before := in.known[from]
	owned := in.owned[from]
	if f.refused == "" && in.bytes+f.size > in.o.MaxBytes {
		f.refused, f.lasting = fmt.Sprintf("all documents together would have more than the %d MB allowed", in.o.MaxBytes>>20), false
	}
	if f.refused != "" {
		in.refuse(from, f, known, owned)
		return
	}
	in.bytes += f.size
	if in.o.seen != nil {
		is := look{f.size, nanos(f.stamp)}
		was, again := in.o.looks[from]
		in.o.seen[from] = is
		f.young = f.young || again && was != is
	}
	asBefore := before && known.Manner == in.manner && known.Documents == len(owned) && known.Hash != ""
	switch {
	case asBefore && known.Size == f.size && !f.modified.IsZero() && known.Modified.Equal(f.modified):
		in.leave(known, owned)
	case f.young:
		in.report.Waiting++
		in.leave(known, owned)
	default:
		j := &job{listing: l, from: from, found: f, known: known, out: make(chan piece, outgoing)}
		if asBefore {
			j.hash = known.Hash
		}
		in.work = append(in.work, j)
	}
}

// leave lets a file be as it is known.
func (in *ingest) leave(known File, owned []string) {
	in.same = append(in.same, owned...)
	in.report.Unchanged += len(owned)
	in.report.Problems = append(in.report.Problems, known.Problems...)
}

// refuse notes why a file is not read. Where the file itself is the reason its documents go; where it cannot be reached they stay.
func (in *ingest) refuse(from origin, f found, known File, owned []string) {
	is := File{Source: from.source, Path: from.file, Size: f.size, Modified: f.modified, Manner: in.manner,
		Problems: []Problem{{Document: untrusted.Clean(f.path), Reason: f.refused}}}
	n := note{file: is}
	if f.lasting {
		n.remove = owned
	} else {
		n.file.Size, n.file.Modified, n.file.Documents, n.file.Hash, n.file.Manner = known.Size, known.Modified, known.Documents, known.Hash, untold
		in.same = append(in.same, owned...)
		in.report.Unchanged += len(owned)
	}
	in.report.Problems = append(in.report.Problems, is.Problems...)
	if len(n.remove) > 0 || !reflect.DeepEqual(n.file, known) {
		in.notes = append(in.notes, n)
	}
}

// miss finds what is known of a source and was not seen there.
func (in *ingest) miss(l *listing, seen map[origin]bool) {
	for from, owned := range in.owned {
		if from.source == l.name && !seen[from] && below(from.file, l.unread) {
			in.leave(in.known[from], owned)
		}
	}
	if l.only != "" {
		return
	}
	gone, documents := in.goneFrom(l, seen)
	switch {
	case l.empty && documents > 0 && in.o.Prune:
		in.unmounted(l, gone, documents)
		return
	case in.o.Prune:
		in.gone = append(in.gone, gone...)
	}
	if _, marked := in.known[origin{source: l.name, file: whole}]; l.under == "" && (l.folder || marked) {
		in.mark(File{Source: l.name, Path: whole})
	}
}

// goneFrom gives the files of a source that are known and were not seen, and how many documents came from them.
func (in *ingest) goneFrom(l *listing, seen map[origin]bool) (gone []origin, documents int) {
	missed := func(from origin) bool {
		return from.source == l.name && !seen[from] && from.file != whole && !below(from.file, l.unread) && (l.under == "" || below(from.file, []string{l.under}))
	}
	for from := range in.known {
		if missed(from) {
			gone = append(gone, from)
		}
	}
	for from, owned := range in.owned {
		if !missed(from) {
			continue
		}
		documents += len(owned)
		if _, noted := in.known[from]; !noted { // the ingest that read it was killed
			gone = append(gone, from)
		}
	}
	slices.SortFunc(gone, func(a, b origin) int { return strings.Compare(a.file, b.file) })
	return gone, documents
}

// mark notes something of a whole folder.
func (in *ingest) mark(is File) {
	in.report.Problems = append(in.report.Problems, is.Problems...)
	if known, there := in.known[origin{source: is.Source, file: is.Path}]; !there || !reflect.DeepEqual(is, known) {
		in.notes = append(in.notes, note{file: is})
	}
}

// unmounted keeps what came from a folder in which nothing lies any more.
func (in *ingest) unmounted(l *listing, files []origin, documents int) {
	for _, from := range files {
		in.leave(in.known[from], in.owned[from])
	}
	in.mark(File{Source: l.name, Path: whole, Problems: []Problem{{Document: untrusted.Clean(l.prefix), Reason: fmt.Sprintf(
		"the folder is empty, as one is that is not mounted; the %d documents that came from it are kept until something lies in it again, or until they are removed by name", documents)}}})
}

// idle reports whether nothing is to be done.
func (in *ingest) idle() bool {
	if len(in.work)+len(in.notes)+len(in.gone) > 0 {
		return false
	}
	slices.Sort(in.same)
	for _, name := range in.same {
		in.o.Progress(Progress{Stage: "reading", Document: name, Became: "unchanged"})
	}
	return true
}
