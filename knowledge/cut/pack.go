package cut

import "strings"

const (
	// maxTokens is the size above which a section is cut into several passages, estimated as countTokens does.
	maxTokens = 400
	// goodTokens is what a passage should have where the text allows it.
	goodTokens = 250
	// minTokens is what a passage should have before the next block starts a new one.
	minTokens = 120
	// maxWhole is the size above which a table is cut between its rows and a list of steps between its steps.
	maxWhole = 1200
	// maxBlock is the size above which even a fence or a single step is cut, at a line's end: it is data, and nobody reads it whole.
	maxBlock = 6000
)

// unit is what a passage is made of: lines, or a piece of one line. Lines count from 0 here.
type unit struct {
	start, end int // end is the line after the last
	from, to   int // bytes of the line, where the unit is a piece of it; to is 0 elsewhere
	tokens     int
	glued      bool // stays with the unit before it
	alone      bool // shares its passage with nothing
	messages   []string
	headStart  int // lines of the head of its table, where that is not in it
	headEnd    int
	headFrom   int // bytes of that line
	headTo     int
}

// passages gives those of one section.
func passages(lines []string, blocks []block, s Section, section int, listing bool) []Passage {
	var units []unit
	for i, b := range blocks {
		from := len(units)
		units = append(units, unitsOf(lines, b)...)
		// A heading stays with what follows, and so does a lead-in that ends with a colon.
		if i > 0 && from < len(units) && (blocks[i-1].kind == heading || endsWithColon(lines, blocks[i-1])) {
			units[from].glued = true
		}
	}
	runs := packed(units)
	if blocks[0].id != "" && isWhole(units) {
		runs = [][]unit{units}
	}
	var out []Passage
	for _, run := range runs {
		p, ok := passage(lines, run, section)
		if !ok {
			continue
		}
		in := inPassage(lines, p)
		p.Contents = listing || in.listing() || in.pointing()
		if len(out) == 0 && s.Level > 0 {
			p.Body = bodyStart(lines, blocks[0], p)
			// The first line of a message entry says something even where nothing follows.
			p.Bare = p.Body == s.StartLine && blocks[0].behind > blocks[0].start && (blocks[0].id == "" || countWords(blocks[0].title) < 3)
			if !listing && !p.Bare {
				p.Messages = withID(blocks[0], p.Messages)
			}
		}
		if s.Level > 0 && len(p.Messages) == 0 && !p.Contents && p.To == 0 {
			p.Messages = solved(lines[p.Start-1 : p.End])
		}
		out = append(out, p)
	}
	return out
}

// isWhole reports whether the units of a message entry may be one passage.
func isWhole(units []unit) bool {
	tokens := 0
	for _, u := range units {
		tokens += u.tokens
		if u.to > 0 || u.alone {
			return false
		}
	}
	return tokens <= maxWhole && len(units) > 0
}

// withID puts the id that a heading explains before those of its rows.
func withID(h block, messages []string) []string {
	ids := headingIDs(h.title)
	if h.id != "" {
		ids = []string{h.id}
	}
	for _, m := range messages {
		if len(ids) == 0 || m != ids[0] {
			ids = append(ids, m)
		}
	}
	return ids
}

// bodyStart is the first line behind the section's heading, or the heading where nothing else is there.
func bodyStart(lines []string, h block, p Passage) int {
	if first, _, ok := trim(lines, h.behind, p.End); ok {
		return first
	}
	return p.Start
}

func inPassage(lines []string, p Passage) looks {
	var l looks
	last := -1
	if p.To > 0 {
		return l
	}
	fenced := false
	for _, s := range lines[p.Start-1 : p.End] {
		if _, n, _ := fence(s); n > 0 {
			fenced = !fenced
		} else if !fenced && !isRow(s) && !strings.Contains(s, "<td") {
			last = l.line(s, last)
		}
	}
	return l
}

// packed gathers units into runs of about maxTokens.
func packed(units []unit) [][]unit {
	var out [][]unit
	start, tokens := 0, 0
	flush := func(end int) {
		if end > start {
			out = append(out, units[start:end])
		}
		start, tokens = end, 0
	}
	for i, u := range units {
		last := unit{}
		if i > start {
			last = units[i-1]
		}
		switch {
		case i == start:
		case u.glued && !last.alone && !apart(last, u) && tokens <= maxTokens:
		case u.alone || last.alone || apart(last, u), tokens+u.tokens > maxTokens && tokens >= minTokens:
			flush(i)
		}
		tokens += u.tokens
	}
	flush(len(units))
	return level(out)
}

// apart reports whether two units cannot be in one passage: pieces of different lines, or a piece and whole lines.
func apart(a, b unit) bool {
	return (a.to > 0 || b.to > 0) && (a.start != b.start || a.to == 0 || b.to == 0)
}

// level moves units from a run that has enough to the short one that ends the section.
func level(runs [][]unit) [][]unit {
	if len(runs) < 2 {
		return runs
	}
	a, b := runs[len(runs)-2], runs[len(runs)-1]
	left, right := 0, 0
	for _, u := range a {
		left += u.tokens
	}
	for _, u := range b {
		right += u.tokens
	}
	for len(a) > 1 && len(b) > 0 {
		u := a[len(a)-1]
		if right >= goodTokens || left-u.tokens < goodTokens || right+u.tokens > maxTokens || u.glued || b[0].glued || u.alone || b[0].alone || apart(u, b[0]) {
			break
		}
		// Units lie one behind the other: the same array, one place earlier.
		a, b = a[:len(a)-1], append([]unit{u}, b...)
		left, right = left-u.tokens, right+u.tokens
	}
	runs[len(runs)-2], runs[len(runs)-1] = a, b
	return runs
}

// passage makes one of a run of units.
func passage(lines []string, run []unit, section int) (Passage, bool) {
	a, z := run[0], run[len(run)-1]
	first, last, ok := trim(lines, a.start, z.end)
	p := Passage{Section: section, Start: first, End: last, Body: first}
	if a.to > 0 {
		p.From, p.To = a.from, z.to
		ok = strings.TrimSpace(lines[a.start][a.from:z.to]) != ""
	}
	if a.headEnd > 0 {
		p.HeadStart, p.HeadEnd, p.HeadFrom, p.HeadTo = a.headStart+1, a.headEnd, a.headFrom, a.headTo
	}
	for _, u := range run {
		p.Messages = append(p.Messages, u.messages...)
	}
	return p, ok
}

// unitsOf takes a block apart as far as it may be.
func unitsOf(lines []string, b block) []unit {
	tokens := countTokens(lines[b.start:b.end])
	one := []unit{{start: b.start, end: b.end, tokens: tokens}}
	switch {
	case b.kind == table:
		return rows(lines, b, tokens)
	case b.kind == list:
		if u := listed(lines, b); u != nil {
			return u
		}
		if tokens > maxTokens {
			return at(lines, b, b.cuts)
		}
	case b.kind == steps && tokens > maxWhole:
		return at(lines, b, b.cuts)
	case b.kind == prose && tokens > maxTokens, tokens > maxBlock:
		return each(lines, b.start, b.end)
	}
	return one
}

// at cuts a block before the lines given.
func at(lines []string, b block, cuts []int) []unit {
	var out []unit
	start := b.start
	for _, c := range append(cuts[:len(cuts):len(cuts)], b.end) {
		if c <= start {
			continue
		}
		u := unit{start: start, end: c, tokens: countTokens(lines[start:c])}
		if u.tokens > maxBlock {
			out = append(out, each(lines, start, c)...)
		} else {
			out = append(out, u)
		}
		start = c
	}
	return out
}

// each makes a unit of every line, and several of one that is too long by itself.
func each(lines []string, start, end int) []unit {
	out := make([]unit, 0, end-start)
	for i := start; i < end; i++ {
		n := countTokens(lines[i : i+1])
		if n <= maxWhole && len(lines[i]) <= maxWhole*16 {
			out = append(out, unit{start: i, end: i + 1, tokens: n})
			continue
		}
		out = append(out, pieces(lines[i], i)...)
	}
	return out
}

// pieces cuts a line at blanks, or, where there is none, at its length.
func pieces(line string, i int) []unit {
	const words = maxTokens * 3 / 4
	var out []unit
	from, n, in := 0, 0, false
	for k := range line {
		blank := line[k] == ' ' || line[k] == '\t'
		if blank && in {
			n++
		}
		in = !blank
		if n >= words && !blank || k-from >= words*16 && (line[k]&0xC0 != 0x80) {
			out = append(out, unit{start: i, end: i + 1, from: from, to: k, tokens: max(n, (k-from)/24)*4/3 + 1})
			from, n = k, 0
		}
	}
	return append(out, unit{start: i, end: i + 1, from: from, to: len(line), tokens: max(n, (len(line)-from)/24)*4/3 + 1})
}

// listed makes each item of a list of messages a passage of its own: nil where the list is of something else.
func listed(lines []string, b block) []unit {
	units := at(lines, b, b.cuts)
	named := map[string]bool{}
	for i := range units {
		line := lines[units[i].start]
		if id, _, ok := entryLine(line); ok && countWords(line) > 3 && !strings.HasPrefix(line, "+") {
			units[i].messages, units[i].alone = []string{id}, true
			named[id] = true
		}
	}
	if len(named) < 2 || len(named)*2 < len(units) {
		return nil
	}
	return units
}

func endsWithColon(lines []string, b block) bool {
	_, last, ok := trim(lines, b.start, b.end)
	return ok && strings.HasSuffix(strings.TrimRight(lines[last-1], " \t\r*"), ":")
}
