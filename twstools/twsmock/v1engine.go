package twsmock

import (
	"net/http"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/query"
)

// v1Info is what the engine says of itself. The plan's fields are spelt synphony… by the interface; those of the database must never be
// shown to anybody, which is why they are here.
type v1Info struct {
	HasDatabasePlan bool   `json:"hasDatabasePlan"`
	Locale          string `json:"locale"`
	TimeZone        string `json:"timezone"`
	ZonesEnabled    bool   `json:"timezoneEnable"`
	Type            string `json:"type"`
	Version         string `json:"version"`
	FullVersion     string `json:"fullVersion"`
	DisplayVersion  string `json:"displayVersion"`
	APILevel        int    `json:"apiLevel"`
	HasModel        bool   `json:"hasModel"`
	HasPlan         bool   `json:"hasPlan"`
	EngineType      string `json:"engineType"`
	PlanTimeZone    string `json:"planTimezone,omitempty"`
	Workstation     string `json:"workstationName,omitempty"`
	Domain          string `json:"domainName,omitempty"`
	MasterDomain    string `json:"masterDomain,omitempty"`
	Master          string `json:"masterWorkstation,omitempty"`
	RunNumber       *int   `json:"synphonyRunNumber,omitempty"`
	ScheduledDate   string `json:"synphonyScheduledDate,omitempty"`
	Batchman        string `json:"synphonyBatchManStatus,omitempty"`
	FileName        string `json:"synphonyFileName,omitempty"`
	PlanStart       string `json:"synphonyPlanStart,omitempty"`
	PlanEnd         string `json:"synphonyPlanEnd,omitempty"`
	StartTime       string `json:"synphonyStartTime,omitempty"`
	Found           *bool  `json:"synphonyFound,omitempty"`
	RDBMSSchema     string `json:"rdbmsSchema"`
	RDBMSUser       string `json:"rdbmsUser"`
	RDBMSType       string `json:"rdbmsType"`
	RDBMSURL        string `json:"rdbmsUrl"`
	FIPS            bool   `json:"fipsEnabled"`
	AuditStore      string `json:"auditStore"`
	License         string `json:"licenseType"`
}

func (c v1Call) engineInfo() answer {
	i := c.w.Info
	out := v1Info{HasDatabasePlan: !c.opts.NoMirror, Locale: i.Locale, TimeZone: i.TimeZone, ZonesEnabled: true, Type: "DISTRIBUTED", Version: i.Version, FullVersion: i.Version,
		DisplayVersion: i.Version, APILevel: 1, HasModel: true, HasPlan: true, EngineType: "MASTER", PlanTimeZone: i.TimeZone, RDBMSSchema: "MDL", RDBMSUser: "hwadbuser",
		RDBMSType: "DB2", RDBMSURL: "jdbc:db2://db.plant.example:50000/TWS", AuditStore: "db", License: i.License}
	master := c.master()
	out.Workstation, out.Master, out.Domain, out.MasterDomain = master.Name, master.Name, master.Domain, master.Domain
	if p := c.w.Window; p != nil {
		out.RunNumber, out.ScheduledDate, out.Batchman, out.Found = p.RunNumber, c.instant(p.ScheduledDate), p.Batchman, p.Found
		out.PlanStart, out.PlanEnd, out.StartTime, out.FileName = c.instant(p.Start), c.instant(p.End), c.instant(p.Start), "Symphony"
		if p.TimeZone != "" {
			out.PlanTimeZone = p.TimeZone
		}
		if p.Found != nil {
			out.HasPlan = *p.Found
		}
	}
	return inJSON(http.StatusOK, out)
}

// master is the workstation that says it is the master; the zero one where none does.
func (c v1Call) master() twstools.Workstation {
	i := slices.IndexFunc(c.w.Workstations, func(w twstools.Workstation) bool { return slices.Contains(w.ActiveStates, "MASTER") })
	if i < 0 {
		i = slices.IndexFunc(c.w.Workstations, func(w twstools.Workstation) bool { return w.Type == "MANAGER" })
	}
	if i < 0 {
		return twstools.Workstation{}
	}
	return c.w.Workstations[i]
}

// mailbox answers how full a message queue is, in percent, as a bare number. A queue may be named with and without its ending.
func (c v1Call) mailbox() answer {
	name := c.query.Get("mailboxName")
	if name == "" {
		name = "Mailbox.msg"
	}
	for queue, percent := range c.w.Mailboxes {
		if strings.EqualFold(strings.TrimSuffix(queue, ".msg"), strings.TrimSuffix(name, ".msg")) {
			return inJSON(http.StatusOK, percent)
		}
	}
	return failedV1(fault.New(fault.NotFound, "There is no mailbox %q.", name))
}

type v1Symphony struct {
	Key          v1SymphonyKey `json:"key"`
	ID           string        `json:"id"`
	Created      string        `json:"creationDate,omitempty"`
	ValidFrom    string        `json:"validFrom,omitempty"`
	ValidTo      string        `json:"validTo,omitempty"`
	RunNumber    *int          `json:"runNumber,omitempty"`
	Size         *int64        `json:"size,omitempty"`
	CriticalPath bool          `json:"criticalPathEnabled"`
	SameName     bool          `json:"rerunSameName"`
	Active       *bool         `json:"active,omitempty"`
	Master       string        `json:"masterWorkstationName,omitempty"`
	Domain       string        `json:"masterDomainName,omitempty"`
	Workstations int           `json:"numberOfCpu,omitempty"`
}

type v1SymphonyKey struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// plans lists the live plan, where there is one, and those that were archived.
func (c v1Call) plans() answer {
	var all []twstools.Plan
	if p := c.w.Window; p == nil || p.Found == nil || *p.Found {
		active := true
		live := twstools.Plan{ID: currentPlan, Name: "Symphony", Type: twstools.PlanCurrent, Active: &active, Master: c.master().Name}
		if p != nil {
			live.RunNumber, live.Created, live.ValidFrom, live.ValidTo = p.RunNumber, p.Start, p.Start, p.End
		}
		all = append(all, live)
	}
	for _, a := range c.w.Archived {
		all = append(all, a.Plan)
	}
	return listV1(c, query.Plans, "plan", all, twstools.PlanRow, func(p twstools.Plan) string { return p.ID }, c.writePlan)
}

func (c v1Call) writePlan(p twstools.Plan) v1Symphony {
	out := v1Symphony{Key: v1SymphonyKey{p.Name, string(p.Type)}, ID: p.ID, Created: c.instant(p.Created), ValidFrom: c.instant(p.ValidFrom), ValidTo: c.instant(p.ValidTo),
		RunNumber: p.RunNumber, Size: p.Size, SameName: true, Active: p.Active, Master: p.Master}
	if p.Type == twstools.PlanCurrent {
		out.CriticalPath, out.Domain, out.Workstations = len(c.w.CriticalJobs) > 0, c.master().Domain, len(c.w.Workstations)
	}
	return out
}
