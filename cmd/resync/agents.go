package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/agentsvc/roster"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/knowledge"
	"github.com/resync-hwa/resync/twstools/tools"
)

// agents reads who answers, and holds it against the tools and models that there are.
func agents(cfg *config.Config) (*roster.Roster, error) {
	own, err := toolNames()
	if err != nil {
		return nil, err
	}
	o := roster.Options{Path: cfg.Agents.Path, Tools: own, Models: []string{}}
	for _, m := range cfg.MCPServers {
		for _, t := range m.Tools {
			o.Guests = append(o.Guests, toolkit.ForeignName(m.Name, t))
		}
	}
	for _, m := range cfg.LLM.Models {
		o.Models = append(o.Models, m.Name, m.Model)
	}
	return roster.Load(o)
}

// toolNames are the names of all tools of this program, whichever of them a server offers.
func toolNames() ([]string, error) {
	all, err := tools.New(tools.Options{}).All() // only their descriptions are read
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The tools cannot be defined.")
	}
	docs, err := knowledge.Tools(&knowledge.Base{}, catalogue{})
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The knowledge tools cannot be defined.")
	}
	var names []string
	for _, t := range append(all, docs...) {
		names = append(names, t.Info().Name)
	}
	return names, nil
}

// completeAgents adds the agents' ids to what a shell completes behind --agent.
func (p *program) completeAgents(ctx context.Context, c *cli.Command) {
	args := p.args
	if n := len(args); n > 2 && (args[n-2] == "--agent" || args[n-3] == "--agent") {
		cfg, err := p.config(nil)
		if err != nil {
			return
		}
		r, err := agents(cfg)
		if err != nil {
			return
		}
		for _, a := range r.Agents() {
			fmt.Fprintln(p.out, a.ID)
		}
		return
	}
	cli.DefaultCompleteWithFlags(ctx, c)
}

// tellAgents logs which files were read, since they are not read again.
func tellAgents(logger *slog.Logger, r *roster.Roster) {
	for _, a := range r.Agents() {
		if a.Own {
			logger.Info("agent read from a file of this site; changes are seen at the next start", "agent", a.ID, "file", a.File)
		}
	}
}
