package twsmock

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// idScheme is one of the interface's two layouts of ids (header Id-Encoding): 0 is the old one, parts joined with semicolons as in
// WORKSTATION;JOBSTREAMID;JOB; 1, the default, is that in Base64. Ids go into paths, where both need percent-encoding.
type idScheme struct {
	plain  bool
	stated bool // the header was sent, so only its layout is taken
}

func idSchemeOf(r *http.Request) (idScheme, error) {
	switch h := r.Header.Get("Id-Encoding"); h {
	case "":
		return idScheme{}, nil
	case "0", "1":
		return idScheme{plain: h == "0", stated: true}, nil
	default:
		return idScheme{}, fault.New(fault.Invalid, "The header Id-Encoding is 0 or 1, not %q.", h)
	}
}

func (s idScheme) write(id string) string {
	if s.plain || id == "" {
		return id
	}
	return base64.StdEncoding.EncodeToString([]byte(id))
}

// read gives what an id that a client sends back may be in the old layout, likeliest first. Without the header it may be either: the
// vendor's shell samples put the old layout into paths without saying so.
func (s idScheme) read(id string) []string {
	if s.plain {
		return []string{id}
	}
	var out []string
	if raw, err := base64.StdEncoding.DecodeString(id); err == nil {
		out = append(out, string(raw))
	}
	if !s.stated {
		out = append(out, id)
	}
	return out
}

// The old layouts. A run that is not the last of its chain has its number behind: how the engine tells the links of a chain apart is not known.
func v1JobID(j twstools.Job, run int) string {
	id := j.StreamWorkstation + ";" + j.JobStreamID + ";" + j.Name
	if run < len(j.Runs)-1 {
		id += ";" + strconv.Itoa(run+1)
	}
	return id
}

func v1StreamID(s twstools.JobStream) string { return s.Workstation + ";" + s.InternalID }

func v1ResourceID(r twstools.Resource) string { return r.Workstation + ";" + folded(r.Folder, r.Name) }

func v1PromptID(p twstools.Prompt) string {
	if p.Name == "" && p.Number != nil {
		return "#" + strconv.Itoa(*p.Number)
	}
	return folded(p.Folder, p.Name)
}

func v1FileID(d twstools.Dependency) string {
	return d.Workstation + ";" + d.File + ";" + d.FileQualifier
}

// folded is a name with its folder in front where that is not the root.
func folded(folder, name string) string {
	if folder == "" || folder == "/" {
		return name
	}
	return strings.TrimSuffix(folder, "/") + "/" + name
}

// unfolded splits a display form into folder and bare name.
func unfolded(display string) (folder, name string) {
	if i := strings.LastIndexByte(display, '/'); i > 0 {
		return display[:i], display[i+1:]
	}
	return "/", strings.TrimPrefix(display, "/")
}
