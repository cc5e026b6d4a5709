package main

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/resync-hwa/resync/internal/fault"
)

func watchFlag() cli.Flag {
	return &cli.IntFlag{Name: "watch", HideDefault: true, Usage: "read again every `N` seconds and redraw, until Ctrl-C; where nobody looks on, print again when something changed"}
}

// watching gives how often a command reads again; zero for once.
func watching(c *cli.Command, form string) (time.Duration, error) {
	n := c.Int("watch")
	switch {
	case !c.IsSet("watch"):
		return 0, nil
	case n < 1 || n > 86400:
		return 0, fault.New(fault.Invalid, "--watch takes a number of seconds from 1 to 86400.").WithHint("--watch 15 is as often as the engine's copy is read afresh.")
	case form != "text":
		return 0, fault.New(fault.Invalid, "--watch redraws text, not %s.", form).WithHint("Run the command again for another reading in that form.")
	}
	return time.Duration(n) * time.Second, nil
}

// watched is a page that is drawn again at each tick.
type watched struct {
	title  string
	every  time.Duration
	draw   func(context.Context) (page string, said []string, err error)
	ticks  <-chan time.Time
	redraw bool // on a terminal: the page replaces the one before; else it is printed when it changed
}

// home clears a terminal and goes to its first line.
const home = "\x1b[H\x1b[2J\x1b[3J"

// watch draws until the context ends, which is how Ctrl-C ends it: that is no error. A reading that fails is said and tried again, but for the first one.
func (p *program) watch(ctx context.Context, w watched) error {
	last, first := "", true
	for {
		page, said, err := w.draw(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && (first || fault.CodeOf(err) == fault.Invalid):
			return err
		case err != nil:
			p.explain(err)
		case w.redraw:
			at := p.clock().Format("15:04:05")
			if err := p.tell(home+fmt.Sprintf("%s  every %s, read at %s, Ctrl-C ends\n\n", visible(w.title), w.every, at)+page, said); err != nil {
				return err
			}
		case page != last:
			if !first {
				page = "\n" + page
			}
			if err := p.tell(page, said); err != nil {
				return err
			}
			last = page
			if !first {
				last = page[1:]
			}
		}
		first = false
		select {
		case <-ctx.Done():
			return nil
		case <-w.ticks:
		}
	}
}
