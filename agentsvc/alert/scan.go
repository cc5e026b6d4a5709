package alert

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

const (
	scanPages = 10
	scanSize  = 50
	// horizonHours is how far ahead deadlines are looked for: further away a person has time to look for himself.
	horizonHours = 12
	// soon makes what is only in danger urgent: so long before the last moment to act.
	soon = time.Hour
)

// Engine is one engine to watch.
type Engine struct {
	Key    string // under which its findings are kept
	Name   string
	Mode   string
	Caller toolkit.Caller
	// Argument is the engine argument of its tools; empty where the caller has one engine alone.
	Argument string
}

// scanning is one look at an engine.
type scanning struct {
	e      Engine
	langs  []string
	out    Sighting
	stale  bool
	ids    map[string]int
	failed bool // the engine cannot be read
}

// Scan looks at an engine, in the languages that are wanted. Its error is that of a tool server that cannot be reached, or of a context that has
// ended; an engine that cannot be read is a finding.
func Scan(ctx context.Context, e Engine, langs []string, now time.Time) (Sighting, error) {
	langs = append([]string{"en"}, langs...)
	slices.Sort(langs)
	langs = slices.Compact(langs)
	s := &scanning{e: e, langs: langs, ids: map[string]int{}, out: Sighting{Engine: e.Key, Name: e.Name, Mode: e.Mode, At: now, PlanNow: now}}
	for _, look := range []func(context.Context) error{s.radar, s.abends, s.late} {
		if err := look(ctx); err != nil {
			return Sighting{}, err
		}
	}
	s.unreadable()
	return s.out, nil
}

// pages calls a tool page by page; each gets the data of one. whole is false when it could not be read to its end, or is old.
func (s *scanning) pages(ctx context.Context, tool string, args map[string]any, each func(json.RawMessage) (next string, whole bool)) (whole bool, err error) {
	cursor, size, whole := "", scanSize, true
	for range scanPages {
		full := map[string]any{"page_size": size}
		for k, v := range args {
			full[k] = v
		}
		if cursor != "" {
			full["cursor"] = cursor
		}
		if s.e.Argument != "" {
			full["engine"] = s.e.Argument
		}
		raw, err := json.Marshal(full)
		if err != nil {
			return false, err
		}
		res, err := s.e.Caller.Call(ctx, tool, raw)
		if err != nil {
			return false, err
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if res.Error != nil {
			if res.Error.Code == string(fault.Limited) && size > 5 {
				size = max(size/4, 5)
				continue
			}
			s.error(tool, res.Error)
			return false, nil
		}
		if at, err := time.Parse(time.RFC3339, res.Envelope.Clocks.PlanNow); err == nil {
			s.out.PlanNow = at
		}
		whole = whole && !res.Envelope.Stale
		s.stale = s.stale || res.Envelope.Stale
		next, all := each(res.Envelope.Data)
		if whole = whole && all; next == "" {
			return whole, nil
		}
		cursor = next
	}
	return false, nil
}

func (s *scanning) error(tool string, e *toolkit.ErrorBody) {
	if why := "tool:" + tool + ": " + e.Message; !slices.Contains(s.out.Missing, why) { // each language asks the radar
		s.out.Missing = append(s.out.Missing, why)
	}
	if fault.Upstream(fault.Code(e.Code)) {
		s.failed = true
	}
}

// add takes a finding, or another language of one.
func (s *scanning) add(f Finding, lang string) {
	if i, ok := s.ids[f.ID]; ok {
		have := &s.out.Findings[i]
		have.Statement[lang] = f.Statement[lang]
		if act := f.Act[lang]; act != "" {
			have.Act[lang] = act
		}
		return
	}
	s.ids[f.ID] = len(s.out.Findings)
	s.out.Findings = append(s.out.Findings, f)
}

// radar takes what the radar finds; what was acknowledged is told no more.
func (s *scanning) radar(ctx context.Context) error {
	all := true
	for _, lang := range s.langs {
		whole, err := s.pages(ctx, "radar", map[string]any{"language": lang}, func(data json.RawMessage) (string, bool) {
			var o tools.RadarOut
			if json.Unmarshal(data, &o) != nil {
				return "", false
			}
			for _, r := range o.Findings {
				s.add(ofRadar(r, lang), lang)
			}
			for _, r := range o.Acknowledged {
				if !slices.Contains(s.out.Acknowledged, r.ID) {
					s.out.Acknowledged = append(s.out.Acknowledged, r.ID)
				}
			}
			return o.NextCursor, len(o.Failures) == 0
		})
		if err != nil {
			return err
		}
		all = all && whole
	}
	s.seen(FromRadar, all)
	return nil
}

func (s *scanning) seen(source string, whole bool) {
	if whole {
		s.out.Seen = append(s.out.Seen, source)
	}
}

func ofRadar(r tools.RadarRow, lang string) Finding {
	f := Finding{ID: r.ID, Source: FromRadar, Kind: r.Rule, Severity: Severity(r.Severity), Entity: r.Entity, Ref: r.Ref, Since: r.Since, Statement: map[string]string{lang: r.Statement}, Act: map[string]string{}, Evidence: "plan:" + r.Entity}
	if len(r.Actions) > 0 {
		f.Act[lang] = r.Actions[0].Text
	}
	if len(r.Evidence) > 0 {
		f.Evidence = r.Evidence[0].Source
	}
	return f
}

// abends takes what has ended badly and is not well again.
func (s *scanning) abends(ctx context.Context) error {
	whole, err := s.pages(ctx, "find_jobs", map[string]any{"status": []string{"ERROR"}}, func(data json.RawMessage) (string, bool) {
		var o tools.FindJobsOut
		if json.Unmarshal(data, &o) != nil {
			return "", false
		}
		for _, j := range o.Jobs {
			f := Finding{ID: s.id(FromAbend, "abend", j.Ref), Source: FromAbend, Kind: "abend", Severity: High, Entity: j.Entity, Ref: j.Ref, Since: j.End, Evidence: "plan:" + j.Entity, Statement: map[string]string{}, Act: map[string]string{}}
			if j.Critical {
				f.Severity = Critical
			}
			rc := ""
			if j.ReturnCode != nil {
				rc = fmt.Sprintf(" rc %d", *j.ReturnCode)
			}
			for lang, w := range speech {
				f.Statement[lang], f.Act[lang] = fmt.Sprintf(w.abend, j.Entity, j.Status+rc), w.look
			}
			s.add(f, "en")
		}
		return o.NextCursor, len(o.Missing) == 0
	})
	s.seen(FromAbend, whole)
	return err
}

// late takes what misses its deadline, or will.
func (s *scanning) late(ctx context.Context) error {
	whole, err := s.pages(ctx, "late_risk", map[string]any{"within_hours": horizonHours}, func(data json.RawMessage) (string, bool) {
		var o tools.LateOut
		if json.Unmarshal(data, &o) != nil {
			return "", false
		}
		for _, r := range o.Rows {
			f, ok := s.ofLate(r)
			if _, told := s.ids[f.ID]; ok && !told { // the worst row of a job stream speaks for the others
				s.add(f, "en")
			}
		}
		return o.NextCursor, len(o.Failures) == 0
	})
	s.seen(FromLate, whole)
	return err
}

// ofLate makes a finding of what is late by reckoning; what is only in danger is one as soon as the last moment to act is near.
func (s *scanning) ofLate(r tools.LateRow) (Finding, bool) {
	key := r.Ref
	if key.JobStreamID != "" {
		key = answer.Ref{Engine: r.Ref.Engine, Type: "job_stream", JobStreamID: r.Ref.JobStreamID}
	}
	f := Finding{ID: s.id(FromLate, "late", key), Source: FromLate, Kind: "late", Entity: r.Entity, Ref: r.Ref, Deadline: r.Deadline, ActBy: r.ActBy, Contact: r.Contact, Evidence: "plan:" + r.Entity, Statement: map[string]string{}, Act: map[string]string{}}
	by, err := time.Parse(time.RFC3339, r.ActBy)
	near := err == nil && by.Sub(s.out.PlanNow) <= soon
	switch {
	case r.Risk == "missed":
		f.Severity = Critical
	case r.Risk == "late":
		f.Severity = High
	case (r.Risk == "blocked" || r.Risk == "at_risk") && near:
		f.Severity = Medium
	default:
		return f, false
	}
	for lang, w := range speech {
		said := fmt.Sprintf(w.risk[string(r.Risk)], r.Entity)
		if r.Deadline != "" {
			said += fmt.Sprintf(w.deadline, r.Deadline)
		}
		if r.PredictedEnd != "" && r.Risk != "missed" {
			said += fmt.Sprintf(w.predicted, r.PredictedEnd)
		}
		f.Statement[lang] = said + "."
		if r.Eater != nil && r.Eater.Entity != r.Entity {
			f.Act[lang] = fmt.Sprintf(w.eater, r.Eater.Entity)
		}
	}
	return f, true
}

// unreadable is the finding that the engine cannot be read: whoever hears nothing must know that nothing is seen.
func (s *scanning) unreadable() {
	if !s.failed && !s.stale {
		s.seen(FromEngine, true)
		return
	}
	ref := answer.Ref{Engine: s.e.Name, Type: "engine"}
	f := Finding{ID: s.id(FromEngine, "unreadable", ref), Source: FromEngine, Kind: "unreadable", Severity: High, Entity: s.e.Name, Ref: ref, Hold: true, Evidence: "engine:" + s.e.Name, Statement: map[string]string{}, Act: map[string]string{}}
	for lang, w := range speech {
		f.Statement[lang], f.Act[lang] = fmt.Sprintf(w.unreadable, s.e.Name), w.doctor
	}
	s.add(f, "en")
}

// id is made as the radar makes its own: of the engine, the rule and the object's key.
func (s *scanning) id(source, kind string, ref answer.Ref) string {
	ref.RunID = ""
	sum := sha256.Sum256([]byte(strings.Join([]string{s.e.Key, source, kind, ref.Engine, ref.Type, ref.JobStreamID, ref.Job, ref.Folder, ref.Workstation, ref.Name}, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:12]
}
