package evals

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"

	"github.com/resync-hwa/resync/evals/trial"
	"github.com/resync-hwa/resync/internal/fault"
)

// Names of the files that Write makes.
const (
	ResultsFile = "results.jsonl"
	JUnitFile   = "junit.xml"
	TableFile   = "report.txt"
)

// Write puts the results into a folder, which is made where it is missing: one JSON object per trial, JUnit's XML, and the table.
func (r Report) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fault.Wrap(fault.Invalid, err, "The folder %s for the results cannot be made.", dir)
	}
	var table strings.Builder
	_ = r.Table(&table) // a strings.Builder takes everything
	lines, err := r.lines()
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The results cannot be written as JSON.")
	}
	junit, err := r.junit()
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The results cannot be written as XML.")
	}
	for name, data := range map[string][]byte{ResultsFile: lines, JUnitFile: junit, TableFile: []byte(table.String())} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return fault.Wrap(fault.Invalid, err, "The results cannot be written to %s.", filepath.Join(dir, name))
		}
	}
	return nil
}

func (r Report) lines() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, t := range r.Trials {
		if err := enc.Encode(t); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// The JUnit form that build servers read: a suite per scenario, a case per question; wrong answers are failures, faults are errors.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Time     float64     `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Time    float64    `xml:"time,attr"`
		Failure *junitNote `xml:"failure"`
		Error   *junitNote `xml:"error"`
	}
	junitNote struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func (r Report) junit() ([]byte, error) {
	var all junitSuites
	at := map[string]int{}
	for _, t := range r.Trials {
		i, ok := at[t.Scenario]
		if !ok {
			i = len(all.Suites)
			at[t.Scenario] = i
			all.Suites = append(all.Suites, junitSuite{Name: t.Scenario})
		}
		s := &all.Suites[i]
		c := junitCase{Class: t.Scenario, Name: t.Question + " " + t.Lang + " " + t.Style, Time: t.Duration.Seconds()}
		switch t.Status {
		case trial.Wrong:
			s.Failures++
			c.Failure = &junitNote{Type: first(t), Message: t.Text, Text: printable(why(t))}
		case trial.Fault:
			s.Errors++
			c.Error = &junitNote{Type: t.Fault.Kind, Message: t.Text, Text: printable(t.Fault.Reason + "\n" + t.Stderr)}
		}
		s.Tests++
		s.Time += c.Time
		s.Cases = append(s.Cases, c)
	}
	out, err := xml.MarshalIndent(all, "", "  ")
	return append([]byte(xml.Header), append(out, '\n')...), err
}

// first is the criterion that failed first; a wrong answer that calls itself confirmed is that before anything else.
func first(t trial.Trial) string {
	if t.ConfirmedWrong {
		return "confirmed_wrong"
	}
	for _, c := range t.Criteria {
		if !c.Pass {
			return c.Name
		}
	}
	return ""
}

// printable drops what XML cannot hold; encoding/xml replaces it too, but a log of replacement marks helps nobody.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}
