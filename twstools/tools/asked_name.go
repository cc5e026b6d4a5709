package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/reader"
)

// wild reads a name filter: in capitals, and with * as people of other systems write @.
func wild(p string) string {
	return strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(p)), "*", "@")
}

func wildcards(p string) bool { return strings.ContainsAny(p, "@?") }

// split takes WORKSTATION#NAME apart, where somebody gives the operator's form for a name: the folder of NAME and the time of an instance go.
func split(p string) (workstation, name string) {
	workstation, name, ok := strings.Cut(wild(p), "#")
	if !ok {
		return "", wild(p)
	}
	if open, end := strings.IndexByte(name, '['), strings.IndexByte(name, ']'); open >= 0 && end > open {
		name = name[:open] + name[end+1:]
	}
	return workstation, name[strings.LastIndexByte(name, '/')+1:]
}

// askedName is a name that a list was narrowed by.
type askedName struct {
	kind string // job, job_stream or workstation
	name string
}

// mostNearest bounds how many names a hint tells, and fewExact how many are looked at for the name itself.
const (
	mostNearest = 5
	fewExact    = 50
)

// unheld says of each name without wildcards that the plan does not hold it, with those that come closest: a list that is empty because of a
// slip looks like one that is empty because all is well. "" where all names are known, or the names cannot be read.
func (c *call) unheld(ctx context.Context, asked ...askedName) string {
	var b strings.Builder
	for _, a := range asked {
		name := wild(a.name)
		if name == "" || wildcards(name) {
			continue
		}
		near, _, err := c.t.Names(ctx, reader.Wanted{Kind: a.kind, Typed: name, Limit: fewExact})
		if err != nil || slices.ContainsFunc(near, func(n string) bool { return bears(n, name) }) {
			continue
		}
		kind := strings.ReplaceAll(a.kind, "_", " ")
		if a.kind == "job" {
			if streams, _, err := c.t.Names(ctx, reader.Wanted{Kind: "job_stream", Typed: name, Limit: fewExact}); err == nil {
				streams = slices.DeleteFunc(streams, func(n string) bool { return !bears(n, name) })
				near = append(streams, near...)
			}
		}
		fmt.Fprintf(&b, "no %s is called %s", kind, clip(name, 80))
		if len(near) > 0 {
			fmt.Fprintf(&b, "; nearest: %s", strings.Join(near[:min(mostNearest, len(near))], ", "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// bears reports whether an object in the operator's form has the name.
func bears(entity, name string) bool {
	own := entity[strings.LastIndexByte(entity, '#')+1:]
	if open, end := strings.IndexByte(own, '['), strings.IndexByte(own, ']'); open >= 0 && end > open {
		own = own[:open] + own[end+1:]
	}
	own = own[strings.LastIndexByte(own, '/')+1:]
	if _, job, ok := strings.Cut(own, "."); ok {
		own = job
	}
	return strings.EqualFold(own, name[strings.LastIndexByte(name, '/')+1:])
}
