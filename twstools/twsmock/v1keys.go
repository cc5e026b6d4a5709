package twsmock

import (
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

type v1FolderKey struct {
	Name   string `json:"name"`
	Base   string `json:"baseName,omitempty"`
	Parent string `json:"parentName,omitempty"`
	Text   string `json:"keyText,omitempty"`
}

type v1WorkstationKey struct {
	Name     string       `json:"name"`
	Original string       `json:"originalName,omitempty"`
	SymID    string       `json:"symId,omitempty"`
	Folder   *v1FolderKey `json:"folderKey,omitempty"`
}

type v1StreamKey struct {
	ID          string            `json:"id,omitempty"`
	Name        string            `json:"name"`
	Start       string            `json:"startTime,omitempty"`
	Folder      *v1FolderKey      `json:"folderKey,omitempty"`
	Workstation *v1WorkstationKey `json:"workstationKey,omitempty"`
}

type v1JobKey struct {
	ID     string       `json:"id,omitempty"`
	Name   string       `json:"name"`
	Stream *v1StreamKey `json:"jobStreamInPlanKey,omitempty"`
}

type v1DefinitionKey struct {
	Name        string            `json:"name"`
	Workstation *v1WorkstationKey `json:"workstationInPlanKey,omitempty"`
}

// v1ThingKey is the key of a resource; that of a prompt is the same without a workstation.
type v1ThingKey struct {
	Name        string            `json:"name"`
	Original    string            `json:"originalName,omitempty"`
	Workstation *v1WorkstationKey `json:"workstationInPlanKey,omitempty"`
	Folder      *v1FolderKey      `json:"folderKey,omitempty"`
	SymID       string            `json:"symId,omitempty"`
}

type v1FileKey struct {
	ID          string            `json:"id,omitempty"`
	Name        string            `json:"name"`
	Workstation *v1WorkstationKey `json:"workstationInPlanKey,omitempty"`
	Qualifier   string            `json:"qualifier,omitempty"`
}

type v1NameKey struct {
	Name string `json:"name"`
}

func folderKey(folder string) *v1FolderKey {
	if folder == "" || folder == "/" {
		return &v1FolderKey{Name: "/", Text: "/"}
	}
	parent, base := unfolded(strings.TrimSuffix(folder, "/"))
	return &v1FolderKey{Name: folder, Base: base, Parent: parent, Text: folder}
}

// workstationKey is the key of the workstation with this display form; nil for none.
func (c v1Call) workstationKey(display string) *v1WorkstationKey {
	if display == "" {
		return nil
	}
	folder, name := unfolded(display)
	if c.opts.FolderInName {
		name = display
	}
	return &v1WorkstationKey{Name: name, Original: name, SymID: symID("workstation", display), Folder: folderKey(folder)}
}

func (c v1Call) streamKey(s twstools.JobStream) *v1StreamKey {
	return &v1StreamKey{ID: c.ids.write(v1StreamID(s)), Name: s.Name, Start: c.instant(s.SchedTime), Folder: folderKey(s.Folder), Workstation: c.workstationKey(s.Workstation)}
}

// streamKeyOf is the key of a job's stream, which the job knows in parts.
func (c v1Call) streamKeyOf(j twstools.Job) *v1StreamKey {
	return c.streamKey(twstools.JobStream{Name: j.Stream, Folder: j.StreamFolder, Workstation: j.StreamWorkstation, InternalID: j.JobStreamID, SchedTime: j.SchedTime})
}

func (c v1Call) jobKey(j twstools.Job, run int) *v1JobKey {
	return &v1JobKey{ID: c.ids.write(v1JobID(j, run)), Name: j.Name, Stream: c.streamKeyOf(j)}
}

func (c v1Call) instant(t time.Time) string {
	if c.opts.PlainTimes && !t.IsZero() {
		return t.UTC().Format("2006-01-02T15:04:05")
	}
	return instant(t)
}

// millis is a duration as the interface counts them; nil for none.
func millis(d time.Duration) *int64 {
	if d == 0 {
		return nil
	}
	n := d.Milliseconds()
	return &n
}

// symID makes the 16 characters under which the plan's file knows an object.
func symID(parts ...string) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	sum := digest(parts...)
	id := make([]byte, 16)
	for i := range id {
		id[i] = letters[int(sum[i])%len(letters)]
	}
	return string(id)
}
