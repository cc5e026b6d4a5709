package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/tools"
)

// workstationsText is sc. The last column is ours: what keeps a workstation from running jobs, which conman leaves to be read out of missing letters.
func workstationsText(s *screen, rows tools.Shown[tools.WorkstationDetail], o options) {
	var grid [][]cell
	switch {
	case o.has("info"):
		grid = append(grid, headed("CPUID", "VERSION", "TIMEZONE", "INFO"))
		for _, w := range rows.Rows {
			grid = append(grid, []cell{text(w.Entity), text(w.Version), text(w.TimeZone), text(w.OS)})
		}
	case o.has("link"):
		grid = append(grid, headed("CPUID", "HOST", "FLAGS", "NODE", "PROBLEM"))
		for _, w := range rows.Rows {
			grid = append(grid, []cell{text(w.Entity), text(w.Host), text(linkFlags(w)), text(w.Node), looking(w.Problem, red)})
		}
	default:
		grid = append(grid, headed("CPUID", "RUN", "NODE", "LIMIT", "FENCE", "DATE", "TIME", "STATE", "DOMAIN", "PROBLEM"))
		for _, w := range rows.Rows {
			date, hour := started(w.Started)
			letters := cell{text: strings.TrimRight(stateLetters(w), " ")}
			switch {
			case w.Problem != "":
				letters.look = red
			case w.Status == "ignored":
				letters = looking("ignored", dim)
			}
			grid = append(grid, []cell{text(w.Entity), text(figure(w.RunNumber)), text(nodeWord(w)), text(figure(w.Limit)), text(figure(w.Fence)), text(date), text(hour), letters, text(w.Domain), looking(w.Problem, red)})
		}
	}
	s.grid(grid)
}

// nodeWord is conman's word for what a workstation is: the operating system and the type, a star before the master.
func nodeWord(w tools.WorkstationDetail) string {
	word := strings.TrimSpace(w.OS + " " + w.Type)
	if slices.Contains(w.States, "MASTER") {
		word = "*" + word
	}
	return word
}

func started(instant string) (date, hour string) {
	t, err := time.Parse(time.RFC3339, instant)
	if err != nil {
		return "", ""
	}
	return t.Format("01/02/2006"), t.Format("1504")
}

// letters are conman's columns of a workstation's state (UG "showcpus", STATE): for each, the words of the interface and the letter they stand for.
var letters = [][]struct{ word, letter string }{
	{{"FULLY_LINKED", "F"}, {"LINKED", "L"}},
	{{"DIRECTLY_LINKED", "T"}, {"HOST_LINKED", "H"}, {"EXTENDED_LINKED", "X"}, {"BROKER", "B"}},
	{{"START", "I"}, {"IS_INITED", "I"}},
	{{"JOBMAN_UP", "J"}, {"RUNNING", "J"}},
	{{"WRITER_RUNNING", "W"}, {"WRITER_UP", "W"}, {"TCP_IP_LINKED", "W"}},
	{{"MONMAN", "M"}},
	{{"INSTALLED_AND_RUNNING", "E"}, {"EVT_PROC_RUNNING", "E"}, {"INSTALLED", "e"}},
	{{"UPDATE", "D"}, {"CONFIG_UPDATED", "D"}},
	{{"SERVER_STARTED", "A"}, {"SERVER_RESTARTING", "R"}},
}

// stateLetters writes the active states as conman does, blanks where a letter is missing; without L or F the workstation is unlinked.
func stateLetters(w tools.WorkstationDetail) string {
	if len(w.States) == 0 {
		return visible(w.Status) // nothing was sent: a word says more than no letter
	}
	var b strings.Builder
	for _, column := range letters {
		letter := " "
		for _, l := range column {
			if slices.ContainsFunc(w.States, func(s string) bool { return strings.EqualFold(s, l.word) }) {
				letter = l.letter
				break
			}
		}
		b.WriteString(letter)
	}
	return b.String()
}

// linkFlags are conman's letters for how a workstation is linked (UG "showcpus;link", FLAGS).
func linkFlags(w tools.WorkstationDetail) string {
	var b strings.Builder
	for _, f := range []struct{ word, letter string }{{"AUTO_LINK", "A"}, {"BEHIND_FIREWALL", "B"}, {"FULL_STATUS", "F"}, {"MAILMAN", "S"}, {"TCP_IP_LINK", "T"}} {
		if slices.ContainsFunc(slices.Concat(w.Flags, w.States), func(s string) bool { return strings.EqualFold(s, f.word) }) {
			b.WriteString(f.letter)
		}
	}
	return b.String()
}

// resourcesText is sr: a line for each holder.
func resourcesText(s *screen, rows tools.Shown[tools.ResourceUse], o options) {
	grid := [][]cell{headed("CPU#Resource", "Total", "Available", "Qty", "UsedBy")}
	for _, r := range rows.Rows {
		if o.has("keys") {
			s.line(text(r.Entity))
			continue
		}
		row := []cell{text(r.Entity), text(figure(r.Total)), text(figure(r.Available))}
		if none := r.Available != nil && *r.Available <= 0; none {
			row[2].look = amber
		}
		if len(r.Holders) == 0 {
			grid = append(grid, append(row, cell{}, looking("No holders of this resource", dim)))
		}
		for _, h := range r.Holders {
			grid = append(grid, append(row, text(figure(h.Units)), text(h.Entity)))
			row = []cell{{}, {}, {}}
		}
		grid = append(grid, waitersOf(r.Waiters, r.Waiting, o)...)
	}
	if !o.has("keys") {
		s.grid(grid)
	}
}

// promptsText is sp.
func promptsText(s *screen, rows tools.Shown[tools.PromptUse], o options) {
	c := clockOf(rows.Clocks.PlanNow)
	grid := [][]cell{headed("State", "Message or Prompt")}
	for _, p := range rows.Rows {
		name := p.Name
		if name == "" {
			name = p.Of
		}
		word := promptState(p.Status)
		look := plain
		if word == "ASKED" && !p.Informs {
			look = red
		}
		message := figure(p.Number)
		if name != "" {
			message += "(" + name + ")"
		}
		message = strings.TrimSpace(message + " " + p.Text)
		if o.has("keys") {
			s.line(text(orElse(p.Name, figure(p.Number))))
			continue
		}
		if o.has("info") && p.Type != "" {
			message += " [" + p.Type + "]"
		}
		if p.AskedAt != "" && word == "ASKED" {
			message += "  since " + c.full(p.AskedAt)
		}
		grid = append(grid, []cell{looking(word, look), text(message)})
		grid = append(grid, waitersOf(p.Waiters, p.Waiting, o)...)
	}
	if !o.has("keys") {
		s.grid(grid)
	}
}

// promptState is conman's word for a prompt's state.
func promptState(word string) string {
	for theirs, ours := range map[string]string{"NOT_ASKED": "INACT", "ANSWERED_YES": "YES", "ANSWERED_NO": "NO"} {
		if strings.EqualFold(word, theirs) {
			return ours
		}
	}
	return word
}

// filesText is sf.
func filesText(s *screen, rows tools.Shown[tools.FileUse], o options) {
	grid := [][]cell{headed("Exists", "File Name")}
	for _, f := range rows.Rows {
		name := f.Entity
		if f.Qualifier != "" {
			name += " (" + f.Qualifier + ")"
		}
		if o.has("keys") {
			s.line(text(f.Entity))
			continue
		}
		word := fileState(f.Status)
		look := plain
		if word == "No" {
			look = amber
		}
		grid = append(grid, []cell{looking(word, look), text(name)})
		grid = append(grid, waitersOf(f.Waiters, f.Waiting, o)...)
	}
	if !o.has("keys") {
		s.grid(grid)
	}
}

// fileState is conman's word for a file's state: blank when it was not looked for.
func fileState(word string) string {
	for theirs, ours := range map[string]string{"Exists": "Yes", "Unavailable": "No", "Checking": "?", "Not Checked": ""} {
		if strings.EqualFold(word, theirs) {
			return ours
		}
	}
	return word
}

// waitersOf are who waits for something, a line each, when ;deps asks for them.
func waitersOf(list []tools.WaiterRow, total int, o options) [][]cell {
	if !o.has("deps") {
		return nil
	}
	if total == 0 {
		return [][]cell{{looking("nothing waits for it", dim).behind(deep)}}
	}
	var out [][]cell
	for _, w := range list {
		out = append(out, []cell{text("waits: " + w.Entity + " " + w.Status).behind(deep)})
	}
	if more := total - len(list); more > 0 {
		out = append(out, []cell{text("and " + strconv.Itoa(more) + " more").behind(deep)})
	}
	return out
}
