package diagnose

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

// conmanName is the alphabet of names that may stand in a command: letters, digits, dash, underscore, and folders in front
// (UG "Workload automation naming conventions"). A name outside it gets no command: it must not turn into one in a copy button.
var conmanName = regexp.MustCompile(`^(/?[A-Za-z0-9_\-]{1,40}(/[A-Za-z0-9_\-]{1,40})*)$`)

// jobSelect names exactly one instance: by the stream's 16-character id, else by its schedule time.
func jobSelect(e twstools.Entity, zone *time.Location) (string, bool) {
	job := ""
	if e.Type == twstools.EntityJob {
		if !conmanName.MatchString(e.Job) {
			return "", false
		}
		job = "." + e.Job
	}
	if !conmanName.MatchString(e.Workstation) {
		return "", false
	}
	if len(e.JobStreamID) == 16 && conmanName.MatchString(e.JobStreamID) {
		return e.Workstation + "#" + e.JobStreamID + job + ";schedid", true
	}
	if e.Sched.IsZero() || !conmanName.MatchString(e.Stream) {
		return "", false
	}
	folder := ""
	if e.Folder != "" && e.Folder != "/" {
		if !conmanName.MatchString(e.Folder) {
			return "", false
		}
		folder = strings.TrimSuffix(e.Folder, "/") + "/"
	}
	return fmt.Sprintf("%s#%s%s(%s)%s", e.Workstation, folder, e.Stream, e.Sched.In(zone).Format("1504 01/02/06"), job), true
}

// command writes the conman text for a code, or nothing where the contract allows none or the name does not fit its alphabet
// (UG "Managing objects in the plan - conman").
func (c *kase) command(code string, e twstools.Entity) string {
	rule, ok := answer.RuleFor(code)
	if !ok || !rule.Command {
		return ""
	}
	switch e.Type {
	case twstools.EntityJob, twstools.EntityJobStream:
		return c.jobCommand(code, e)
	case twstools.EntityWorkstation:
		if !conmanName.MatchString(e.Workstation) {
			return ""
		}
		commands := map[string]string{"check": "sc " + e.Workstation, "collect": "sc " + e.Workstation, "link": "link " + e.Workstation, "start_agent": "start " + e.Workstation}
		if c.value() != "" {
			commands["set_limit"], commands["set_fence"] = "lc "+e.Workstation+";"+c.value(), "fence "+e.Workstation+";"+c.value()
		}
		return commands[code]
	case twstools.EntityPrompt:
		name := strings.TrimPrefix(e.Name, "#")
		if !conmanName.MatchString(name) {
			return ""
		}
		reply := "yes"
		if strings.EqualFold(c.req.Value, "no") {
			reply = "no"
		}
		return map[string]string{"check": "sp " + name, "answer_prompt": "reply " + name + ";" + reply}[code]
	case twstools.EntityResource:
		if !conmanName.MatchString(e.Name) || !conmanName.MatchString(e.Workstation) {
			return ""
		}
		commands := map[string]string{"check": "sr " + e.Workstation + "#" + e.Name}
		if c.value() != "" {
			commands["set_resource"] = "resource " + e.Workstation + "#" + e.Name + ";" + c.value()
		}
		return commands[code]
	}
	return ""
}

func (c *kase) jobCommand(code string, e twstools.Entity) string {
	sel, ok := jobSelect(e, c.zone)
	if !ok {
		return ""
	}
	// ;schedid is an option of the whole selection: further options follow it.
	withOption := func(verb, option string) string { return verb + " " + sel + ";" + option }
	stream := e.Type == twstools.EntityJobStream
	switch code {
	case "check", "collect":
		if stream {
			return "ss " + sel
		}
		if code == "collect" {
			return withOption("sj", "stdlist")
		}
		return withOption("sj", "props")
	case "rerun":
		if !stream {
			return "rr " + sel
		}
	case "cancel":
		return pickVerb(stream, "cs ", "cj ") + sel
	case "confirm_succ":
		if !stream {
			return withOption("confirm", "succ")
		}
	case "confirm_abend":
		if !stream {
			return withOption("confirm", "abend")
		}
	case "kill":
		if !stream {
			return "kj " + sel
		}
	case "set_priority":
		value := c.value()
		if value == "" {
			value = "10" // the priority that jobs have unless their definition says otherwise (UG "priority")
		}
		return "ap " + sel + ";" + value
	case "set_limit":
		if stream && c.value() != "" {
			return "ls " + sel + ";" + c.value()
		}
	case "release_dependency":
		return pickVerb(stream, "rs ", "rj ") + sel
	}
	return ""
}

// number is a value that may stand in a command.
var number = regexp.MustCompile(`^([0-9]{1,4}|hi|go)$`)

// value is what the asker wants to set, if it is a number or HI or GO.
func (c *kase) value() string {
	if v := strings.ToLower(strings.TrimSpace(c.req.Value)); number.MatchString(v) {
		return v
	}
	return ""
}

func pickVerb(stream bool, forStream, forJob string) string {
	if stream {
		return forStream
	}
	return forJob
}
