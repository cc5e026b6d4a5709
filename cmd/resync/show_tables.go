package main

import (
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools/tools"
)

var (
	jobTable = table[tools.ShownJob]{
		head: []string{"job", "workstation", "status", "pr", "start", "end", "rc", "number"},
		cells: func(r tools.ShownJob) []string {
			number := ""
			if r.JobNumber != 0 {
				number = "#J" + strconv.FormatInt(r.JobNumber, 10)
			}
			return []string{r.Entity, r.Workstation, state(r.Status, r.CommonStatus), figure(r.Priority), r.Start, r.End, figure(r.ReturnCode), number}
		},
	}
	streamTable = table[tools.ShownStream]{
		head: []string{"stream", "status", "pr", "start", "end", "jobs", "ok", "limit", "id"},
		cells: func(r tools.ShownStream) []string {
			return []string{r.Entity, state(r.Status, r.CommonStatus), figure(r.Priority), r.Start, r.End, figure(r.Jobs), figure(r.Successful), figure(r.Limit), r.ID}
		},
	}
	workstationTable = table[tools.WorkstationDetail]{
		head: []string{"workstation", "type", "state", "limit", "fence", "problem"},
		cells: func(r tools.WorkstationDetail) []string {
			return []string{r.Entity, r.Type, r.Status, figure(r.Limit), figure(r.Fence), r.Problem}
		},
	}
	resourceTable = table[tools.ResourceUse]{
		head: []string{"resource", "total", "available", "in use", "used by"},
		cells: func(r tools.ResourceUse) []string {
			var holders []string
			for _, h := range r.Holders {
				holders = append(holders, strings.TrimSpace(figure(h.Units)+" "+h.Entity))
			}
			return []string{r.Entity, figure(r.Total), figure(r.Available), figure(r.InUse), strings.Join(holders, ", ")}
		},
	}
	promptTable = table[tools.PromptUse]{
		head: []string{"state", "number", "name", "text", "asked"},
		cells: func(r tools.PromptUse) []string {
			return []string{r.Status, figure(r.Number), r.Name, r.Text, r.AskedAt}
		},
	}
	fileTable = table[tools.FileUse]{
		head: []string{"file", "workstation", "exists", "qualifier"},
		cells: func(r tools.FileUse) []string {
			return []string{r.Name, r.Workstation, r.Status, r.Qualifier}
		},
	}
	logTable = table[tools.GetJobLogOut]{
		head: []string{"job", "run", "status", "lines", "log"},
		cells: func(r tools.GetJobLogOut) []string {
			return []string{r.Entity, r.RunID, r.Status, strconv.Itoa(len(r.Lines)), r.Source}
		},
	}
	jobFieldTable = table[tools.GetJobOut]{
		head:  []string{"job", "status", "fields"},
		cells: func(r tools.GetJobOut) []string { return []string{r.Job.Entity, r.Job.Status, fieldsOf(r.Fields)} },
	}
	streamFieldTable = table[tools.GetJobStreamOut]{
		head: []string{"stream", "status", "fields"},
		cells: func(r tools.GetJobStreamOut) []string {
			return []string{r.JobStream.Entity, r.JobStream.Status, fieldsOf(r.Fields)}
		},
	}
)

// fieldsOf writes fields in one cell.
func fieldsOf(fields []tools.FieldRow) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, f.Name+"="+f.Value)
	}
	return strings.Join(parts, "; ")
}

// state is the engine's internal word, else its common one.
func state(internal, common string) string {
	if internal != "" {
		return internal
	}
	return common
}

func figure(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
