package record

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
)

// maxFile is the largest capsule that is opened. limits bound each file in it, unpacked: a capsule comes from outside and may be a bomb.
const maxFile = 256 << 20

var limits = map[string]int{manifestName: 4 << 20, ReviewName: 64 << 20, worldName: 256 << 20, transcriptName: 512 << 20}

// Capsule is an opened capsule. It is immutable and safe for concurrent use.
type Capsule struct {
	Manifest   Manifest
	Transcript Transcript
	world      *world.World
	byKey      map[string]int
	files      map[string][]byte
}

// Open reads a capsule file. Everything in it is held to the manifest's digests. A file that is no capsule, is broken, or is too large is
// fault.Invalid; one of another version is fault.Unsupported; none at all is fault.NotFound.
func Open(path string) (*Capsule, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "There is no file %s.", path)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s cannot be opened.", path)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, fault.Wrap(fault.Invalid, err, "%s is not a file.", path)
	}
	return Read(f, info.Size())
}

// Read is Open over bytes.
func Read(r io.ReaderAt, size int64) (*Capsule, error) {
	if size > maxFile {
		return nil, fault.New(fault.Invalid, "The file has %d MB; a capsule has %d at most.", size>>20, maxFile>>20)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file is not a capsule.").WithHint("resync capture makes capsules.")
	}
	c := &Capsule{files: map[string][]byte{}}
	if err := c.unpack(z); err != nil {
		return nil, err
	}
	if err := c.manifest(); err != nil {
		return nil, err
	}
	if err := strictly(c.files[worldName], &c.world, "world"); err != nil {
		return nil, err
	}
	if c.world == nil {
		return nil, fault.New(fault.Invalid, "The capsule holds no world.")
	}
	if err := lookSound(c.world); err != nil {
		return nil, err
	}
	return c, c.transcript()
}

// unpack reads the four files into memory, and accepts nothing else: no other names, no folders, no second file of a name.
func (c *Capsule) unpack(z *zip.Reader) error {
	if len(z.File) != len(limits) {
		return fault.New(fault.Invalid, "The file is not a capsule: it holds %d files, a capsule holds %d.", len(z.File), len(limits))
	}
	for _, f := range z.File {
		limit, known := limits[f.Name]
		if _, twice := c.files[f.Name]; twice || !known {
			return fault.New(fault.Invalid, "The capsule holds a file %.60q that does not belong there.", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The capsule's %s cannot be read.", f.Name)
		}
		raw, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
		_ = r.Close() // nothing was written
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The capsule's %s cannot be read.", f.Name)
		}
		if len(raw) > limit {
			return fault.New(fault.Invalid, "The capsule's %s has more than %d MB.", f.Name, limit>>20)
		}
		c.files[f.Name] = raw
	}
	return nil
}

func (c *Capsule) manifest() error {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	raw := c.files[manifestName]
	if err := json.Unmarshal(raw, &head); err != nil || head.Format != Format {
		return fault.Wrap(fault.Invalid, err, "The file is not a capsule: its manifest is not one.")
	}
	if head.Version != Version {
		return fault.New(fault.Unsupported, "The capsule is of version %d, and this Resync reads version %d.", head.Version, Version).WithHint("Use the Resync that made it, or a newer one.")
	}
	if err := strictly(raw, &c.Manifest, "manifest"); err != nil {
		return err
	}
	for _, name := range []string{ReviewName, worldName, transcriptName} {
		if c.Manifest.Digests[name] != digest(c.files[name]) {
			return fault.New(fault.Invalid, "The capsule's %s was changed after the capsule was written.", name).WithHint("Capture again; a capsule is not edited by hand.")
		}
	}
	if c.Manifest.SignedBy != "" && c.Manifest.Seal != c.Manifest.seal() {
		return fault.New(fault.Invalid, "The capsule's signature does not belong to its content.")
	}
	return nil
}

// strictly decodes JSON that must hold nothing but what is known, and nothing behind it.
func strictly(raw []byte, into any, what string) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil && dec.More() {
		err = errors.New("more than one value")
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The capsule's %s is broken, or of another Resync.", what)
	}
	return nil
}

func (c *Capsule) transcript() error {
	c.byKey = map[string]int{}
	lines := bufio.NewReader(bytes.NewReader(c.files[transcriptName]))
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var e Entry
			if err := strictly(line, &e, "transcript"); err != nil {
				return err
			}
			if err := e.sound(); err != nil {
				return err
			}
			c.byKey[key(e.Op, e.Args)] = len(c.Transcript)
			c.Transcript = append(c.Transcript, e)
		}
		if err != nil {
			return nil //nolint:nilerr // the only error of a buffer is its end
		}
	}
}

func (e Entry) sound() error {
	if e.Code != "" {
		return nil
	}
	if digest(e.Answer) != e.Digest {
		return fault.New(fault.Invalid, "An answer to %.40s in the transcript does not fit its digest.", string(e.Op))
	}
	_, err := decode(e)
	return err
}

// World is the plan that was captured. It must not be changed.
func (c *Capsule) World() *world.World { return c.world }

// Signed reports whether a person has signed the capsule.
func (c *Capsule) Signed() bool { return c.Manifest.SignedBy != "" }

// Review is the text of the review file.
func (c *Capsule) Review() string { return string(c.files[ReviewName]) }
