package hwa

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// JobDefinitions lists job definitions whose name matches the pattern.
func (p *ports) JobDefinitions(ctx context.Context, pattern string, limit int) ([]twstools.JobDefinition, error) {
	return readDefined(ctx, p, definitions{two: modelJobs, one: v1ModelJobs, filter: "jobDefinitionFilter", key: "jobDefinitionName"}, pattern, limit,
		func(d twstools.JobDefinition) string { return d.Name }, func(o object) twstools.JobDefinition {
			d := definition(o, true)
			if d.Workstation == "" {
				d.Workstation = display(v1Path(o.first("workstationKey", "workstationName")))
			}
			return d
		})
}

// JobStreamDefinitions lists job stream definitions whose name matches the pattern.
func (p *ports) JobStreamDefinitions(ctx context.Context, pattern string, limit int) ([]twstools.JobStreamDefinition, error) {
	return readDefined(ctx, p, definitions{two: modelStreams, one: v1ModelStreams, filter: "jobstreamFilter", key: "jobStreamName"}, pattern, limit,
		func(d twstools.JobStreamDefinition) string { return d.Name }, streamDefinition)
}

func streamDefinition(o object) twstools.JobStreamDefinition {
	d := twstools.JobStreamDefinition{ID: o.str("id"), Name: o.str("name"), Folder: folderPath(o.str("folder", "folderName")), Description: o.raw("description"),
		Workstation: display(v1Path(o.first("workstation", "workstationKey", "workstationName"))), Draft: o.boolean("draft", "isDraft"), ValidFrom: o.instant("validFrom"),
		ValidTo: o.instant("validTo"), Priority: priority(o), Limit: o.integer("limit")}
	for _, e := range o.list("runCycles") {
		if m := asObject(e); m != nil {
			if s := m.str("name", "iCalendar", "rule"); s != "" {
				d.RunCycles = append(d.RunCycles, s)
			}
		}
	}
	for _, e := range o.list("jobs") {
		if s := text(e); s != "" {
			d.Jobs = append(d.Jobs, s)
		}
	}
	return d
}

// definitions says where one kind of definition is listed in either interface, and how V1 filters it by name.
type definitions struct {
	two, one    endpoint
	filter, key string
}

// readDefined reads definitions in V2, or in V1 where the engine speaks that alone or its V2 lacks the list. Their names are matched again here.
func readDefined[T any](ctx context.Context, p *ports, where definitions, pattern string, limit int, name func(T) string, decode func(object) T) ([]T, error) {
	if pattern == "" {
		pattern = "@"
	}
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxRequest)
	e, _, err := p.c.speaks(ctx)
	if err != nil {
		return nil, err
	}
	if _, old := e.(*v1); !old {
		out, err := readDefinedAt(ctx, p, where, where.two, pattern, limit, name, decode)
		if !fault.Is(err, fault.Unsupported) {
			return out, err
		}
	}
	return readDefinedAt(ctx, p, where, where.one, pattern, limit, name, decode)
}

func readDefinedAt[T any](ctx context.Context, p *ports, where definitions, ep endpoint, pattern string, limit int, name func(T) string, decode func(object) T) ([]T, error) {
	return portal(ctx, p, ep, func(ctx context.Context) ([]T, error) {
		var out []T
		read := func(filtered bool, most int) error {
			r, err := where.request(ep, pattern, filtered, most)
			if err != nil {
				return err
			}
			r.what, r.optional = "definitions", true
			_, err = p.c.getPage(ctx, r, func() { out = nil }, func(o object) bool {
				if def := o.obj("def"); def != nil {
					o = def
				}
				if d := decode(o); query.Match(pattern, name(d)) {
					out = append(out, d)
				}
				return len(out) < limit
			})
			return err
		}
		err := read(true, limit)
		if refusesFilter(err) {
			err = read(false, maxRequest)
		}
		if fault.Is(err, fault.NotFound) { // a list that is not there, in the words for an object that is not
			err = fault.Wrap(fault.Unsupported, err, "This engine does not list definitions.")
		}
		return out, p.lacking(err, "definitions")
	})
}

func (d definitions) request(ep endpoint, pattern string, filtered bool, limit int) (request, error) {
	if ep == d.two {
		params := map[param]string{pLimit: strconv.Itoa(limit), pOffset: "0"}
		if filtered && strings.Trim(pattern, "@") != "" {
			oql, err := query.Print(query.Query{Where: query.Matches("name", pattern)})
			if err != nil {
				return request{}, err
			}
			params[pOQL] = oql
		}
		return newRequest(ep, "", params)
	}
	filter := map[string]any{}
	if filtered && strings.Trim(pattern, "@") != "" {
		filter[d.key] = pattern
	}
	raw, err := json.Marshal(map[string]any{"filters": map[string]any{d.filter: filter}})
	if err != nil {
		return request{}, err
	}
	return makeRequest(ep, parts{body: string(raw), headers: map[header]string{hHowMany: atMost(limit)}})
}
