package tools

import (
	"context"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/diagnose"
)

// zoneAssumed warns that times are in UTC for want of the plan's zone.
var zoneAssumed = map[string]string{"en": "it tells no time zone that is known here, so times are in UTC", "pt": "não informa um fuso horário conhecido aqui; os horários estão em UTC"}

// DiagnoseJob answers what went wrong with a target, or with the plan.
func (t *Tools) DiagnoseJob(ctx context.Context, in DiagnoseIn) (toolkit.Reply[DiagnoseOut], error) {
	ctx, c, err := t.begin(ctx)
	if err != nil {
		return toolkit.Reply[DiagnoseOut]{}, err
	}
	if _, known := answer.RuleFor(in.Action); in.Action != "" && !known {
		return toolkit.Reply[DiagnoseOut]{}, unknownAction(in.Action)
	}
	lang := in.Language
	if lang == "" {
		lang = "en"
	}
	r, err := t.diagnoser.Diagnose(ctx, diagnose.Request{Target: in.Target, Also: in.Also, Kind: in.Kind, Hint: in.Hint, Premise: in.Premise, At: in.At, Language: lang, Action: in.Action, Value: in.Value})
	if err == nil && in.Target == "" || fault.Is(err, fault.NotFound) {
		if unread := c.unread(ctx); unread != nil {
			err = unread
		}
	}
	if err != nil {
		return toolkit.Reply[DiagnoseOut]{}, err
	}
	out := DiagnoseOut{Subject: r.Subject, Diagnosis: r.Diagnosis, Premise: r.Premise, Language: lang, Failures: failureRows(r.Failures), Unlisted: r.Unlisted}
	if c.infoErr != nil {
		out.Failures = append(out.Failures, failureRows([]error{c.infoErr})...)
	}
	if !c.zoneKnown {
		out.Diagnosis.Missing = append(out.Diagnosis.Missing, "engine:"+t.o.Name+": "+zoneAssumed[lang])
	}
	sources := r.Sources
	for _, b := range r.Runbooks {
		out.Runbooks = append(out.Runbooks, RunbookHit{Source: b.Source, Title: b.Title, Quote: b.Quote, Line: b.Line})
		sources = append(sources, toolkit.Source{Source: b.Source, Lines: []toolkit.Line{{N: b.Line, Text: b.Quote}}})
	}
	rep := reply(c, out, sources, r.Mirrored)
	rep.Text = diagnosisText(out)
	return rep, nil
}

// unknownAction lists the codes that there are.
func unknownAction(code string) error {
	known, err := answer.Actions()
	if err != nil {
		return err
	}
	e := fault.New(fault.Invalid, "%q is no action code.", clip(code, 40)).WithHint("See the candidates.").WithCandidates(known...)
	if near := toolkit.Nearest(clip(code, 40), known); near != "" {
		return e.WithHint("Did you mean %s?", near).WithCandidates(near)
	}
	return e
}

// ExplainWait answers why something does not start. The rules are those of DiagnoseJob; the premise is that it waits.
func (t *Tools) ExplainWait(ctx context.Context, in DiagnoseIn) (toolkit.Reply[DiagnoseOut], error) {
	if in.Premise == "" {
		in.Premise = "waiting"
	}
	return t.DiagnoseJob(ctx, in)
}
