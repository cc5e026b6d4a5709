package record

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
)

// The capsule's form. A capsule is a zip of four files with fixed names, in this order, without times: equal content has equal bytes. Version grows
// whenever an older program could misread what a newer one wrote.
const (
	Format  = "resync.capsule"
	Version = 1

	manifestName   = "manifest.json"
	worldName      = "world.json"
	transcriptName = "transcript.jsonl"
	// ReviewName is the file that a person reads before the capsule leaves the house.
	ReviewName = "CAPSULE.review.md"
)

// Manifest says what a capsule is.
type Manifest struct {
	Format     string            `json:"format"`
	Version    int               `json:"version"`
	Product    string            `json:"product,omitempty"` // the version of Resync that captured
	Engine     Level             `json:"engine"`
	AsOf       time.Time         `json:"as_of"`                 // the engine's instant, moved as all others
	CapturedAt *time.Time        `json:"captured_at,omitempty"` // our clock; absent where dates were moved
	Redacted   bool              `json:"redacted"`
	Key        string            `json:"key,omitempty"` // which key made the pseudonyms: equal for equal keys, and tells nothing about it
	Roots      int               `json:"roots"`         // 0: the whole plan
	Depth      int               `json:"depth"`
	Calls      int               `json:"calls"` // questions put to the engine through the port
	Counts     map[string]int    `json:"counts"`
	LeftOut    int               `json:"questions_left_out"` // answers that are not in the transcript, for they reach beyond the slice or cannot be renamed
	Failures   []Failure         `json:"failures"`
	Digests    map[string]string `json:"digests"` // sha256 of the other files
	SignedBy   string            `json:"signed_by,omitempty"`
	SignedAt   *time.Time        `json:"signed_at,omitempty"`
	Seal       string            `json:"seal,omitempty"` // sha256 over digests, name and time of the signature
}

// Level is what kind of engine was captured.
type Level struct {
	Version  string `json:"version,omitempty"`
	Dialect  string `json:"dialect,omitempty"`
	TimeZone string `json:"time_zone,omitempty"`
}

func (c *capturer) manifest(out *Captured, left int) Manifest {
	w := out.World
	m := Manifest{Format: Format, Version: Version, Product: c.o.Product, Engine: Level{w.Info.Version, w.Info.Dialect, w.Info.TimeZone}, AsOf: w.AsOf, Redacted: out.redactor != nil,
		Roots: len(c.o.Roots), Depth: c.o.Depth, Calls: c.t.asked, LeftOut: left, Digests: map[string]string{},
		Counts: map[string]int{"workstations": len(w.Workstations), "job_streams": len(w.JobStreams), "jobs": len(w.Jobs), "resources": len(w.Resources), "prompts": len(w.Prompts),
			"job_logs": len(w.Logs), "archived_plans": len(w.Archived), "events": len(w.Events), "audit_records": len(w.Audit), "critical_jobs": len(w.CriticalJobs), "definitions": len(w.StreamDefinitions) + len(w.JobDefinitions),
			"answers": len(out.Transcript)}}
	if len(c.o.Roots) == 0 {
		m.Depth = 0
	}
	if r := out.redactor; r != nil {
		m.Key = digest(r.perm.sum("which key"))[:12]
	}
	if c.o.ShiftWeeks == 0 || out.redactor == nil {
		at := c.o.Now().UTC().Round(0)
		m.CapturedAt = &at
	}
	return m
}

// Write writes the capsule.
func (c *Captured) Write(w io.Writer) error {
	files := map[string][]byte{}
	raw, err := encodePretty(c.World)
	if err != nil {
		return err
	}
	files[worldName] = raw
	var lines bytes.Buffer
	for _, e := range c.Transcript {
		raw, err := encode(e)
		if err != nil {
			return err
		}
		lines.Write(raw)
		lines.WriteByte('\n')
	}
	files[transcriptName] = lines.Bytes()
	files[ReviewName] = []byte(c.Review())
	m := c.Manifest
	m.Digests = map[string]string{}
	for name, raw := range files {
		m.Digests[name] = digest(raw)
		if len(raw) > limits[name] {
			return fault.New(fault.Limited, "The capsule's %s would have %d MB, and %d are allowed.", name, len(raw)>>20, limits[name]>>20).WithHint("Capture less: roots, a smaller depth, --since.")
		}
	}
	return pack(w, m, files)
}

func pack(w io.Writer, m Manifest, files map[string][]byte) error {
	raw, err := encodePretty(m)
	if err != nil {
		return err
	}
	files = maps.Clone(files)
	files[manifestName] = raw
	z := zip.NewWriter(w)
	for _, name := range []string{manifestName, ReviewName, worldName, transcriptName} {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = f.Write(files[name])
		}
		if err != nil {
			return fault.Wrap(fault.Internal, err, "The capsule cannot be written.")
		}
	}
	if err := z.Close(); err != nil {
		return fault.Wrap(fault.Internal, err, "The capsule cannot be written.")
	}
	return nil
}

func encodePretty(x any) ([]byte, error) {
	raw, err := encode(x)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", " "); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The capsule cannot be written.")
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// Save writes the capsule to a file (mode 0600) in one piece: a file that is there is whole. It does not overwrite.
func (c *Captured) Save(path string) error {
	return saveNew(path, func(w io.Writer) error { return c.Write(w) }, false)
}

func saveNew(path string, write func(io.Writer) error, replace bool) error {
	if _, err := os.Lstat(path); err == nil && !replace {
		return fault.New(fault.Conflict, "%s is there already.", path).WithHint("Name another file with --out, or remove that one.")
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".capsule-*")
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The capsule cannot be written to %s.", path).WithHint("Is there such a folder, and may you write to it?")
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	if err := write(f); err != nil {
		_ = f.Close() // the error above is the one to tell
		return err
	}
	if err := f.Close(); err != nil {
		return fault.Wrap(fault.Internal, err, "The capsule cannot be written to %s.", path)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fault.Wrap(fault.Internal, err, "The capsule cannot be written to %s.", path)
	}
	return nil
}

// Sign writes into a capsule file that a person has read its review file and lets it go. From then on the file is sealed.
func Sign(path, name string, now time.Time) (Manifest, error) {
	if name == "" {
		return Manifest{}, fault.New(fault.Invalid, "A signature needs the name of the person who has read the review file.").WithHint("--name NAME.")
	}
	c, err := Open(path)
	if err != nil {
		return Manifest{}, err
	}
	if c.Manifest.SignedBy != "" {
		return c.Manifest, fault.New(fault.Conflict, "The capsule was signed by %s already.", c.Manifest.SignedBy)
	}
	at := now.UTC().Truncate(time.Second)
	c.Manifest.SignedBy, c.Manifest.SignedAt = name, &at
	c.Manifest.Seal = c.Manifest.seal()
	return c.Manifest, saveNew(path, func(w io.Writer) error { return pack(w, c.Manifest, c.files) }, true)
}

// seal binds a signature to the content that was read.
func (m Manifest) seal() string {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(m.Digests)) {
		b.WriteString(name + "\x00" + m.Digests[name] + "\x00")
	}
	b.WriteString(m.SignedBy + "\x00")
	if m.SignedAt != nil {
		b.WriteString(m.SignedAt.UTC().Format(time.RFC3339))
	}
	return digest(b.Bytes())
}

// lookSound checks what serving a world relies on: an instant, and ids that are there and unique.
func lookSound(w *world.World) error {
	if w.AsOf.IsZero() {
		return fault.New(fault.Invalid, "The capsule's world has no instant.")
	}
	seen := map[string]bool{}
	check := func(id string) bool {
		fine := id != "" && !seen[id]
		seen[id] = true
		return fine
	}
	fine := true
	for _, x := range w.Workstations {
		fine = check("w"+x.Ref.ID) && fine
	}
	for _, x := range w.JobStreams {
		fine = check("n"+x.Ref.ID) && x.Ref.ID != "" && fine
	}
	for _, x := range w.Jobs {
		fine = check("n"+x.Ref.ID) && x.Ref.ID != "" && fine
		for _, r := range x.Runs {
			fine = check("run"+r.ID) && r.ID != "" && fine
		}
	}
	if !fine {
		return fault.New(fault.Invalid, "The capsule's world is broken: an id is missing or there twice.")
	}
	return nil
}
