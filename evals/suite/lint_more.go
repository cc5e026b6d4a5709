package suite

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
)

// Slices are the parts of a suite in which results are told and the dumb answerers are bounded.
func Slices() []string {
	return []string{"application", "scheduler", "plan", "several", "healthy", "planned", "unknown", "ambiguous", "hostile", "lists", "refused"}
}

// Sayings are what a claim may say beside the kinds of causes; the judge's lexicon knows each.
func Sayings() []string {
	return []string{"agent_down", "rerun_fixes", "resolved", "waits_on", "not_found", "healthy"}
}

// labels checks what orders the gold: slice, recipe, poorer engines, ways to the evidence, sources that are missing.
func (l *linter) labels(g Gold) {
	if g.Slice != "" && !slices.Contains(Slices(), g.Slice) {
		l.say("%q is no slice", g.Slice)
	}
	if r := g.Recipe; r != nil && (r.Family == "" || r.Variant == "" || r.Base == "") {
		l.say("the recipe needs family, variant and base")
	}
	for name, left := range g.Under {
		if !slices.Contains(PoorEngines(), name) {
			l.say("%q is no variant of the engine", name)
		}
		l.left(name, left)
	}
	for _, way := range g.Reads {
		for _, r := range way {
			if !readForm.MatchString(r) {
				l.say("%q is no read: write joblog:STREAM.JOB, jobs, jobstreams, workstations, resources or prompts", r)
			}
		}
		if len(way) == 0 {
			l.say("a way to the evidence reads nothing")
		}
	}
	l.sources(g.Missing)
	if len(g.Missing) > 0 && !slices.Contains(g.Verdict, answer.InsufficientEvidence) {
		l.say("something is missing, and not knowing is no right verdict")
	}
	if len(g.Candidates) > 0 != slices.Contains(g.Verdict, answer.NeedsClarification) && !slices.Contains(g.Verdict, answer.InsufficientEvidence) {
		l.say("candidates are for a question that must be asked back, and such a question has some")
	}
}

func (l *linter) left(name string, left Left) {
	if !slices.Contains([]string{LeftSame, LeftWeak, LeftGone}, left.Proof) {
		l.say("%s leaves %q of the proof; same, weak or gone is possible", name, left.Proof)
	}
	if len(left.Kinds) > 0 && left.Proof != LeftWeak {
		l.say("%s: other kinds are for a weak proof", name)
	}
	if left.Proof == LeftGone && len(left.Missing) == 0 {
		l.say("%s: the proof is gone, and nothing is said of what is missing", name)
	}
	for _, k := range left.Kinds {
		if !answer.KindKnown(k) || answer.Planned(k) {
			l.say("%s: %q is no kind of cause", name, k)
		}
	}
	l.sources(left.Missing)
}

func (l *linter) sources(missing []string) {
	for _, m := range missing {
		for _, one := range Either(m) {
			if !sourceForm.MatchString(one) {
				l.say("%q is no source that can be missing", one)
			}
		}
	}
}

// claims checks who and what the claims are about.
func (l *linter) claims(g Gold) {
	for _, c := range slices.Concat(g.Claims, g.Denied) {
		l.entities([]string{c.About})
		if !slices.Contains(Sayings(), c.Says) && (!answer.KindKnown(c.Says) || answer.Planned(c.Says)) {
			l.say("%q can be said of nothing", c.Says)
		}
	}
	for _, f := range g.Figures {
		if f < 0 {
			l.say("%d is no figure that prose can state", f)
		}
	}
	if g.Canary != "" && len(strings.Fields(g.Canary)) == 0 {
		l.say("the canary is blank")
	}
}

var plainWords = regexp.MustCompile(`[\p{L}\p{N}_]+`)

// leaks finds what decides in a question: whoever echoes the question would be right. A quote, a telling value and six words in a row of what the
// gold says are each too much.
func (l *linter) leaks(sc Scenario) {
	var said []string
	for _, c := range slices.Concat(sc.Gold.Causes, sc.Gold.Contributing) {
		for _, g := range c.Evidence {
			for _, p := range g.Any {
				said = append(said, p.Quote, p.Value)
			}
		}
	}
	for _, q := range sc.Ask {
		text := strings.ToLower(q.Text)
		for _, say := range said {
			if say != "" && whole(text, strings.ToLower(say)) {
				l.say("%s gives the evidence %q away", q.ID, say)
			}
		}
		asked := sixes(strings.Join(append(slices.Clone(q.Turns), q.Text), " "))
		for _, say := range append(slices.Clone(said), sc.Gold.Title) {
			for six := range sixes(say) {
				if asked[six] {
					l.say("%s says %q, as the gold does", q.ID, six)
				}
			}
		}
	}
}

// whole finds a text in another where no word goes on at its ends: the value 0 is not given away by 10.
func whole(text, part string) bool {
	return regexp.MustCompile(`(^|[^\p{L}\p{N}_])` + regexp.QuoteMeta(part) + `($|[^\p{L}\p{N}_])`).MatchString(text)
}

// sixes are all runs of six words.
func sixes(text string) map[string]bool {
	words := plainWords.FindAllString(strings.ToLower(text), -1)
	out := map[string]bool{}
	for i := 0; i+6 <= len(words); i++ {
		out[strings.Join(words[i:i+6], " ")] = true
	}
	return out
}
