package hwa_test

import (
	"testing"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
)

// Engines write the keys of holders with folders in front; they are to match what lists of jobs show.
func TestHolderKeysAreInTheOperatorsForm(t *testing.T) {
	for sent, want := range map[string]string{
		"/LX1#/PAY.LOAD":          "LX1#PAY.LOAD",
		"LX1#PAY.LOAD":            "LX1#PAY.LOAD",
		"/PROD/LX1#/FIN/PAY.LOAD": "/PROD/LX1#/FIN/PAY.LOAD",
		"PAY.LOAD":                "PAY.LOAD",
		"":                        "",
	} {
		c := open(t, answers(200, "application/json", `{"count":1,"results":[{"id":"r","name":"R","holders":[{"job":"LOAD","jobKey":"`+sent+`"}]}]}`))
		l, err := c.Resources(t.Context(), twstools.ListQuery{Limit: 1})
		if err != nil || len(l.Items) != 1 || len(l.Items[0].Holders) != 1 || l.Items[0].Holders[0].JobKey != want {
			t.Errorf("%q: %+v, %v, want the key %q", sent, l.Items, err, want)
		}
	}
}

// Whatever stands in the name of a workstation, it stays a name: the selection of a count has one workstation and no qualifier more.
func TestCountsSelectOneWorkstation(t *testing.T) {
	for name, want := range map[string]string{
		"":                   "/@/@#/@/@.@",
		"@":                  "/@/@#/@/@.@",
		"LX1":                "/LX1#/@/@.@",
		"/LX@":               "/LX@#/@/@.@",
		"/PROD/LX1":          "/PROD/LX1#/@/@.@",
		"LX1#S.J+state=hold": `/LX1\#S\.J\+state\=hold#/@/@.@`,
	} {
		s := &stub{}
		c := open(t, s, func(o *hwa.Options) { o.API = "v2" })
		_, _ = c.Counts(t.Context(), twstools.CountQuery{Workstation: name}) // the stub counts nothing: what was sent is looked at
		var sent []string
		for _, r := range s.requests() {
			if f := r.URL.Query().Get("plan_filter"); f != "" {
				sent = append(sent, f)
			}
		}
		if len(sent) != 1 || sent[0] != want {
			t.Errorf("%q: the filters sent are %q, want %q", name, sent, want)
		}
	}
}
