package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/audit"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/toolkit"
)

func (p *program) auditCommand() *cli.Command {
	form := []cli.Flag{
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text, json, yaml or csv"},
		&cli.BoolFlag{Name: "json", Usage: "the same as -o json"},
	}
	return &cli.Command{
		Name: "audit", Usage: "look at the audit trail: which tools were called, by whom and at what cost",
		Commands: []*cli.Command{
			{Name: "list", Usage: "list tool calls, oldest first", Action: p.auditList, Flags: append([]cli.Flag{
				&cli.StringFlag{Name: "since", Usage: "from when on: 90m, 2h, 3d, 2w, a day as 2026-03-31 (UTC), or an instant (RFC 3339)"},
				&cli.StringFlag{Name: "until", Usage: "before when, written in the same way"},
				&cli.StringFlag{Name: "who", Usage: "only calls of this caller, by id or name, or of the program that spoke for one"},
				&cli.StringFlag{Name: "tool", Usage: "only calls of this tool"},
				&cli.StringFlag{Name: "code", Usage: "only calls that ended with this error code; ok for those without one"},
				&cli.StringFlag{Name: "id", Usage: "only calls with this correlation id"},
				&cli.StringFlag{Name: "args", Usage: `only calls with these arguments, as the JSON object that was sent: '{"job":"PAY"}'`},
				&cli.IntFlag{Name: "limit", Value: shownByDefault, Usage: "the newest so many; 0 for all"},
			}, form...)},
			{Name: "verify", Usage: "check that nothing in the audit trail was changed or taken out; exit status 1 when something was", Action: p.auditVerify, Flags: append([]cli.Flag{
				&cli.StringSliceFlag{Name: "old-key-file", Usage: "`FILE` with a secret key that was used before; may be repeated"},
			}, form...)},
		},
	}
}

func (p *program) auditList(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	cfg, err := p.config(nil)
	if err != nil {
		return err
	}
	f, err := p.auditFilter(c, cfg)
	if err != nil {
		return err
	}
	db, err := readAudit(ctx, cfg)
	if err != nil {
		return err
	}
	rows := []audit.Entry{}
	if db != nil {
		defer db.Close() //nolint:errcheck // it was only read
		if rows, err = audit.Open(db).List(ctx, f); err != nil {
			return fault.Wrap(fault.Internal, err, "The audit trail cannot be read.")
		}
	}
	if err := p.writeAudit(form, rows); err != nil {
		return fault.Wrap(fault.Internal, err, "The rows cannot be written.")
	}
	if f.Limit > 0 && len(rows) == f.Limit {
		fmt.Fprintf(p.err, "resync: the newest %d are shown, and there may be more; --limit 0 shows all.\n", f.Limit)
	}
	return nil
}

func (p *program) auditFilter(c *cli.Command, cfg *config.Config) (audit.Filter, error) {
	f := audit.Filter{Who: c.String("who"), Tool: c.String("tool"), Code: c.String("code"), Correlation: c.String("id"), Limit: c.Int("limit")}
	if f.Limit < 0 {
		return f, fault.New(fault.Invalid, "--limit cannot be negative.").WithHint("0 lists all.")
	}
	var err error
	if f.Since, err = before(p.clock(), "since", c.String("since")); err != nil {
		return f, err
	}
	if f.Until, err = before(p.clock(), "until", c.String("until")); err != nil {
		return f, err
	}
	if args := c.String("args"); args != "" {
		if !json.Valid([]byte(args)) {
			return f, fault.New(fault.Invalid, "--args is not valid JSON.").WithHint(`Write the arguments as they were sent: '{"job":"PAY"}'.`)
		}
		keys, err := auditKeys(cfg)
		if err != nil {
			return f, err
		}
		f.Args = keys.Args(toolkit.ArgsHash(json.RawMessage(args)))
	}
	return f, nil
}

// before reads a moment as people write it: so long ago, a day, or an instant.
func before(now time.Time, flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	for unit, hours := range map[string]int{"d": 24, "w": 7 * 24} {
		if n, err := strconv.Atoi(strings.TrimSuffix(text, unit)); err == nil && strings.HasSuffix(text, unit) && n > 0 && n < 10_000 {
			return now.Add(-time.Duration(n*hours) * time.Hour), nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "--%s %q is no time.", flag, text).WithHint("Write 90m, 2h, 3d, 2w, a day as 2026-03-31, or an instant as 2026-03-31T18:00:00Z.")
}

// auditKeys derives the keys of the configured secret, or of the one in the data folder; it makes none.
func auditKeys(cfg *config.Config) (audit.Keys, error) {
	if cfg.Auth.SecretKey.IsZero() {
		if _, err := os.Stat(keyPath(cfg)); err != nil {
			return audit.Keys{}, fault.Wrap(fault.NotFound, err, "There is no secret key in %s, and none is configured.", cfg.DataDir).WithHint("Set SECRET_KEY to the one that the server has.")
		}
	}
	from, err := secretKey(cfg)
	if err != nil {
		return audit.Keys{}, err
	}
	keys, err := audit.NewKeys(from)
	if err != nil {
		return audit.Keys{}, fault.Wrap(fault.Invalid, err, "This key is too short to have sealed an audit trail.")
	}
	return keys, nil
}

// readAudit opens the trail for reading; nil where none has been begun.
func readAudit(ctx context.Context, cfg *config.Config) (*store.DB, error) {
	if !cfg.Database.IsZero() { // where the tables may have to be made first
		return store.Open(ctx, store.Options{URL: cfg.Database, Rooms: []store.Room{audit.Room()}})
	}
	db, err := store.OpenReadOnly(ctx, store.Options{Dir: cfg.DataDir, File: audit.File})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The audit trail in %s cannot be read.", cfg.DataDir)
	}
	return db, nil
}

// auditColumns are the rows as a program reads them in CSV.
var auditColumns = []string{"seq", "at", "kind", "tool", "caller", "name", "by", "via", "engine", "args", "bytes", "upstream_calls", "duration_ms", "code", "correlation_id", "lost", "process"}

func auditCells(e audit.Entry) []string {
	return []string{strconv.FormatInt(e.Seq, 10), e.At.Format(time.RFC3339Nano), string(e.Kind), e.Tool, e.Caller, e.Name, e.By, e.Via, e.Engine, e.Args, strconv.Itoa(e.Bytes),
		strconv.Itoa(e.UpstreamCalls), strconv.FormatFloat(float64(e.Duration.Microseconds())/1000, 'f', -1, 64), e.Code, e.CorrelationID, strconv.FormatInt(e.Lost, 10), e.Process}
}

func (p *program) writeAudit(form string, rows []audit.Entry) error {
	switch form {
	case "json":
		return printJSON(p.out, map[string]any{"rows": rows})
	case "yaml":
		return printYAML(p.out, map[string]any{"rows": rows})
	case "csv":
		out := csv.NewWriter(p.out)
		_ = out.Write(auditColumns) // an error stays and is told by Error below
		for _, e := range rows {
			_ = out.Write(harmless(printable(auditCells(e))))
		}
		out.Flush()
		return out.Error()
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(p.out, "No such call is in the audit trail.")
		return err
	}
	w := tabwriter.NewWriter(p.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tWHO\tVIA\tTOOL\tENGINE\tCODE\tCALLS\tBYTES\tMS\tID")
	for _, e := range rows {
		fmt.Fprintln(w, strings.Join(auditLine(e), "\t"))
	}
	return w.Flush()
}

// auditLine is a row as a person reads it.
func auditLine(e audit.Entry) []string {
	at := e.At.Format("2006-01-02 15:04:05Z")
	switch e.Kind {
	case audit.Lost:
		return []string{at, fmt.Sprintf("%d call(s) could not be kept.", e.Lost)}
	case audit.Broken:
		return []string{at, "What stands above was changed or taken out."}
	case audit.Rekeyed:
		return []string{at, "From here on another key is used."}
	}
	who := e.Name
	if who == "" {
		who = e.Caller
	}
	if e.By != "" {
		who += " by " + e.By
	}
	code := e.Code
	if code == "" {
		code = "ok"
	}
	return printable([]string{at, who, e.Via, e.Tool, e.Engine, code, strconv.Itoa(e.UpstreamCalls), strconv.Itoa(e.Bytes), strconv.FormatInt(e.Duration.Milliseconds(), 10), e.CorrelationID})
}

func (p *program) auditVerify(ctx context.Context, c *cli.Command) error {
	form, err := listForm(c)
	if err != nil {
		return err
	}
	cfg, err := p.config(nil)
	if err != nil {
		return err
	}
	db, err := readAudit(ctx, cfg)
	if err != nil {
		return err
	}
	if db == nil {
		return fault.New(fault.NotFound, "There is no audit trail in %s.", cfg.DataDir).WithHint("resync serve and resync mcp keep one; APP_DATA_DIR names another folder.")
	}
	defer db.Close() //nolint:errcheck // it was only read
	now, err := auditKeys(cfg)
	if err != nil {
		return err
	}
	keys := []audit.Keys{now}
	for _, file := range c.StringSlice("old-key-file") {
		old, err := oldKeys(file)
		if err != nil {
			return err
		}
		keys = append(keys, old)
	}
	r, err := audit.Open(db).Verify(ctx, keys...)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The audit trail cannot be read.")
	}
	if err := p.writeReport(form, r); err != nil {
		return fault.Wrap(fault.Internal, err, "The report cannot be written.")
	}
	if !r.Sound() {
		return errShown{1}
	}
	return nil
}

// oldKeys derives the keys of a secret in a file.
func oldKeys(file string) (audit.Keys, error) {
	_, err := os.Stat(file) // KeyFile would make one
	var key secret.String
	if err == nil {
		key, err = secret.KeyFile(file)
	}
	if err == nil {
		var keys audit.Keys
		if keys, err = audit.NewKeys(key); err == nil {
			return keys, nil
		}
	}
	return audit.Keys{}, fault.Wrap(fault.Invalid, err, "The file %s holds no secret key.", file)
}

func (p *program) writeReport(form string, r audit.Report) error {
	switch form {
	case "json":
		return printJSON(p.out, r)
	case "yaml":
		return printYAML(p.out, r)
	case "csv":
		out := csv.NewWriter(p.out)
		_ = out.Write([]string{"seq", "what"}) // an error stays and is told by Error below
		for _, problem := range r.Problems {
			_ = out.Write([]string{strconv.FormatInt(problem.Seq, 10), problem.What})
		}
		out.Flush()
		return out.Error()
	}
	say := func(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }
	switch {
	case r.Rows == 0:
		say("The audit trail is empty.")
	case r.Sound():
		say("%d rows, from %s on, numbers %d to %d: nothing was changed or taken out.", r.Rows, r.Since.Format(time.RFC3339), r.First, r.Last)
	default:
		say("%d rows, numbers %d to %d: the audit trail does not hold.", r.Rows, r.First, r.Last)
	}
	if r.Removed > 0 {
		say("%d rows before them were removed for their age or number.", r.Removed)
	}
	if r.Lost > 0 {
		say("%d calls could not be kept when they were made.", r.Lost)
	}
	if r.Foreign > 0 {
		say("%d rows were sealed with another key and could not be checked; --old-key-file names it.", r.Foreign)
	}
	for _, problem := range r.Problems {
		if problem.Seq == 0 {
			say("  %s", problem.What)
		} else {
			say("  row %d: %s", problem.Seq, problem.What)
		}
	}
	return nil
}
