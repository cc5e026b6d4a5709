package hwa

import "github.com/resync-hwa/resync/twstools"

func (c decoder) jobStream(o object, whole bool) twstools.JobStream {
	folder, name := splitName(o.str("name"))
	if f := o.str("folder", "folderName"); f != "" || folder == "" {
		folder = folderPath(f)
	}
	t := o.obj("timeInfo")
	flags := o.obj("jsStatusFlags")
	s := twstools.JobStream{
		Ref:                c.ref(identity(o)),
		Name:               name,
		OriginalName:       o.str("originalJobStreamName"),
		Alias:              o.str("aliasJobStreamName"),
		Folder:             folder,
		Workstation:        display(o.str("workstation", "workstationName")),
		InternalID:         o.str("internalIdentifier", "jobStreamInternalIdentifier"),
		SchedTime:          o.instant("schedTime", "scheduledTime"),
		TimeZone:           o.str("timeZone", "timezone"),
		Status:             statusOf(o, []string{"commonStatus"}, []string{"compositeStatus", "status"}),
		Priority:           priority(o),
		Limit:              o.integer("limit"),
		Stats:              stats(o.obj("jobStreamStats")),
		CarriedForward:     o.obj("jsDefinitionFlags").is("carriedForward") || o.is("carriedForward"),
		PendingPredecessor: flags.is("pendingPredecessor"),
		Late:               flags.is("lateJobStream"),
		Start:              t.instant("actualStartTime"),
		End:                t.instant("actualEndTime"),
		Estimated:          t.duration("estimatedDuration"),
		Times:              restrictions(o.obj("timeRestrictions")),
		ServiceName:        o.str("serviceName"),
		ServiceContact:     o.str("serviceContact"),
		Submitter:          o.str("submitter"),
	}
	if s.Name == "" {
		s.Name = s.OriginalName
	}
	s.Dependencies, s.DependenciesKnown, _, s.UnresolvedCount = c.dependencies(o, whole)
	s.DependencyCounts = countsByType(o.obj("dependenciesStats"))
	return s
}

func stats(o object) twstools.JobStreamStats {
	return twstools.JobStreamStats{
		Total:      o.integer("numberOfJob", "numberOfJobs"),
		Successful: o.integer("numberOfSuccessfullJob", "numberOfSuccessfulJob"), // the first is how the engine spells it
		Abended:    o.integer("numberOfAbendedJob"),
		Failed:     o.integer("numberOfFailedJob"),
		Executing:  o.integer("numberOfExecutingJob"),
		NotRunning: o.integer("numberOfNotRunningJob"),
		Undecided:  o.integer("numberOfUndecidedJob"),
	}
}
