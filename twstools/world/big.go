package world

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Big makes a plan of n jobs (at least 100) at the instant now: a plant of applications in folders with workstations of several types, job streams whose jobs
// follow each other, streams that follow streams, resources with holders, prompts, files, reruns, failures with their logs, and a chain of fifty
// streams of which each waits for the one before. It is told 14 hours into a plan day. The same n and now give the same plan.
//
// It exists to be large: equal values stand behind shared pointers, only runs that failed or run have a log (and one in 200 of the others), and
// a dependency's id is its predecessor's, as in examples that the vendor publishes. 500,000 jobs take about one gigabyte; a process that
// holds them does well to run with GOGC=25 or so, or it may take twice that.
func Big(n int, now time.Time) *World {
	n = max(n, 100)
	now = now.UTC().Truncate(time.Second)
	g := &bigPlan{n: n, now: now, start: now.Add(-14 * time.Hour).Truncate(time.Hour), yes: true, rng: rand.New(rand.NewPCG(412, uint64(n))), //nolint:gosec // it invents a plant, it keeps no secret
		w: &World{AsOf: now, PlanID: nameUUID("plan", now.Format(time.DateOnly)), Logs: map[string]JobLog{},
			Info: twstools.Info{Mode: "mock", Dialect: Dialect, Version: "10.2.5.00", TimeZone: "UTC", Locale: "en_US", License: "PERSERVER"}},
		b: &builder{loc: time.UTC, workstations: map[string]*twstools.Workstation{}}}
	for i := range g.numbers {
		g.numbers[i] = i
	}
	g.plant()
	g.w.Jobs = make([]twstools.Job, 0, n)
	if n >= 1000 {
		g.chain(50)
	}
	for len(g.w.Jobs) < n {
		g.stream()
	}
	g.hold()
	g.records()
	return g.w
}

// bigPlan is a Big world while it is made.
type bigPlan struct {
	n     int
	now   time.Time
	start time.Time // of the plan day
	rng   *rand.Rand
	w     *World
	b     *builder // writes the frames of logs
	apps  []bigApp

	numbers [1025]int // what pointers to small numbers point at
	runs    []twstools.Run
	deps    []twstools.Dependency
	ids     strings.Builder
	ends    []int // place of each stream's last job
	waiting []int // places of the resources that somebody waits for, to be told who holds them
	no, yes bool  // what pointers to truths point at
}

// bigApp is an application of the plant.
type bigApp struct {
	code, folder string
	stations     []string
	user         []string
	task         string
	last         []int // places of its streams so far: what others follow
}

var (
	bigAreas = []string{"PAY", "BIL", "CLM", "POL", "FIN", "LIF", "CRM", "DWH", "TAX", "HRM", "INV", "LOG", "MKT", "RSK", "TRE", "WEB", "ARC", "DOC", "PRT", "SEC"}
	bigNouns = []string{"LOAD", "POST", "CLOSE", "FEED", "RECON", "MART", "SEND", "SYNC", "PRINT", "PURGE"}
	bigSteps = []struct{ name, does string }{
		{"FETCH", "Fetches the input files"}, {"CHECK", "Checks the input"}, {"SPLIT", "Splits the input by branch"}, {"STAGE", "Loads the staging tables"},
		{"MERGE", "Merges the branches"}, {"CALC", "Calculates the amounts"}, {"RATE", "Applies the rates of the day"}, {"POST", "Posts the results"},
		{"INDEX", "Rebuilds the indexes"}, {"STATS", "Refreshes the statistics"}, {"REPORT", "Writes the reports"}, {"EXPORT", "Exports for the partners"},
		{"SEND", "Sends the files"}, {"ACK", "Waits for the receipt"}, {"CLEAN", "Removes working files"}, {"BACKUP", "Backs the tables up"},
	}
	bigTypes = []struct{ typ, os, prefix string }{{"FTA", "LINUX", "LX"}, {"FTA", "AIX", "AX"}, {"FTA", "WINDOWS", "WN"}, {"AGENT", "LINUX", "DA"}, {"AGENT", "LINUX", "DA"},
		{"FTA", "LINUX", "LX"}, {"AGENT", "WINDOWS", "DW"}, {"POOL", "OTHER", "PL"}, {"FTA", "LINUX", "LX"}, {"X-AGENT", "OTHER", "XA"}}
)

func (g *bigPlan) number(n int) *int { return &g.numbers[min(max(n, 0), len(g.numbers)-1)] }

// truth gives a pointer to a truth that nobody changes.
func (g *bigPlan) truth(b bool) *bool {
	if b {
		return &g.yes
	}
	return &g.no
}

// chance is true per times in 1000.
func (g *bigPlan) chance(per int) bool { return g.rng.IntN(1000) < per }

// plant makes workstations, resources and prompts.
func (g *bigPlan) plant() {
	states := []string{"LINKED", "TCP_IP_LINKED", "IS_INITED", "RUNNING", "JOBMAN_UP", "WRITER_UP", "MONMAN"}
	station := func(name, folder, typ, os string, limit int, states ...string) {
		display := displayName(folder, name)
		g.w.Workstations = append(g.w.Workstations, twstools.Workstation{Ref: ref(nameUUID("workstation", display)), Name: display, Folder: orElse(folder, "/"), Type: typ,
			Domain: "MASTERDM", Node: strings.ToLower(name) + ".plant.example", OS: os, TimeZone: "UTC", Limit: g.number(limit), Fence: g.number(0), ActiveStates: states,
			ActiveFlags: []string{"AUTO_LINK"}, StatesKnown: true, Version: "10.2.5.00", TimeStarted: g.start, RunNumber: g.number(412)})
	}
	station("BIGMDM", "", "MANAGER", "LINUX", 200, append([]string{"MASTER", "SERVER_STARTED"}, states...)...)
	station("BIGBKM", "", "FTA", "LINUX", 50, states...)
	stations := min(max(g.n/500, 6), 2000)
	for i := range min(max(g.n/2500, 3), 200) {
		area := bigAreas[i%len(bigAreas)]
		a := bigApp{code: area, user: []string{strings.ToLower(area) + "batch"}, task: "/opt/" + strings.ToLower(area) + "/bin/step.sh"}
		if i >= len(bigAreas) {
			a.code = fmt.Sprintf("%s%d", area, i/len(bigAreas))
		}
		if i%4 != 0 {
			a.folder = "/" + a.code
		}
		g.apps = append(g.apps, a)
	}
	for i := range stations {
		t := bigTypes[i%len(bigTypes)]
		a := &g.apps[i%len(g.apps)]
		folder, up := "", states
		if t.typ == "AGENT" {
			folder, up = "/PROD", []string{"LINKED", "BROKER", "IS_INITED", "RUNNING", "JOBMAN_UP", "ONLINE"}
		}
		if i%97 == 41 {
			up = []string{"IS_INITED"} // one that has lost its link
		}
		name := fmt.Sprintf("%s%s%04d", t.prefix, a.code, i)
		station(name, folder, t.typ, t.os, 10+i%40, up...)
		a.stations = append(a.stations, displayName(folder, name))
	}
	for i := range g.w.Workstations {
		g.b.workstations[g.w.Workstations[i].Name] = &g.w.Workstations[i]
	}
	for i := range max(stations/5, 2) {
		a := g.apps[i%len(g.apps)]
		ws := a.stations[i%len(a.stations)]
		name := fmt.Sprintf("SLOT%04d", i)
		g.w.Resources = append(g.w.Resources, twstools.Resource{Ref: ref(nameUUID("resource", ws, name)), Name: name, Folder: "/", Workstation: ws, Quantity: g.number(2 + i%8),
			Available: g.number(2 + i%8), InUse: g.number(0), Status: "AVAILABLE"})
	}
	for i := range max(g.n/5000, 2) {
		n := i + 1
		name := fmt.Sprintf("ASK%05d", i)
		g.w.Prompts = append(g.w.Prompts, twstools.Prompt{Ref: ref(nameUUID("prompt", name)), Name: name, Folder: "/", Text: "Release the run of " + g.apps[i%len(g.apps)].code + "?",
			Status: "NOT_ASKED", Type: "Predefined Prompt", Number: &n})
	}
}

// chain makes streams of which each waits for the last job of the one before; the first of them has failed.
func (g *bigPlan) chain(length int) {
	for i := range length {
		s := bigStream{app: 0, name: fmt.Sprintf("CHAIN%05d", i), sched: g.start.Add(time.Duration(i) * time.Minute), size: 2, fate: fateHeld, follows: len(g.w.JobStreams) - 1}
		if i == 0 {
			s.fate, s.follows = fateFailed, -1
		}
		g.add(s)
	}
}

// stream makes one ordinary stream.
func (g *bigPlan) stream() {
	i, left := len(g.w.JobStreams), g.n-len(g.w.Jobs)
	s := bigStream{app: g.rng.IntN(len(g.apps)), size: min(3+g.rng.IntN(15), left), follows: -1}
	a := &g.apps[s.app]
	s.name = fmt.Sprintf("%s%s%05d", a.code, bigNouns[g.rng.IntN(len(bigNouns))], i%100_000)
	done := float64(len(g.w.Jobs)) / float64(g.n)
	s.sched = g.start.Add(time.Duration(done * float64(24*time.Hour))).Truncate(5 * time.Minute)
	if len(a.last) > 0 && g.chance(300) {
		s.follows = a.last[max(0, len(a.last)-1-g.rng.IntN(20))]
	}
	s.fate = g.fate(s)
	a.last = append(a.last, i)
	g.add(s)
}

// fate decides how far a stream has come, from what it follows, its time, and luck.
func (g *bigPlan) fate(s bigStream) fate {
	if s.follows >= 0 && g.w.JobStreams[s.follows].Status.Internal != "SUCC" || s.sched.After(g.now) {
		return fateHeld
	}
	switch luck := g.rng.IntN(1000); {
	case luck < 4:
		return fateFailed
	case luck < 6:
		return fateCancelled
	case luck < 8:
		return fateAsks
	case luck < 13:
		return fateFile
	case luck < 17:
		return fateResource
	}
	return fateRuns
}

// records fills what the optional ports tell.
func (g *bigPlan) records() {
	found := true
	g.w.Window = &twstools.PlanWindow{Found: &found, RunNumber: g.number(412), ScheduledDate: g.start, Start: g.start, End: g.start.Add(24 * time.Hour), Batchman: "LIVES", TimeZone: "UTC"}
	g.w.Mailboxes = map[string]int{mailbox: 7, "Intercom.msg": 1, "tomaster.msg": 0}
	cycles := []string{"FREQ=DAILY;INTERVAL=1"}
	for i := range g.w.JobStreams {
		s := &g.w.JobStreams[i]
		g.w.StreamDefinitions = append(g.w.StreamDefinitions, twstools.JobStreamDefinition{ID: s.Ref.ID, Name: s.Name, Folder: s.Folder, Workstation: s.Workstation, Priority: s.Priority, RunCycles: cycles})
	}
}
