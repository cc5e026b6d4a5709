package tools

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// textTable writes rows under a head with aligned columns, for a model or a log; columns that are empty in all rows are left out.
func textTable(b *strings.Builder, head []string, rows [][]string) {
	width := make([]int, len(head))
	for _, row := range rows {
		for i, cell := range row {
			if row[i] = strings.Join(strings.Fields(cell), " "); row[i] != "" {
				width[i] = max(width[i], utf8.RuneCountInString(row[i]), len(head[i]))
			}
		}
	}
	for _, row := range slices.Concat([][]string{head}, rows) {
		var line strings.Builder
		for i, cell := range row {
			if width[i] > 0 {
				line.WriteString(cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// listText is the compact form of a page: how much of how many, the rows, and how to go on.
func listText(what string, n int, p Paged, missing []string, head []string, rows [][]string) string {
	var b strings.Builder
	switch {
	case p.Total != nil:
		fmt.Fprintf(&b, "%s: %d of %d\n", what, n, *p.Total)
	default:
		fmt.Fprintf(&b, "%s: %d shown, all not counted\n", what, n)
	}
	if n > 0 {
		textTable(&b, head, rows)
	}
	writeNext(&b, p.NextCursor)
	writeMissing(&b, missing)
	return b.String()
}

func figure(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// counted writes counts by status, the words in order.
func counted(by map[string]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, k+" "+strconv.Itoa(by[k]))
	}
	return strings.Join(parts, ", ")
}

func jobsText(o FindJobsOut) string {
	var rows [][]string
	for _, j := range o.Jobs {
		number, risk := "", ""
		if j.JobNumber != 0 {
			number = "#J" + strconv.FormatInt(j.JobNumber, 10)
		}
		if j.Forecast != nil {
			risk = strings.TrimSpace(j.Forecast.Risk + " " + j.Forecast.EstimatedEnd)
		}
		rows = append(rows, []string{j.Entity, j.Workstation, j.RanOn, j.Status, figure(j.Priority), j.Start, j.End, j.Due, figure(j.ReturnCode), number, j.Late, risk, clip(j.Description, 60)})
	}
	text := listText("jobs", len(o.Jobs), Paged{o.Total, o.NextCursor}, o.Missing,
		[]string{"job", "workstation", "ran_on", "status", "pr", "start", "end", "due", "rc", "number", "late", "forecast", "description"}, rows)
	if len(o.ByStatus) > 1 {
		text = "by status: " + counted(o.ByStatus) + "\n" + text
	}
	return text
}
