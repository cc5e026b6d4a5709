package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/evals"
	"github.com/resync-hwa/resync/evals/baseline"
	"github.com/resync-hwa/resync/evals/report"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
)

func (p *program) evalsCommand() *cli.Command {
	return &cli.Command{
		Name: "evals", Usage: "measure how often the answers are right",
		Commands: []*cli.Command{{
			Name: "run", Usage: "ask the suite's questions and judge the answers; exit 1 when one is wrong", ArgsUsage: "[SCENARIO | SCENARIO/QUESTION | TAG]…",
			Flags: []cli.Flag{
				folderFlag(), suiteFlag(),
				&cli.StringFlag{Name: "seeds", Value: evals.Dev, Usage: "dev for the committed scenarios; any other word makes others of the same families from it"},
				&cli.StringFlag{Name: "binary", Usage: "program to judge; this one when absent"},
				&cli.StringFlag{Name: "out", Usage: "folder for results.jsonl, junit.xml, report.md and report.html"},
				&cli.StringFlag{Name: "gate", Usage: "accept a run that loses nothing beside the figures in `FILE`"},
				&cli.BoolFlag{Name: "no-baselines", Usage: "leave out the dumb answerers that stand beside the score"},
				&cli.FloatFlag{Name: "min-pass", Usage: "accept a run in which at least this share of questions was right, for example 0.9; no answer may be wrong and confirmed"},
				&cli.IntFlag{Name: "k", Usage: "how often each question is asked; as the suite says when absent"},
				&cli.StringFlag{Name: "variant", Value: evals.Full, Usage: "kind of engine: " + strings.Join(evals.Variants(), ", ")},
				&cli.StringFlag{Name: "model", Value: "offline", Usage: "model to use; its endpoint and key are those of the environment"},
				&cli.FloatFlag{Name: "max-usd", Usage: "stop asking when the answers have cost so many dollars"},
				&cli.StringFlag{Name: "api", Usage: "ask the deployed server at this `URL`; its engine must be this run's mock"},
				&cli.StringFlag{Name: "api-key-file", Usage: "`FILE` with a key that has the scopes ask, read and trace"},
				&cli.StringFlag{Name: "mcp", Usage: "let the program take its tools from the deployed server at this `URL`; its engine must be this run's mock"},
				&cli.StringFlag{Name: "mcp-token-file", Usage: "`FILE` with a key for that server"},
				&cli.StringFlag{Name: "mock-listen", Usage: "address and port of the mock engine; user " + evals.MockUser + ", password " + evals.MockPassword},
				&cli.DurationFlag{Name: "settle", DefaultText: "30s", Usage: "how long a deployed server is left alone with a new world"},
				&cli.DurationFlag{Name: "timeout", Value: time.Minute, Usage: "what one question may take"},
				&cli.IntFlag{Name: "jobs", Value: 2, Usage: "scenarios asked at a time"},
			},
			Action: p.evalsRun,
		}, p.evalsListCommand(), p.evalsShowCommand(), p.evalsReportCommand(), p.evalsDiffCommand(), p.evalsRegradeCommand(),
			p.evalsGenCommand(), p.evalsLintCommand()},
	}
}

func (p *program) evalsRun(ctx context.Context, c *cli.Command) error {
	binary := c.String("binary")
	if binary == "" {
		self, err := os.Executable()
		if err != nil {
			return fault.Wrap(fault.Internal, err, "The program cannot find itself.").WithHint("Name it with --binary.")
		}
		binary = self
	}
	figures, err := beforeAsking(c)
	if err != nil {
		return err
	}
	got, err := evals.Run(ctx, evals.Options{Source: evals.Suite(os.DirFS(c.String("folder")), c.String("suite"), c.String("seeds"), c.Args().Slice()), Binary: binary, K: c.Int("k"), Jobs: c.Int("jobs"),
		Variant: c.String("variant"), Model: c.String("model"), Environ: p.environ, MaxUSD: c.Float("max-usd"), API: c.String("api"), APIKeyFile: c.String("api-key-file"),
		Baselines: p.baselines(c), MCP: c.String("mcp"), MCPTokenFile: c.String("mcp-token-file"), MockListen: c.String("mock-listen"), Settle: c.Duration("settle"), Timeout: c.Duration("timeout"),
		Progress: p.err, Clock: p.clock})
	if err != nil {
		return err
	}
	r := report.Of(got)
	err = p.printed(r.Table(p.out)) // first, so that it is seen even where the files cannot be written
	if out := c.String("out"); out != "" {
		if failed := report.Write(out, got); failed != nil {
			return failed
		}
	}
	if err != nil {
		return err
	}
	good := r.Clean() || enough(r, c)
	if figures != nil {
		good = gate(p.err, *figures, got)
	}
	if !good {
		fmt.Fprintln(p.err, "resync: the run failed: an answer was wrong, could not be had, or is worse than it was")
		return errShown{1}
	}
	return nil
}

// baselines are the dumb answerers beside the score; the one without tools only where a model is configured.
func (p *program) baselines(c *cli.Command) func([]suite.Scenario) []evals.Answerer {
	if c.Bool("no-baselines") {
		return nil
	}
	return func(asked []suite.Scenario) []evals.Answerer {
		o := baseline.Options{CommonKind: baseline.MostCommon(asked)}
		if model := c.String("model"); model != "offline" {
			o.Model = baseline.ModelOptions{Endpoint: p.env("LLM_ENDPOINT"), Key: p.env("LLM_API_KEY"), Name: model}
			if raw, err := os.ReadFile(p.env("LLM_API_KEY_FILE")); err == nil {
				o.Model.Key = strings.TrimSpace(string(raw))
			}
		}
		var out []evals.Answerer
		for _, b := range baseline.All(o) {
			out = append(out, b)
		}
		return out
	}
}

// env is a variable of the environment that the program was started in.
func (p *program) env(name string) string {
	for _, v := range p.environ {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// enough reports whether a run that is not all right is good enough for who asked for it, and can be believed.
func enough(r report.Report, c *cli.Command) bool {
	return c.IsSet("min-pass") && len(r.Invalid) == 0 && len(r.Refused) == 0 && r.ConfirmedWrong == 0 && r.Right.Share() >= c.Float("min-pass")
}
