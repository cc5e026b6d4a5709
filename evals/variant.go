package evals

import (
	"hash/fnv"
	"net/http"
	"slices"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools/twsmock"
)

// The kinds of engines that a run can host. What each leaves of a scenario's proof stands in its gold.
const (
	Full          = suite.Full          // both interfaces, everything there
	V1Only        = suite.V1Only        // an engine of the older interface alone
	DroppedFields = suite.DroppedFields // of what does not say which object it is, one field in four is missing; always the same ones of the same address
	NoAudit       = suite.NoAudit       // nothing tells who changed what
	LateCopy      = suite.LateCopy      // the copy of the plan that the interface shows is twelve minutes behind the engine's clock
	Restricted    = suite.Restricted    // the account may not list resources and prompts, nor read job logs
)

// Variants lists the kinds of engines.
func Variants() []string { return append([]string{Full}, suite.PoorEngines()...) }

// MockUser and MockPassword are what the hosted mock demands. They protect nothing: they show that the program logs in.
const (
	MockUser     = "evals"
	MockPassword = "frozen-night"
)

const (
	// droppedOf1000 is how many of a thousand optional fields are missing.
	droppedOf1000 = 250
	// behind is how old the late copy is: older than the ten minutes within which a change proves that a copy is kept up.
	behind = 12 * time.Minute
)

// identity are the fields that say which object is meant: an engine that leaves them out tells nothing, and names of objects that are half
// there would be nobody's fault.
var identity = []string{
	"name", "folder", "folderId", "workstation", "workstationId", "key", "schedTime", "timeZone", "internalIdentifier", "type", "qualifier",
	"job", "jobId", "jobName", "jobKey", "jobDefinition", "jobInPlan", "jobStream", "jobStreamId", "jobStreamName", "jobStreamKey", "jobStreamFolder",
	"jobStreamWorkstation", "jobStreamWorkstationId", "jobStreamSchedTime", "promptName", "dependency", "dependencies", "file", "host", "timeInfo", "jobruns",
}

// engine says how the mock plays the variant in the scenario's world.
func (o Options) engine(p Prepared) twsmock.Options {
	w := p.Plant.World
	now := w.AsOf
	out := twsmock.Options{Dialects: twsmock.BothDialects, User: MockUser, Password: MockPassword, Addr: o.MockListen}
	switch o.Variant {
	case V1Only:
		out.Dialects = twsmock.OnlyV1
	case DroppedFields:
		out.Fault = func(r *http.Request) *twsmock.Fault {
			return &twsmock.Fault{DropOptional: droppedOf1000, Keep: identity, Seed: seedOf(p.Scenario.ID, r.URL.EscapedPath())}
		}
	case NoAudit:
		mute := *w
		mute.Audit = nil
		w = &mute
	case LateCopy:
		now = now.Add(behind)
	case Restricted:
		out.Rights = &twsmock.Rights{Logs: []twsmock.Rule{}, List: []twsmock.Rule{{Kind: twsmock.KindJob}, {Kind: twsmock.KindJobStream}, {Kind: twsmock.KindWorkstation}}}
	}
	out.World, out.Clock = twsmock.Fixed(w), func() time.Time { return now }
	return out
}

// seenAs gives the scenarios with the plants that answers are judged by. They are those that the engine shows, but that over a late copy the
// engine's clock has run on: what takes how long, and until when there is time, is reckoned by the clock.
func (r Ready) seenAs(variant string) (Ready, error) {
	r.Scenarios = slices.Clone(r.Scenarios)
	for i := range r.Scenarios {
		p := &r.Scenarios[i]
		p.judged = p.Plant
		if variant != LateCopy {
			continue
		}
		w := *p.Plant.World
		w.AsOf = w.AsOf.Add(behind)
		var err error
		if p.judged, err = plant.New(&w); err != nil {
			return r, err
		}
	}
	return r, nil
}

// seedOf makes a seed of names, the same everywhere.
func seedOf(names ...string) uint64 {
	h := fnv.New64a()
	for _, n := range names {
		_, _ = h.Write([]byte(n + "\x00")) // a hash does not fail
	}
	return h.Sum64()
}
