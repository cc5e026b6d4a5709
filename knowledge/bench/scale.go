package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Parts of a measurement at scale that run in processes of their own, so that what they use is counted apart and the process that searches has
// the memory of a server that was just started.
const (
	partMake   = "make"
	partIngest = "ingest"
)

const (
	scaleQuestions = 2000 // at most: one for each fortieth passage
	scaleClients   = 4
	scaleSeed      = 7
	shareMore      = 10 // while people ask, a tenth more is taken in
)

// part does one of them.
func (p plan) part(ctx context.Context, w io.Writer) error {
	switch p.scalePart {
	case partMake:
		sections, err := p.makeTexts(ctx)
		if err != nil {
			return err
		}
		return json.NewEncoder(w).Encode(sections)
	case partIngest:
		s, err := openSite(ctx, p.scaleSite)
		if err != nil {
			return err
		}
		r, err := s.takeIn(ctx, p.scaleFolder)
		if err = errors.Join(err, s.close()); err != nil {
			return err
		}
		return json.NewEncoder(w).Encode(r.Passages)
	}
	return fmt.Errorf("there is no part %q", p.scalePart)
}

// texts names the folders of texts of a measurement: the first ones, those that another process takes in while people ask, and those that are uploaded.
func texts(folder string) [3]string {
	return [3]string{filepath.Join(folder, "texts"), filepath.Join(folder, "more"), filepath.Join(folder, "uploads")}
}

// makeTexts writes them and gives the number of sections of the first ones.
func (p plan) makeTexts(ctx context.Context) (sections int, err error) {
	m, _, err := p.maker(scaleSeed)
	section := 0
	for i, folder := range texts(p.scaleFolder) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			section, err = m.write(folder, []int{p.scale, p.scale / shareMore, p.scale / shareMore}[i], section)
		}
		if i == 0 {
			sections = section
		}
	}
	return sections, err
}

// maker reads the corpus of the evaluation.
func (p plan) maker(seed uint64) (*maker, []question, error) {
	folder, err := os.MkdirTemp("", "bench-kb-")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	c, all, err := load(p, folder)
	if err != nil {
		return nil, nil, err
	}
	return newMaker(c, seed), all, nil
}

// spent is what a part of a measurement cost.
type spent struct {
	number     int // that it told: passages, or sections
	wall, cpu  time.Duration
	mostMemory int64
}

// apart runs a part in a process of its own.
func (p plan) apart(ctx context.Context, part, site, folder string) (spent, error) {
	program, err := os.Executable()
	if err != nil {
		return spent{}, err
	}
	c := exec.CommandContext(ctx, program, "-root", p.root, "-scale", fmt.Sprint(p.scale), "-scale-part", part, "-scale-site", site, "-scale-folder", folder) //nolint:gosec // ourselves
	c.Stderr = os.Stderr
	begin := time.Now()
	out, err := c.Output()
	s := spent{wall: time.Since(begin)}
	if err != nil {
		return s, fmt.Errorf("%s: %w", part, err)
	}
	s.cpu, s.mostMemory = c.ProcessState.UserTime()+c.ProcessState.SystemTime(), mostMemory(c.ProcessState)
	return s, json.Unmarshal(out, &s.number)
}

// measureScale makes texts of so many passages and tells what it takes to take them in, to keep them and to search them.
func (p plan) measureScale(ctx context.Context, w io.Writer) error {
	folder, err := os.MkdirTemp("", "bench-kb-scale-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	b := &bench{plan: p, folder: folder, home: filepath.Join(folder, "data")}
	made, err := p.apart(ctx, partMake, "", folder)
	if err != nil {
		return err
	}
	b.sections = made.number
	r := &b.report
	r.Below = []string{}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{{"take texts in", b.ingest}, {"open", b.open}, {"ask", b.idle}, {"ask beside kb ingest", b.beside}, {"ask beside uploads", b.within}, {"mend a damaged index", b.damaged}} {
		begin := time.Now()
		if err := step.do(ctx); err != nil {
			r.print(w) // as far as it went
			return fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %.0f s, load %.1f\n", step.name, time.Since(begin).Seconds(), load1())
	}
	r.Cores, r.Load = runtime.GOMAXPROCS(0), load1()
	if p.gate {
		r.Below = r.below()
	}
	if p.json {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		err = e.Encode(r)
	} else {
		r.print(w)
	}
	if err == nil && len(r.Below) > 0 {
		err = errors.New("the figures fell")
	}
	return err
}

// bench is a measurement that goes on.
type bench struct {
	plan     plan
	folder   string // of everything
	home     string // of the installation
	sections int
	site     *site
	asked    []asking
	report   scaleReport
}

func (b *bench) ingest(ctx context.Context) error {
	s, err := b.plan.apart(ctx, partIngest, b.home, texts(b.folder)[0])
	if err != nil {
		return err
	}
	r := &b.report
	r.Passages, r.Ingest, r.IngestMost = s.number, rateOf(s), s.mostMemory
	database, index, err := disk(b.home)
	n := int64(max(1, s.number))
	r.Database, r.Index = database/n, index/n
	return err
}

// open is a server's start: in this process nothing was open before.
func (b *bench) open(ctx context.Context) error {
	m, all, err := b.plan.maker(scaleSeed + 1)
	if err != nil {
		return err
	}
	b.asked = m.questions(all, b.sections, min(scaleQuestions, max(200, b.plan.scale/40)))
	m, all = nil, nil //nolint:ineffassign,wastedassign // the memory that follows is without them
	before := memory()
	begin, cpu := time.Now(), cpuTime()
	if b.site, err = openSite(ctx, b.home); err != nil {
		return err
	}
	r := &b.report
	r.Open = ms(time.Since(begin))
	if _, err := b.site.answer(ctx, b.asked[0]); err != nil { // it reads the counts of words
		return err
	}
	r.First, r.FirstCPU = ms(time.Since(begin)), ms(cpuTime()-cpu)
	r.Opened = memory().less(before).each(r.Passages)
	if _, err := b.site.ask(ctx, b.asked, 1, nil); err != nil { // what is read from disk once is no question's cost
		return err
	}
	r.Asked = memory().less(before).each(r.Passages)
	return nil
}

func (b *bench) idle(ctx context.Context) (err error) {
	if b.report.One, err = b.site.ask(ctx, b.asked, 1, nil); err != nil {
		return err
	}
	b.report.Four, err = b.site.ask(ctx, b.asked, scaleClients, nil)
	return err
}

// beside takes texts in by another process while people ask here, as resync kb ingest does beside a server.
func (b *bench) beside(ctx context.Context) error {
	return b.while(ctx, texts(b.folder)[1], &b.report.Beside, func(ctx context.Context, folder string) (spent, error) {
		return b.plan.apart(ctx, partIngest, b.home, folder)
	})
}

// within takes them in by the process that answers, as uploads and watched folders are.
func (b *bench) within(ctx context.Context) error {
	return b.while(ctx, texts(b.folder)[2], &b.report.Within, func(ctx context.Context, folder string) (spent, error) {
		begin := time.Now()
		r, err := b.site.takeIn(ctx, folder)
		return spent{number: r.Passages, wall: time.Since(begin)}, err
	})
}

// while asks with one client during the first half of the texts and with several during the other.
func (b *bench) while(ctx context.Context, folder string, r *during, takeIn func(context.Context, string) (spent, error)) error {
	halves, err := halve(folder)
	if err != nil {
		return err
	}
	for i, c := range []struct {
		clients int
		to      *figures
		rate    *rate
	}{{1, &r.One, &r.OneIngest}, {scaleClients, &r.Four, &r.FourIngest}} {
		stop, failed := make(chan struct{}), make(chan error, 1)
		go func() {
			s, err := takeIn(ctx, halves[i])
			*c.rate = rateOf(s)
			failed <- err
			close(stop)
		}()
		*c.to, err = b.site.ask(ctx, b.asked, c.clients, stop)
		<-stop
		if err := errors.Join(err, <-failed); err != nil {
			return err
		}
	}
	return nil
}

// damaged opens an index that was cut short, and makes it anew.
func (b *bench) damaged(ctx context.Context) error {
	if err := errors.Join(b.site.close(), shorten(b.home)); err != nil {
		return err
	}
	begin := time.Now()
	s, err := openSite(ctx, b.home)
	if err != nil {
		return err
	}
	b.report.Damaged = ms(time.Since(begin))
	if _, err := s.answer(ctx, b.asked[0]); err != nil {
		return errors.Join(fmt.Errorf("a question to a damaged index: %w", err), s.close())
	}
	begin, cpu := time.Now(), cpuTime()
	err = s.base.Sync(ctx, nil)
	b.report.Rebuild, b.report.RebuildCPU = time.Since(begin).Seconds(), (cpuTime() - cpu).Seconds()
	if err == nil {
		var f figures
		if f, err = s.ask(ctx, b.asked[:min(len(b.asked), 200)], 1, nil); err == nil && f.Right < identifierFirst {
			err = fmt.Errorf("of the identifiers %.0f %% stand first after the index was made anew", 100*f.Right)
		}
	}
	return errors.Join(err, s.close())
}

// halve moves every other file of a folder into a second one beside it.
func halve(folder string) ([2]string, error) {
	other := folder + "-2"
	out := [2]string{folder, other}
	files, err := os.ReadDir(folder)
	if err != nil {
		return out, err
	}
	if err := os.MkdirAll(other, 0o750); err != nil {
		return out, err
	}
	for i, f := range files {
		if i%2 == 1 {
			err = errors.Join(err, os.Rename(filepath.Join(folder, f.Name()), filepath.Join(other, f.Name())))
		}
	}
	return out, err
}
