package plan

import (
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// OwnRun is the last run of the job itself: a recovery job's run stands in its list too, and its status and return code are not the job's.
// nil where the job has not run.
func OwnRun(j *twstools.Job) *twstools.Run {
	for i := len(j.Runs) - 1; i >= 0; i-- {
		if !ofRecovery(j, &j.Runs[i]) {
			return &j.Runs[i]
		}
	}
	return nil
}

// Recovery gives the run of the recovery job that made good a job that stands there as ended badly: it ended well after the job did, and
// what follows the job goes on (UG "recovery", table of options and actions, for stop and continue). With rerun it only prepares: the job
// itself is to run again.
func Recovery(j *twstools.Job) (*twstools.Run, bool) {
	if j == nil || PhaseOf(j.Status) != Bad || len(j.Runs) < 2 || strings.EqualFold(j.Definition.RecoveryOption, "RERUN") {
		return nil, false
	}
	last := &j.Runs[len(j.Runs)-1]
	return last, ofRecovery(j, last) && PhaseOf(last.Status) == Done
}

// ofRecovery tells a recovery job's run by its type; where none is told, by a name that is not the job's.
func ofRecovery(j *twstools.Job, r *twstools.Run) bool {
	if r.RerunType != "" {
		return strings.EqualFold(r.RerunType, "RECOVERY")
	}
	return r.Name != "" && strings.EqualFold(r.Name, j.Definition.RecoveryJob) && !strings.EqualFold(r.Name, j.Name)
}
