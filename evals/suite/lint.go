package suite

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
)

var (
	opaque     = regexp.MustCompile(`^s-[0-9a-f]{4,8}$`)
	questionID = regexp.MustCompile(`^[a-z][0-9]+$`)
	pieceForm  = regexp.MustCompile(`^(joblog|plan|file|resource|prompt|workstation|definition|history|audit|event|engine):\S`)
	entityForm = regexp.MustCompile(`^((job|stream|file|resource|prompt|workstation|host|db|user|service|calendar|rule):\S|plan:current$)`)
	readForm   = regexp.MustCompile(`^(joblog:\S[^.]*\.\S.*|jobs|jobstreams|workstations|resources|prompts)$`)
	sourceForm = regexp.MustCompile(`^(joblog|plan|workstation|resource|prompt|file|definition|history|engine|event|audit|knowledge|host)(:\S.*)?$`)
)

// Lint lists what is wrong with a suite as far as the files alone show it: ids that speak, questions asked twice, words outside the
// contracts' closed lists, gold that proves nothing, and questions that carry their own answer.
func Lint(s Suite) []string {
	l := linter{asked: map[string]string{}}
	for _, sc := range s.Scenarios {
		l.at = sc.ID
		l.scenario(sc)
		l.gold(sc.Gold)
		l.leaks(sc)
	}
	return l.found
}

type linter struct {
	at    string
	asked map[string]string // text to where
	found []string
}

func (l *linter) say(format string, args ...any) {
	l.found = append(l.found, l.at+": "+fmt.Sprintf(format, args...))
}

func (l *linter) scenario(sc Scenario) {
	if !opaque.MatchString(sc.ID) {
		l.say("the id must be s- and four to eight hexadecimal digits")
	}
	if sc.Schema != Schema {
		l.say("the schema must be %s", Schema)
	}
	if sc.World.Base == "" || sc.World.AsOf.IsZero() {
		l.say("base world and instant are needed")
	}
	if len(sc.Ask) == 0 {
		l.say("nothing is asked")
	}
	seen := map[string]bool{}
	for _, q := range sc.Ask {
		if !questionID.MatchString(q.ID) || seen[q.ID] {
			l.say("the question id %q is wrong or used twice", q.ID)
		}
		seen[q.ID] = true
		if q.Lang != "en" && q.Lang != "pt" {
			l.say("%s: the language must be en or pt", q.ID)
		}
		if q.Style == "" || strings.TrimSpace(q.Text) == "" {
			l.say("%s: style and text are needed", q.ID)
		}
		// Twins are asked the same: only the world tells them apart.
		if where, twice := l.asked[q.Text]; twice && (sc.Gold.Recipe == nil || strings.HasPrefix(where, sc.ID+"/")) && len(q.Turns) == 0 {
			l.say("%s asks what %s asks", q.ID, where)
		}
		l.asked[q.Text] = sc.ID + "/" + q.ID
	}
}

func (l *linter) gold(g Gold) {
	if len(g.Verdict) == 0 {
		l.say("the gold has no verdict")
	}
	known := []answer.Verdict{answer.Problem, answer.NoProblem, answer.InsufficientEvidence, answer.NeedsClarification, answer.OutOfScope, answer.Refused}
	for _, v := range g.Verdict {
		if !slices.Contains(known, v) {
			l.say("%q is no verdict", v)
		}
	}
	l.labels(g)
	l.claims(g)
	if slices.Contains(g.Verdict, answer.Problem) != (len(g.Causes) > 0) && len(g.Items) == 0 {
		l.say("a problem has causes, and nothing else has")
	}
	for _, c := range g.Causes {
		l.cause(c)
		if len(c.Evidence) == 0 {
			l.say("the cause %s has no decisive evidence", c.Entity)
		}
	}
	for _, c := range g.Contributing {
		l.cause(c)
	}
	for _, k := range g.Explanations {
		if !answer.KindKnown(k) || !answer.Planned(k) {
			l.say("%q explains nothing", k)
		}
	}
	l.entities(slices.Concat(g.Names, g.Affected, g.Items, g.Candidates))
	l.actions(g.Actions)
}

func (l *linter) cause(c Cause) {
	l.entities(append([]string{c.Entity}, c.Aliases...))
	if len(c.Kinds) == 0 {
		l.say("the cause %s has no kind", c.Entity)
	}
	for _, k := range c.Kinds {
		if !answer.KindKnown(k) || answer.Planned(k) {
			l.say("%q is no kind of cause", k)
		}
	}
	for _, g := range c.Evidence {
		if len(g.Any) == 0 {
			l.say("a group of evidence of %s is empty", c.Entity)
		}
		for _, p := range g.Any {
			l.piece(p)
		}
	}
}

func (l *linter) piece(p Piece) {
	if !pieceForm.MatchString(p.Of) {
		l.say("evidence of %q: write joblog:, plan:, file:, resource:, prompt:, workstation:, definition:, history:, audit:, event: or engine: and a name", p.Of)
	}
	set := 0
	for _, s := range []string{p.Quote, p.Value, p.Is} {
		if s != "" {
			set++
		}
	}
	if set != 1 {
		l.say("evidence of %s needs exactly one of quote, value and is", p.Of)
	}
	if (p.Quote != "") != strings.HasPrefix(p.Of, "joblog:") {
		l.say("evidence of %s: a quote is of a job log, and a job log has no fields", p.Of)
	}
	if p.Is != "" && !slices.Contains([]string{"elapsed", "estimate", "start"}, p.Is) {
		l.say("evidence of %s: %q is no figure", p.Of, p.Is)
	}
}

func (l *linter) entities(names []string) {
	for _, n := range names {
		for _, one := range Either(n) {
			if !entityForm.MatchString(one) {
				l.say("%q is no name: write job:, stream:, file:, resource:, prompt:, workstation:, host:, db:, user:, service:, calendar: or rule: before it, or plan:current", one)
			}
		}
	}
}

func (l *linter) actions(a Actions) {
	codes := slices.Concat(a.Forbid, a.NotFirst)
	for _, g := range a.Require {
		codes = append(codes, g...)
	}
	if a.Advised != nil {
		codes = append(codes, a.Advised.Codes...)
		l.entities([]string{a.Advised.Target})
	}
	for _, c := range codes {
		if _, ok := answer.RuleFor(c); !ok {
			l.say("%q is no action code", c)
		}
	}
}
