package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
)

// examineEdge looks at tool servers as an edge agent does: whether each can be reached and takes the key, and which engines and how many tools it
// shows to it.
func (p *program) examineEdge(ctx context.Context, c *cli.Command, form string) error {
	flags, err := edgeFlags(c)
	if err != nil {
		return err
	}
	cfg, err := p.config(flags)
	if err != nil {
		return err
	}
	cfg.Log = config.Log{Level: slog.LevelError.String(), Format: cfg.Log.Format}
	s := p.bare(cfg)
	defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	if err := p.openInstruments(ctx, s); err != nil {
		return err
	}
	if err := s.instruments.remote(); err != nil {
		return err
	}
	servers, err := p.openEdge(ctx, s)
	if servers == nil {
		return err
	}
	var x examination
	for _, one := range servers.Servers(ctx) {
		f := finding{What: "tool server " + one.Server, State: "ok", Detail: fmt.Sprintf("engines %s; %d tools", strings.Join(one.Engines, ", "), one.Tools)}
		if one.Err != nil {
			why := fault.Public(one.Err)
			f.State, f.Detail, f.Hint = "failed", why.Message, why.Hint
			if why.Code == fault.UpstreamDenied || why.Code == fault.Forbidden {
				f.State = "denied"
			}
		}
		x.Findings = append(x.Findings, f)
	}
	if err != nil { // two engines of one name, for example
		x.Findings = append(x.Findings, finding{What: "tool servers", State: "failed", Detail: fault.Public(err).Message, Hint: fault.Public(err).Hint})
	}
	return p.tellExamination(form, x)
}
