package incident_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/world"
	"github.com/resync-hwa/resync/twstools/world/sim"
)

type phrase struct {
	EN string `yaml:"en"`
	PT string `yaml:"pt"`
}

// names are all that a plant calls its objects.
func names(d sim.Definitions) []string {
	var out []string
	for _, st := range d.Streams {
		out = append(out, st.Name)
		for _, j := range st.Jobs {
			out = append(out, j.Name)
		}
	}
	for _, w := range d.Workstations {
		out = append(out, w.Name)
	}
	for _, r := range d.Resources {
		out = append(out, r.Name)
	}
	for _, p := range d.Prompts {
		out = append(out, p.Name)
	}
	return out
}

var word = regexp.MustCompile(`[\pL\pN_]+`)

// says gives the first name that the text holds as a word, or as part of one where it is long.
func says(text string, names []string) string {
	text = strings.ToLower(text)
	words := word.FindAllString(text, -1)
	for _, n := range names {
		low := strings.ToLower(n)
		if slices.Contains(words, low) || len(n) >= 6 && strings.Contains(text, low) {
			return n
		}
	}
	return ""
}

// TestPhrases holds that whoever does not know a name can say what is meant, and that this gives no name away.
func TestPhrases(t *testing.T) {
	bases(t, func(t *testing.T, name string) {
		raw, err := os.ReadFile(filepath.Join(basesDir, name, "phrases", "phrases.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		phrases := map[string]phrase{}
		if err := yaml.Unmarshal(raw, &phrases); err != nil {
			t.Fatal(err)
		}
		d := load(t, name)
		all, used, want := names(d), map[string]string{}, 0
		check := func(key, described string) {
			want++
			p := phrases[key]
			if says(described, all) != "" {
				t.Errorf("the description of %s holds the name %s", key, says(described, all))
			}
			for _, text := range []string{p.EN, p.PT} {
				low := strings.ToLower(text)
				switch n := len(word.FindAllString(text, -1)); {
				case n < 2 || n > 12:
					t.Errorf("%s: %q is no short noun phrase", key, text)
				case used[low] != "":
					t.Errorf("%s and %s are both called %q", key, used[low], text)
				case says(text, all) != "":
					t.Errorf("%s: %q holds the name %s", key, text, says(text, all))
				}
				used[low] = key
			}
		}
		for _, w := range d.Workstations { // hosts keep their names where a scenario renames its plant
			if says(w.Node, all) != "" {
				t.Errorf("the host %s holds the name %s", w.Node, says(w.Node, all))
			}
		}
		for _, st := range d.Streams {
			check(st.Name, st.Description)
			for _, j := range st.Jobs {
				check(st.Name+"."+j.Name, j.Does)
			}
		}
		if want != len(phrases) {
			t.Errorf("%d streams and jobs, %d phrases", want, len(phrases))
		}
	})
}

// products are the names that the product's own streams have everywhere.
var products = []string{"FINAL", "FINALPOSTREPORTS", "STARTAPPSERVER", "MAKEPLAN", "SWITCHPLAN", "CHECKSYNC", "CREATEPOSTREPORTS", "UPDATESTATS"}

// TestBasesAreNotInTheProduct holds that what the judged has with it, its demo plants, tells nothing of the plants that it is judged on; nor does
// one base of another.
func TestBasesAreNotInTheProduct(t *testing.T) {
	bank, err := sim.Bank()
	if err != nil {
		t.Fatal(err)
	}
	seen, from := map[string]string{}, ""
	know := func(text string) {
		if !slices.Contains(products, text) {
			seen[text] = from
		}
	}
	from = "the bank"
	for _, s := range texts(bank) {
		know(s)
	}
	demo, err := world.Demo(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	from = "the demo"
	for _, s := range said(demo) {
		know(s)
	}
	bases(t, func(t *testing.T, name string) {
		mine := texts(load(t, name))
		for _, s := range mine {
			if where := seen[s]; where != "" {
				t.Errorf("%q is in %s too", s, where)
			}
		}
		from = "the base " + name
		for _, s := range mine {
			know(s)
		}
	})
}

// texts are the names, paths, descriptions and lines of log patterns of a plant. Lines without a letter say nothing.
func texts(d sim.Definitions) []string {
	out := names(d)
	for _, st := range d.Streams {
		out = append(out, st.Description, st.Contact)
		for _, j := range st.Jobs {
			out = append(out, j.Does)
		}
	}
	for _, a := range d.Arrivals {
		out = append(out, a.File)
	}
	for _, r := range d.Resources {
		out = append(out, r.Description)
	}
	for _, p := range d.Prompts {
		out = append(out, p.Text)
	}
	for _, w := range d.Workstations {
		out = append(out, w.Node, w.Description)
	}
	for _, l := range d.Logs {
		for line := range strings.Lines(l.Text) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return slices.DeleteFunc(out, func(s string) bool {
		return !strings.ContainsFunc(s, func(r rune) bool { return r >= 'A' && r <= 'z' })
	})
}

// said are the names, descriptions and log lines that a world shows.
func said(w *world.World) []string {
	var out []string
	for _, st := range w.JobStreams {
		out = append(out, st.Name, st.ServiceContact)
	}
	for _, j := range w.Jobs {
		out = append(out, j.Name, j.Definition.Description)
		for _, d := range j.Dependencies {
			if d.Type == twstools.DepFile {
				out = append(out, d.File)
			}
		}
	}
	for _, x := range w.Workstations {
		out = append(out, x.Name, x.Node, x.Description)
	}
	for _, x := range w.Resources {
		out = append(out, x.Name, x.Description)
	}
	for _, x := range w.Prompts {
		out = append(out, x.Name, x.Text)
	}
	for _, x := range w.StreamDefinitions {
		out = append(out, x.Description)
	}
	for _, l := range w.Logs {
		for line := range strings.Lines(l.Body) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}
