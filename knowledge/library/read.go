package library

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/knowledge/extract"
)

const (
	// outgoing is how many documents of one file may be ready before they are stored.
	outgoing = 16
	// maxInHand bounds the bytes of the files that are being read or have been and are not stored yet.
	maxInHand = 256 << 20
)

// errCut is what take gives for a file whose reading has not come to its end; the reason is the reader's.
var errCut = errors.New("the reading of a file was cut short")

// job is a file that is to be read.
type job struct {
	*listing
	from   origin
	found  found
	known  File
	hash   string // of the file when it was last read in this manner and all its documents are there; "" otherwise
	weight int64
	out    chan piece // closed when the file has been read to its end
}

// piece is what comes out of a file: a document, a problem, or at last what is to be noted of the file.
type piece struct {
	draft   *Draft
	problem *Problem
	end     *ending
}

// ending is what became of a file.
type ending struct {
	hash    string
	same    bool   // it has the bytes of before
	missing string // why it could not be reached; "" where it could
}

// readAll reads the files, several at once, and hands each to take in its order.
func (in *ingest) readAll(ctx context.Context, take func(*job) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := workers()
	ordered := make(chan *job, 2*n)
	hands, weight := semaphore.NewWeighted(int64(n)), semaphore.NewWeighted(maxInHand)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(ordered)
		for _, j := range in.work {
			j.weight = min(max(j.found.size, 1), maxInHand)
			if err := weight.Acquire(ctx, j.weight); err != nil {
				return err
			}
			with := int64(1)
			if in.o.Courtesy.Busy() { // half as many at once
				with = min(2, int64(n))
			}
			if err := hands.Acquire(ctx, with); err != nil {
				return err
			}
			select { // whoever is in the queue is read, so that waiting for it ends
			case ordered <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
			g.Go(func() error {
				defer hands.Release(with)
				defer close(j.out)
				return in.read(ctx, j)
			})
		}
		return nil
	})
	for j := range ordered {
		if err := take(j); err != nil {
			cancel()
			if first := g.Wait(); errors.Is(err, errCut) {
				return first
			}
			return err
		}
		weight.Release(j.weight)
	}
	return g.Wait()
}

// read reads one file. Its error is the context's: whatever is wrong with the file comes out as a piece.
func (in *ingest) read(ctx context.Context, j *job) (err error) {
	send := func(p piece) error {
		select {
		case j.out <- p:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	bad := func(name, reason string) error {
		return send(piece{problem: &Problem{Document: untrusted.Clean(name), Reason: untrusted.Normalize(reason)}})
	}
	end := ending{}
	defer func() {
		if recover() != nil { // a reader has met a file that nobody thought of: it must not take the others with it
			err = bad(j.found.path, "it is damaged in a way that its reader does not know")
		}
		if err == nil {
			err = send(piece{end: &end})
		}
	}()
	w := in.o.Courtesy.Begin()
	data, reason := j.bytes()
	if reason != "" {
		end.missing = reason
		return bad(j.found.path, reason)
	}
	sum := sha256.Sum256(data)
	end.hash = hex.EncodeToString(sum[:])
	if end.same = end.hash == j.hash; end.same {
		return nil
	}
	err = in.o.Read(ctx, j.found.path, data, extract.Limits{}, func(f extract.File) error {
		d, problem, ok := draftOf(f, in.o)
		if problem != "" {
			if err := bad(f.Name, problem); err != nil {
				return err
			}
		}
		if !ok {
			return nil
		}
		if err := j.sign(&d, f, end.hash, int64(len(data))); err != nil {
			return err
		}
		w.Rest(ctx)
		err := send(piece{draft: &d})
		w = in.o.Courtesy.Begin() // waiting was no work
		return err
	}, func(name, reason string) { _ = bad(name, reason) }) // its error is the context's, which the reader meets itself
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case fault.Is(err, fault.Invalid):
		why := strings.TrimPrefix(fault.Public(err).Message, j.found.path+" cannot be read: ")
		return bad(j.found.path, strings.TrimSuffix(why, "."))
	}
	return bad(j.found.path, "it cannot be read to its end")
}

// sign notes on a draft where it came from.
func (j *job) sign(d *Draft, f extract.File, hash string, size int64) error {
	d.Source, d.File, d.Modified = j.from.source, j.from.file, j.found.stamp
	d.Hash, d.Size = hash, size
	textHash, textSize := hashText(d.Text)
	if f.Name != j.found.path {
		d.Part = strings.TrimPrefix(f.Name, j.found.path+"/")
		d.Hash, d.Size = textHash, textSize
	}
	var err error
	d.Print, err = printOf(d, textHash)
	return err
}

// bytes reads the file whole. The reason is a sentence of our own: foreign errors name paths.
func (j *job) bytes() (data []byte, reason string) {
	f, err := j.fsys.Open(j.found.path)
	if err != nil {
		return nil, "it cannot be read, or is a link that leads out of its folder"
	}
	defer func() { _ = f.Close() }()
	// One that grew since it was seen is read as far as it was: the next ingest finds it changed.
	if data, err = io.ReadAll(io.LimitReader(f, j.found.size)); err != nil {
		return nil, "it cannot be read to its end"
	}
	return data, ""
}

func (in *ingest) tooMany() string {
	return fmt.Sprintf("there are more than the %d documents allowed", in.o.MaxDocuments)
}
