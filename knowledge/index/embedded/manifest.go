package embedded

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/resync-hwa/resync/knowledge/index"
)

const (
	manifestName = "manifest"
	segmentExt   = ".seg"
	lockName     = "lock"
	newExt       = ".new"
)

// manifest names what counts. Its file is a checksum in hexadecimal, a line break, and JSON.
type manifest struct {
	Version  int          `json:"version"`
	Layout   index.Layout `json:"layout"`
	Upto     int64        `json:"upto"`
	Vectors  int64        `json:"vectors"`
	Average  float64      `json:"average"`
	Segments []live       `json:"segments"`
}

// live is a segment that counts.
type live struct {
	File    string `json:"file"`
	Bytes   int64  `json:"bytes"`
	Check   uint32 `json:"check"`             // of the segment's end, which holds the checksums of the rest
	Deleted []byte `json:"deleted,omitempty"` // gaps between the rows of deleted passages, as varints
}

// rows unpacks what is deleted of a segment with n passages.
func (l live) rows(n int) (rows, error) {
	if len(l.Deleted) == 0 {
		return nil, nil
	}
	out := make(rows, (n+63)/64)
	for row, b := -1, l.Deleted; len(b) > 0; {
		gap, size := binary.Uvarint(b)
		if size <= 0 || gap >= uint64(n-1-row) {
			return nil, damaged("the manifest's deleted passages of %s", l.File)
		}
		row += 1 + int(gap)
		out[row>>6] |= 1 << (row & 63)
		b = b[size:]
	}
	return out, nil
}

// pack is the inverse of rows.
func (r rows) pack() []byte {
	var out []byte
	last := -1
	for row := range len(r) * 64 {
		if r.has(row) {
			out = binary.AppendUvarint(out, uint64(row-last-1))
			last = row
		}
	}
	return out
}

func readManifest(dir string) (m manifest, seen fs.FileInfo, err error) {
	f, err := os.Open(filepath.Join(dir, manifestName))
	if err != nil {
		return m, nil, fmt.Errorf("open the manifest: %w", err)
	}
	defer f.Close()
	if seen, err = f.Stat(); err != nil {
		return m, nil, fmt.Errorf("look at the manifest: %w", err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(f); err != nil {
		return m, nil, fmt.Errorf("read the manifest: %w", err)
	}
	sum, text, _ := bytes.Cut(b.Bytes(), []byte("\n"))
	broken := damaged("the manifest")
	broken.manifest = seen
	if string(sum) != checksum(text) || json.Unmarshal(text, &m) != nil {
		return m, seen, broken
	}
	if m.Version != version {
		broken.what = fmt.Sprintf("the manifest is of version %d, and this program reads %d", m.Version, version)
		return m, seen, broken
	}
	return m, seen, nil
}

func checksum(b []byte) string { return fmt.Sprintf("%08x", crc32.Checksum(b, castagnoli)) }

// commit replaces the manifest of a folder; it is durable when it returns. The caller holds the lock.
func (m manifest) commit(dir string) (fs.FileInfo, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	path := filepath.Join(dir, manifestName)
	if err := writeFile(path+newExt, append([]byte(checksum(text)+"\n"), text...)); err != nil {
		return nil, err
	}
	if err := replace(path+newExt, path); err != nil {
		return nil, err
	}
	if err := syncFolder(dir); err != nil {
		return nil, err
	}
	seen, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look at the manifest: %w", err)
	}
	return seen, nil
}

// writeFile writes a file that nobody else may read, and has the system put it on the disk.
func writeFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return nil
}

// replace renames a file over another. Windows refuses while somebody reads the other, which takes no longer than reading it.
func replace(from, to string) error {
	for try := 0; ; try++ {
		err := os.Rename(from, to)
		if err == nil {
			return nil
		}
		if runtime.GOOS != "windows" || try == 100 {
			return fmt.Errorf("write the index: %w", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// syncFolder makes new names in a folder durable. Windows has no such call and does it by itself.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return nil
}

// sweep removes what the manifest does not name: segments that were merged away, and what a killed writer left. The caller holds
// the lock. Windows keeps files that somebody has mapped; they go at a later sweep.
func sweep(dir string, m manifest) {
	names := map[string]bool{}
	for _, s := range m.Segments {
		names[s.File] = true
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // the next sweep will do
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext == segmentExt && !names[e.Name()] || ext == newExt {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
