package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/trial"
)

// Volatile names the fields that differ between two equal runs: ids, instants of the machine that ran them, durations, and what depends on
// these. A field within lists is named as if the list were not there. Everything else must be the same, or the runs are not equal. What the
// worlds' frozen clocks say (mirrored_at, plan_now) is not volatile; data_as_of is, since an answer for which nothing was read has this machine's
// time there. How the requests to the engine are divided between tool calls that run side by side is volatile, and their number is not.
var Volatile = []string{
	"run.started", "run.ended",
	"duration_ns", "cost_usd",
	"answer.conversation_id", "answer.message_id", "answer.clocks.fetched_at", "answer.data_as_of", "answer.tool_calls.duration_ms", "answer.usage.duration_ms", "answer.usage.cost_usd",
	"before.conversation_id", "before.message_id", "before.clocks.fetched_at", "before.data_as_of", "before.tool_calls.duration_ms", "before.usage.duration_ms", "before.usage.cost_usd",
	"ledger.result.clocks.fetched_at", "ledger.result.upstream_calls",
	"stderr", // holds instants and ids of log lines
}

// Normalised is a run as lines of JSON with sorted keys and without the fields that Volatile names; the run first, then each trial. Two runs are
// equal when these bytes are.
func Normalised(run trial.Run) ([]byte, error) {
	rows, err := normalRows(run)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, row := range rows {
		if err := enc.Encode(row.fields); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// Unequal says where two runs differ beside Volatile, one line for each field, by trial; nothing where they are equal.
func Unequal(a, b trial.Run) ([]string, error) {
	before, err := normalRows(a)
	if err != nil {
		return nil, err
	}
	after, err := normalRows(b)
	if err != nil {
		return nil, err
	}
	byName := func(rows []normalRow) map[string]any {
		out := map[string]any{}
		for _, r := range rows {
			out[r.name] = r.fields
		}
		return out
	}
	one, two := byName(before), byName(after)
	names := slices.Sorted(maps.Keys(one))
	names = append(names, slices.DeleteFunc(slices.Sorted(maps.Keys(two)), func(n string) bool { _, ok := one[n]; return ok })...)
	var out []string
	for _, name := range names {
		out = append(out, differing(name, "", one[name], two[name])...)
	}
	return out, nil
}

type normalRow struct {
	name   string
	fields map[string]any
}

func normalRows(run trial.Run) ([]normalRow, error) {
	head, err := object(header{Format: ResultsFormat, Run: run, Trials: len(run.Trials)})
	if err != nil {
		return nil, err
	}
	whole := map[string]any{"run": head}
	drop(whole)
	rows := []normalRow{{"run", head}}
	for _, t := range run.Trials {
		fields, err := object(t)
		if err != nil {
			return nil, err
		}
		undivided(fields)
		drop(fields)
		rows = append(rows, normalRow{fmt.Sprintf("%s#%d", t.Name(), t.Attempt), fields})
	}
	return rows, nil
}

func object(v any) (map[string]any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // numbers as they were written: no large id is rounded
	var out map[string]any
	return out, dec.Decode(&out)
}

// undivided takes the digits of upstream_calls out of the bytes of each result, since how many there are depends on how the requests were divided.
func undivided(fields map[string]any) {
	digits := map[any]int{}
	entries, _ := fields["ledger"].([]any)
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		result, _ := entry["result"].(map[string]any)
		if n, ok := result["upstream_calls"].(json.Number); ok {
			digits[entry["id"]] = len(n)
		}
	}
	answer, _ := fields["answer"].(map[string]any)
	calls, _ := answer["tool_calls"].([]any)
	for _, c := range calls {
		call, _ := c.(map[string]any)
		size, ok := call["result_bytes"].(json.Number)
		if n, err := size.Int64(); ok && err == nil {
			call["result_bytes"] = n - int64(digits[call["id"]])
		}
	}
}

func drop(fields map[string]any) {
	for _, path := range Volatile {
		dropPath(fields, strings.Split(path, "."))
	}
}

func dropPath(v any, path []string) {
	switch x := v.(type) {
	case map[string]any:
		if len(path) == 1 {
			delete(x, path[0])
			return
		}
		dropPath(x[path[0]], path[1:])
	case []any:
		for _, e := range x {
			dropPath(e, path)
		}
	}
}

// differing names the fields that are not the same, as deep as both sides have the same shape.
func differing(row, path string, a, b any) []string {
	x, okX := a.(map[string]any)
	y, okY := b.(map[string]any)
	if okX && okY {
		keys := slices.Sorted(maps.Keys(x))
		keys = append(keys, slices.DeleteFunc(slices.Sorted(maps.Keys(y)), func(k string) bool { _, ok := x[k]; return ok })...)
		var out []string
		for _, k := range keys {
			out = append(out, differing(row, strings.TrimPrefix(path+"."+k, "."), x[k], y[k])...)
		}
		return out
	}
	if l, ok := a.([]any); ok {
		if m, ok := b.([]any); ok && len(l) == len(m) {
			var out []string
			for i := range l {
				out = append(out, differing(row, fmt.Sprintf("%s[%d]", path, i), l[i], m[i])...)
			}
			return out
		}
	}
	one, two := text(a), text(b)
	if one == two {
		return nil
	}
	return []string{fmt.Sprintf("%s %s: %s, then %s", row, path, cut(one, 120), cut(two, 120))}
}

func text(v any) string {
	raw, _ := json.Marshal(v) // it came out of JSON
	if v == nil {
		return "nothing"
	}
	return folded(string(raw))
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
