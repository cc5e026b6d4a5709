package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/agentsvc/alert"
	"github.com/resync-hwa/resync/internal/config"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/twstools/portuguese"
)

// watchFile is the database in the data folder in which it is kept what was told to whom.
const watchFile = "watch"

// watchCommand stays and tells what becomes wrong, and what is over.
func (p *program) watchCommand() *cli.Command {
	return &cli.Command{
		Name: "watch", Usage: "stay, tell what becomes wrong and what is over, and send it to the configured webhooks",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "once", Usage: "look once, tell what is wrong now, and end"},
			&cli.DurationFlag{Name: "interval", Usage: "time between two looks, 5s or more (default: watch.interval)", HideDefault: true},
			&cli.StringFlag{Name: "min", Value: "medium", Usage: "print only findings at least that bad: critical, high, medium or low; webhooks have their own bound"},
			&cli.StringFlag{Name: "language", Value: "en", Usage: "en or pt"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "text", Usage: "text, or json: one object a line"},
			&cli.BoolFlag{Name: "json", Usage: "the same as -o json"},
			&cli.BoolFlag{Name: "print-only", Usage: "send nothing to webhooks"},
			&cli.StringFlag{Name: "test", Usage: "send one marked test message to the webhook of this `NAME`, and end"},
			&cli.StringFlag{Name: "engine", Usage: "name of one of several configured engines; all when absent"},
		},
		Action: p.watchPlans,
	}
}

func (p *program) watchPlans(ctx context.Context, c *cli.Command) error {
	form, err := output(c)
	if err != nil || form == "yaml" {
		return fault.New(fault.Invalid, "There is no output form %q.", c.String("output")).WithHint("text and json are.")
	}
	lang, least := c.String("language"), alert.Severity(c.String("min"))
	switch {
	case lang != "en" && lang != "pt":
		return fault.New(fault.Invalid, "There is no language %q.", lang).WithHint("en and pt are.")
	case !least.Known():
		return fault.New(fault.Invalid, "There is no severity %q.", least).WithHint("critical, high, medium and low are.")
	case c.IsSet("interval") && (c.Duration("interval") < 5*time.Second || c.Duration("interval") > 24*time.Hour):
		return fault.New(fault.Invalid, "--interval is a time from 5s to 24h.")
	}
	if name := c.String("test"); c.IsSet("test") {
		return p.testWebhook(ctx, name)
	}
	s, err := p.quietly(ctx)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // every write was committed by its own transaction
	engines := s.engines
	if c.IsSet("engine") {
		e, err := s.pick(ctx, c.String("engine"))
		if err != nil {
			return err
		}
		engines = []engine{e}
	}
	t := &watchTeller{p: p, form: form, lang: lang, rule: alert.Rule{MinSeverity: least}, memory: alert.NewMemory(s.cfg.Watch.Settle), missing: map[string]string{}}
	o := alert.Options{Seen: t.seen, Languages: []string{lang}, Interval: s.cfg.Watch.Interval, Now: p.clock, Logger: s.logger}
	if c.IsSet("interval") {
		o.Interval = c.Duration("interval")
	}
	if o.Engines, err = watchable(engines); err != nil {
		return err
	}
	if !c.Bool("print-only") && len(s.cfg.Webhooks) > 0 {
		if err := p.toWebhooks(ctx, s, &o); err != nil {
			return err
		}
	}
	w, err := alert.NewWatch(o)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The watch cannot be made.")
	}
	if c.Bool("once") {
		return p.watchOnce(ctx, w, o, t)
	}
	w.Run(ctx)
	return t.err
}

// watchOnce looks at each engine once, tells what is wrong, and sends what waits.
func (p *program) watchOnce(ctx context.Context, w *alert.Watch, o alert.Options, t *watchTeller) error {
	for _, e := range o.Engines {
		if err := w.Look(ctx, e); err != nil {
			return err
		}
	}
	if t.told == 0 && t.form == "text" && len(t.missing) == 0 {
		t.line(wording{"Nothing of that severity is wrong.", "Nada dessa gravidade está errado."}.in(t.lang))
	}
	waiting, err := w.Flush(ctx)
	if err != nil {
		return err
	}
	if waiting > 0 {
		fmt.Fprintf(p.err, "resync: %d message(s) were not taken by their webhooks and wait for the next watch.\n", waiting)
	}
	if t.err == nil && len(t.unread) > 0 {
		return fault.New(fault.UpstreamUnavailable, "Nothing could be seen of the engine %s.", strings.Join(t.unread, ", ")).WithHint("What is not told here may still be wrong there. resync doctor says what can be read.")
	}
	return t.err
}

// watchTeller prints what sightings bring.
type watchTeller struct {
	p          *program
	form, lang string
	rule       alert.Rule

	mu      sync.Mutex
	memory  *alert.Memory
	missing map[string]string // what was last not seen, by engine
	told    int
	unread  []string // engines of which nothing at all could be seen
	err     error    // of the first line that could not be written
}

// seen prints what is new, and what cannot be seen when that changes.
func (t *watchTeller) seen(s alert.Sighting) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.memory.Observe(s, t.rule) {
		t.told++
		if t.form == "json" {
			if err := writeJSON(t.p.out, alert.LineOf(t.lang, s, e), ""); err != nil && t.err == nil {
				t.err = err
			}
			continue
		}
		t.event(s, e)
	}
	if read := func(source string) bool { return source != alert.FromEngine }; !slices.ContainsFunc(s.Seen, read) && len(s.Missing) > 0 && !slices.Contains(t.unread, s.Name) {
		t.unread = append(t.unread, s.Name)
	}
	if now := strings.Join(s.Missing, "; "); now != t.missing[s.Name] {
		t.missing[s.Name] = now
		for _, m := range s.Missing {
			said := "not seen on "
			if t.lang == "pt" {
				said, m = "não visto em ", portuguese.Line(m)
			}
			fmt.Fprintln(t.p.err, "resync: "+said+visible(s.Name)+": "+visible(m))
		}
	}
}

// event prints one event for a person: when, what, how bad, and below it what to do.
func (t *watchTeller) event(s alert.Sighting, e alert.Event) {
	w := t.p.screen()
	what, severity := e.Called(t.lang)
	look := severityLooks[string(e.Finding.Severity)]
	if e.What == alert.Ended {
		look = green
	}
	statement, act := e.Said(t.lang, s.PlanNow)
	head := fmt.Sprintf("%s  %-12s %-8s", s.PlanNow.Format("15:04:05 -07:00"), what, severity)
	w.line(cell{text: head, look: look}, text(s.Name+":"), text(statement), cell{text: "[" + visible(e.Finding.ID) + "]", look: dim})
	if act != "" && e.What != alert.Ended {
		w.line(text(act).behind(strings.Repeat(" ", len("15:04:05 -07:00")+2)))
	}
	t.line(strings.TrimSuffix(w.String(), "\n"))
}

func (t *watchTeller) line(text string) {
	if _, err := fmt.Fprintln(t.p.out, text); err != nil && t.err == nil {
		t.err = err
	}
}

// watchable gives engines as the watch knows them: under the keys of their acknowledgements, so that an invented plant is never taken for the real one.
func watchable(list []engine) ([]alert.Engine, error) {
	var out []alert.Engine
	for _, e := range list {
		caller, err := e.caller()
		if err != nil {
			return nil, err
		}
		out = append(out, alert.Engine{Key: e.ackKey(), Name: e.name, Mode: e.mode, Caller: caller})
	}
	return out, nil
}

// toWebhooks adds the configured webhooks, and the database that remembers what they were told.
func (p *program) toWebhooks(ctx context.Context, s *site, o *alert.Options) error {
	for _, h := range s.cfg.Webhooks {
		one, err := webhookOf(h)
		if err != nil {
			return err
		}
		o.Webhooks = append(o.Webhooks, one)
	}
	db, err := store.Open(ctx, store.Options{Dir: s.cfg.DataDir, File: watchFile, URL: s.cfg.Database, Rooms: []store.Room{alert.Room()}})
	if err != nil {
		return fault.Wrap(fault.Internal, err, "What webhooks were told cannot be kept in %s.", s.cfg.DataDir)
	}
	s.closers = append(s.closers, db.Close)
	o.Book, err = alert.NewBook(db, s.cfg.Watch.Settle, p.clock)
	return err
}

func webhookOf(h config.Webhook) (alert.Webhook, error) {
	quiet, err := alert.ParseQuiet(h.Quiet)
	if err != nil {
		return alert.Webhook{}, fault.Wrap(fault.Invalid, err, "webhooks.%s.quiet cannot be used.", h.Name)
	}
	return alert.Webhook{Rule: alert.Rule{Name: h.Name, MinSeverity: alert.Severity(h.MinSeverity), Engines: h.Engines, Quiet: quiet, Remind: h.Remind},
		Kind: h.Kind, URL: h.URL, Secret: h.Secret, Language: h.Language}, nil
}

// testWebhook sends one marked message to a webhook. It opens no engine.
func (p *program) testWebhook(ctx context.Context, name string) error {
	cfg, err := p.config(nil)
	if err != nil {
		return err
	}
	var names []string
	for _, h := range cfg.Webhooks {
		if h.Name == name {
			one, err := webhookOf(h)
			if err != nil {
				return err
			}
			if err := alert.Test(ctx, one, p.clock, 0); err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.out, "The webhook %s took the test message.\n", name)
			return err
		}
		names = append(names, h.Name)
	}
	return fault.New(fault.NotFound, "No webhook is called %q.", name).WithHint("Webhooks are sections [webhooks.NAME] of settings.toml.").WithCandidates(names...)
}

// alertFrom watches the engines of a server for its webhooks, as long as ctx lasts. What is replayed is over: nobody is called for it.
func (p *program) alertFrom(ctx context.Context, s *site) error {
	live := slices.DeleteFunc(slices.Clone(s.engines), func(e engine) bool { return e.mode == "replay" })
	if len(s.cfg.Webhooks) == 0 || len(live) == 0 {
		return nil
	}
	o := alert.Options{Interval: s.cfg.Watch.Interval, Now: p.clock, Logger: s.logger}
	var err error
	if o.Engines, err = watchable(live); err != nil {
		return err
	}
	if err := p.toWebhooks(ctx, s, &o); err != nil {
		return err
	}
	w, err := alert.NewWatch(o)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The watch cannot be made.")
	}
	ctx, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { w.Run(ctx) })
	s.closers = append(s.closers, func() error {
		stop()
		watching.Wait()
		return nil
	})
	return nil
}
