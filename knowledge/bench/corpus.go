package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/knowledge/cut"
)

// pageWords is what counts as a page of text.
const pageWords = 250

// text is a document of the corpus with the sections and passages that the product's own rules cut it into.
type text struct {
	name     string // as citations have it
	language string
	lines    []string
	sections []cut.Section
	passages []cut.Passage
	words    int
}

// corpus is a folder of texts on disk.
type corpus struct {
	folder string
	texts  []text
	byName map[string]int
}

// stage copies the Markdown of folders into one, each below its own name ("" for the top), so that the product takes in one folder as a site's people would.
func stage(into string, from map[string]string) error {
	to, err := os.OpenRoot(into)
	if err != nil {
		return err
	}
	defer func() { _ = to.Close() }()
	for name, folder := range from {
		err := eachFile(folder, func(below string, content []byte) error {
			if path.Ext(below) != ".md" || path.Base(below) == leftOut {
				return nil
			}
			below = path.Join(name, below)
			if err := to.MkdirAll(path.Dir(below), 0o750); err != nil {
				return err
			}
			return to.WriteFile(below, content, 0o600)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachFile reads all files below a folder, in the order of their names.
func eachFile(folder string, each func(below string, content []byte) error) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // read only: nothing can be lost
	return fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := root.ReadFile(p)
		if err != nil {
			return err
		}
		return each(p, content)
	})
}

// leftOut is the page that holds the figures of this measurement: it must not move them.
const leftOut = "knowledge-bench.md"

// readCorpus reads a staged folder.
func readCorpus(folder string) (*corpus, error) {
	c := &corpus{folder: folder, byName: map[string]int{}}
	err := eachFile(folder, func(below string, content []byte) error { return c.add(below, string(content)) })
	return c, err
}

func (c *corpus) add(name, content string) error {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSuffix(content, "\n"), "\r", ""), "\n")
	d, err := cut.Cut(name, lines)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.byName[name] = len(c.texts)
	c.texts = append(c.texts, text{name: name, language: d.Language, lines: lines, sections: d.Sections, passages: d.Passages, words: len(strings.Fields(content))})
	return nil
}

// pages counts the texts that have a page of text at least, and the pages that all of them fill.
func (c *corpus) pages() (texts, pages int) {
	words := 0
	for _, t := range c.texts {
		words += t.words
		if t.words >= pageWords {
			texts++
		}
	}
	return texts, words / pageWords
}

// has reports whether a wanted place exists.
func (c *corpus) has(w want) bool {
	i, ok := c.byName[w.document]
	if !ok {
		return false
	}
	t := c.texts[i]
	if w.section == "" {
		return w.start >= 1 && w.start <= w.end && w.end <= len(t.lines) && strings.TrimSpace(t.lines[w.start-1]) != ""
	}
	return slices.ContainsFunc(t.sections, func(s cut.Section) bool { return s.Slug == w.section })
}

// passage widens a hit's quote to the passage that it was taken from, so that both sides are judged by the same passages.
func (c *corpus) passage(h hit) (start, end int) {
	i, ok := c.byName[h.Document]
	if !ok {
		return h.Start, h.End
	}
	for _, p := range c.texts[i].passages {
		if h.Start >= p.Start && h.Start <= p.End {
			return min(p.Start, h.Start), max(p.End, h.End)
		}
	}
	return h.Start, h.End
}
