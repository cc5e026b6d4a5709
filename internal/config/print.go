package config

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/resync-hwa/resync/internal/secret"
)

// Setting is one value as it may be shown.
type Setting struct {
	Key    string `json:"key" yaml:"key"`
	Value  string `json:"value" yaml:"value"` // *** for a secret that is set
	Origin string `json:"origin" yaml:"origin"`
	Doc    string `json:"doc" yaml:"doc"`
}

// Settings gives every value with its origin, by key, secrets hidden.
func (c *Config) Settings() []Setting {
	out := make([]Setting, 0, len(c.values))
	for _, v := range c.values {
		shown := form(v.typed)
		if v.secret && shown != "" {
			shown = secret.Mask
		}
		out = append(out, Setting{Key: v.key, Value: shown, Origin: v.origin, Doc: v.doc})
	}
	return out
}

// Print writes the settings as a table: key, value, origin.
func (c *Config) Print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(tw, "KEY\tVALUE\tORIGIN")
	for _, s := range c.Settings() {
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\n", s.Key, s.Value, s.Origin)
	}
	return tw.Flush() // the first error of all writes
}
