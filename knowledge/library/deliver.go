package library

import (
	"context"
	"path"
	"slices"
	"strconv"
)

// A batch is stored when it has so much: it is what a kill costs, and what others wait for.
const (
	batchBytes = 4 << 20
	batchItems = 300
)

// run does what was found to be done: what is gone goes first, so that its names are free.
func (in *ingest) run(ctx context.Context) error {
	slices.Sort(in.same)
	for _, name := range in.same {
		in.o.Progress(Progress{Stage: "reading", Total: in.totalFiles, Document: name, Became: "unchanged"})
	}
	for _, from := range in.gone {
		in.remove("removing", in.owned[from]...)
		if f, noted := in.known[from]; noted {
			in.pending.Forget = append(in.pending.Forget, File{Source: f.Source, Path: f.Path})
		}
		if err := in.flush(ctx, false); err != nil {
			return err
		}
	}
	for _, n := range in.notes {
		in.remove("reading", n.remove...)
		in.pending.Files = append(in.pending.Files, n.file)
		if err := in.flush(ctx, false); err != nil {
			return err
		}
	}
	if err := in.readAll(ctx, func(j *job) error { return in.take(ctx, j) }); err != nil {
		return err
	}
	return in.flush(ctx, true)
}

// take stores what comes out of a file.
func (in *ingest) take(ctx context.Context, j *job) error {
	var names []string
	var problems []Problem
	for p := range j.out {
		switch {
		case p.problem != nil:
			problems = append(problems, *p.problem)
		case p.draft != nil:
			name, ok := in.name(j, p.draft.Part)
			if !ok {
				problems = append(problems, Problem{Document: path.Join(j.from.file, p.draft.Part), Reason: in.tooMany()})
				continue
			}
			names = append(names, name)
			in.shelve(name, p.draft)
			if err := in.flush(ctx, false); err != nil {
				return err
			}
		case p.end != nil:
			in.done++
			in.doneBytes += j.found.size
			in.end(j, *p.end, names, problems)
			return in.flush(ctx, false)
		}
	}
	return errCut
}

// shelve brings a document to the shelf unless it is there as it is.
func (in *ingest) shelve(name string, d *Draft) {
	print, there := in.prints[name]
	switch {
	case there && print == d.Print:
		in.report.Unchanged++
		in.tell(name, "unchanged")
		return
	case there && print != "":
		in.report.Changed++
		in.tell(name, "changed")
	default:
		in.report.Added++
		in.tell(name, "added")
	}
	d.Path, d.Ingested = name, in.o.Now()
	in.prints[name] = d.Print
	in.report.Passages += len(d.Parts)
	in.pending.Drafts = append(in.pending.Drafts, *d)
	in.size += int(d.Size)
}

// end notes what became of a file, and removes what no longer comes out of it.
func (in *ingest) end(j *job, e ending, names []string, problems []Problem) {
	owned := in.owned[j.from]
	is := File{Source: j.from.source, Path: j.from.file, Size: j.found.size, Modified: j.found.modified, Hash: e.hash, Manner: in.manner, Documents: len(names), Problems: problems}
	switch {
	case e.missing != "": // it could be read once, and perhaps can be again
		is.Size, is.Modified, is.Hash, is.Documents, is.Manner = j.known.Size, j.known.Modified, j.known.Hash, j.known.Documents, untold
		names = owned
	case e.same:
		is.Documents, is.Problems = j.known.Documents, j.known.Problems
		names = owned
	}
	if e.missing != "" || e.same {
		in.report.Unchanged += len(owned)
		for _, name := range owned {
			in.tell(name, "unchanged")
		}
	}
	in.report.Problems = append(in.report.Problems, is.Problems...)
	for _, name := range owned {
		if !slices.Contains(names, name) {
			in.remove("reading", name)
		}
	}
	in.pending.Files = append(in.pending.Files, is)
	in.o.Progress(Progress{Stage: "reading", Done: in.done, Total: in.totalFiles, Bytes: in.doneBytes})
}

// remove takes documents off the shelf.
func (in *ingest) remove(stage string, names ...string) {
	for _, name := range names {
		in.pending.Remove = append(in.pending.Remove, name)
		delete(in.prints, name)
		in.report.Removed++
		in.events = append(in.events, Progress{Stage: stage, Document: name, Became: "removed"})
	}
}

func (in *ingest) tell(name, became string) {
	in.events = append(in.events, Progress{Stage: "reading", Done: in.done, Total: in.totalFiles, Bytes: in.doneBytes, Document: name, Became: became})
}

// name gives the name of a document: the one that it has, or its path below the folder, with the folder's own name before it where that
// is taken. It reports false when there is no room for another document.
func (in *ingest) name(j *job, part string) (string, bool) {
	from := origin{j.from.source, j.from.file, part}
	if name, there := in.at[from]; there {
		if _, still := in.prints[name]; still {
			return name, true
		}
	}
	if len(in.prints) >= in.o.MaxDocuments {
		return "", false
	}
	want := path.Join(j.from.file, part)
	name := want
	for try := 1; ; try++ {
		if _, taken := in.prints[name]; !taken {
			break
		}
		folder := j.prefix
		if try > 1 {
			folder += "-" + strconv.Itoa(try)
		}
		name = path.Join(folder, want)
	}
	in.at[from], in.prints[name] = name, ""
	return name, true
}

// flush stores what is pending when it has grown to a batch, or at the end, and tells what has been stored.
func (in *ingest) flush(ctx context.Context, all bool) error {
	p := &in.pending
	items := len(p.Drafts) + len(p.Remove) + len(p.Files) + len(p.Forget)
	if items > 0 && (all || in.size >= batchBytes || items >= batchItems) {
		p.Turn = in.turn
		w := in.o.Courtesy.Begin()
		if err := in.shelf.Keep(ctx, *p); err != nil {
			return err
		}
		w.Rest(ctx)
		in.pending, in.size, items = Delivery{}, 0, 0
	}
	if items == 0 {
		for _, e := range in.events {
			in.o.Progress(e)
		}
		in.events = in.events[:0]
	}
	return nil
}
