package twsmock

import (
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

type v1Status struct {
	Common   string `json:"commonStatus,omitempty"`
	Internal string `json:"internalStatus,omitempty"`
	Canceled bool   `json:"canceled"`
}

func nodeStatus(s twstools.Status) *v1Status {
	return &v1Status{Common: s.Common, Internal: v1Word(s.Internal), Canceled: s.Canceled}
}

// v1Depends is a status inside a dependency, which has no mark for cancelled.
type v1Depends struct {
	Common   string `json:"commonStatus,omitempty"`
	Internal string `json:"internalStatus,omitempty"`
}

func dependsStatus(s twstools.Status) *v1Depends {
	if s == (twstools.Status{}) {
		return nil
	}
	return &v1Depends{Common: s.Common, Internal: v1Word(s.Internal)}
}

// v1Word is this interface's word for an internal status. A job that runs under the launcher of a fault-tolerant agent may be told with
// the longer word of two; the mock takes the first.
func v1Word(internal string) string {
	if words := query.V1Statuses(internal); len(words) > 0 {
		return words[0]
	}
	return internal
}
