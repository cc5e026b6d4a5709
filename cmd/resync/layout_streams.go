package main

import (
	"strings"

	"github.com/resync-hwa/resync/twstools/tools"
)

// streamsText is ss.
func streamsText(s *screen, rows tools.Shown[tools.ShownStream], o options) {
	if o.has("keys") {
		for _, r := range rows.Rows {
			s.line(text(r.Workstation + "#" + orElse(r.ID, r.Name)))
		}
		return
	}
	c := clockOf(rows.Clocks.PlanNow)
	grid := [][]cell{headed("", "", "", "", "", "(Est)", "(Est)", "Jobs", "", "Sch"), headed("Workstation", "Job Stream", "SchedTime", "State", "Pr", "Start", "Elapse", "#", "OK", "Lim", "Dependencies")}
	for _, r := range rows.Rows {
		tail := text(streamTail(c, r, o))
		if r.Late != "" {
			tail.look = amber
		}
		grid = append(grid, []cell{text(r.Workstation), text("#" + folded(r.Folder, r.Name)), text(sched(r.SchedTime)), status(state(r.Status, r.CommonStatus)), text(figure(r.Priority)),
			text(c.start(r.Start, orElse(r.Due, r.SchedTime))), text(took(r.Start, r.Elapsed, r.Estimated)), text(figure(r.Jobs)), text(figure(r.Successful)), text(figure(r.Limit)), tail})
		if o.has("deps") {
			grid = append(grid, jobLayout{}.deps(r.Depends, r.DepsKnown)...)
		}
	}
	s.grid(grid)
}

// streamTail is the last column of a job stream.
func streamTail(c clock, r tools.ShownStream, o options) string {
	var parts []string
	if o.has("showid") && r.ID != "" {
		parts = append(parts, "{"+r.ID+"}")
	}
	parts = append(parts, limits(c, r.Until, r.Deadline, r.Start != "")...)
	parts = append(parts, holding(r.Depends, r.DepsKnown, r.Open, r.Start != "")...)
	return strings.Join(append(parts, marks(r.Marks, r.Late)...), "; ")
}

func folded(folder, name string) string {
	if folder == "" {
		return name
	}
	return strings.TrimSuffix(folder, "/") + "/" + name
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
