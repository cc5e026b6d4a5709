package reader

import (
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// inFolder reads WS#/path as a job or job stream in a folder: names in small letters look like a file's, and only the plan can tell.
func inFolder(e twstools.Entity) (twstools.Entity, bool) {
	i := strings.LastIndex(e.Name, "/")
	if i < 0 || e.Workstation == "" {
		return e, false
	}
	e.Folder = e.Name[:max(i, 1)]
	stream, job, hasJob := strings.Cut(e.Name[i+1:], ".")
	e.Type, e.Stream, e.Job, e.Name = twstools.EntityJobStream, stream, job, ""
	if hasJob {
		e.Type = twstools.EntityJob
	}
	return e, stream != "" && (!hasJob || job != "")
}

func matches(have, want string) bool {
	if strings.ContainsAny(want, "@?") {
		return true // the filter judged it
	}
	return strings.EqualFold(have, want)
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimPrefix(a, "/"), strings.TrimPrefix(b, "/"))
}

func hasRun(j twstools.Job, e twstools.Entity) bool {
	for _, r := range j.Runs {
		if r.JobNumber == e.JobNumber && (e.Workstation == "" || sameName(r.ActualWorkstation, e.Workstation) || sameName(j.Workstation, e.Workstation)) {
			return true
		}
	}
	return false
}

// fitsJob tells whether the typed form means this job. The workstation before # is the stream's; a job's own is accepted. The
// schedule time is compared when written, yet it is not stable on a real engine, so a stream id decides where there is one.
func fitsJob(j twstools.Job, e twstools.Entity) bool {
	if !matches(j.Name, e.Job) || e.Stream != "" && !matches(j.Stream, e.Stream) {
		return false
	}
	if e.Workstation != "" && !sameName(j.StreamWorkstation, e.Workstation) && !sameName(j.Workstation, e.Workstation) {
		return false
	}
	if !sameFolder(j.StreamFolder, e.Folder) {
		return false
	}
	if e.JobStreamID != "" {
		return j.JobStreamID == "" || strings.EqualFold(j.JobStreamID, e.JobStreamID) || j.StreamRef.ID == e.JobStreamID // ofStream looks up the rest
	}
	return e.Sched.IsZero() || j.SchedTime.IsZero() || sameMinute(j.SchedTime, e.Sched)
}

func fitsStream(s twstools.JobStream, e twstools.Entity) bool {
	if e.Stream != "" && !matches(s.Name, e.Stream) {
		return false
	}
	if e.Workstation != "" && !sameName(s.Workstation, e.Workstation) {
		return false
	}
	if !sameFolder(s.Folder, e.Folder) {
		return false
	}
	if e.JobStreamID != "" {
		return strings.EqualFold(s.InternalID, e.JobStreamID)
	}
	return e.Sched.IsZero() || s.SchedTime.IsZero() || sameMinute(s.SchedTime, e.Sched)
}

// sameFolder compares folders where both are known: people leave the folder out, and engines may.
func sameFolder(have, want string) bool {
	return have == "" || want == "" || strings.EqualFold(strings.Trim(have, "/"), strings.Trim(want, "/"))
}

func sameMinute(a, b time.Time) bool { return a.Truncate(time.Minute).Equal(b.Truncate(time.Minute)) }
