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
		fmt.Fprintf(&b, "cause [%s, %s]: %s\n", c.Kind, c.Class, named(c.Entity, c.Statement))
		for _, e := range c.Evidence {
			fmt.Fprintf(&b, "  evidence %s%s: %s\n", e.Source, lineNumber(e.Line), e.Quote)
		}
	}
	for _, x := range d.Explanations {
		fmt.Fprintf(&b, "as planned [%s]: %s\n", x.Kind, named(x.Entity, x.Statement))
	}
	for _, h := range d.Chain {
		fmt.Fprintf(&b, "chain: %s (%s) <- %s [%s]\n", h.Entity, h.Status, h.BlockedBy, h.Why)
	}
	for _, c := range d.Candidates {
		fmt.Fprintf(&b, "candidate: %s (%s)\n", c.Entity, c.Why)
	}
	if d.AffectedTotal > 0 {
		shown := d.Affected[:min(6, len(d.Affected))]
		fmt.Fprintf(&b, "affected: %d of %d: %s\n", len(shown), d.AffectedTotal, strings.Join(shown, ", "))
	}
	if u := d.Urgency; u != nil && u.Why != "" {
		fmt.Fprintf(&b, "urgency: %s\n", strings.Join(said(u.Class, actBy(u.ActBy), u.Why, u.Contact), "; "))
	}
	for i, a := range d.Actions {
		fmt.Fprintf(&b, "action %d: %s: %s", i, a.Code, a.Text)
		if a.Command != "" {
			fmt.Fprintf(&b, " (%s)", a.Command)
		}
		b.WriteString("\n")
	}
	writeMissing(&b, d.Missing)
	for _, r := range o.Runbooks {
		fmt.Fprintf(&b, "runbook: %s %s\n", r.Source, r.Title)
	}
	return b.String()
}

// named puts the object before a statement that does not name it.
func named(entity, statement string) string {
	if strings.Contains(statement, entity) {
		return statement
	}
	return entity + ": " + statement
}

func actBy(when string) string {
	if when == "" {
		return ""
	}
	return "act by " + when
}

func lineNumber(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" line %d", n)
}
