package sim

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/world"
)

// Load reads every *.yaml file at the top of files as one set of definitions. Unknown keys and values that cannot be are fault.Invalid;
// what New checks beyond that (references, run cycles) is found there.
func Load(files fs.FS) (Definitions, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil || len(names) == 0 {
		return Definitions{}, fault.New(fault.Invalid, "The folder holds no definitions: no *.yaml file is in it.")
	}
	var all Definitions
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return Definitions{}, fault.Wrap(fault.Invalid, err, "The definitions' file %s cannot be read.", name)
		}
		part, err := Parse(raw)
		if err != nil {
			return Definitions{}, fault.Wrap(fault.Invalid, err, "The file %s is wrong: %s", name, strings.TrimPrefix(err.Error(), "invalid: "))
		}
		all.add(part)
	}
	return all, nil
}

// Parse reads one YAML text as definitions.
func Parse(text []byte) (Definitions, error) {
	var d Definitions
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&d); err != nil && !errors.Is(err, io.EOF) {
		return d, fault.New(fault.Invalid, "The text is not in the form of definitions: %s", strings.Join(strings.Fields(err.Error()), " "))
	}
	return d, nil
}

// add appends what another file says; plan and engine are those of the last file that tells them.
func (d *Definitions) add(p Definitions) {
	if p.Plan != (Plan{}) {
		d.Plan = p.Plan
	}
	if p.Engine != (Engine{}) {
		d.Engine = p.Engine
	}
	d.Workstations = append(d.Workstations, p.Workstations...)
	d.Resources = append(d.Resources, p.Resources...)
	d.Prompts = append(d.Prompts, p.Prompts...)
	d.Arrivals = append(d.Arrivals, p.Arrivals...)
	d.Streams = append(d.Streams, p.Streams...)
	if d.Calendars == nil {
		d.Calendars = map[string][]string{}
	}
	maps.Copy(d.Calendars, p.Calendars)
	if d.Logs == nil {
		d.Logs = map[string]world.LogPattern{}
	}
	maps.Copy(d.Logs, p.Logs)
}
