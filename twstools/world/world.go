// Package world is the state of one engine's plan at one instant, as data: workstations, job streams, jobs with their runs and
// dependencies, resources with holders, prompts, job logs, and what the engine says about itself. The demo plant, a scenario of
// the evals and a replayed capsule are all worlds.
//
// A world derives no diagnosis and runs nothing: statuses are what its files say. Loading only spares the author from writing down what
// follows from the rest (ids, the hours of an ordinary run, whether a dependency is met). The package imports no net
// package; twsmock serves a World over HTTP and Engine serves it in memory.
//
// A World is plain data. Once handed to Engine or to a server it must not be changed; both copy what they give out.
//
// Start at Load for files, Demo for the plant that ships with Resync, Engine for the port over it.
package world

import (
	"crypto/md5" //nolint:gosec // names become version 3 UUIDs with it, as the engine's own do; nothing is protected by it
	"encoding/hex"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// Dialect is the Ref.Dialect of everything that a world gives out.
const Dialect = "world"

// World is one plan at one instant. All slices are in the plan's order; the jobs of a stream stand together.
type World struct {
	AsOf         time.Time // the instant that the state belongs to, UTC
	Info         twstools.Info
	PlanID       string
	Workstations []twstools.Workstation
	JobStreams   []twstools.JobStream
	Jobs         []twstools.Job
	Resources    []twstools.Resource
	Prompts      []twstools.Prompt
	Logs         map[string]JobLog // by run id

	// What the optional ports tell. Files are not listed: they are the FILE dependencies of jobs and job streams.
	Window            *twstools.PlanWindow // nil: the engine does not say
	Archived          []ArchivedPlan
	CriticalJobs      []twstools.CriticalJob // their Job is a job of this plan by Ref; other fields are filled from it
	Mailboxes         map[string]int         // percent full, by queue
	Events            []twstools.EventRecord
	Audit             []twstools.AuditRecord
	StreamDefinitions []twstools.JobStreamDefinition
	JobDefinitions    []twstools.JobDefinition // nil: those of the jobs in the plan
}

// ArchivedPlan is a plan of the past with its jobs as they ended.
type ArchivedPlan struct {
	Plan twstools.Plan
	Jobs []twstools.Job
}

// JobLog is the log of one run: what the agent writes around the job's own output, and that output. Each part ends with a line end
// or is empty; a run that has not ended has no trailer.
type JobLog struct{ Header, Body, Trailer string }

// Text is the whole log as the engine gives it.
func (l JobLog) Text() string { return l.Header + l.Body + l.Trailer }

// nameUUID makes a name-based (version 3) UUID, the kind of id that the engine gives its plan objects.
func nameUUID(parts ...string) string {
	h := md5.Sum([]byte(strings.Join(parts, "\x00"))) //nolint:gosec // see the import
	h[6] = h[6]&0x0f | 0x30
	h[8] = h[8]&0x3f | 0x80
	s := hex.EncodeToString(h[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// rootFolderID is the id that the root folder has in every example that the vendor publishes.
const rootFolderID = "742ba6a6-31aa-3051-b810-3ced4fc624b4"

// FolderID gives the id of a folder, made from its name.
func FolderID(folder string) string {
	if folder == "" || folder == "/" {
		return rootFolderID
	}
	return nameUUID("folder", folder)
}

// ref makes a Ref into this world. The engine's configured name is filled in by Engine.
func ref(id string) twstools.Ref { return twstools.Ref{Dialect: Dialect, ID: id} }
