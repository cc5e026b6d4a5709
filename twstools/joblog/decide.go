package joblog

import (
	"regexp"
	"slices"

	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/twstools"
)

// Finding is the line that explains a bad end, and what it proves.
type Finding struct {
	Line      twstools.LogLine // raw text
	Kind      string           // deepest cause kind that the line proves; app.error when only the bad end is proven
	Signature string           // id of the signature, empty for an unknown log; Explain tells what it proves and what it does not
	Proves    bool             // the line states the mechanism, not only a symptom
	Name      string           // what the line names: an account, a file system, a host; may be empty
	Fix       string           // action code that mends it, from the signature; may be empty
	// Holder is who keeps what the run wanted locked, or who stopped the run, where the log names it, and HolderLine the line that does.
	Holder     Holder
	HolderLine twstools.LogLine
	Others     []Finding // further signatures of other kinds seen in the same run, weaker than this one
}

// Decisive finds the line that best explains why the run ended badly. exit is the return code as the plan shows it (nil: unknown).
// ok is false only for a run that printed nothing at all.
func (s Segment) Decisive(exit *int) (Finding, bool) {
	rc := s.rc(exit)
	vs := s.views()
	cands := weigh(vs, rc)
	best := choose(vs, cands)
	if f, ok := s.bySignal(vs, best, exit); ok {
		return f, true
	}
	if best == nil {
		return s.fallback(vs, exit)
	}
	best = deeper(vs, cands, best)
	f := finding(vs, *best)
	f.full(vs, best.at)
	f.holder(vs, best.at)
	f.Others = others(vs, cands, best, f.Kind)
	return f, true
}

// Swallowed finds, in a run that ended well, the error that it passed over in silence: a line that states a mechanism, that the program neither called
// harmless nor recovered from. False: there is none, and the good end is believed.
func (s Segment) Swallowed() (Finding, bool) {
	vs := s.views()
	cands := weigh(vs, 0)
	kept := slices.DeleteFunc(slices.Clone(cands), func(c candidate) bool {
		return c.sig == nil || !c.sig.Proves || c.quoted || c.healed || c.quiet || recovered.MatchString(vs[c.at].bare)
	})
	best := choose(vs, kept)
	if best == nil {
		return Finding{}, false
	}
	best = deeper(vs, kept, best)
	f := finding(vs, *best)
	f.Proves = true // that the program worked on after it is what passing over means
	f.holder(vs, best.at)
	return f, true
}

func (s Segment) rc(exit *int) int {
	switch {
	case exit != nil:
		return *exit
	case s.ExitStatus != nil:
		return *s.ExitStatus
	}
	return 0
}

// weigh judges all lines and numbers the bursts: complaints with less than three ordinary lines between them belong together.
func weigh(vs []view, rc int) []candidate {
	var out []candidate
	burst, work := 0, 0
	for i := range vs {
		c, ok := judge(vs, i, rc)
		switch {
		case ok:
			if work >= 3 {
				burst++
			}
			work = 0
			c.burst = burst
			out = append(out, c)
		case !vs[i].silent && !vs[i].stack:
			vs[i].ordinary = true
			work++
		}
	}
	return out
}

// choose picks the decisive candidate. What ends a run stands near its end, and the first strong line there is the cause of those that follow it; so lines
// get a share for lying near the end, signatures beat words, and among equals the earlier wins within one burst, the later burst between two: the
// program went on working after the first.
func choose(vs []view, cands []candidate) *candidate {
	var best *candidate
	bestScore := 0
	n := len(vs)
	wentOn := progress(vs)
	overtaken(vs, cands)
	for k := range cands {
		c := &cands[k]
		score := c.score
		if c.passed && survivable[c.sig.Kind] {
			score -= 70
		}
		if after := n - 1 - c.at; after <= 12 || after*3 <= n {
			score += 15
		}
		if wentOn[c.at] {
			score -= 20
		}
		if best == nil || score > bestScore || score == bestScore && c.burst > best.burst {
			best, bestScore = c, score
		}
	}
	return best
}

// survivable are the kinds that programs meet at every turn and live with: a file to be cleaned that is not there, a host that is tried in vain.
var survivable = map[string]bool{
	"app.data.missing": true, "app.fs.permission": true, "app.script.not_found": true, "app.script.permission": true, "app.config": true,
	"app.net.timeout": true, "app.net.unreachable": true, "app.net.dns": true, "app.net.auth": true, "app.remote_error": true, "app.lockfile": true, "app.db.lock": true, "app.data.invalid": true, "app.data.empty": true,
}

// passedBy is how much ordinary work after a complaint shows that the program lived with it.
const passedBy = 5

// overtaken marks what the program worked on after, and what then was not why it ended: a later burst complains of something of its own.
func overtaken(vs []view, cands []candidate) {
	end := -1 // the last complaint of its own
	for k := range cands {
		if c := cands[k]; !c.wrap && !c.quoted && !c.healed && !c.quiet && c.score >= 20 {
			end = k
		}
	}
	if end < 0 {
		return
	}
	work, from := 0, cands[end].at // ordinary lines between a candidate and the burst that ended the run
	for end > 0 && cands[end-1].burst == cands[end].burst {
		end--
		from = cands[end].at
	}
	k := end - 1
	for i := from - 1; i >= 0 && k >= 0; i-- {
		if vs[i].ordinary {
			work++
		}
		if cands[k].at == i {
			cands[k].passed = cands[k].sig != nil && work >= passedBy
			k--
		}
	}
}

// progress tells for each line whether the program plainly went on working after it: several lines of ordinary output follow before the end without
// another complaint. One walk from the end: a log of thousands of complaining lines is looked at once, not once for each.
func progress(vs []view) []bool {
	out := make([]bool, len(vs))
	quiet, complaint := 0, false // what follows line i, up to the next complaint
	for i := len(vs) - 1; i >= 0; i-- {
		out[i] = quiet >= 8 || complaint && quiet >= 5
		switch v := vs[i]; {
		case v.silent || v.stack:
		case v.medium || v.strong || v.coded:
			quiet, complaint = 0, true
		default:
			quiet++
		}
	}
	return out
}

var (
	fallsBack = regexp.MustCompile(`(?i)\b(taken|used|using|assum(ed|ing)|default(s|ed|ing)?|instead|fallback|falls? back|template|read|usad[oa]|usando|assumid[oa]|assumindo|padr[aã]o|no lugar)\b`)
	settings  = []string{"app.config", "app.script.variable"}
)

// deeper looks behind the chosen line: a line that says the same thing more exactly (a key violated, since the day was loaded before), and a setting that
// was missing and replaced by the very object the chosen line complains of.
func deeper(vs []view, cands []candidate, best *candidate) *candidate {
	if best.sig == nil {
		return best
	}
	for k := range cands {
		c := &cands[k]
		if c.sig == nil || c.quoted || c.at == best.at {
			continue
		}
		if slices.Contains(c.sig.Over, best.sig.Kind) && !c.healed && c.burst == best.burst {
			return c
		}
		if c.at < best.at && slices.Contains(settings, c.sig.Kind) && fallsBack.MatchString(vs[c.at].bare) && share(vs[c.at].bare, vs[best.at].bare) {
			return c
		}
	}
	return best
}

func share(a, b string) bool {
	in := names(b)
	return slices.ContainsFunc(names(a), func(n string) bool { return slices.Contains(in, n) })
}

// others lists one line for each further kind that a signature saw in the run.
func others(vs []view, cands []candidate, best *candidate, kind string) []Finding {
	var out []Finding
	seen := map[string]bool{kind: true}
	for _, c := range cands {
		if c.sig != nil && !c.quoted && c.at != best.at && !seen[c.sig.Kind] {
			seen[c.sig.Kind] = true
			out = append(out, finding(vs, c))
		}
	}
	return out
}

func finding(vs []view, c candidate) Finding {
	f := Finding{Line: vs[c.at].line, Kind: "app.error", Name: c.name}
	if c.sig != nil && !c.quoted {
		f.Kind, f.Signature, f.Proves, f.Fix = c.sig.Kind, c.sig.ID, c.sig.Proves && !c.healed && !c.passed, c.sig.Fix
	}
	return f
}

// holderReach is how many lines around the decisive one are looked at for who holds the lock.
const holderReach = 12

// holder looks for who holds what the run wanted, or who stopped it: in the decisive line, then in those after it, then before.
func (f *Finding) holder(vs []view, at int) {
	switch f.Kind {
	case "app.db.lock", "app.lockfile", "app.killed.operator", "app.db.space", "app.db.resource":
	default:
		return
	}
	try := func(i int) bool {
		if i < 0 || i >= len(vs) || vs[i].silent || untrusted.LooksLikeInstruction(vs[i].bare) || quoted(vs[i].bare, nil) {
			return false
		}
		h := HolderIn(vs[i].bare)
		if h == (Holder{}) {
			return false
		}
		f.Holder, f.HolderLine = h, vs[i].line
		return true
	}
	if try(at) {
		return
	}
	for d := 1; d <= holderReach; d++ {
		if try(at + d) {
			return
		}
	}
	for d := 1; d <= holderReach; d++ {
		if try(at - d) {
			return
		}
	}
}

// fallback answers for a log in which no line complains: the last line the program printed that says more than goodbye, else the trailer's exit status.
func (s Segment) fallback(vs []view, exit *int) (Finding, bool) {
	rc := s.rc(exit)
	last := -1
	for i := len(vs) - 1; i >= 0; i-- {
		t := vs[i].bare
		if vs[i].silent || untrusted.LooksLikeInstruction(t) || quoted(t, nil) {
			continue
		}
		if last < 0 {
			last = i
		}
		if !farewell.MatchString(t) && !wrapUp.MatchString(t) && !endsWith(t, rc) && !goodEnd.MatchString(t) && !allWell.MatchString(t) && !allHarmless(t) && (!quietLevel.MatchString(t) || loud.MatchString(t)) {
			return Finding{Line: vs[i].line, Kind: "app.error"}, true
		}
	}
	// Nothing but progress and goodbyes: the exit status itself says more than any of them.
	if s.ExitStatus != nil && *s.ExitStatus != 0 {
		return Finding{Line: s.ExitLine, Kind: "app.error"}, true
	}
	if last >= 0 {
		return Finding{Line: vs[last].line, Kind: "app.error"}, true
	}
	if s.ExitStatus != nil {
		return Finding{Line: s.ExitLine, Kind: "app.error"}, true
	}
	return Finding{}, false
}

// signals are the return codes with which a shell reports that a signal ended its program (128 + number; bash manual, "Exit Status"): HUP, INT, QUIT,
// KILL, TERM. Who sent it they do not say; 137 alone does not prove that memory ran out.
var signals = []int{129, 130, 131, 137, 143}

// bySignal reads such a code where no line proves a mechanism.
func (s Segment) bySignal(vs []view, best *candidate, exit *int) (Finding, bool) {
	rc := s.rc(exit)
	if !slices.Contains(signals, rc) || best != nil && best.sig != nil && !best.quoted {
		return Finding{}, false
	}
	if s.ExitStatus != nil && *s.ExitStatus == rc {
		return Finding{Line: s.ExitLine, Kind: "app.killed.unknown", Signature: "exit-signal", Fix: "collect"}, true
	}
	for i := len(vs) - 1; i >= 0; i-- { // the trailer was lost: the last line that says the code
		if endsWith(vs[i].bare, rc) {
			return Finding{Line: vs[i].line, Kind: "app.killed.unknown", Signature: "exit-signal", Fix: "collect"}, true
		}
	}
	return Finding{}, false
}
