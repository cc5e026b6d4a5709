package toolkit_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

type stepKey struct{}

// Watches stand around a call in their order; the call and each inner watch see their contexts, and the audit what they completed.
func TestWatch(t *testing.T) {
	var steps []string
	tool := toolkit.MustDefine(toolkit.Spec{Name: "look", Title: "Look", Description: "Looks."}, func(ctx context.Context, _ struct{}) (toolkit.Reply[struct{}], error) {
		steps = append(steps, "call in "+ctx.Value(stepKey{}).(string)) //nolint:forcetypeassert // a panic fails the test
		return toolkit.Reply[struct{}]{Engine: toolkit.Engine{Name: "prod"}, UpstreamCalls: 2}, nil
	})
	bare, err := toolkit.NewSet(tool)
	if err != nil {
		t.Fatal(err)
	}
	watch := func(name string) toolkit.Watch {
		return func(ctx context.Context, tool string) (context.Context, func(*toolkit.AuditRecord)) {
			above, _ := ctx.Value(stepKey{}).(string)
			steps = append(steps, name+" "+tool)
			return context.WithValue(ctx, stepKey{}, above+name), func(a *toolkit.AuditRecord) {
				steps = append(steps, name+" ended "+a.ErrorCode)
				a.UpstreamCalls *= 10
			}
		}
	}
	var told toolkit.AuditRecord
	watched := bare.WithWatch(watch("a")).WithWatch(watch("b")).WithAudit(func(_ context.Context, a toolkit.AuditRecord) { told = a })
	ctx := auth.WithCaller(t.Context(), auth.Caller{ID: "u1", Name: "ana", Role: auth.Viewer, Via: "delegated", By: "edge"})
	watched.Call(ctx, "look", json.RawMessage(`{}`))
	if want := []string{"a look", "b look", "call in ab", "b ended ", "a ended "}; !slices.Equal(steps, want) {
		t.Errorf("steps are %q, want %q", steps, want)
	}
	if told.UpstreamCalls != 200 || told.Engine != "prod" || told.CallerName != "ana" || told.Via != "delegated" || told.By != "edge" || told.Role != "viewer" || told.At.IsZero() {
		t.Errorf("the record is %+v", told)
	}
	steps = nil
	watched.Call(ctx, strings.Repeat("x", 100), nil)
	if want := []string{"a ", "b ", "b ended not_found", "a ended not_found"}; !slices.Equal(steps, want) {
		t.Errorf("steps of an unknown tool are %q, want %q", steps, want)
	}
	why := fault.New(fault.Forbidden, "Not with this token.")
	for name, want := range map[string]string{"look": "look", "my own words": ""} {
		steps = nil
		watched.Refused(ctx, name, json.RawMessage(`{"a":1}`), why)
		if want := []string{"a " + want, "b " + want, "b ended forbidden", "a ended forbidden"}; !slices.Equal(steps, want) {
			t.Errorf("steps of a refused call are %q, want %q", steps, want)
		}
		if told.Tool != want || told.ErrorCode != "forbidden" || told.CallerID != "u1" || told.By != "edge" || told.ArgsHash != toolkit.ArgsHash(json.RawMessage(`{"a":1}`)) || told.CorrelationID == "" {
			t.Errorf("the record of a refused call of %s is %+v", name, told)
		}
	}
	new(toolkit.Set).Refused(ctx, "look", nil, why) // nobody watches
	steps = nil
	bare.Call(context.WithValue(ctx, stepKey{}, "nobody"), "look", nil)
	if want := []string{"call in nobody"}; !slices.Equal(steps, want) {
		t.Errorf("the bare set is watched: %q", steps)
	}
}

func TestArgsHash(t *testing.T) {
	same := map[string][]string{
		"none":  {"", " ", "null", "{}", " { } "},
		"one":   {`{"a":1,"b":"x"}`, `{ "b":"x", "a":1 }`},
		"other": {`{"a":1.0,"b":"x"}`},
		"text":  {"no json"},
	}
	seen := map[string]string{}
	for name, all := range same {
		for _, args := range all {
			hash := toolkit.ArgsHash(json.RawMessage(args))
			if was, found := seen[hash]; found && was != name || len(hash) != 64 || hash != toolkit.ArgsHash(json.RawMessage(all[0])) {
				t.Errorf("%s: %q gives %s (%s)", name, args, hash, was)
			}
			seen[hash] = name
		}
	}
}
