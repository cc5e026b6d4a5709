package report

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/resync-hwa/resync/evals/trial"
)

// The JUnit form that build servers read: a suite per scenario, a case per trial, its class the family. Wrong answers are failures, faults are
// errors.
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

// JUnit writes the trials as JUnit's XML. A failure's type is the criterion that failed first, or confirmed_wrong; an error's the fault's kind.
func (r Report) JUnit(w io.Writer) error {
	var all junitSuites
	at := map[string]int{}
	for _, t := range r.Run.Trials {
		i, ok := at[t.Scenario]
		if !ok {
			i = len(all.Suites)
			at[t.Scenario] = i
			all.Suites = append(all.Suites, junitSuite{Name: folded(t.Scenario)})
		}
		all.Suites[i].add(junitOf(t, r.Run.K))
	}
	out, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append([]byte(xml.Header), append(out, '\n')...))
	return err
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	s.Time += c.Time
	if c.Failure != nil {
		s.Failures++
	}
	if c.Error != nil {
		s.Errors++
	}
	s.Cases = append(s.Cases, c)
}

func junitOf(t trial.Trial, k int) junitCase {
	class := t.Family
	if class == "" {
		class = t.Scenario
	}
	c := junitCase{Class: folded(class), Name: strings.Join([]string{named(t, k), folded(t.Lang), folded(t.Style)}, " "), Time: t.Duration.Seconds()}
	switch t.Status {
	case trial.Pass:
	case trial.Wrong:
		c.Failure = &junitNote{Type: folded(t.First()), Message: folded(t.Text), Text: shown(strings.ReplaceAll(t.Why(), " | ", "\n"))}
	default:
		f := t.FaultOrUnknown()
		c.Error = &junitNote{Type: folded(f.Kind), Message: folded(t.Text), Text: shown(f.Reason + "\n" + t.Stderr)}
	}
	return c
}
