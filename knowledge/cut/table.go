package cut

import (
	"regexp"
	"strings"
)

var (
	tagForm  = regexp.MustCompile(`<[^<>]{0,200}>`)
	cellForm = regexp.MustCompile(`(?i)</?t[dh][^<>]{0,100}>`)
	entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&nbsp;", " ", "&amp;", "&")
)

// rows takes a table apart: whole where it is short, else by rows, which remember the head of the table. In a table of messages
// each row is a passage of its own, however short the table is.
func rows(lines []string, b block, tokens int) []unit {
	units := rowUnits(lines, b)
	head := headRows(lines, units)
	columns := []string{""}
	if head > 0 {
		columns = cellsOf(textOf(lines, units[0]))
	}
	named := map[string]int{}
	for i := head; i < len(units); i++ {
		if id := rowID(cellsOf(textOf(lines, units[i])), columns[0]); id != "" {
			units[i].messages = []string{id}
			named[id]++
		}
	}
	// Names of machines look like ids, and stand in many rows.
	catalogue := len(named) >= 2 && len(named)*2 >= len(units)-head
	if !catalogue {
		for i := range units {
			if m := units[i].messages; len(m) > 0 && (named[m[0]] > 1 || len(named)*2 < len(units)-head) {
				units[i].messages = nil
			}
		}
	}
	if !catalogue && tokens <= maxWhole && (tokens <= maxTokens || len(units) == 0 || units[len(units)-1].to == 0) {
		u := unit{start: b.start, end: b.end, tokens: tokens}
		for _, r := range units {
			u.messages = append(u.messages, r.messages...)
		}
		return bounded(lines, []unit{u})
	}
	for i := range units {
		u := &units[i]
		u.alone = catalogue && i >= head
		u.glued = i > 0 && i <= head // the head stays with the first row
		if head > 0 && i > head || head > 0 && i == head && u.to > 0 {
			h := units[head-1]
			u.headStart, u.headEnd, u.headFrom, u.headTo = units[0].start, h.end, units[0].from, h.to
		}
	}
	return bounded(lines, units)
}

// bounded cuts rows that are too long by themselves.
func bounded(lines []string, units []unit) []unit {
	var out []unit
	for _, u := range units {
		if u.tokens > maxBlock && u.to == 0 {
			out = append(out, each(lines, u.start, u.end)...)
		} else {
			out = append(out, u)
		}
	}
	return out
}

// rowUnits gives the rows of a table as units: lines, or pieces of a line that holds several.
func rowUnits(lines []string, b block) []unit {
	var out []unit
	cuts := append(b.cuts[:len(b.cuts):len(b.cuts)], b.end)
	start := b.start
	for _, c := range cuts {
		if c <= start {
			continue
		}
		line := lines[start]
		if strings.Count(line, "<tr") > 1 && !hasText(lines, start+1, c) {
			out = append(out, rowPieces(line, start)...)
			if c > start+1 {
				out[len(out)-1].end = start + 1
			}
		} else {
			out = append(out, unit{start: start, end: c, tokens: countTokens(lines[start:c])})
		}
		start = c
	}
	return out
}

// rowPieces cuts a line before each of its rows.
func rowPieces(line string, i int) []unit {
	var out []unit
	from := 0
	for from < len(line) {
		to := len(line)
		if skip := strings.Index(line[from:], "<tr"); skip >= 0 {
			if next := strings.Index(line[from+skip+3:], "<tr"); next >= 0 {
				to = from + skip + 3 + next
			}
		}
		out = append(out, unit{start: i, end: i + 1, from: from, to: to, tokens: max(1, countTokens([]string{line[from:to]}))})
		from = to
	}
	return out
}

// headRows is how many units the head of a table has: 0 where it has none.
func headRows(lines []string, units []unit) int {
	switch {
	case len(units) < 2:
		return 0
	case units[0].to > 0 || strings.Contains(lines[units[0].start], "<"):
		if strings.Contains(textOf(lines, units[0]), "<tr") {
			return 1
		}
		return min(2, len(units)-1) // "<table>" on a line of its own
	case isRule(lines[units[1].start]):
		return 2
	}
	return 0
}

// textOf gives the text of a unit's first line, or of its piece.
func textOf(lines []string, u unit) string {
	if u.to > 0 {
		return lines[u.start][u.from:u.to]
	}
	if strings.Contains(lines[u.start], "<") {
		return strings.Join(lines[u.start:min(u.end, u.start+16)], " ")
	}
	return lines[u.start]
}

// cellsOf takes a row apart: of bars, or of tags.
func cellsOf(row string) []string {
	row = row[:min(len(row), 4*maxLine)]
	if !strings.Contains(row, "<t") {
		cells := strings.Split(strings.Trim(strings.TrimSpace(row), "|"), "|")
		for i, c := range cells {
			cells[i] = strings.TrimSpace(c)
		}
		return cells
	}
	var out []string
	for _, c := range cellForm.Split(row, -1) {
		if c = strings.TrimSpace(entities.Replace(tagForm.ReplaceAllString(c, " "))); c != "" {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return []string{""}
	}
	return out
}
