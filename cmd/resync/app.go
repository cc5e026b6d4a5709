package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
)

// version is set at build time; a plain go build says devel.
var version = "devel"

// errShown ends the program with a status after everything has been said.
type errShown struct{ code int }

func (e errShown) Error() string { return fmt.Sprintf("exit status %d", e.code) }

// run parses the command line, does what it says, and gives the exit status: 0 ok, 1 failed, 2 usage, 3 not found, 4 engine.
func run(ctx context.Context, p *program) int {
	cmd := &cli.Command{
		Name: "resync", Usage: "ask a workload scheduler what is wrong, and get an answer with evidence",
		Version: build(), Writer: p.out, ErrWriter: p.err, Reader: p.in,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
		OnUsageError: func(_ context.Context, _ *cli.Command, err error, _ bool) error {
			return fault.New(fault.Invalid, "%s.", strings.TrimSuffix(err.Error(), "."))
		},
		EnableShellCompletion: true,
		Commands: slices.Concat([]*cli.Command{p.serveCommand(), p.mcpCommand(), p.agentCommand(), p.askCommand(), p.statusCommand(), p.jobCommand(), p.whyCommand()}, p.showCommands(), p.tellCommands(),
			[]*cli.Command{p.doctorCommand(), p.demoCommand(), p.mockCommand(), p.kbCommand(), p.captureCommand(), p.replayCommand(), p.evalsCommand(), p.userCommand(), p.auditCommand(), p.configCommand(), p.versionCommand()}),
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return fault.New(fault.Invalid, "There is no command %q.", c.Args().First()).WithHint("resync help lists the commands.")
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, sub := range cmd.Commands {
		p.guardUsage(sub)
	}
	err := cmd.Run(ctx, p.args)
	var shown errShown
	if errors.As(err, &shown) {
		return shown.code
	}
	var foreign cli.ExitCoder // the library's own, for help about something that does not exist
	if errors.As(err, &foreign) {
		err = fault.New(fault.Invalid, "%s.", strings.TrimSuffix(foreign.Error(), ".")).WithHint("resync help lists the commands.")
	}
	if err != nil {
		p.explain(err)
	}
	return fault.ExitCode(err)
}

// guardUsage makes usage errors of a command, and of those below it, coded ones that print nothing on standard output. What a command
// does not take is an error: a word too much may be a password, or an option without its dashes.
func (p *program) guardUsage(c *cli.Command) {
	c.OnUsageError = func(_ context.Context, _ *cli.Command, err error, _ bool) error {
		return fault.New(fault.Invalid, "%s.", strings.TrimSuffix(err.Error(), ".")).WithHint("%s --help shows the options.", c.FullName())
	}
	act := c.Action
	switch {
	case act == nil:
		c.Action = func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return fault.New(fault.Invalid, "There is no command %q.", c.FullName()+" "+c.Args().First()).WithHint("%s --help lists the commands.", c.FullName())
			}
			return cli.ShowSubcommandHelp(c)
		}
	case c.ArgsUsage == "":
		c.Action = func(ctx context.Context, c *cli.Command) error {
			if n := c.Args().Len(); n > 0 {
				return fault.New(fault.Invalid, "%s does not take %d more argument(s).", c.FullName(), n).WithHint("%s --help shows what it takes.", c.FullName())
			}
			return act(ctx, c)
		}
	}
	for _, sub := range c.Commands {
		p.guardUsage(sub)
	}
}

// explain says on standard error what went wrong: message, hint, candidates; the cause only of errors that have no words for people.
func (p *program) explain(err error) {
	f := fault.Public(err)
	say := func(text string) { fmt.Fprintln(p.err, visible(text)) } // errors repeat what was asked for, and names of the engine
	say("resync: " + f.Message)
	if f.Code == fault.Internal && f.Cause != nil {
		say("  " + f.Cause.Error())
	} else if f.Hint != "" {
		say("  " + f.Hint)
	}
	for _, c := range f.Candidates {
		say("  - " + c)
	}
}

// config loads the configuration; flags go over everything else.
func (p *program) config(flags map[string]string) (*config.Config, error) {
	return config.Load(config.Options{Dir: p.dir, Environ: p.environ, Flags: flags})
}

// build names this build: the version, or the commit of a plain build.
func build() string {
	if version != "devel" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return version + "-" + s.Value[:12]
		}
	}
	return version
}

func (p *program) versionCommand() *cli.Command {
	return &cli.Command{Name: "version", Usage: "print the version", Action: func(context.Context, *cli.Command) error {
		_, err := fmt.Fprintln(p.out, "resync "+build())
		return err
	}}
}
