package twsmock

import (
	"net/http"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// Habits is how an engine answers where engines, their levels or what stands in front of them differ. The zero Habits are those that were seen on a
// server of level 10.2.8, and what the interface's description says where nothing was seen.
type Habits struct {
	// ListsWithDependencies fills the dependencies of jobs and job streams in lists, too. The description says that queries leave
	// them out, while a recipe of the vendor's reads them from one.
	ListsWithDependencies bool
	// NoCount leaves the count out of lists, whatever Include-Count says. By default it is there, whatever Include-Count says.
	NoCount bool
	// NextHost is the host that `next` and `previous` name, as a server behind a proxy names itself; the host that was asked when empty.
	NextHost string
	// IgnoreOQL lets the server pass over oql in silence.
	IgnoreOQL bool
	// PageCap is how many objects a page holds at most however many are asked for; 10,000 when zero or more than that.
	PageCap int
}

// scope is what the header of this name asks to be left out.
type scope struct{ noDefinitions, noDependencies bool }

// scope reads the header. WHOLE, and none, is everything that the answer has: a list's dependencies are not in it.
func (c call) scope() (scope, error) {
	switch s := c.r.Header.Get("scope"); strings.ToUpper(s) {
	case "", "WHOLE", "SELF_SERVICE_CATALOG":
		return scope{}, nil
	case "WHOLE_NO_JOB_DEFINITIONS":
		return scope{noDefinitions: true}, nil
	case "WHOLE_NO_DEPENDENCIES":
		return scope{noDependencies: true}, nil
	case "WHOLE_NO_JOB_DEFINITIONS_AND_NO_DEPENDENCIES":
		return scope{true, true}, nil
	default:
		return scope{}, badParameter("The scope %q is none of the interface's.", s)
	}
}

func (c call) listedJob(j twstools.Job, sc scope) wireJob {
	if c.habits.ListsWithDependencies && !sc.noDependencies {
		j = c.whole(j)
	}
	out := c.view.job(j)
	if sc.noDefinitions {
		out.Definition = nil
	}
	return out
}

func (c call) listedStream(s twstools.JobStream, sc scope) wireStream {
	if c.habits.ListsWithDependencies && !sc.noDependencies {
		if whole, err := c.e.JobStream(c.r.Context(), s.Ref); err == nil {
			s = whole
		}
	}
	return c.view.stream(s)
}

// sent begins an answer with its header.
func (a answer) sent(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", a.contentType)
	w.WriteHeader(a.status)
}
