package conversations

import (
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/answer"
)

// wording is what an export says in one language.
type wording struct {
	asked, stopped, again, verdict, certainty, causes, evidence, line, chain, actions, precondition, wayBack, citations, missing, errors, model, empty, made, stale string

	verdicts map[answer.Verdict]string
	classes  map[answer.Class]string
	met      map[string]string
}

func wordingIn(language string) wording {
	if language == "pt" {
		return wording{
			asked: "Pergunta", stopped: "Interrompida antes do fim; fica o que havia até então.", again: "Respondida de novo; esta é a versão atual.", verdict: "Veredito", certainty: "Certeza", causes: "Causas",
			evidence: "Evidência", line: "linha", chain: "Cadeia", actions: "O que fazer", precondition: "Antes", wayBack: "Volta", citations: "Fontes", missing: "O que faltou", errors: "Erros", model: "Modelo",
			empty: "Nada foi perguntado nesta conversa.", made: "Conversa de %s a %s.", stale: "Os dados vieram de uma leitura anterior.",
			verdicts: map[answer.Verdict]string{answer.Problem: "problema", answer.NoProblem: "nenhum problema", answer.InsufficientEvidence: "evidência insuficiente", answer.NeedsClarification: "é preciso esclarecer",
				answer.OutOfScope: "fora do escopo", answer.Refused: "recusado"},
			classes: map[answer.Class]string{answer.Confirmed: "confirmada", answer.Likely: "provável", answer.Inconclusive: "inconclusiva"},
			met:     map[string]string{"yes": "sim", "no": "não", "unknown": "não se sabe"},
		}
	}
	return wording{
		asked: "Question", stopped: "Stopped before its end; this is what stood by then.", again: "Answered anew; this is the present version.", verdict: "Verdict", certainty: "Certainty", causes: "Causes",
		evidence: "Evidence", line: "line", chain: "Chain", actions: "What to do", precondition: "Before", wayBack: "Way back", citations: "Sources", missing: "What was missing", errors: "Errors", model: "Model",
		empty: "Nothing was asked in this conversation.", made: "Conversation from %s to %s.", stale: "The data are of an earlier reading.",
		verdicts: map[answer.Verdict]string{answer.Problem: "problem", answer.NoProblem: "no problem", answer.InsufficientEvidence: "insufficient evidence", answer.NeedsClarification: "needs clarification",
			answer.OutOfScope: "out of scope", answer.Refused: "refused"},
		classes: map[answer.Class]string{answer.Confirmed: "confirmed", answer.Likely: "likely", answer.Inconclusive: "inconclusive"},
		met:     map[string]string{"yes": "yes", "no": "no", "unknown": "not known"},
	}
}

// Markdown writes the conversation out for a file or a ticket: each question with its answer, the verdict, the causes with their evidence
// quoted, the advice with its commands, the sources. Headings are in the language of the first question, times in the zone of the plan as
// the answers show it, else in UTC, always with the zone. Whatever others wrote is text: nothing becomes HTML, a picture or a link.
func (c Conversation) Markdown() string {
	language := "en"
	if len(c.Turns) > 0 {
		language = c.Turns[0].Language
	}
	w := wordingIn(language)
	var b strings.Builder
	title := c.Title
	if title == "" {
		title = w.empty
	}
	fmt.Fprintf(&b, "# %s\n\n", strings.TrimSpace(inertLine(oneLine(seen(title)))))
	zone := c.zone()
	fmt.Fprintf(&b, w.made+"\n", stamp(c.Created, zone), stamp(c.Updated, zone))
	for i, t := range c.Turns {
		t.markdown(&b, w, i+1, zone)
	}
	return b.String()
}

// zone is the plan's, as the latest answer that knows it says.
func (c Conversation) zone() *time.Location {
	for i := len(c.Turns) - 1; i >= 0; i-- {
		if at, err := time.Parse(time.RFC3339, c.Turns[i].Answer.Clocks.PlanNow); err == nil {
			return at.Location()
		}
	}
	return time.UTC
}

func stamp(at time.Time, zone *time.Location) string {
	if _, offset := at.In(zone).Zone(); offset == 0 {
		return at.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	return at.In(zone).Format("2006-01-02 15:04:05 -07:00")
}

func (t Turn) markdown(b *strings.Builder, w wording, n int, zone *time.Location) {
	fmt.Fprintf(b, "\n## %s %d · %s\n\n%s\n", w.asked, n, stamp(t.At, zone), quoted(t.Question))
	if t.Stopped {
		fmt.Fprintf(b, "\n*%s*\n", w.stopped)
	}
	if t.Replaces != "" {
		fmt.Fprintf(b, "\n*%s*\n", w.again)
	}
	a := t.Answer
	if prose := inert(a.Answer); prose != "" {
		fmt.Fprintf(b, "\n%s\n", prose)
	}
	if a.Stale {
		fmt.Fprintf(b, "\n*%s*\n", w.stale)
	}
	if a.Diagnosis != nil {
		diagnosis(b, w, a.Diagnosis)
	}
	if len(a.Citations) > 0 {
		fmt.Fprintf(b, "\n### %s\n\n", w.citations)
		for _, c := range a.Citations {
			fmt.Fprintf(b, "- %s %s\n%s", codeSpan(c.Source), inertLine(oneLine(seen(c.Title))), quote(c.Quote))
		}
	}
	if len(a.Errors) > 0 {
		fmt.Fprintf(b, "\n### %s\n\n", w.errors)
		for _, e := range a.Errors {
			fmt.Fprintf(b, "- %s %s\n", codeSpan(e.Code), inertLine(oneLine(seen(e.Message))))
		}
	}
	if a.Model != "" {
		fmt.Fprintf(b, "\n%s: %s\n", w.model, codeSpan(a.Model))
	}
}

func diagnosis(b *strings.Builder, w wording, d *answer.Diagnosis) {
	verdict := w.verdicts[d.Verdict]
	if verdict == "" {
		verdict = codeSpan(string(d.Verdict))
	}
	fmt.Fprintf(b, "\n**%s: %s**", w.verdict, verdict)
	if class := w.classes[d.ConfidenceClass]; class != "" && len(d.Causes) > 0 {
		fmt.Fprintf(b, " (%s: %s)", strings.ToLower(w.certainty), class)
	}
	b.WriteString("\n")
	if len(d.Causes) > 0 {
		fmt.Fprintf(b, "\n### %s\n\n", w.causes)
		for i, c := range d.Causes {
			fmt.Fprintf(b, "%d. %s %s (%s): %s\n", i+1, codeSpan(c.Entity), codeSpan(c.Kind), w.classes[c.Class], inertLine(oneLine(seen(c.Statement))))
			evidence(b, w, c.Evidence)
		}
	}
	if len(d.Explanations) > 0 {
		b.WriteString("\n")
		for _, e := range d.Explanations {
			fmt.Fprintf(b, "- %s: %s\n", codeSpan(e.Entity), inertLine(oneLine(seen(e.Statement))))
			evidence(b, w, e.Evidence)
		}
	}
	if len(d.Chain) > 0 {
		fmt.Fprintf(b, "\n### %s\n\n", w.chain)
		for _, h := range d.Chain {
			fmt.Fprintf(b, "- %s %s %s", codeSpan(h.Entity), codeSpan(h.Status), codeSpan(h.Why))
			if h.BlockedBy != "" {
				fmt.Fprintf(b, " → %s", codeSpan(h.BlockedBy))
			}
			b.WriteString("\n")
		}
	}
	if len(d.Actions) > 0 {
		fmt.Fprintf(b, "\n### %s\n\n", w.actions)
		for i, a := range d.Actions {
			action(b, w, i+1, a)
		}
	}
	if len(d.Missing) > 0 {
		fmt.Fprintf(b, "\n### %s\n\n", w.missing)
		for _, m := range d.Missing {
			fmt.Fprintf(b, "- %s\n", inertLine(oneLine(seen(m))))
		}
	}
}

func action(b *strings.Builder, w wording, n int, a answer.Action) {
	fmt.Fprintf(b, "%d. %s", n, inertLine(oneLine(seen(a.Text))))
	if a.Command != "" {
		fmt.Fprintf(b, " %s", codeSpan(a.Command))
	}
	b.WriteString("\n")
	for _, p := range a.Preconditions {
		met := w.met[p.Met]
		if met == "" {
			met = w.met["unknown"]
		}
		fmt.Fprintf(b, "   - %s: %s (%s)\n", w.precondition, inertLine(oneLine(seen(p.Text))), met)
	}
	if a.WayBack != "" {
		fmt.Fprintf(b, "   - %s: %s\n", w.wayBack, inertLine(oneLine(seen(a.WayBack))))
	}
}

// evidence quotes each piece as code, since a log may hold anything.
func evidence(b *strings.Builder, w wording, all []answer.Evidence) {
	for _, e := range all {
		fmt.Fprintf(b, "   - %s: %s", w.evidence, codeSpan(e.Source))
		if e.Line > 0 {
			fmt.Fprintf(b, ", %s %d", w.line, e.Line)
		}
		if q := codeSpan(e.Quote); q != "" {
			fmt.Fprintf(b, ": %s", q)
		}
		b.WriteString("\n")
	}
}

func quote(s string) string {
	if q := codeSpan(s); q != "" {
		return "  - " + q + "\n"
	}
	return ""
}
