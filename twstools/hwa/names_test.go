package hwa_test

import (
	"testing"

	"github.com/resync-hwa/resync/twstools"
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
