package history_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/history"
)

// BenchmarkEmbedded fills the embedded database with jobs of 20 runs each, with names and ids as long as a plant's, and reports what a
// job takes: times 500,000 it must stay below the bound. Run it with -benchtime=1x.
func BenchmarkEmbedded(b *testing.B) {
	const jobs, runsEach = 2_000, 22
	for b.Loop() {
		var packed, row float64
		o := store.Options{Dir: b.TempDir(), File: "history", Rooms: []store.Room{history.Room()}}
		db := storetest.Open(b, o)
		h := open(b, db, nil)
		rng := rand.New(rand.NewPCG(1, 1))
		began := time.Now()
		for d := range runsEach {
			sched := monday.AddDate(0, 0, d)
			changes := make([]twstools.Change, 0, jobs)
			for i := range jobs {
				k := job(fmt.Sprintf("PAYMENTS_LOAD_%06d", i), sched)
				k.Folder, k.StreamWorkstation, k.Stream = "/PROD/BANK", fmt.Sprintf("LXPAY%03d", i%200), fmt.Sprintf("PAYMENTS_EOD_%04d", i/10)
				k.JobStreamID = fmt.Sprintf("0AAAAAAA%08X", uint32(d*jobs/10+i/10))
				start := sched.Add(time.Duration(rng.IntN(36_000)) * time.Second)
				c := ended(k, start, start.Add(time.Duration(rng.IntN(3600))*time.Second), succ)
				c.Run.ID = fmt.Sprintf("%08x-%04x-4000-8000-%012x", rng.Uint32(), rng.Uint32()&0xffff, rng.Uint64()&0xffffffffffff)
				c.Run.ActualWorkstation, c.Run.Estimated, c.Run.JobNumber = k.StreamWorkstation, time.Minute, rng.Int64N(1<<22)
				changes = append(changes, c)
			}
			if err := h.Observe(b.Context(), changes, nil); err != nil {
				b.Fatal(err)
			}
		}
		elapsed := time.Since(began)
		info, err := os.Stat(filepath.Join(o.Dir, "history.db"))
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Read().QueryRowContext(b.Context(), "SELECT avg(length(runs)), avg(length(engine||folder||workstation||stream||job||instance||status||confidence)) FROM history_jobs").Scan(&packed, &row); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(packed, "packed/job")
		b.ReportMetric(row, "words/job")
		b.ReportMetric(float64(info.Size())/jobs, "bytes/job")
		b.ReportMetric(float64(info.Size())/jobs/20, "bytes/run")
		b.ReportMetric(jobs*runsEach/elapsed.Seconds(), "changes/s")
	}
}
