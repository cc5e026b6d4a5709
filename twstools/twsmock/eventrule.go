package twsmock

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/query"
	"github.com/resync-hwa/resync/twstools/world"
)

// The event processor and the audit records live in an application of their own below /twsd/eventrule, which has no published
// description. What is here follows what one server answered: the paths, How-Many as a header that must be there, and of a message log record
// the names id, eventType, ruleName and message. All other names are guesses.

// v1Record is a record of the message log, or of the audit.
type v1Record struct {
	ID         string `json:"id"`
	EventType  string `json:"eventType,omitempty"`
	RuleName   string `json:"ruleName,omitempty"`
	RuleID     string `json:"ruleId,omitempty"`
	Severity   string `json:"severity,omitempty"`
	Action     string `json:"actionType,omitempty"`
	ObjectType string `json:"objectType,omitempty"`
	Object     string `json:"objectKey,omitempty"`
	User       string `json:"userName,omitempty"`
	Message    string `json:"message,omitempty"`
	At         string `json:"timestamp,omitempty"`
}

// recordsOf gives the records of one kind; ok is false for a kind that does not exist.
func (c v1Call) recordsOf(kind string) (all []v1Record, ok bool) {
	switch kind {
	case "message_log_record":
		for _, e := range c.w.Events {
			all = append(all, v1Record{ID: e.ID, EventType: e.Type, RuleName: e.Rule, Severity: e.Severity, Message: e.Message, At: c.instant(e.At)})
		}
	case "audit_record":
		for _, a := range c.w.Audit {
			all = append(all, v1Record{ID: a.ID, Action: a.Action, ObjectType: a.ObjectType, Object: a.Object, User: a.User, Message: a.Message, At: c.instant(a.At)})
		}
	case "rule_instance", "action_run": // a world tells none
	default:
		return nil, false
	}
	return all, true
}

// recordsNext is the body of a continuation: it names the objects that came, instead of a header that remembers them.
type recordsNext struct {
	Filters json.RawMessage `json:"filters"`
	Keys    []string        `json:"objectsKeys"`
	HowMany *int            `json:"howMany"`
}

// records lists records, newest last, as the world has them.
func (c v1Call) records() answer {
	kind := c.vars[0]
	all, ok := c.recordsOf(kind)
	if !ok {
		return refuseV1(http.StatusNotFound, "There is nothing at this address.")
	}
	if c.r.Header.Get("How-Many") == "" {
		return failedV1(fault.New(fault.Invalid, "The header How-Many is required."))
	}
	if c.next {
		return c.nextRecords(kind, all)
	}
	return smallList(c, recordFilter, "eventrule/"+kind, all, v1Fields[v1Record]{}, recordID, itself)
}

func recordID(r v1Record) string { return r.ID }

// nextRecords continues after the last of the objects that the body names, or where Last-Object says.
func (c v1Call) nextRecords(kind string, all []v1Record) answer {
	var body recordsNext
	if len(c.body) > 0 && json.Unmarshal(c.body, &body) != nil {
		return failedV1(fault.New(fault.Invalid, "The body of the request is no context of an earlier query."))
	}
	if _, err := recordFilter.read(nil); err != nil {
		return failedV1(err)
	}
	list := "eventrule/" + kind
	var p v1Paging
	if len(body.Keys) == 0 {
		var err error
		if p, err = c.paging(list); err != nil {
			return failedV1(err)
		}
	} else {
		limit, err := intHeader(c.r.Header, "How-Many", maxPage, maxPage)
		if err != nil {
			return failedV1(err)
		}
		i := slices.IndexFunc(all, func(r v1Record) bool { return r.ID == body.Keys[len(body.Keys)-1] })
		if i < 0 {
			return failedV1(fault.New(fault.Invalid, "The key %q is none of an earlier answer.", body.Keys[len(body.Keys)-1]))
		}
		p.limit, p.offset = limit, i+1
		if body.HowMany != nil && *body.HowMany > 0 {
			p.limit = *body.HowMany
		}
		if p.limit == 0 {
			p.limit = len(all)
		}
	}
	return pageV1(c, list, p, chosen(all, query.Query{}, func(r v1Record) query.Row { return v1Row[v1Record]{r, nil, nil} }), recordID, itself)
}

// record answers one record; a message log record then names its rule by id too.
func (c v1Call) record() answer {
	all, ok := c.recordsOf(c.vars[0])
	if !ok {
		return refuseV1(http.StatusNotFound, "There is nothing at this address.")
	}
	i := slices.IndexFunc(all, func(r v1Record) bool { return r.ID == c.vars[1] })
	if i < 0 {
		return failedV1(fault.New(fault.NotFound, "There is no record %q.", c.vars[1]))
	}
	if all[i].RuleName != "" {
		all[i].RuleID = world.FolderID("rule/" + all[i].RuleName)
	}
	return inJSON(http.StatusOK, all[i])
}

// activeRules answers what the one server that was seen always answered, with rules active or without: it is no proof of anything.
func (c v1Call) activeRules() answer {
	return inJSON(http.StatusOK, map[string][]string{"listMessages": {"AWSJCO119I No event rules are deployed."}})
}

// plugins answers an XML document without plug-ins; the real ones describe those of the plant.
func (c v1Call) plugins() answer {
	return answer{status: http.StatusOK, contentType: "application/xml", body: []byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plugins/>\n")}
}
