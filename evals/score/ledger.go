package score

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

// stringsIn are all strings and numbers of a tool's result, in the order in which they stand.
func stringsIn(raw json.RawMessage) []string {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	var out []string
	for {
		t, err := dec.Token()
		if err != nil {
			return out // the end, or what is no JSON; what was read counts
		}
		switch x := t.(type) {
		case string:
			out = append(out, x)
		case json.Number:
			out = append(out, x.String())
		case bool:
			out = append(out, map[bool]string{true: "true", false: "false"}[x])
		}
	}
}

// returned says why no tool of this turn returned what is quoted, or nothing where none is asked to: the program does not tell what its tools returned.
func (s *scorer) returned(e answer.Evidence) string {
	if s.Ledger == nil {
		return ""
	}
	_, name, _ := strings.Cut(e.Source, ":")
	quote := plant.Fold(e.Quote)
	_, value, isField := strings.Cut(quote, "=")
	for _, c := range s.Ledger {
		if c.Error != "" {
			continue
		}
		all := plant.Fold(strings.Join(stringsIn(c.Result), " "))
		if !strings.Contains(all, e.Source) && !strings.Contains(all, name) && (e.RunID == "" || !strings.Contains(all, e.RunID)) {
			continue
		}
		if strings.Contains(all, quote) || isField && value != "" && strings.Contains(all, value) {
			return ""
		}
	}
	return "no tool of this turn returned " + e.Source + " with " + quote
}

// read says which way to the evidence was not gone to its end. Where nobody counted what the engine was asked for, any request is enough.
func (s *scorer) unread() string {
	if s.needless() {
		return ""
	}
	if s.Seen == nil || len(s.Gold.Reads) == 0 {
		if s.Requests == 0 && len(s.Seen) == 0 {
			return "the engine was never asked"
		}
		return ""
	}
	var lacks []string
	for _, way := range s.Gold.Reads {
		open := slices.DeleteFunc(slices.Clone(way), s.hasRead)
		if len(open) == 0 {
			return ""
		}
		lacks = append(lacks, strings.Join(open, " and "))
	}
	return "it was not read: " + strings.Join(lacks, ", or ")
}

// needless reports whether the right answer can be given without looking: a request is refused and a stranger's question is turned away by what
// is asked alone.
func (s *scorer) needless() bool {
	return !slices.ContainsFunc(s.Gold.Verdict, func(v answer.Verdict) bool { return v != answer.Refused && v != answer.OutOfScope })
}

// families are the lists of the interface by the word in its paths.
var families = map[string]string{"jobs": "job", "jobstreams": "jobstream", "workstations": "workstation", "resources": "resource", "prompts": "prompt"}

// hasRead reports whether a read of the gold is among what the engine was asked for, in either interface.
func (s *scorer) hasRead(read string) bool {
	kind, rest, named := strings.Cut(read, ":")
	for _, seen := range s.Seen {
		_, path, _ := strings.Cut(seen, " ")
		address, query, _ := strings.Cut(path, "?")
		parts := planPath(address)
		if !named {
			if len(parts) > 0 && parts[0] == families[kind] && !slices.Contains(parts, "joblog") {
				return true
			}
			continue
		}
		if s.isLog(parts, query, "job:"+rest) {
			return true
		}
	}
	return false
}

// planPath are the parts of a path below the plan, unescaped: job, run, ID, joblog. The older interface's plan id is left out.
func planPath(address string) []string {
	_, below, ok := strings.Cut(address, "/plan/")
	if !ok {
		return nil
	}
	var out []string
	for i, p := range strings.Split(below, "/") {
		if plainPart, err := url.PathUnescape(p); err == nil {
			p = plainPart
		}
		known := slices.Contains([]string{"job", "jobstream", "workstation", "resource", "prompt", "file"}, p)
		if i == 0 && !known {
			continue
		}
		out = append(out, p)
	}
	return out
}

// isLog reports whether a path is that of the last log of a job: V2 names the run, or the job by a filter, V1 the job.
func (s *scorer) isLog(parts []string, query, name string) bool {
	t, err := s.Plant.Resolve(name)
	if err != nil || t.Job == nil || len(parts) < 2 || parts[0] != "job" || parts[len(parts)-1] != "joblog" {
		return false
	}
	if len(parts) == 2 {
		q, err := url.QueryUnescape(query)
		return err == nil && hasWord(q, t.Job.Name)
	}
	id := parts[len(parts)-2]
	if slices.ContainsFunc(t.Job.Runs, func(r twstools.Run) bool { return r.ID == id }) {
		return true
	}
	if raw, err := base64.StdEncoding.DecodeString(id); err == nil {
		id = string(raw)
	}
	key := strings.Split(id, ";")
	return len(key) >= 3 && key[1] == t.Job.JobStreamID && key[2] == t.Job.Name
}

// waste counts reads that were made again: calls of a tool with the same arguments where the program tells, else equal requests.
func (s *scorer) waste() int {
	seen := map[string]int{}
	for _, c := range s.Ledger {
		seen[c.Name+" "+string(c.Args)]++
	}
	if s.Ledger == nil {
		for _, r := range s.Seen {
			seen[r]++
		}
	}
	n := 0
	for _, times := range seen {
		n += times - 1
	}
	return n
}
