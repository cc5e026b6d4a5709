package main

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/plan"
)

// screen is text in the making for a terminal, with colours where they are wanted.
type screen struct {
	strings.Builder
	colour bool
}

// style is how a cell looks where there are colours: the parameters of an ANSI sequence.
type style string

const (
	plain style = ""
	dim   style = "2"
	bold  style = "1"
	red   style = "31"
	green style = "32"
	amber style = "33"
	cyan  style = "36"
)

// cell is a text in a column.
type cell struct {
	text string
	look style
	wide bool // it may run over the empty cells behind it, and widens no column
}

func text(s string) cell { return cell{text: strings.Join(strings.Fields(visible(s)), " ")} }

func looking(s string, look style) cell {
	c := text(s)
	c.look = look
	return c
}

// behind puts a cell behind an indent, which is ours and stays.
func (c cell) behind(indent string) cell {
	if c.text != "" {
		c.text = indent + c.text
	}
	return c
}

// painted gives a text in its style, or as it is where there are no colours.
func (s *screen) painted(c cell) string {
	if !s.colour || c.look == plain || c.text == "" {
		return c.text
	}
	return "\x1b[" + string(c.look) + "m" + c.text + "\x1b[0m"
}

// line writes one line: what came from outside moves no cursor in it.
func (s *screen) line(cells ...cell) {
	var parts []string
	for _, c := range cells {
		if c.text != "" {
			parts = append(parts, s.painted(c))
		}
	}
	s.WriteString(strings.TrimRight(strings.Join(parts, " "), " ") + "\n")
}

// grid writes rows in aligned columns. A row of one cell stands by itself and moves no column.
func (s *screen) grid(rows [][]cell) {
	var width []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			if len(row) > 1 && !c.wide {
				width[i] = max(width[i], utf8.RuneCountInString(c.text))
			}
		}
	}
	for _, row := range rows {
		var line strings.Builder
		column, at := 0, 0 // where the cell belongs, and how far the line goes
		for i, c := range row {
			if c.text != "" {
				gap := max(column-at, min(at, 1))
				line.WriteString(strings.Repeat(" ", gap) + s.painted(c))
				at += gap + utf8.RuneCountInString(c.text)
			}
			column += width[i] + 1
		}
		s.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// headed makes the cells of a head line.
func headed(names ...string) []cell {
	out := make([]cell, len(names))
	for i, n := range names {
		out[i] = looking(n, bold)
	}
	return out
}

// status shows a status in the colour of what it means.
func status(word string) cell {
	look := plain
	switch plan.PhaseOf(twstools.Status{Internal: word, Common: word}) {
	case plan.Bad, plan.Stuck:
		look = red
	case plan.Running:
		look = cyan
	case plan.Done:
		look = green
	case plan.Waiting, plan.Ready, plan.ToConfirm:
		look = amber
	case plan.Cancelled, plan.Suppressed:
		look = dim
	}
	return looking(word, look)
}

// setting gives a variable of the environment.
func (p *program) setting(name string) string {
	value := ""
	for _, v := range p.environ {
		if rest, ok := strings.CutPrefix(v, name+"="); ok {
			value = rest
		}
	}
	return value
}

// screen makes an empty screen: with colours on a terminal that takes them, unless somebody set NO_COLOR.
func (p *program) screen() *screen {
	return &screen{colour: shown(p.out) && p.setting("NO_COLOR") == "" && p.setting("TERM") != "dumb"}
}

// shown reports whether a person sees the output as it comes.
func shown(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
