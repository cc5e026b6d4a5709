package suite

import (
	"bytes"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
)

// File is one file of a suite.
type File struct {
	Name string // scenarios/ID.yaml, gold/ID.yaml
	Text []byte
}

// Files writes a scenario as its two files: what is asked, and what is right. The same scenario gives the same bytes.
func (s Scenario) Files() ([]File, error) {
	var out []File
	for _, part := range []struct {
		folder string
		value  any
	}{{"scenarios", s}, {"gold", s.Gold}} {
		var b bytes.Buffer
		enc := yaml.NewEncoder(&b)
		enc.SetIndent(2)
		if err := enc.Encode(part.value); err != nil {
			return nil, fault.Wrap(fault.Internal, err, "The scenario %s cannot be written.", s.ID)
		}
		out = append(out, File{Name: part.folder + "/" + s.ID + ".yaml", Text: b.Bytes()})
	}
	return out, nil
}
