package audit_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/resync-hwa/resync/internal/audit"
	"github.com/resync-hwa/resync/internal/store"
)

// BenchmarkWritten measures a call that is kept, to the disk, and says how much room a row takes.
func BenchmarkWritten(b *testing.B) {
	dir := b.TempDir()
	o := store.Options{Dir: dir, File: audit.File, Rooms: []store.Room{audit.Room()}}
	trail, err := audit.New(audit.Options{Open: opens(b, o, secretKey), Queue: b.N})
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		trail.Add(call(i))
	}
	if err := trail.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, audit.File+".db"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/float64(b.N), "bytes/row")
}
