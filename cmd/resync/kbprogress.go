package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/resync-hwa/resync/knowledge/library"
)

// gauge shows on standard error how far reading in has come: a bar on a terminal, nothing elsewhere.
type gauge struct {
	off bool
	p   *program
	bar *progressbar.ProgressBar
	now string // what the bar is about
}

func (p *program) progress(off bool) *gauge { return &gauge{off: off || !shown(p.err), p: p} }

// show moves the bar of a stage, a new one when the stage is another.
func (g *gauge) show(stage string, done, total int) {
	if g.off || total <= 0 {
		return
	}
	if g.bar == nil || g.now != stage {
		g.end()
		g.now = stage
		g.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(g.p.err), progressbar.OptionSetDescription(stage), progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	g.bar.ChangeMax(total)
	_ = g.bar.Set(done) // a bar that cannot be drawn is no reason to stop
}

func (g *gauge) ingest(x library.Progress) { g.show(x.Stage, x.Done, x.Total) }

func (g *gauge) index(done, total int) { g.show("indexing", done, total) }

// end takes the bar away.
func (g *gauge) end() {
	if g.bar != nil {
		_ = g.bar.Finish() // as above
		fmt.Fprint(g.p.err, "\r")
		g.bar = nil
	}
}
