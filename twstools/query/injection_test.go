package query_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/resync-hwa/resync/twstools/query"
)

// FuzzNameStaysInside proves of selections and of V1's filters what FuzzValueStaysInside proves of OQL: whatever a name or a text holds, it stays the
// one condition that it was, or it is refused.
func FuzzNameStaysInside(f *testing.F) {
	for _, s := range []string{"A+state=succ", `A\`, "A;schedid", "A.B#C(0200 03/17/26)", `"`, `\"+x`, " A", "A\n", "/", "A/B", `","jobName":"@`, "+", "\xff", ":", "10"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, x := range []query.Term{query.Is("name", s), query.Is("jobStreamName", s), query.Is("dependencies.fileName", s), query.Is("dependencies.jobName", s), query.Is("jobDefinition.userLogin", s)} {
			if printed, err := query.PrintSelection(x, query.Jobs, nil); err == nil {
				back, err := query.ParseSelection(printed, query.Jobs, nil)
				if err != nil || !reflect.DeepEqual(back, query.Expr(query.And{x})) {
					t.Fatalf("%v printed as %q reads as %#v, %v", x, printed, back, err)
				}
			}
			v, err := query.PrintV1(query.Query{Where: x}, query.Jobs)
			if err != nil {
				continue
			}
			body, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			q, err := query.ParseV1(body, query.Jobs)
			if err != nil && len(s) < 1000 || err == nil && !reflect.DeepEqual(q.Where, query.Expr(x)) {
				t.Fatalf("%v printed as %s reads as %#v, %v", x, body, q.Where, err)
			}
		}
	})
}
