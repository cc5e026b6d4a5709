package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/resync-hwa/resync/evals/report"
	"github.com/resync-hwa/resync/evals/trial"
)

func printed(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	must(t, write(&b))
	return b.String()
}

func wants(t *testing.T, what, got string, texts ...string) {
	t.Helper()
	for _, x := range texts {
		if !strings.Contains(got, x) {
			t.Errorf("%s lacks %q:\n%s", what, x, got)
		}
	}
}

func TestTheTableTellsTheWorstFirst(t *testing.T) {
	run := sample()
	run.Trials = slices.DeleteFunc(run.Trials, func(x trial.Trial) bool { return x.Status == trial.Fault })
	run.Baselines["B0"] = dumb(0)
	table := printed(t, report.Of(run).Table)
	if !strings.HasPrefix(table, "wrong and confirmed   1 ") {
		t.Errorf("the table begins with %q", strings.SplitN(table, "\n", 2)[0])
	}
	wants(t, "the table", table, "34/39 87 %", "by family (4)", "each alone", "over B5, the best baseline", "B0", "slice application", "language pt", "style symptom", "family disk-full", "pairs of twins",
		"affected: GL_FEED is not among the affected", "suite 265ddfbec72f, scorer 2")
	if strings.Index(table, "WRONG AND CONFIRMED") > strings.Index(table, "affected  disk-full") {
		t.Error("what is wrong and confirmed is not the first of the failures")
	}
	if n := strings.Count(table, "s-0006/q2"); n != 1 {
		t.Errorf("a question is told %d times; want once, with its family", n)
	}
	whole := regexp.MustCompile(`whole suite +34/39 +87 % +\d+ % to \d+ % +\d+ % to \d+ % +0 % +31 % `)
	if !whole.MatchString(table) {
		t.Errorf("no row of the whole with both intervals and both baselines:\n%s", table)
	}
}

func TestARunInDoubtSaysSoBeforeAnyNumber(t *testing.T) {
	table := printed(t, report.Of(sample()).Table)
	if !strings.HasPrefix(table, "the run proves nothing: 1 of 40 trials could not be judged") {
		t.Errorf("the table begins with %q", strings.SplitN(table, "\n", 2)[0])
	}
	wants(t, "the table", table, "the suite is refused: B0 is right in 20 % of language en (4 of 20)", "not judged  s-0003/q2  exit: ")
	if report.Of(sample()).Clean() || report.Of(trial.Run{}).Clean() {
		t.Error("a run with wrong answers, or with none, is clean")
	}
	if !report.Of(trial.Run{Trials: []trial.Trial{question(1)}}).Clean() {
		t.Error("a run in which all is right is not clean")
	}
}

// What is nearly all or nearly nothing must not be printed as all or nothing.
func TestPercentagesDoNotRoundToCertainty(t *testing.T) {
	var run trial.Run
	for i := range 400 {
		x := question(i % 40)
		x.Scenario = strings.Repeat("x", i+1)
		if i == 0 {
			wrong(&x, "verdict", "no")
		}
		run.Trials = append(run.Trials, x)
	}
	wants(t, "the table", printed(t, report.Of(run).Table), "399/400 99.8 %")
}

func TestSeveralTriesAreTold(t *testing.T) {
	run := trial.Run{K: 2}
	for i := range 2 {
		x := question(1)
		if x.Attempt = i + 1; i == 1 {
			wrong(&x, "verdict", "no")
		}
		run.Trials = append(run.Trials, x)
	}
	table := printed(t, report.Of(run).Table)
	wants(t, "the table", table, "0.5/1 50 %", "k=1 50 %, k=2 0 %", "flaky", "s-0000/q2#2")
}

// safe reports the first character that could steer a terminal or hide text.
func safe(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) })
}

func TestNoTextSteersATerminal(t *testing.T) {
	r := report.Of(sample())
	d, err := report.Diff(sample(), sample())
	must(t, err)
	for name, write := range map[string]func(io.Writer) error{"table": r.Table, "markdown": r.Markdown, "page": r.HTML, "junit": r.JUnit, "diff": d.Table, "diff in markdown": d.Markdown} {
		if got := printed(t, write); !safe(strings.ReplaceAll(got, "&#xA;", "")) {
			t.Errorf("%s holds a control or invisible character", name)
		}
	}
}

// A Markdown reader that is not ours must find nothing in it but our own headings, tables, lists and code.
func TestNothingInMarkdownIsWhatAnAnswerMadeOfIt(t *testing.T) {
	after := sample()
	wrong(&after.Trials[0], "form", evil)
	after.Trials[0].Text, after.Trials[0].Family = evil, evil
	d, err := report.Diff(sample(), after)
	must(t, err)
	after.Trials[0].Base = evil
	after.K = 2
	twice := after.Trials[1]
	wrong(&twice, evil, evil)
	twice.Attempt, twice.Scenario = 2, after.Trials[1].Scenario
	after.Trials = append(after.Trials, twice)
	after.Baselines[evil] = dumb(0)
	for name, write := range map[string]func(io.Writer) error{"report": report.Of(after).Markdown, "difference": d.Markdown} {
		source := []byte(printed(t, write))
		doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
		codes := 0
		must(t, ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			switch x := n.(type) {
			case *ast.CodeSpan:
				codes++
				return ast.WalkSkipChildren, nil
			case *ast.RawHTML, *ast.HTMLBlock, *ast.Link, *ast.Image, *ast.AutoLink, *ast.FencedCodeBlock, *ast.CodeBlock:
				t.Errorf("%s holds a %s", name, x.Kind())
			case *ast.Text:
				if s := string(x.Segment.Value(source)); strings.Contains(s, "TRAP") && !strings.Contains(s, "**") {
					t.Errorf("%s says outside of code: %s", name, s)
				}
			}
			return ast.WalkContinue, nil
		}))
		if codes < 10 {
			t.Errorf("%s has %d code spans: the walk saw nothing", name, codes)
		}
	}
}

func TestNoNameEndsACellOfATable(t *testing.T) {
	run := sample()
	run.Trials[0].Base = "a|b`c\\|d"
	bars := 0
	for line := range strings.Lines(printed(t, report.Of(run).Markdown)) {
		switch {
		case strings.HasPrefix(line, "| whole"):
			bars = strings.Count(line, "|")
		case strings.HasPrefix(line, "| base") && strings.Count(line, "|") != bars:
			t.Errorf("%s has %d bars; want %d", line, strings.Count(line, "|"), bars)
		}
	}
	if bars == 0 {
		t.Error("no row of the whole")
	}
}

func TestMarkdownFitsADiscussion(t *testing.T) {
	run := sample()
	for i := range 600 {
		x := question(i % 40)
		x.Scenario, x.Family = fmt.Sprint("s-", i), fmt.Sprint("f-", i%60)
		x.Text = strings.Repeat("why ", 300)
		wrong(&x, "verdict", strings.Repeat("it is wrong ", 200))
		run.Trials = append(run.Trials, x)
	}
	got := printed(t, report.Of(run).Markdown)
	if runes := utf8.RuneCountInString(got); runes > 65536 {
		t.Errorf("%d characters", runes)
	}
	wants(t, "it", got, "more ways of failing: see report.html")
}

// elements that the page may have. Whatever else there is came from a text.
var elements = strings.Fields("html head meta title style body h1 h2 h3 p b div table tr th td svg line rect circle details summary ul li a input label span pre code br")

func TestThePageIsOurs(t *testing.T) {
	page := printed(t, report.Of(sample()).HTML)
	dec := xml.NewDecoder(strings.NewReader(page))
	dec.Strict, dec.AutoClose, dec.Entity = false, append(xml.HTMLAutoClose, "input"), xml.HTMLEntity
	seen, texts := map[string]int{}, strings.Builder{}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		switch x := token.(type) {
		case xml.CharData:
			texts.Write(x)
		case xml.Comment:
			t.Errorf("a comment: %s", x)
		case xml.StartElement:
			seen[x.Name.Local]++
			if !slices.Contains(elements, x.Name.Local) {
				t.Errorf("an element <%s>", x.Name.Local)
			}
			for _, a := range x.Attr {
				name := a.Name.Local
				switch {
				case strings.HasPrefix(name, "on"), name == "src", name == "style", name == "action", strings.Contains(a.Value, "TRAP"):
					t.Errorf("<%s %s=%q>", x.Name.Local, name, a.Value)
				case name == "href" && !strings.HasPrefix(a.Value, "#q-"):
					t.Errorf("a link to %q", a.Value)
				}
			}
		}
	}
	if seen["details"] < 40 || seen["circle"] < 5 || seen["style"] != 1 || !strings.Contains(texts.String(), "<script>TRAP</script>") {
		t.Errorf("the page was not read whole: %v", seen)
	}
	if n := strings.Count(texts.String(), "t1 diagnose_job returned"); n != 6 {
		t.Errorf("what tools returned is told of %d trials; want the 6 that did not pass", n)
	}
	wants(t, "the page", texts.String(), "ORA-28000: the account is locked", "line 41", "cause.entity", "diagnose_job", "GET /plan/job ×2", "Standard error, exit 0", "t1 diagnose_job returned")
}

// A browser that takes the policy for what it says applies the style sheet and nothing else; the hash is that of the bytes as they stand there.
func TestThePagesPolicyLetsOnlyItsOwnStyleIn(t *testing.T) {
	page := printed(t, report.Of(sample()).HTML)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if len(style) != 2 || len(policy) != 2 {
		t.Fatal("no style or no policy")
	}
	sum := sha256.Sum256([]byte(style[1]))
	got := strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(policy[1])
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	if got != want {
		t.Errorf("policy\n%s; want\n%s", got, want)
	}
	if regexp.MustCompile(`(?i)url\(|@import|<script|<link|<iframe`).MatchString(style[1]) {
		t.Error("the style sheet loads something")
	}
}

func TestJUnitCountsWrongAnswersAsFailuresAndFaultsAsErrors(t *testing.T) {
	var got struct {
		Suites []struct {
			Name     string `xml:"name,attr"`
			Tests    int    `xml:"tests,attr"`
			Failures int    `xml:"failures,attr"`
			Errors   int    `xml:"errors,attr"`
			Cases    []struct {
				Class   string `xml:"classname,attr"`
				Name    string `xml:"name,attr"`
				Failure *struct {
					Type string `xml:"type,attr"`
					Text string `xml:",chardata"`
				} `xml:"failure"`
				Error *struct {
					Type string `xml:"type,attr"`
				} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	must(t, xml.Unmarshal([]byte(printed(t, report.Of(sample()).JUnit)), &got))
	if len(got.Suites) != 20 {
		t.Fatalf("%d suites; want one per scenario", len(got.Suites))
	}
	if s := got.Suites[1]; s.Failures != 1 || s.Errors != 0 || s.Tests != 2 || s.Cases[1].Failure == nil || s.Cases[1].Failure.Type != "confirmed_wrong" ||
		s.Cases[1].Class != "oracle-locked" || s.Cases[1].Name != "s-0001/q2 pt symptom" || !strings.Contains(s.Cases[1].Failure.Text, "cause.entity") {
		t.Errorf("wrong answer: %+v", s)
	}
	if s := got.Suites[3]; s.Failures != 0 || s.Errors != 1 || s.Cases[1].Error == nil || s.Cases[1].Error.Type != "exit" {
		t.Errorf("fault: %+v", s)
	}
	if s := got.Suites[2]; s.Failures != 1 || s.Cases[0].Failure.Type != "affected" {
		t.Errorf("a failure's type is what failed first: %+v", s)
	}
}
