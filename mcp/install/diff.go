package install

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
)

const (
	around  = 3   // lines shown before and after a change
	widest  = 400 // bytes shown of a line; a file on one line would fill the screen
	mostLCS = 2000
)

// unified gives the difference of two texts in the usual form. Lines that are not ours are masked: a client's file holds other people's
// keys, and diffs get pasted into tickets.
func unified(from, to, before, after string, ours map[string]bool) string {
	if before == after {
		return ""
	}
	a, b := split(before), split(after)
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", from, to)
	steps := script(a, b)
	for i := 0; i < len(steps); {
		if steps[i].op == ' ' {
			i++
			continue
		}
		begin, end := max(0, i-around), i
		for quiet := 0; end < len(steps) && quiet <= 2*around; end++ {
			if quiet++; steps[end].op != ' ' {
				quiet, i = 0, end+1
			}
		}
		end = min(len(steps), i+around)
		hunk(&out, steps[begin:end], ours)
		i = end
	}
	return out.String()
}

// step is a line of a diff with its numbers, from 1, in both texts.
type step struct {
	op   byte
	text string
	a, b int
}

func hunk(out *strings.Builder, steps []step, ours map[string]bool) {
	var na, nb int
	for _, s := range steps {
		if s.op != '+' {
			na++
		}
		if s.op != '-' {
			nb++
		}
	}
	first := func(n, count int) int {
		if count == 0 {
			return n - 1
		}
		return n
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", first(steps[0].a, na), na, first(steps[0].b, nb), nb)
	for _, s := range steps {
		text, ended := strings.CutSuffix(s.text, "\n")
		text = strings.TrimSuffix(text, "\r")
		if !ours[strings.Trim(text, " \t,")] {
			text = untrusted.Mask(text)
		}
		if len(text) > widest {
			text = strings.ToValidUTF8(text[:widest], "") + " …"
		}
		fmt.Fprintf(out, "%c%s\n", s.op, text)
		if !ended {
			out.WriteString("\\ No newline at end of file\n")
		}
	}
}

func split(s string) []string {
	out := strings.SplitAfter(s, "\n")
	if out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

func lines(s string) map[string]bool {
	out := map[string]bool{}
	for _, l := range split(s) {
		out[strings.Trim(l, " \t,\r\n")] = true
	}
	return out
}

// script gives the lines of both texts in order, each kept, taken out or put in. A changed middle that is very long is replaced as a whole.
func script(a, b []string) []step {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out []step
	i, j := 0, 0
	emit := func(op byte) {
		s := step{op: op, a: i + 1, b: j + 1}
		if op == '+' {
			s.text = b[j]
		} else {
			s.text = a[i]
		}
		if op != '+' {
			i++
		}
		if op != '-' {
			j++
		}
		out = append(out, s)
	}
	for i < head {
		emit(' ')
	}
	for _, op := range middle(a[head:len(a)-tail], b[head:len(b)-tail]) {
		emit(op)
	}
	for i < len(a) {
		emit(' ')
	}
	return out
}

// middle gives the shortest way from a to b, by the longest common subsequence.
func middle(a, b []string) []byte {
	if len(a)*len(b) > mostLCS*mostLCS {
		return slices.Concat(slices.Repeat([]byte{'-'}, len(a)), slices.Repeat([]byte{'+'}, len(b)))
	}
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []byte
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out, i, j = append(out, ' '), i+1, j+1
		case i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]):
			out, i = append(out, '-'), i+1
		default:
			out, j = append(out, '+'), j+1
		}
	}
	return out
}
