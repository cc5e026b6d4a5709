package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/library"
)

// Where an installation keeps its documents, below its data folder.
const (
	shelfFile  = "knowledge"
	indexFiles = "knowledge-index"
)

// site is an installation: documents in SQLite and the index in files.
type site struct {
	db    *store.DB
	shelf *library.Library
	index *embedded.Index
	base  *knowledge.Base
}

func openSite(ctx context.Context, folder string) (s *site, err error) {
	s = &site{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.db, err = store.Open(ctx, store.Options{Dir: folder, File: shelfFile, Rooms: []store.Room{library.Room()}}); err != nil {
		return s, err
	}
	if s.shelf, err = library.Open(ctx, s.db); err != nil {
		return s, err
	}
	if s.index, err = embedded.Open(filepath.Join(folder, indexFiles), embedded.Options{}); err != nil {
		return s, err
	}
	s.base, err = knowledge.Over(ctx, knowledge.Parts{Shelf: s.shelf, Index: s.index})
	return s, err
}

func (s *site) close() error {
	var err error
	if s.index != nil {
		err = s.index.Close()
	}
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
	}
	return err
}

// takeIn reads a folder in and brings the index up to it, as uploads and resync kb ingest do.
func (s *site) takeIn(ctx context.Context, folder string) (library.Report, error) {
	r, err := library.Ingest(ctx, s.shelf, library.IngestOptions{Paths: []string{folder}, Site: true, Courtesy: s.base.Courtesy()})
	if err != nil {
		return r, err
	}
	if len(r.Problems) > 0 {
		return r, fmt.Errorf("%d texts were not taken in, the first is %s: %s", len(r.Problems), r.Problems[0].Document, r.Problems[0].Reason)
	}
	return r, s.base.Sync(ctx, nil)
}

// answer asks one question and reports whether the first hit has what was asked for.
func (s *site) answer(ctx context.Context, a asking) (right bool, err error) {
	r, err := s.base.Search(ctx, knowledge.Query{Text: a.text})
	if err != nil || len(r.Results) == 0 {
		return false, err
	}
	return strings.Contains(strings.Join(r.Results[0].HeadingPath, " ")+r.Results[0].Quote, a.identifier), nil
}

// disk gives the bytes of the database and of the index.
func disk(folder string) (database, index int64, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // merged away
		}
		if err != nil {
			return err
		}
		if filepath.Base(filepath.Dir(path)) == indexFiles {
			index += info.Size()
		} else if strings.HasPrefix(d.Name(), shelfFile+".db") {
			database += info.Size()
		}
		return nil
	})
	return database, index, err
}

// shorten cuts the largest segment of the index in half, as a full disk or a lost write may leave it.
func shorten(folder string) error {
	var largest string
	var size int64
	names, err := filepath.Glob(filepath.Join(folder, indexFiles, "*.seg"))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Size() > size {
			largest, size = name, info.Size()
		}
	}
	if err != nil || largest == "" {
		return errors.Join(err, errors.New("the index has no segment"))
	}
	return os.Truncate(largest, size/2)
}
