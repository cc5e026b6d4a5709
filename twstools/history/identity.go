package history

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// identity is a job (or, without a job, a job stream) over all days: a key without its instance.
type identity struct{ folder, workstation, stream, job string }

// The longest names that an engine allows are far shorter: a folder's path has 800 characters, a job's name 40.
const (
	pathBytes = 1000
	nameBytes = 200
)

func identityOf(k twstools.Key) identity {
	folder := k.Folder
	if folder == "" {
		folder = "/"
	}
	return identity{folder: cut(folder, pathBytes), workstation: cut(twstools.DisplayName(k.StreamWorkstation), pathBytes), stream: cut(k.Stream, nameBytes), job: cut(k.Job, nameBytes)}
}

// id gives the identity's number in the database.
func (h *History) id(i identity) int64 {
	return digestOf(h.Engine, i.folder, i.workstation, i.stream, i.job)
}

// digestOf gives the first 64 bits of the SHA-256 of words. Among a million jobs two share it with a chance of 1 in 30 million; rows
// carry their words beside it, and a row with other words is not taken for ours.
func digestOf(words ...string) int64 {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// instanceOf names the instance that a key means: the engine's id of the job stream, which survives carry forward, else nothing.
func instanceOf(k twstools.Key) string { return k.JobStreamID }

// key is the identity's key with the instance that a row names.
func (h *History) key(i identity, instance string, sched int64) twstools.Key {
	return twstools.Key{Engine: h.Engine, Folder: i.folder, StreamWorkstation: i.workstation, Stream: i.stream, Job: i.job, JobStreamID: instance, Sched: fromMillis(sched)}
}

// statusText writes a status into one column; its parts are the engine's words, which have no bar.
func statusText(s twstools.Status) string {
	flags := ""
	for _, f := range []struct {
		set  bool
		mark string
	}{{s.Canceled, "c"}, {s.CancelPending, "p"}, {s.DontRun, "d"}} {
		if f.set {
			flags += f.mark
		}
	}
	part := func(s string) string { return strings.ReplaceAll(cut(s, 60), "|", "/") }
	return strings.TrimRight(part(s.Internal)+"|"+part(s.Common)+"|"+part(s.Substatus)+"|"+flags, "|")
}

func statusFrom(text string) twstools.Status {
	p := append(strings.Split(text, "|"), "", "", "", "")
	return twstools.Status{Internal: p[0], Common: p[1], Substatus: p[2], Canceled: strings.Contains(p[3], "c"),
		CancelPending: strings.Contains(p[3], "p"), DontRun: strings.Contains(p[3], "d")}
}

// cut bounds a foreign text, and takes out what neither database stores as text.
func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
}

// The words of bad statuses: conman's, and the common ones where an engine sends those alone (User's Guide, "Job status descriptions",
// "Job stream status"). A suppressed job is none: it often has its good reason.
func abnormal(s twstools.Status) bool {
	if s.Canceled || s.CancelPending {
		return true
	}
	switch s.Internal {
	case "ABEND", "ABENP", "FAIL", "STUCK", "ERROR":
		return true
	case "":
		return s.Common == "ERROR" || s.Common == "BLOCKED"
	}
	return false
}

// succeeded reports whether a status is the good end.
func succeeded(s twstools.Status) bool {
	if s.Internal != "" {
		return s.Internal == "SUCC" || s.Internal == "SUCCP"
	}
	return s.Common == "SUCCESSFUL"
}
