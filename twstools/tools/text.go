package tools

import (
	"fmt"
	"strings"
)

// diagnosisText is the compact form of a diagnosis for a model: what matters first, a line each.
func diagnosisText(o DiagnoseOut) string {
	var b strings.Builder
	d := o.Diagnosis
	if s := o.Subject; s != nil {
		fmt.Fprintf(&b, "subject: %s (%s) status %s\n", s.Entity, s.Type, s.Status)
	}
	fmt.Fprintf(&b, "verdict: %s (%s)\n", d.Verdict, d.ConfidenceClass)
	if o.Premise == "false" {
		b.WriteString("the asker's premise is false\n")
	}
	for _, c := range d.Causes {
		fmt.Fprintf(&b, "cause: %s [%s, %s] %s\n", c.Entity, c.Kind, c.Class, c.Statement)
		for _, e := range c.Evidence {
			fmt.Fprintf(&b, "  evidence %s%s: %s\n", e.Source, lineNumber(e.Line), e.Quote)
		}
	}
	for _, x := range d.Explanations {
		fmt.Fprintf(&b, "as planned: %s [%s] %s\n", x.Entity, x.Kind, x.Statement)
	}
	for _, h := range d.Chain {
		fmt.Fprintf(&b, "chain: %s (%s) <- %s [%s]\n", h.Entity, h.Status, h.BlockedBy, h.Why)
	}
	for _, c := range d.Candidates {
		fmt.Fprintf(&b, "candidate: %s (%s)\n", c.Entity, c.Why)
	}
	if d.AffectedTotal > 0 {
		fmt.Fprintf(&b, "affected: %d: %s\n", d.AffectedTotal, strings.Join(d.Affected[:min(6, len(d.Affected))], ", "))
	}
	if u := d.Urgency; u != nil && u.Why != "" {
		fmt.Fprintf(&b, "urgency: %s %s %s %s\n", u.Class, u.ActBy, u.Why, u.Contact)
	}
	for i, a := range d.Actions {
		fmt.Fprintf(&b, "action %d: %s: %s", i, a.Code, a.Text)
		if a.Command != "" {
			fmt.Fprintf(&b, " (%s)", a.Command)
		}
		b.WriteString("\n")
	}
	for _, m := range d.Missing {
		fmt.Fprintf(&b, "missing: %s\n", m)
	}
	for _, r := range o.Runbooks {
		fmt.Fprintf(&b, "runbook: %s %s\n", r.Source, r.Title)
	}
	return b.String()
}

func lineNumber(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" line %d", n)
}
