package twstools

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// EntityType says what an Entity names.
type EntityType string

// The types of entities (contracts/answer.md rule 1). The last six are written as "type:name".
const (
	EntityJob         EntityType = "job"
	EntityJobStream   EntityType = "job_stream"
	EntityWorkstation EntityType = "workstation"
	EntityResource    EntityType = "resource"
	EntityPrompt      EntityType = "prompt"
	EntityFile        EntityType = "file"
	EntityJobNumber   EntityType = "job_number"
	EntityName        EntityType = "name" // a bare name: job, stream or anything else
	EntityDB          EntityType = "db"
	EntityHost        EntityType = "host"
	EntityService     EntityType = "service"
	EntityUser        EntityType = "user"
	EntityCalendar    EntityType = "calendar"
	EntityRule        EntityType = "rule"
	EntityPlan        EntityType = "plan"
)

// Entity is a name as an operator writes it, taken apart. Workstation is the job stream's for jobs and streams.
type Entity struct {
	Type        EntityType
	Folder      string // of the named object, "" or "/" when root
	Workstation string // with its folder in front where that is not root: "/PROD/LX1"
	Stream      string
	Sched       time.Time // zero when not written; UTC
	JobStreamID string    // 16 characters
	Job         string
	Name        string // of whatever is no job and no stream: resource, prompt, file path, host …
	JobNumber   int64
	// ShowID prints the 16-character id beside the schedule time: needed where two instances share it.
	ShowID bool
}

// timeLayout is conman's schedule time: hhmm mm/dd/yy.
const timeLayout = "1504 01/02/06"

// String prints the operator's form in the zone loc (UTC when nil).
func (e Entity) String(loc *time.Location) string {
	if loc == nil {
		loc = time.UTC
	}
	switch e.Type {
	case EntityJob, EntityJobStream:
		var b strings.Builder
		if e.Workstation != "" {
			b.WriteString(e.Workstation + "#")
		}
		if e.Folder != "" && e.Folder != "/" {
			b.WriteString(strings.TrimSuffix(e.Folder, "/") + "/")
		}
		b.WriteString(e.Stream)
		switch id := e.JobStreamID; {
		case !e.Sched.IsZero() && e.ShowID && id != "":
			fmt.Fprintf(&b, "[(%s),(%s)]", e.Sched.In(loc).Format(timeLayout), id)
		case !e.Sched.IsZero():
			fmt.Fprintf(&b, "[(%s)]", e.Sched.In(loc).Format(timeLayout))
		}
		if e.Type == EntityJob {
			b.WriteString("." + e.Job)
		}
		return b.String()
	case EntityResource, EntityFile:
		if e.Workstation == "" {
			return e.foldered()
		}
		return e.Workstation + "#" + e.foldered()
	case EntityWorkstation:
		return e.Workstation
	case EntityPrompt, EntityName:
		return e.foldered()
	case EntityJobNumber:
		s := "#J" + strconv.FormatInt(e.JobNumber, 10)
		if e.Workstation != "" {
			s = e.Workstation + s
		}
		return s
	default:
		return string(e.Type) + ":" + e.Name
	}
}

func (e Entity) foldered() string {
	if e.Type == EntityFile || e.Folder == "" || e.Folder == "/" {
		return e.Name
	}
	return strings.TrimSuffix(e.Folder, "/") + "/" + e.Name
}

var (
	jobNumberForm = regexp.MustCompile(`(?i)^([A-Z0-9_/\-]*)#J(\d+)$`)
	typedForm     = regexp.MustCompile(`^(db|host|service|user|calendar|rule|plan):(.+)$`)
	// One instance written in parentheses or brackets: [(0200 03/17/26),(0AAAAAAAAAAAACQ3T)], (0200 03/17/26), [(0200)].
	instanceForm = regexp.MustCompile(`\[?\(\s*(\d{4})(?:\s+(\d{2}/\d{2}/\d{2,4}))?\s*\)?(?:\s*,\s*\(?\s*([0-9A-Za-z-]{16,36})\s*\)?)?\s*\)?\]?`)
	streamIDForm = regexp.MustCompile(`^0A{4,}[0-9A-Z]+$`)
)

// ParseEntity reads the operator's form, in all the ways people paste it: `WS#STREAM[(0200 03/17/26)].JOB`,
// `WS#STREAM(0200 03/17/26).JOB`, `WS#0AAAAAAAAAAAACQ3T.JOB;schedid`, `WS#STREAM.JOB`, `STREAM.JOB`, `WS#STREAM`, `#J881204`,
// `WS#J881204`, `db:NAME`, `WS#/path`. A single word is an EntityName: only the plan can say what it is. Schedule times are read
// in the zone loc (UTC when nil); a time without a date keeps Sched zero, since the day is not known here.
// Text that is no name at all (empty, spaces inside a name) is an error of no particular code: callers fall back to a search.
func ParseEntity(text string, loc *time.Location) (Entity, error) {
	if loc == nil {
		loc = time.UTC
	}
	s := strings.Trim(strings.TrimSpace(text), "`'\"“”‘’.,;:!?")
	if s == "" {
		return Entity{}, fmt.Errorf("empty name")
	}
	if m := typedForm.FindStringSubmatch(s); m != nil {
		return Entity{Type: EntityType(m[1]), Name: m[2]}, nil
	}
	if m := jobNumberForm.FindStringSubmatch(s); m != nil {
		n, err := strconv.ParseInt(m[2], 10, 64)
		if err != nil {
			return Entity{}, fmt.Errorf("job number %q: %w", m[2], err)
		}
		return Entity{Type: EntityJobNumber, Workstation: m[1], JobNumber: n}, nil
	}
	var e Entity
	s = strings.TrimSuffix(strings.TrimSuffix(s, ";schedid"), ";SCHEDID")
	if at := instanceForm.FindStringSubmatchIndex(s); at != nil {
		m := instanceForm.FindStringSubmatch(s)
		if m[2] != "" {
			layout := timeLayout
			if len(m[2]) > 8 {
				layout = "1504 01/02/2006"
			}
			if t, err := time.ParseInLocation(layout, m[1]+" "+m[2], loc); err == nil {
				e.Sched = t.UTC()
			}
		}
		e.JobStreamID = m[3]
		e.ShowID = m[3] != ""
		s = s[:at[0]] + s[at[1]:]
	}
	if strings.ContainsAny(s, " \t\n") {
		return Entity{}, fmt.Errorf("%q is not a name", text)
	}
	rest := s
	if i := strings.Index(rest, "#"); i >= 0 {
		e.Workstation = displayWorkstation(rest[:i])
		rest = rest[i+1:]
		if looksLikePath(rest) {
			e.Type, e.Name = EntityFile, rest
			return e, nil
		}
	}
	folder, name := splitFolder(rest)
	e.Folder = folder
	stream, job, hasJob := strings.Cut(name, ".")
	switch {
	case hasJob && stream != "" && job != "":
		e.Type, e.Stream, e.Job = EntityJob, stream, job
	case strings.Contains(s, "#") && stream != "":
		e.Type, e.Stream = EntityJobStream, stream
	case !e.Sched.IsZero() || e.JobStreamID != "":
		e.Type, e.Stream = EntityJobStream, stream
	case rest == "":
		e.Type = EntityWorkstation
	default:
		e.Type, e.Name = EntityName, strings.Trim(name, ".")
	}
	if streamIDForm.MatchString(e.Stream) && len(e.Stream) == 16 {
		e.JobStreamID, e.Stream = e.Stream, ""
	}
	return e, nil
}

// looksLikePath tells a file from a stream in a folder: a path has a dot or a file-like depth, or a drive letter.
func looksLikePath(s string) bool {
	if len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') {
		return true
	}
	if !strings.HasPrefix(s, "/") {
		return false
	}
	last := s[strings.LastIndex(s, "/")+1:]
	return last != strings.ToUpper(last)
}

func splitFolder(s string) (folder, name string) {
	i := strings.LastIndex(s, "/")
	if i < 0 {
		return "", s
	}
	if i == 0 {
		return "/", s[1:]
	}
	return s[:i], s[i+1:]
}

// displayWorkstation drops the slash of the root folder: "/MDM" is "MDM", "/PROD/MDM" stays.
func displayWorkstation(s string) string {
	if strings.Count(s, "/") == 1 && strings.HasPrefix(s, "/") {
		return s[1:]
	}
	return s
}

// DisplayName is the operator's form of a path the engine sent: "/MDM" becomes "MDM", "/PROD/MDM" stays.
func DisplayName(path string) string { return displayWorkstation(path) }

// Entity names the job.
func (j Job) Entity() Entity {
	return Entity{Type: EntityJob, Folder: j.StreamFolder, Workstation: firstNonEmpty(j.StreamWorkstation, j.Workstation), Stream: j.Stream,
		Sched: j.SchedTime, JobStreamID: j.JobStreamID, Job: j.Name}
}

// Entity names the job stream.
func (s JobStream) Entity() Entity {
	return Entity{Type: EntityJobStream, Folder: s.Folder, Workstation: s.Workstation, Stream: s.Name, Sched: s.SchedTime, JobStreamID: s.InternalID}
}

// Entity names the workstation.
func (w Workstation) Entity() Entity { return Entity{Type: EntityWorkstation, Workstation: w.Name} }

// Entity names the resource.
func (r Resource) Entity() Entity {
	return Entity{Type: EntityResource, Folder: r.Folder, Workstation: r.Workstation, Name: r.Name}
}

// Entity names the prompt: by name, or by number where it has none.
func (p Prompt) Entity() Entity { return PromptEntity(p.Folder, p.Name, p.Number) }

// PromptEntity names a prompt by name, or "#number" for one that a stream carries in its own text.
func PromptEntity(folder, name string, number *int) Entity {
	if name == "" && number != nil {
		name = "#" + strconv.Itoa(*number)
	}
	return Entity{Type: EntityPrompt, Folder: folder, Name: name}
}

func firstNonEmpty(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}
