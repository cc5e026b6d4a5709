package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/mcp/foreign"
)

func (p *program) serversCommand() *cli.Command {
	return &cli.Command{
		Name: "servers", Usage: "further MCP servers whose tools a model may use: what they offer, and what has changed",
		Commands: []*cli.Command{
			{Name: "list", Usage: "ask every configured server, and say what becomes of each allowed tool", Flags: outputFlags(), Action: p.listServers},
			{Name: "accept", Usage: "show what is new or has changed in a server's tools, and accept it", ArgsUsage: "NAME",
				Flags: []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "accept without asking"}}, Action: p.acceptServer},
		},
	}
}

// serverRow is one allowed tool of a further server.
type serverRow struct {
	Server string `json:"server"`
	Tool   string `json:"tool,omitempty"`
	State  string `json:"state"` // usable, new, changed, absent, refused; away for a server that could not be asked
	Name   string `json:"offered_as,omitempty"`
	Hash   string `json:"hash,omitempty"`
	Why    string `json:"why,omitempty"`
}

// withoutEngines makes a site that has a log and opens no engine.
func (p *program) withoutEngines() (*site, error) {
	cfg, err := p.config(nil)
	if err != nil {
		return nil, err
	}
	cfg.Log = config.Log{Level: slog.LevelError.String(), Format: cfg.Log.Format}
	return p.bare(cfg), nil
}

func (p *program) listServers(ctx context.Context, c *cli.Command) error {
	form, err := output(c)
	if err != nil {
		return err
	}
	s, err := p.withoutEngines()
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	settings, err := p.serverSettings(s)
	if err != nil {
		return err
	}
	rows := []serverRow{}
	for _, one := range inspect(ctx, settings, p.serverOptions(s)) {
		if one.err != nil {
			rows = append(rows, serverRow{Server: one.settings.Name, State: "away", Why: fault.Public(one.err).Message})
		}
		for _, o := range one.offers {
			rows = append(rows, serverRow{Server: one.settings.Name, Tool: o.Tool, State: string(o.State), Name: o.Info.Name, Hash: o.Now.Hash, Why: o.Why})
		}
	}
	return writeServers(p.out, form, rows)
}

func writeServers(w io.Writer, form string, rows []serverRow) error {
	switch form {
	case "json":
		return printJSON(w, rows)
	case "yaml":
		return printYAML(w, rows)
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "No further MCP servers are configured.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SERVER\tTOOL\tSTATE\tOFFERED AS\tWHY")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.Server, visible(r.Tool), r.State, r.Name, visible(r.Why))
	}
	return t.Flush()
}

func (p *program) acceptServer(ctx context.Context, c *cli.Command) error {
	if c.Args().Len() != 1 {
		return fault.New(fault.Invalid, "Name one server.").WithHint("resync mcp servers list shows them.")
	}
	s, err := p.withoutEngines()
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // nothing is written that a failed close could lose
	settings, err := p.serverSettings(s)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(settings, func(one foreign.Settings) bool { return one.Name == c.Args().First() })
	if at < 0 {
		return fault.New(fault.NotFound, "There is no MCP server %q in the configuration.", c.Args().First())
	}
	offers, err := foreign.Inspect(ctx, settings[at], p.serverOptions(s))
	if err != nil {
		return err
	}
	open := 0
	for _, o := range offers {
		if o.State == foreign.Changed || o.State == foreign.New {
			open++
			tellChange(p.out, o)
		}
	}
	if open == 0 {
		_, err := fmt.Fprintln(p.out, "Nothing is new and nothing has changed.")
		return err
	}
	if !c.Bool("yes") {
		fmt.Fprint(p.err, "Accept this? Type yes: ")
		line, _ := bufio.NewReader(io.LimitReader(p.in, 100)).ReadString('\n') // the end of input is no yes
		if strings.TrimSpace(line) != "yes" {
			return fault.New(fault.Conflict, "Nothing was accepted.")
		}
	}
	if err := foreign.Accept(settings[at], p.serverOptions(s), offers); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "Accepted: %d. A running Resync sees it within a minute.\n", open)
	return err
}

// tellChange shows what was and what is, line by line.
func tellChange(w io.Writer, o foreign.Offer) {
	fmt.Fprintf(w, "%s, %s:\n", visible(o.Tool), o.State)
	was, now := definitionLines(o.Was), definitionLines(o.Now)
	if slices.Equal(was, now) {
		fmt.Fprintln(w, "  It differs only in what cannot be shown: invisible characters, or the spelling of the schema.")
	}
	for _, l := range differences(was, now) {
		fmt.Fprintln(w, "  "+l)
	}
}

// definitionLines is a definition as it may be shown: cleaned, the schema with a line for each member.
func definitionLines(d foreign.Definition) []string {
	if d.Hash == "" {
		return nil
	}
	var b bytes.Buffer
	b.WriteString(d.Description + "\n")
	if err := json.Indent(&b, d.InputSchema, "", "  "); err != nil {
		b.Write(d.InputSchema)
	}
	var out []string
	for line := range strings.Lines(b.String()) {
		out = append(out, visible(strings.TrimRight(untrusted.Clean(line), "\n")))
	}
	return out
}

// differences marks with - what went and with + what came, in the order of both lists. Beyond some size everything went and came.
func differences(was, now []string) []string {
	const most = 1000
	var out []string
	if len(was) > most || len(now) > most {
		was, now = []string{fmt.Sprintf("(%d lines)", len(was))}, now[:min(len(now), most)]
	}
	common := make([][]int, len(was)+1) // length of the longest common rest
	for i := range common {
		common[i] = make([]int, len(now)+1)
	}
	for i := len(was) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if was[i] == now[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(was) || j < len(now) {
		switch {
		case i < len(was) && j < len(now) && was[i] == now[j]:
			out = append(out, "  "+was[i])
			i, j = i+1, j+1
		case j == len(now) || i < len(was) && common[i+1][j] >= common[i][j+1]:
			out = append(out, "- "+was[i])
			i++
		default:
			out = append(out, "+ "+now[j])
			j++
		}
	}
	return out
}
