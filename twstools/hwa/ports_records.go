package hwa

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools"
)

// The event processor's log and the audit records live in an application of their own, whose filters are not described: records are read as they come, up to
// maxRecords, and chosen here.
const maxRecords = maxRequest

// Events reads the event processor's log, newest first.
func (p *ports) Events(ctx context.Context, q twstools.RecordQuery) ([]twstools.EventRecord, error) {
	return portal(ctx, p, v1Events, func(ctx context.Context) ([]twstools.EventRecord, error) {
		var all []twstools.EventRecord
		err := p.records(ctx, v1Events, v1EventsNext, "its event log", func() { all = nil }, func(o object) {
			e := twstools.EventRecord{ID: o.str("id", "key"), Type: o.str("eventType", "type"), Rule: o.str("ruleName", "rule"), Message: o.raw("message", "messageText", "text"),
				Severity: o.str("severity", "messageSeverity"), At: at(o)}
			if inWindow(q, e.At, e.Message, e.Rule) {
				all = append(all, e)
			}
		})
		return newest(all, q.Limit, func(e twstools.EventRecord) time.Time { return e.At }), err
	})
}

// Audit reads who did what, newest first.
func (p *ports) Audit(ctx context.Context, q twstools.RecordQuery) ([]twstools.AuditRecord, error) {
	return portal(ctx, p, v1Audit, func(ctx context.Context) ([]twstools.AuditRecord, error) {
		var all []twstools.AuditRecord
		err := p.records(ctx, v1Audit, v1AuditNext, "audit records", func() { all = nil }, func(o object) {
			a := twstools.AuditRecord{ID: o.str("id", "key"), Action: o.str("actionType", "action"), ObjectType: o.str("objectType"), Object: o.str("objectKey", "objectName", "object"),
				User: o.str("userName", "user", "frameworkUser"), Message: o.raw("message", "actionDependentData", "description"), At: at(o)}
			if inWindow(q, a.At, a.Object, a.Message) {
				all = append(all, a)
			}
		})
		return newest(all, q.Limit, func(a twstools.AuditRecord) time.Time { return a.At }), err
	})
}

// at finds when a record was made: how its field is called is not described.
func at(o object) time.Time {
	return o.instant("timestamp", "timeStamp", "date", "time", "logTimestamp", "logDate", "creationTime", "gmtTimestamp", "eventTimestamp")
}

// inWindow keeps what the question asks for. A record without a time is kept only where none is asked for.
func inWindow(q twstools.RecordQuery, at time.Time, texts ...string) bool {
	if !q.From.IsZero() && (at.IsZero() || at.Before(q.From)) || !q.To.IsZero() && (at.IsZero() || at.After(q.To)) {
		return false
	}
	return q.Object == "" || slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, q.Object) })
}

// newest orders by time, the latest first, and keeps the limit.
func newest[T any](all []T, limit int, at func(T) time.Time) []T {
	slices.SortStableFunc(all, func(a, b T) int { return at(b).Compare(at(a)) })
	if limit <= 0 {
		limit = defaultLimit
	}
	return all[:min(limit, len(all))]
}

// records reads a list that continues by Last-Object. How-Many is always sent: without it these paths answer 400.
func (p *ports) records(ctx context.Context, first, next endpoint, what string, reset func(), each func(object)) error {
	ep, cursor := first, ""
	for read := 0; read < maxRecords; {
		headers := map[header]string{hHowMany: atMost(maxRecords - read)}
		if cursor != "" {
			headers[hLastObject] = cursor
		}
		r, err := makeRequest(ep, parts{body: "{}", headers: headers})
		if err != nil {
			return err
		}
		r.what, r.optional = what, true
		var page page
		begun := false
		err = p.c.send(ctx, r, maxPageBytes, func(a answer) error {
			if begun && cursor == "" {
				reset() // the first page is read again
			}
			begun, cursor = true, ""
			if last := a.header.Get("Last-Object"); hLastObject.valid(last) {
				cursor = last
			}
			page, err = readPage(a, rowKeys, func(o object) bool { each(o); return true })
			return err
		})
		if err != nil {
			if ep == next { // what came so far is the answer; how these lists go on is not described
				return nil
			}
			return p.lacking(err, what)
		}
		read += page.rows
		if cursor == "" || page.rows < maxRecords-read+page.rows || page.rows == 0 {
			return nil
		}
		ep = next
	}
	return nil
}
