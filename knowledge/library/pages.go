package library

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/resync-hwa/resync/knowledge/cut"
)

const (
	// pageLines is how many lines a page has: a quote costs the unpacking of one, and longer ones pack no better.
	pageLines = 500
	// pageBytes bounds a page whose lines are long: an answer quotes a dozen places. A single line may be longer.
	pageBytes = 16 << 10
	// packLevel packs a manual's text to a third in a tenth of a second for 6 MB.
	packLevel = flate.BestSpeed
	// maxUnpacked bounds what a page may grow to, against a database that lies.
	maxUnpacked = 256 << 20
)

var errPage = errors.New("a page of the knowledge database is broken")

// page is a run of lines as it is kept.
type page struct {
	first  int // number of its first line, from 1
	packed []byte
}

// packer packs one page after the other; making a compressor costs more than a page.
type packer struct {
	out bytes.Buffer
	w   *flate.Writer
}

func newPacker() (*packer, error) {
	p := &packer{}
	w, err := flate.NewWriter(&p.out, packLevel)
	if err != nil {
		return nil, fmt.Errorf("make a packer: %w", err)
	}
	p.w = w
	return p, nil
}

func (p *packer) pack(raw []byte) ([]byte, error) {
	p.out.Reset()
	p.w.Reset(&p.out)
	if _, err := p.w.Write(raw); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	if err := p.w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return bytes.Clone(p.out.Bytes()), nil
}

// pages packs lines: each with its length before it.
func (p *packer) pages(lines []string) ([]page, error) {
	var out []page
	var raw []byte
	first := 1
	flush := func(next int) error {
		packed, err := p.pack(raw)
		if err != nil {
			return err
		}
		out, raw, first = append(out, page{first, packed}), raw[:0], next
		return nil
	}
	for i, l := range lines {
		if n := i + 1 - first; n == pageLines || n > 0 && len(raw)+len(l) > pageBytes {
			if err := flush(i + 1); err != nil {
				return nil, err
			}
		}
		raw = append(binary.AppendUvarint(raw, uint64(len(l))), l...)
	}
	if len(raw) == 0 {
		return out, nil
	}
	return out, flush(len(lines) + 1)
}

// unpackers are kept for the next page: making one costs as much as unpacking it.
var unpackers = sync.Pool{New: func() any { return flate.NewReader(bytes.NewReader(nil)) }}

func unpack(packed []byte) ([]byte, error) {
	r := unpackers.Get().(io.ReadCloser)
	defer unpackers.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(packed), nil); err != nil {
		return nil, errors.Join(errPage, err)
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxUnpacked+1))
	if err != nil || len(raw) > maxUnpacked {
		return nil, errors.Join(errPage, err)
	}
	return raw, nil
}

// unpackLines gives the lines of a page that lie within start and end, from 1 and inclusive.
func (p page) unpackLines(start, end int) ([]string, error) {
	raw, err := unpack(p.packed)
	if err != nil {
		return nil, err
	}
	var out []string
	for n := p.first; len(raw) > 0 && n <= end; n++ {
		size, head := binary.Uvarint(raw)
		if head <= 0 || size > uint64(len(raw)-head) {
			return nil, errPage
		}
		if n >= start {
			out = append(out, string(raw[head:head+int(size)]))
		}
		raw = raw[head+int(size):]
	}
	return out, nil
}

// kept is a draft as the database takes it, made before the transaction begins.
type kept struct {
	Draft
	about    []byte
	contents []byte
	pages    []page
	parts    [][]byte
	bytes    int64
}

func (p *packer) draft(d Draft) (kept, error) {
	k := kept{Draft: d}
	about := d.Document
	about.ID, about.Path, about.Change, about.Lines, about.Sections, about.Passages = 0, "", 0, 0, 0, 0 // these have columns
	var err error
	if k.about, err = json.Marshal(about); err != nil {
		return kept{}, fmt.Errorf("pack document: %w", err)
	}
	sections, err := json.Marshal(d.Contents)
	if err != nil {
		return kept{}, fmt.Errorf("pack sections: %w", err)
	}
	if k.contents, err = p.pack(sections); err != nil {
		return kept{}, err
	}
	if k.pages, err = p.pages(d.Text); err != nil {
		return kept{}, err
	}
	for _, page := range k.pages {
		k.bytes += int64(len(page.packed))
	}
	k.parts = make([][]byte, len(d.Parts))
	for i := range d.Parts {
		if k.parts[i], err = json.Marshal(d.Parts[i]); err != nil {
			return kept{}, fmt.Errorf("pack passage: %w", err)
		}
	}
	return k, nil
}

func unpackSections(packed []byte) ([]cut.Section, error) {
	raw, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	var out []cut.Section
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, errors.Join(errPage, err)
	}
	return out, nil
}
