package twstools

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
)

// Capable is an Engine that has optional ports, or that stands in front of one that has.
type Capable interface {
	// Capabilities gives the ports that this engine has; a nil field is one that it lacks.
	Capabilities() Capabilities
}

// Capabilities are the optional ports (DESIGN.md 4.5): what only some levels and dialects of engine can be asked. That a port is there does
// not say that this server answers it: a call may still be fault.Unsupported, which becomes a line in an answer's `missing`.
type Capabilities struct {
	Plans        PlanReader
	Files        FileReader
	CriticalJobs CriticalJobReader
	Mailbox      MailboxReader
	Events       EventReader
	Audit        AuditReader
	Definitions  DefinitionReader
	Metrics      MetricsReader
}

// CapabilitiesOf gives the optional ports of e. No field of the result is nil: a port that e lacks answers fault.Unsupported.
func CapabilitiesOf(e Engine) Capabilities {
	var c Capabilities
	if x, ok := e.(Capable); ok {
		c = x.Capabilities()
	}
	if c.Plans == nil {
		c.Plans = lacking{}
	}
	if c.Files == nil {
		c.Files = lacking{}
	}
	if c.CriticalJobs == nil {
		c.CriticalJobs = lacking{}
	}
	if c.Mailbox == nil {
		c.Mailbox = lacking{}
	}
	if c.Events == nil {
		c.Events = lacking{}
	}
	if c.Audit == nil {
		c.Audit = lacking{}
	}
	if c.Definitions == nil {
		c.Definitions = lacking{}
	}
	if c.Metrics == nil {
		c.Metrics = lacking{}
	}
	return c
}

// PlanReader reads about plans other than the objects of the current one.
type PlanReader interface {
	// PlanWindow says from when to when the current plan runs, and whether batchman is alive.
	PlanWindow(ctx context.Context) (PlanWindow, error)
	// Plans lists the plans that the engine keeps: current, archived, forecast, trial. typ "" lists all.
	Plans(ctx context.Context, typ PlanType) ([]Plan, error)
	// ArchivedJobs lists jobs of another plan of Plans. References in the result cannot be read again through Engine.
	ArchivedJobs(ctx context.Context, plan Plan, q ListQuery) (List[Job], error)
}

// PlanWindow is the production plan's own state. Zero values mean that the engine did not say.
type PlanWindow struct {
	Found         *bool // whether there is a plan at all
	RunNumber     *int
	ScheduledDate time.Time
	Start, End    time.Time
	Batchman      string // as sent; LIVES or DOWN as conman says it, or another word
	TimeZone      string // of the plan, IANA
}

// PlanType is the kind of a plan: open string, the constants are the documented ones.
type PlanType string

// The plan types of the V1 interface.
const (
	PlanCurrent  PlanType = "CURRENT"
	PlanArchived PlanType = "ARCHIVED"
	PlanForecast PlanType = "FORECAST"
	PlanTrial    PlanType = "TRIAL"
	PlanNew      PlanType = "SYMNEW"
)

// Plan is one plan that the engine keeps.
type Plan struct {
	ID                 string // path id: "current", or YYYYMMDDhhmm of an archived one
	Name               string
	Type               PlanType
	RunNumber          *int
	Created            time.Time
	ValidFrom, ValidTo time.Time
	Size               *int64
	Active             *bool
	Master             string
}

// ArchivedPlans lists the archived plans that r knows, newest first. An engine may answer with plans of other types beside those that it was
// asked for, and with entries without an id, which nothing can be read of; both are left out.
func ArchivedPlans(ctx context.Context, r PlanReader) ([]Plan, error) {
	all, err := r.Plans(ctx, PlanArchived)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(p Plan) bool { return p.ID == "" || p.Type != "" && p.Type != PlanArchived })
	slices.SortStableFunc(all, func(a, b Plan) int { return strings.Compare(b.ID, a.ID) }) // ids are YYYYMMDDhhmm
	return all, nil
}

// FileReader lists the files that jobs and job streams wait for.
type FileReader interface {
	Files(ctx context.Context, q ListQuery) (List[FileWait], error)
}

// FileWait is one file dependency as a row of its own.
type FileWait struct {
	Name        string
	Workstation string // where it is looked for
	Qualifier   string
	Status      string // Exists, Unavailable, Checking, Not Checked … as sent
}

// CriticalJobReader reads the critical-path service.
type CriticalJobReader interface {
	CriticalJobs(ctx context.Context, q ListQuery) (List[CriticalJob], error)
	CriticalSummary(ctx context.Context) (CriticalSummary, error)
}

// CriticalJob is a job with a critical-path forecast.
type CriticalJob struct {
	Job            Job
	Alert          string // HIGH_RISK, POTENTIAL_RISK, ON_TRACK as sent
	Deadline       time.Time
	EstimatedStart time.Time
	EstimatedEnd   time.Time
	CriticalStart  time.Time
	Confidence     *float64 // percent; nil when not said
}

// CriticalSummary counts critical jobs by risk.
type CriticalSummary struct {
	NoRisk, PotentialRisk, HighRisk *int
	Recalculated                    time.Time
}

// MailboxReader reads how full a message queue of the master is.
type MailboxReader interface {
	// MailboxFill gives percent; name "" means Mailbox.msg.
	MailboxFill(ctx context.Context, name string) (int, error)
}

// RecordQuery selects event or audit records by time; zero bounds are open. Limit 0 means 500.
type RecordQuery struct {
	From, To time.Time
	Object   string // a name that the record must mention; "" for all
	Limit    int
}

// EventReader reads the event log of the event processor.
type EventReader interface {
	Events(ctx context.Context, q RecordQuery) ([]EventRecord, error)
}

// EventRecord is one line of the event log.
type EventRecord struct {
	ID, Type, Rule, Message, Severity string
	At                                time.Time
}

// AuditReader reads who did what, where the plant keeps audit records.
type AuditReader interface {
	Audit(ctx context.Context, q RecordQuery) ([]AuditRecord, error)
}

// AuditRecord is one audited action. Object is as the engine writes it.
type AuditRecord struct {
	ID, Action, ObjectType, Object, User, Message string
	At                                            time.Time
}

// DefinitionReader reads what is defined in the database, as distinct from what is in the plan.
type DefinitionReader interface {
	// JobDefinitions lists job definitions whose name matches pattern (@ and ?).
	JobDefinitions(ctx context.Context, pattern string, limit int) ([]JobDefinition, error)
	// JobStreamDefinitions lists job stream definitions whose name matches pattern.
	JobStreamDefinitions(ctx context.Context, pattern string, limit int) ([]JobStreamDefinition, error)
}

// JobStreamDefinition is what the database holds of a job stream.
type JobStreamDefinition struct {
	ID, Name, Folder, Workstation, Description string
	Draft                                      *bool
	ValidFrom, ValidTo                         time.Time
	Priority, Limit                            *int
	RunCycles                                  []string // as sent
	Jobs                                       []string
}

// MetricsReader reads the engine's OpenMetrics page.
type MetricsReader interface {
	Metrics(ctx context.Context) (Metrics, error)
}

// Metrics are the figures of the OpenMetrics page that Resync uses; nil maps and pointers mean absent. Maps are keyed by the label as sent.
type Metrics struct {
	JobsByStatus      map[string]int
	JobsByWorkstation map[string]int
	JobsByFolder      map[string]int
	Linked, Running   map[string]bool // by workstation
	QueueFill         map[string]float64
	DatabaseConnected *bool
	At                time.Time // our clock
}

// lacking stands for a port that an engine does not have.
type lacking struct{}

func absent(what string) error {
	return fault.New(fault.Unsupported, "This engine cannot be asked about %s.", what).WithHint("Its REST interface V1 knows it, where the account may use it.")
}

func (lacking) PlanWindow(context.Context) (PlanWindow, error) {
	return PlanWindow{}, absent("the plan's window")
}
func (lacking) Plans(context.Context, PlanType) ([]Plan, error) {
	return nil, absent("other plans")
}
func (lacking) ArchivedJobs(context.Context, Plan, ListQuery) (List[Job], error) {
	return List[Job]{}, absent("archived plans")
}
func (lacking) Files(context.Context, ListQuery) (List[FileWait], error) {
	return List[FileWait]{}, absent("files")
}
func (lacking) CriticalJobs(context.Context, ListQuery) (List[CriticalJob], error) {
	return List[CriticalJob]{}, absent("critical jobs")
}
func (lacking) CriticalSummary(context.Context) (CriticalSummary, error) {
	return CriticalSummary{}, absent("critical jobs")
}
func (lacking) MailboxFill(context.Context, string) (int, error) {
	return 0, absent("its message queues")
}
func (lacking) Events(context.Context, RecordQuery) ([]EventRecord, error) {
	return nil, absent("its event log")
}
func (lacking) Audit(context.Context, RecordQuery) ([]AuditRecord, error) {
	return nil, absent("audit records")
}
func (lacking) JobDefinitions(context.Context, string, int) ([]JobDefinition, error) {
	return nil, absent("definitions")
}
func (lacking) JobStreamDefinitions(context.Context, string, int) ([]JobStreamDefinition, error) {
	return nil, absent("definitions")
}
func (lacking) Metrics(context.Context) (Metrics, error) {
	return Metrics{}, absent("its metrics")
}
