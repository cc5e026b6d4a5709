package extract

import (
	"context"
	"fmt"
	"time"
)

// Limits bound what one document or archive may cost. Zero means the default.
type Limits struct {
	FileBytes    int64         // text of one document, 16 MB
	SourceBytes  int64         // a PDF, DOCX or HTML file as it comes, 64 MB
	ArchiveBytes int64         // all that one archive unpacks to, nested ones included, 512 MB
	ArchiveFiles int           // documents in one archive, 20,000
	Ratio        int64         // unpacked to packed size, for what unpacks to more than 10 MB, 200
	LineBytes    int           // one line of text, 1 MB: a longer one is no text that anybody wrote
	Lines        int           // lines of one document, 500,000: a manual of 16 MB has half of that
	Pages        int           // pages of a PDF, 5,000
	Time         time.Duration // reading one document, 60 s

	strict bool // panics of a reader go up; for tests
}

func (l Limits) withDefaults() Limits {
	set(&l.FileBytes, 16<<20)
	set(&l.SourceBytes, 64<<20)
	set(&l.ArchiveBytes, 512<<20)
	set(&l.ArchiveFiles, 20_000)
	set(&l.Ratio, 200)
	set(&l.LineBytes, 1<<20)
	set(&l.Lines, 500_000)
	set(&l.Pages, 5_000)
	set(&l.Time, 60*time.Second)
	return l
}

func set[T int | int64 | time.Duration](p *T, v T) {
	if *p <= 0 {
		*p = v
	}
}

// ratioFrom is the unpacked size from which Ratio counts: a small file of blanks may well shrink to nothing.
const ratioFrom = 10 << 20

// unreadable is why a document cannot be had: the end of a sentence that begins with its name, for people.
type unreadable string

func (u unreadable) Error() string { return string(u) }

func refuse(format string, args ...any) error { return unreadable(fmt.Sprintf(format, args...)) }

// meter counts the steps of one document's reading and ends it when its time is over. Not safe for concurrent use.
type meter struct {
	ctx   context.Context // nobody but the meter looks at it
	end   time.Time
	limit time.Duration
	steps int
}

func newMeter(ctx context.Context, limit time.Duration) *meter {
	return &meter{ctx: ctx, end: time.Now().Add(limit), limit: limit}
}

// step returns an error once the context is done or the time is over. It looks at the clock every 1,024 calls only: call it for every token.
func (m *meter) step() error {
	return m.spend(1)
}

// spend is step for several steps at once.
func (m *meter) spend(n int) error {
	before := m.steps >> 10
	if m.steps += max(n, 0); m.steps>>10 == before {
		return nil
	}
	return m.look()
}

func (m *meter) look() error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	if time.Now().After(m.end) {
		return refuse("reading it takes more than the %s allowed", m.limit)
	}
	return nil
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
