package record

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/resync-hwa/resync/internal/untrusted"
)

// Review writes the file that a person reads before the capsule leaves the house: what to look at first, what was replaced by what kind of
// thing (new values only), and every free text that remains. Lines that differ in digits only stand there once, with how often they occur.
func (c *Captured) Review() string {
	var b strings.Builder
	m := c.Manifest
	fmt.Fprintf(&b, "# Review of a capsule\n\nThe plan as of %s, %d job streams, %d jobs, %d job logs.\n\n", m.AsOf.Format("2006-01-02 15:04 MST"), m.Counts["job_streams"], m.Counts["jobs"], m.Counts["job_logs"])
	if !m.Redacted {
		b.WriteString("**Nothing was renamed in this capsule.** Every name in it is real; it must not leave the house. Secrets that were recognised are masked.\n\n")
	} else {
		b.WriteString("Names, addresses and numbers of persons were replaced. A program cannot know every name: read what follows, then sign with `resync capture sign`.\n\n")
	}
	lines := c.freeText()
	c.writeFirst(&b, lines)
	c.writeReplaced(&b)
	fmt.Fprintf(&b, "## Every text that remains\n\n%d different lines.\n\n", len(lines))
	for _, l := range slices.Sorted(maps.Keys(lines)) {
		fmt.Fprintf(&b, "- %s × %d\n", quoted(lines[l].sample), lines[l].times)
	}
	if len(m.Failures) > 0 {
		fmt.Fprintf(&b, "\n## What could not be read\n\n")
		for _, f := range m.Failures {
			fmt.Fprintf(&b, "- %s (%s): %s\n", quoted(f.What), f.Code, quoted(f.Message))
		}
	}
	return b.String()
}

// quoted makes a text inert in Markdown.
func quoted(s string) string {
	s = strings.ReplaceAll(untrusted.Clean(s), "\n", " ")
	return "`" + strings.ReplaceAll(s, "`", "'") + "`"
}

type freeLine struct {
	sample string
	times  int
}

var digitRun = regexp.MustCompile(`\d+`)

// freeText gathers all lines of prose and output, by their form without digits.
func (c *Captured) freeText() map[string]freeLine {
	out := map[string]freeLine{}
	walkStrings(c.World, func(k kind, s string) {
		if k != asText && k != asContact {
			return
		}
		for l := range strings.SplitSeq(s, "\n") {
			l = strings.TrimSpace(l)
			if l == "" || isRule(l) {
				continue
			}
			form := digitRun.ReplaceAllString(l, "#")
			x := out[form]
			if x.times == 0 || l < x.sample { // logs come in no order
				x.sample = l
			}
			x.times++
			out[form] = x
		}
	})
	return out
}

func (c *Captured) writeReplaced(b *strings.Builder) {
	if c.redactor == nil {
		return
	}
	b.WriteString("## What was replaced\n\n| what | different | occurrences | some of the new values |\n|---|---|---|---|\n")
	for _, x := range c.redactor.replacements() {
		samples := make([]string, len(x.samples))
		for i, s := range x.samples {
			samples[i] = quoted(strings.ReplaceAll(s, "|", "/"))
		}
		fmt.Fprintf(b, "| %s | %d | %d | %s |\n", x.kind, x.distinct, x.times, strings.Join(samples, " "))
	}
	b.WriteString("\n")
}

// nameLike is what a name could look like in text: capitals, or letters with digits or underscores among them, or two capitalised words.
var nameLike = regexp.MustCompile(`\b[A-Z][A-Z0-9_]{3,}\b|\b[A-Za-z]+(?:_[A-Za-z0-9]+)+\b|\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}{2,}`)

// writeFirst lists words that look like names and were not replaced, and names that consist of the product's words.
func (c *Captured) writeFirst(b *strings.Builder, lines map[string]freeLine) {
	b.WriteString("## Look at these first\n\n")
	if c.redactor == nil {
		b.WriteString("Everything: no name was replaced.\n\n")
		return
	}
	found := map[string]int{}
	for _, l := range lines {
		for _, w := range nameLike.FindAllString(l.sample, -1) {
			if !c.redactor.explained(w) {
				found[w] += l.times
			}
		}
	}
	if len(found) == 0 {
		b.WriteString("No word of the remaining texts looks like a name.\n\n")
	} else {
		b.WriteString("Words that look like names and were kept. One that is a name goes into the policy's `names`, and the capture is made again.\n\n")
		for _, w := range slices.Sorted(maps.Keys(found)) {
			fmt.Fprintf(b, "- %s × %d\n", quoted(w), found[w])
		}
		b.WriteString("\n")
	}
	if kept := c.redactor.keptNames(); len(kept) > 0 {
		b.WriteString("Names of objects that were kept, for the scheduler itself or every plant uses them:\n\n")
		for _, w := range kept {
			fmt.Fprintf(b, "- %s\n", quoted(w))
		}
		b.WriteString("\n")
	}
}

// explained reports whether all words of a find are pseudonyms, the product's, or ordinary.
func (r *Redactor) explained(s string) bool {
	for _, at := range letterRuns(s) {
		w := s[at[0]:at[1]]
		if !r.made[upper(w)] && !r.product(upper(w)) && (!r.ordinary(w) || w == strings.Map(unicode.ToUpper, w) && len(w) > 5) && !r.lists.path[lower(w)] {
			return false
		}
	}
	return true
}

func (r *Redactor) keptNames() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for s := range r.kept {
		if len(letterRuns(s)) > 0 {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}
