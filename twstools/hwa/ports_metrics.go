package hwa

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/resync-hwa/resync/twstools"
)

const (
	maxMetricsBytes = 32 << 20
	maxMetricLine   = 16 << 10
)

// Metrics reads the figures of the engine's OpenMetrics page that Resync uses. The page may be damaged: each line is read by itself, and one that cannot be
// read costs no other.
func (p *ports) Metrics(ctx context.Context) (twstools.Metrics, error) {
	return portal(ctx, p, serverMetrics, func(ctx context.Context) (twstools.Metrics, error) {
		r, err := makeRequest(serverMetrics, parts{})
		if err != nil {
			return twstools.Metrics{}, err
		}
		r.what, r.optional = "its metrics", true
		var m twstools.Metrics
		err = p.c.send(ctx, r, maxMetricsBytes, func(a answer) error {
			m = twstools.Metrics{At: p.c.opts.Clock().UTC()}
			return readMetrics(a.body, &m)
		})
		if err != nil {
			return twstools.Metrics{}, p.lacking(err, "its metrics")
		}
		return m, nil
	})
}

// readMetrics reads the page line by line.
func readMetrics(body io.Reader, m *twstools.Metrics) error {
	b := bufio.NewReaderSize(body, maxMetricLine)
	found := false
	for {
		line, err := b.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) { // no line of ours is so long
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = b.ReadSlice('\n')
			}
			line = nil
		}
		found = readMetric(string(line), m) || found
		switch {
		case errors.Is(err, io.EOF) && !found:
			return errShape
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// readMetric reads one line; true says that it was a sample, ours or not.
func readMetric(line string, m *twstools.Metrics) bool {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return false
	}
	if i := strings.Index(line, " # {"); i > 0 { // OpenMetrics' exemplars are foreign to the text format
		line = line[:i]
	}
	name := line[:len(line)-len(strings.TrimLeftFunc(line, func(r rune) bool { return r != '{' && r != ' ' && r != '\t' }))]
	take := figure(name)
	if take == nil {
		return true
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(plainName + line[len(name):] + "\n"))
	if err != nil {
		return false
	}
	for _, f := range families {
		for _, s := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range s.GetLabel() {
				labels[strings.ToLower(l.GetName())] = l.GetValue()
			}
			v := s.GetUntyped().GetValue()
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				take(m, labels, v)
			}
		}
	}
	return true
}

// plainName stands for names that a damaged page may spell in ways that the format does not allow.
const plainName = "figure"

// figures are the samples that are used, by what their names hold once everything but letters is gone ("OpenMetrics" of the User's Guide; the names there are
// damaged in print, so only their core counts). The first that fits is taken.
var figures = []struct {
	core string
	take func(m *twstools.Metrics, labels map[string]string, v float64)
}{
	{"jobsbyworkstation", func(m *twstools.Metrics, l map[string]string, v float64) {
		add(&m.JobsByWorkstation, label(l, "workstation"), v)
	}},
	{"jobsbyfolder", func(m *twstools.Metrics, l map[string]string, v float64) { add(&m.JobsByFolder, label(l, "folder"), v) }},
	{"jobsinplancount", func(m *twstools.Metrics, l map[string]string, v float64) { add(&m.JobsByStatus, label(l, "status"), v) }},
	{"workstationlinked", func(m *twstools.Metrics, l map[string]string, v float64) { set(&m.Linked, label(l, "workstation"), v) }},
	{"workstationrunning", func(m *twstools.Metrics, l map[string]string, v float64) { set(&m.Running, label(l, "workstation"), v) }},
	{"msgfilefill", func(m *twstools.Metrics, l map[string]string, v float64) {
		if name := label(l, "file", "msg", "queue", "name"); name != "" {
			if m.QueueFill == nil {
				m.QueueFill = map[string]float64{}
			}
			m.QueueFill[name] = v
		}
	}},
	{"dbconnected", func(m *twstools.Metrics, _ map[string]string, v float64) { up := v != 0; m.DatabaseConnected = &up }},
}

func figure(name string) func(*twstools.Metrics, map[string]string, float64) {
	core := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z':
			return r
		}
		return -1
	}, name)
	for _, f := range figures {
		if strings.Contains(core, f.core) {
			return f.take
		}
	}
	return nil
}

// label finds a label by a word in its name, else takes the only one.
func label(labels map[string]string, words ...string) string {
	for _, word := range words {
		var fits []string
		for name := range labels {
			if strings.Contains(name, word) {
				fits = append(fits, name)
			}
		}
		if len(fits) > 0 {
			slices.SortFunc(fits, func(a, b string) int { return len(a) - len(b) })
			return labels[fits[0]]
		}
	}
	if len(labels) == 1 {
		for _, v := range labels {
			return v
		}
	}
	return ""
}

func add(to *map[string]int, key string, v float64) {
	if key == "" || v < 0 || v > math.MaxInt32 {
		return
	}
	if *to == nil {
		*to = map[string]int{}
	}
	(*to)[key] += int(v)
}

func set(to *map[string]bool, key string, v float64) {
	if key == "" {
		return
	}
	if *to == nil {
		*to = map[string]bool{}
	}
	(*to)[key] = v != 0
}
