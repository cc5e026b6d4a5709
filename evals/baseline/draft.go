package baseline

import (
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

// engine is the name that the hosted mock has in the program's configuration.
const engine = "default"

// draft is an answer in the making.
type draft struct {
	scene *scene
	t     *book
	q     suite.Question
	lang  string
	a     answer.Answer
	d     answer.Diagnosis
	about []object // what each cause blames
	say   []string
}

func newDraft(name string, q suite.Question, p *plant.Plant, t *book) *draft {
	now := p.World.AsOf.In(p.Zone).Format(time.RFC3339)
	lang := q.Lang
	if lang != "pt" {
		lang = "en"
	}
	return &draft{scene: &scene{p: p}, t: t, q: q, lang: lang, d: answer.Diagnosis{ConfidenceClass: answer.Inconclusive},
		a: answer.Answer{ConversationID: "c_" + name, MessageID: "m_" + name, Question: q.Text, Language: lang, Engine: answer.EngineInfo{Name: engine, Mode: "mock", API: "v2"},
			Clocks: answer.Clocks{FetchedAt: now, MirroredAt: "unknown", PlanNow: now}, DataAsOf: now, Model: name}}
}

// read notes that a list, a job or a log was looked at, as the program would note its tool call.
func (d *draft) read(tool string) {
	n := len(d.a.ToolCalls) + 1
	d.a.ToolCalls = append(d.a.ToolCalls, answer.ToolCall{ID: fmt.Sprintf("t%d", n), Name: tool, Arguments: map[string]any{}})
	d.a.Usage.UpstreamCalls = n
}

// blame adds a cause, with what the plan shows of it as evidence. Nothing here is ever called confirmed: no rival was ruled out.
func (d *draft) blame(o object, kind string) {
	if kind == "" {
		kind = "app.error"
	}
	statement := d.t.statement(kind, d.lang, safe(o.word))
	d.about = append(d.about, o)
	d.d.Verdict, d.d.ConfidenceClass = answer.Problem, answer.Likely
	d.d.Causes = append(d.d.Causes, answer.Cause{Entity: o.text, Ref: o.ref, Kind: kind, Statement: sentence(statement), Evidence: []answer.Evidence{o.shown}, Class: answer.Likely, Confidence: 0.5})
	if len(d.say) == 0 {
		d.say = append(d.say, strings.ReplaceAll(d.t.line(d.t.Says, "problem", d.lang), "{why}", statement))
		return
	}
	d.say = append(d.say, strings.ReplaceAll(d.t.line(d.t.Says, "and", d.lang), "{why}", statement))
}

// quote adds evidence to the last cause.
func (d *draft) quote(e answer.Evidence) {
	c := &d.d.Causes[len(d.d.Causes)-1]
	c.Evidence = append([]answer.Evidence{e}, c.Evidence...)
	d.say = append(d.say, d.t.line(d.t.Says, "quoted", d.lang))
}

// unknown says that it cannot be told, of a name where one is given.
func (d *draft) unknown(what string, missing ...string) {
	d.d.Verdict, d.d.Missing = answer.InsufficientEvidence, missing
	if what == "" {
		d.say = append(d.say, d.t.line(d.t.Says, "unknown", d.lang))
		return
	}
	d.say = append(d.say, d.t.fill(d.t.Says, "unknown_of", d.lang, safe(what)))
}

// unnamed is for those who need a name and were given none that the world knows.
func (d *draft) unnamed() {
	stranger := d.scene.stranger(d.q)
	if stranger == "" {
		d.unknown("", d.t.line(d.t.Missing, "plan", d.lang))
		return
	}
	d.d.Verdict, d.d.Missing = answer.InsufficientEvidence, []string{d.t.line(d.t.Missing, "no_name", d.lang)}
	d.say = append(d.say, d.t.fill(d.t.Says, "not_found", d.lang, safe(stranger)))
}

// quiet says that nothing has ended badly.
func (d *draft) quiet() {
	d.d.Verdict = answer.NoProblem
	d.say = append(d.say, d.t.line(d.t.Says, "quiet", d.lang))
}

// healthy says that a job has ended well.
func (d *draft) healthy(o object) {
	d.d.Verdict = answer.NoProblem
	d.say = append(d.say, d.t.fill(d.t.Says, "healthy", d.lang, safe(o.word)))
}

// subject is how the question calls what it is about, or "".
func (d *draft) subject() string {
	if o, ok := d.scene.named(d.q); ok {
		return o.word
	}
	return d.scene.stranger(d.q)
}

// affect names the jobs that wait behind a job in its own stream.
func (d *draft) affect(first object) []string {
	var out []string
	if j := first.job; j != nil {
		for _, held := range d.scene.heldBy(j) {
			o := d.scene.job(held)
			out = append(out, o.text)
			d.d.Impact = append(d.d.Impact, answer.Impact{Entity: o.text, Hops: 1, State: "blocked"})
		}
	}
	d.d.Affected, d.d.AffectedTotal = out, len(out)
	return out
}

func (d *draft) answer() answer.Answer {
	if d.d.Verdict == answer.Problem {
		d.say = append(d.say, d.t.line(d.t.Says, "next", d.lang))
	}
	d.a.Answer = strings.Join(d.say, " ")
	d.a.Diagnosis = &d.d
	return d.a
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:]) + "."
}

// safe is a name as prose may hold it: what is no plain name is folded to one line and set as code, so that it stays a name.
func safe(name string) string {
	plain := strings.IndexFunc(name, func(r rune) bool {
		return !(r == '_' || r == '-' || r == '#' || r == '.' || r == '/' || r == '@' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z')
	}) < 0
	if plain {
		return name
	}
	folded := strings.ReplaceAll(plant.Fold(strings.ToValidUTF8(name, "?")), "`", "'")
	if r := []rune(folded); len(r) > maxName {
		folded = string(r[:maxName])
	}
	return "`" + folded + "`"
}

// maxName is how much of a name that is no plain name a sentence holds, in characters; the engine's own names are shorter.
const maxName = 80

// joblog is how evidence calls the log of a job's last run, or the job where it has not run.
func joblog(j *twstools.Job) string {
	if len(j.Runs) == 0 {
		return "joblog:" + j.Workstation
	}
	return sourceOf(j.Runs[len(j.Runs)-1])
}

func sourceOf(r twstools.Run) string {
	return fmt.Sprintf("joblog:%s#%d", r.ActualWorkstation, r.JobNumber)
}
