// Package answer is the shape of every answer: its types, the closed lists of cause kinds and action codes,
// and the checks that an answer must pass whoever wrote it. It is a leaf: everything may import it, it imports nothing of ours.
package answer

// Verdict is what the answer says about the question.
type Verdict string

// The verdicts.
const (
	Problem              Verdict = "problem"
	NoProblem            Verdict = "no_problem"
	InsufficientEvidence Verdict = "insufficient_evidence"
	NeedsClarification   Verdict = "needs_clarification"
	OutOfScope           Verdict = "out_of_scope"
	Refused              Verdict = "refused"
)

// Class says how sure a cause is.
type Class string

// The classes. Inconclusive is for a diagnosis without causes.
const (
	Confirmed    Class = "confirmed"
	Likely       Class = "likely"
	Inconclusive Class = "inconclusive"
)

// Answer is the one object that `resync ask --json` prints and POST /api/chat answers with.
type Answer struct {
	ConversationID string     `json:"conversation_id"`
	MessageID      string     `json:"message_id"`
	Question       string     `json:"question"`
	Language       string     `json:"language"` // "en" or "pt"
	Engine         EngineInfo `json:"engine"`
	Answer         string     `json:"answer"` // Markdown prose, at most 350 words, verdict first
	Diagnosis      *Diagnosis `json:"diagnosis"`
	Citations      []Citation `json:"citations"`
	ToolCalls      []ToolCall `json:"tool_calls"`
	Clocks         Clocks     `json:"clocks"`
	DataAsOf       string     `json:"data_as_of"`
	Stale          bool       `json:"stale"`
	Errors         []Error    `json:"errors"`
	Model          string     `json:"model"`
	Usage          Usage      `json:"usage"`
}

// EngineInfo names the engine that was read.
type EngineInfo struct {
	Name string `json:"name"`
	Mode string `json:"mode"` // live, mock, replay
	API  string `json:"api"`  // v2, v1
}

// Diagnosis is the structured half of an answer.
type Diagnosis struct {
	Verdict         Verdict       `json:"verdict"`
	ConfidenceClass Class         `json:"confidence_class"`
	Causes          []Cause       `json:"causes"`
	Explanations    []Explanation `json:"explanations"`
	Chain           []Hop         `json:"chain"`
	Impact          []Impact      `json:"impact"`
	Affected        []string      `json:"affected"`
	AffectedTotal   int           `json:"affected_total"`
	Urgency         *Urgency      `json:"urgency"`
	Candidates      []Candidate   `json:"candidates"`
	RuledOut        []RuledOut    `json:"ruled_out"`
	Actions         []Action      `json:"actions"`
	Missing         []string      `json:"missing"`
	WouldChange     []string      `json:"would_change"`
}

// Ref identifies an entity for comparison; equality ignores RunID.
type Ref struct {
	Engine      string `json:"engine,omitempty"`
	Type        string `json:"type,omitempty"` // job, job_stream, workstation, resource, prompt, file, host, db, service, user, calendar, rule, plan
	JobStreamID string `json:"jobstream_id,omitempty"`
	Job         string `json:"job,omitempty"`
	Folder      string `json:"folder,omitempty"`
	Workstation string `json:"workstation,omitempty"`
	Name        string `json:"name,omitempty"`
	RunID       string `json:"run_id,omitempty"`
}

// Opaque says that a Ref is handed on and not taken apart; schemas of tools only name it.
func (Ref) Opaque() {}

// Equal compares two Refs; the run takes no part.
func (r Ref) Equal(o Ref) bool {
	r.RunID, o.RunID = "", ""
	return r == o
}

// Cause is one cause with its evidence.
type Cause struct {
	Entity     string     `json:"entity"`
	Ref        Ref        `json:"ref"`
	Kind       string     `json:"kind"`
	Statement  string     `json:"statement"`
	Evidence   []Evidence `json:"evidence"`
	Class      Class      `json:"class"`
	Confidence float64    `json:"confidence"` // 0 to 1; an ordering, not a probability
}

// Explanation says why something that waits or ended is as planned.
type Explanation struct {
	Entity    string     `json:"entity"`
	Kind      string     `json:"kind"`
	Statement string     `json:"statement"`
	Evidence  []Evidence `json:"evidence"`
}

// Evidence is a verbatim piece of a source. Line counts from 1 in the raw log, 0 for sources without lines.
type Evidence struct {
	Source string `json:"source"`
	RunID  string `json:"run_id,omitempty"`
	Line   int    `json:"line,omitempty"`
	Quote  string `json:"quote"`
}

// Hop is one step from the asked entity to the root; BlockedBy is the next entity.
type Hop struct {
	Entity    string     `json:"entity"`
	Status    string     `json:"status"`
	Why       string     `json:"why"` // a cause kind or a planned kind
	BlockedBy string     `json:"blocked_by"`
	Evidence  []Evidence `json:"evidence"`
}

// Impact is one entity that suffers.
type Impact struct {
	Entity       string `json:"entity"`
	Hops         int    `json:"hops"`
	State        string `json:"state"` // blocked, late, released
	Deadline     string `json:"deadline,omitempty"`
	PredictedEnd string `json:"predicted_end,omitempty"`
	Service      string `json:"service,omitempty"`
	Contact      string `json:"contact,omitempty"`
}

// Urgency says how soon a person must act.
type Urgency struct {
	Class   string `json:"class"` // now, this_shift, morning, none
	ActBy   string `json:"act_by,omitempty"`
	Why     string `json:"why"`
	Contact string `json:"contact,omitempty"`
}

// Candidate is an instance to choose from, or one of many objects asked about.
type Candidate struct {
	Entity string `json:"entity"`
	Ref    Ref    `json:"ref"`
	Why    string `json:"why"`
}

// RuledOut is a hypothesis that a read disproved.
type RuledOut struct {
	Entity string `json:"entity"`
	Kind   string `json:"kind"`
	Why    string `json:"why"`
}

// Action is advice to a person. Code is from action-codes.yaml; After is the index of the action that comes first, -1 for none.
type Action struct {
	Code          string         `json:"code"`
	Target        string         `json:"target"`
	Text          string         `json:"text"`
	Command       string         `json:"command"`
	After         int            `json:"after"`
	Preconditions []Precondition `json:"preconditions"`
	Starts        []string       `json:"starts"`
	WayBack       string         `json:"way_back"`
	Risk          string         `json:"risk"` // none, low, high
	NeedsApproval bool           `json:"needs_approval"`
}

// Precondition is one condition of an action and whether it holds: yes, no, unknown.
type Precondition struct {
	Text string `json:"text"`
	Met  string `json:"met"`
}

// Citation points into a document.
type Citation struct {
	Source string `json:"source"` // knowledge:<document>#<section>
	Title  string `json:"title"`
	Quote  string `json:"quote"`
}

// ToolCall is one tool call of the turn.
type ToolCall struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Arguments   map[string]any `json:"arguments"`
	DurationMS  int64          `json:"duration_ms"`
	ResultBytes int            `json:"result_bytes"`
	Error       string         `json:"error"`
}

// Clocks are the three clocks, RFC 3339; MirroredAt is "unknown" unless something proves it.
type Clocks struct {
	FetchedAt  string `json:"fetched_at"`
	MirroredAt string `json:"mirrored_at"`
	PlanNow    string `json:"plan_now"`
}

// Error is a coded error as shown.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Source  string `json:"source"`
}

// Usage counts what the turn cost. CostUSD is 0 where the price is not known.
type Usage struct {
	InputTokens   int     `json:"input_tokens"`
	OutputTokens  int     `json:"output_tokens"`
	CostUSD       float64 `json:"cost_usd"`
	UpstreamCalls int     `json:"upstream_calls"`
	DurationMS    int64   `json:"duration_ms"`
}
