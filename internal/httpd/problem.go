package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// ProblemDocument is the document of RFC 9457 with our members.
type ProblemDocument struct {
	Type          string   `json:"type" doc:"Always about:blank: the code says what happened."`
	Title         string   `json:"title" doc:"The HTTP status in words."`
	Status        int      `json:"status" doc:"The HTTP status."`
	Detail        string   `json:"detail" doc:"What is wrong, a sentence for people."`
	Code          string   `json:"code" doc:"What is wrong, for programs."`
	Hint          string   `json:"hint,omitempty" doc:"What would help."`
	Source        string   `json:"source,omitempty" doc:"What failed, where something behind this server did."`
	Candidates    []string `json:"candidates,omitempty" doc:"What may have been meant."`
	CorrelationID string   `json:"correlation_id,omitempty" doc:"Under which the server's log tells more; also in the header X-Request-ID."`
}

// Status maps an error to the HTTP status that tells it.
func Status(err error) int {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	switch fault.CodeOf(err) {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Unauthorized:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Ambiguous, fault.Conflict:
		return http.StatusConflict
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Unsupported:
		return http.StatusNotImplemented
	case fault.UpstreamDenied:
		return http.StatusBadGateway
	case fault.UpstreamUnavailable:
		return http.StatusServiceUnavailable
	case fault.Timeout:
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// Problem answers with the problem document of err. Of errors without a code it shows nothing but that they happened.
// When the answer has begun already it only tells the access log.
func Problem(w http.ResponseWriter, r *http.Request, err error) {
	writeProblem(w, r, Status(err), err)
}

// MethodNotAllowed answers a request whose address exists and takes other methods.
func MethodNotAllowed(w http.ResponseWriter, r *http.Request, allowed ...string) {
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	writeProblem(w, r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "This address does not take the method %.20q.", r.Method).WithHint("It takes %s.", list))
}

// Document is the problem document of err, for whoever writes it himself. The access log of the request in ctx is told of the error and of the caller.
func Document(ctx context.Context, err error) ProblemDocument {
	if e, ok := ctx.Value(entryKey{}).(*entry); ok {
		e.err = err
		if c, ok := auth.CallerFrom(ctx); ok {
			e.caller = c.ID
		}
	}
	return document(ctx, Status(err), err)
}

func document(ctx context.Context, status int, err error) ProblemDocument {
	p := fault.Public(err)
	if status == http.StatusRequestEntityTooLarge {
		p = fault.New(fault.Limited, "The request is larger than this server accepts.")
	}
	return ProblemDocument{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: p.Message,
		Code: string(p.Code), Hint: p.Hint, Source: p.Source, Candidates: p.Candidates, CorrelationID: toolkit.Correlation(ctx)}
}

func writeProblem(w http.ResponseWriter, r *http.Request, status int, err error) {
	noteCaller(r)
	entryOf(r).err = err
	rec := record(w)
	if rec.status != 0 {
		return
	}
	body, err := json.Marshal(document(r.Context(), status, err))
	if err != nil {
		body = []byte("{}") // strings always marshal
	}
	h := rec.Header()
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	rec.WriteHeader(status)
	_, _ = rec.Write(append(body, '\n')) // the caller may have gone; the access log has the status
}
