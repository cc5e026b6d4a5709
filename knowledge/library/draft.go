package library

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/knowledge/cut"
	"github.com/resync-hwa/resync/knowledge/extract"
)

// maxMeta bounds a title, product or version, in bytes: what is longer is no such thing.
const maxMeta = 500

// Lines of front matter that say who may see the document, and which language it is in.
var (
	accessLine   = regexp.MustCompile(`(?i)^\s*["']?access["']?\s*:`)
	languageLine = regexp.MustCompile(`^\s*["']?language["']?\s*:`)
)

// draftOf makes a document of what was read, all but its name and times. The problem tells why it is left out, or, where ok, why a part
// of it is.
func draftOf(f extract.File, o IngestOptions) (d Draft, problem string, ok bool) {
	c, headErr := cut.Cut(f.Name, f.Lines)
	head := f.Lines[:min(len(f.Lines), max(c.BodyLine-1, 0))]
	if headErr != nil {
		problem = headErr.Error()
		if slices.ContainsFunc(head, accessLine.MatchString) { // nobody can say who may see it: so nobody does
			return Draft{}, problem + ", and it says there who may see the document", false
		}
	}
	language := c.Language
	if o.Language != "" && (language == "" || !slices.ContainsFunc(head, languageLine.MatchString)) {
		language = o.Language // what somebody says outweighs a guess
	}
	access, wrong := accessOf(c.Access, o.Access)
	if wrong != "" {
		return Draft{}, wrong, false
	}
	d = Draft{
		Document: Document{
			Title: meta(cmp.Or(f.Title, c.Title)), Format: f.Format, Language: language, Product: meta(c.Product),
			Version: meta(cmp.Or(c.Version, o.Version)), Access: access, Kind: kindOf(c.FrontMatter, o.Kind), Site: o.Site,
			Kinds: c.Kinds, MessageIDs: c.MessageIDs, Jobs: c.Jobs, Streams: c.Streams, Stored: f.Stored, Notes: f.Notes,
		},
		Text: f.Lines, Contents: c.Sections, Parts: c.Passages,
	}
	return d, problem, true
}

func meta(s string) string {
	s = untrusted.Normalize(s)
	if len(s) > maxMeta {
		s = untrusted.Normalize(s[:maxMeta])
	}
	return s
}

// accessOf joins what the document asks for with what whoever ingests it says. A document may shut itself, never open.
func accessOf(asked, said string) (access, problem string) {
	switch {
	case asked == "" || asked == said:
		return said, ""
	case !label.MatchString(asked):
		return "", fmt.Sprintf("its front matter has the access label %q, which is no word of small letters, digits, - and _", untrusted.Normalize(asked))
	case said == "":
		return asked, ""
	}
	return "", fmt.Sprintf("its front matter has the access label %s, but it was ingested with %s; take one of them away", asked, said)
}

func kindOf(fm cut.FrontMatter, said Kind) Kind {
	switch {
	case Kind(fm.Type) == Runbook || Kind(fm.Type) == Manual:
		return Kind(fm.Type)
	case said != "":
		return said
	case len(fm.Kinds)+len(fm.MessageIDs)+len(fm.Jobs)+len(fm.Streams) > 0:
		return Runbook
	}
	return Manual
}

// hashText is the hash of a document that is a part of a file.
func hashText(lines []string) (hash string, size int64) {
	h := sha256.New()
	for _, l := range lines {
		size += int64(len(l) + 1)
		_, _ = io.WriteString(h, l)
		_, _ = io.WriteString(h, "\n")
	}
	return hex.EncodeToString(h.Sum(nil)), size
}

// printOf is a hash over all that is kept of a document but its times and numbers: two of one print are the same to every reader.
func printOf(d *Draft, textHash string) (string, error) {
	about := d.Document
	about.ID, about.Change, about.Print, about.Modified, about.Ingested = 0, 0, "", time.Time{}, time.Time{}
	h := sha256.New()
	_, _ = io.WriteString(h, textHash)
	for _, part := range []any{about, d.Contents, d.Parts} {
		raw, err := json.Marshal(part)
		if err != nil {
			return "", fmt.Errorf("print of a document: %w", err)
		}
		_, _ = h.Write(raw)
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}
