package operation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// problem is an error on its way out through huma: a problem document of RFC 9457.
type problem struct {
	httpd.ProblemDocument

	headers http.Header
}

// Error implements error.
func (p *problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *problem) GetHeaders() http.Header { return p.headers }

// ContentType implements huma.ContentTypeFilter.
func (*problem) ContentType(string) string { return "application/problem+json" }

// later is an error that says when to come back.
type later struct {
	error
	seconds int
}

// Unwrap gives the error.
func (l *later) Unwrap() error { return l.error }

// After makes an answer with err say when to try again, in the header Retry-After.
func After(err error, seconds int) error { return &later{err, seconds} }

func problemOf(ctx context.Context, err error) huma.StatusError {
	var done *problem
	if errors.As(err, &done) {
		return done
	}
	var same unchanged
	if errors.As(err, &same) {
		return same
	}
	p := &problem{ProblemDocument: httpd.Document(ctx, err)}
	var l *later
	if errors.As(err, &l) {
		p.headers = http.Header{"Retry-After": {fmt.Sprint(l.seconds)}}
	}
	return p
}

// explain makes a coded error of what huma found wrong with a request. It names places, never values.
func explain(status int, message string, errs []error) error {
	for _, err := range errs {
		if fault.CodeOf(err) != fault.Internal {
			return err
		}
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return err
		}
	}
	switch {
	case message == "cannot read request body":
		return fault.Wrap(fault.Invalid, errors.Join(errs...), "The request could not be read to its end.")
	case status >= http.StatusInternalServerError:
		return errors.Join(append([]error{errors.New(message)}, errs...)...)
	case message == "request body is required":
		return fault.New(fault.Invalid, "The body must be one JSON object.")
	}
	var said []string
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) && d.Location != "" && len(said) < mostSaid {
			said = append(said, sentence(d))
		}
	}
	if len(said) == 0 {
		return fault.New(fault.Invalid, "The request cannot be read.")
	}
	return fault.New(fault.Invalid, "%s", strings.Join(said, " "))
}

// mostSaid bounds how many faults of one request are told at once.
const mostSaid = 5

// sentence tells one fault of a request.
func sentence(d *huma.ErrorDetail) string {
	in, name, _ := strings.Cut(d.Location, ".")
	message := d.Message
	if strings.HasPrefix(message, "json: ") {
		message = "has a number or a text that does not fit"
	}
	if strings.HasPrefix(message, "required ") {
		message = "is needed"
	}
	if strings.HasPrefix(message, "invalid ") {
		message = "does not have the form that it must have"
	}
	switch {
	case name == "":
		return "The " + in + " " + message + "."
	case in == "query":
		return "The query parameter " + quoted(name) + " " + message + "."
	case in == "path":
		return "The part " + quoted(name) + " of the address " + message + "."
	case in == "header":
		return "The header " + quoted(name) + " " + message + "."
	}
	return "The field " + quoted(name) + " " + message + "."
}

// quoted shows a name that somebody sent, not all of a long one.
func quoted(name string) string { return fmt.Sprintf("%.80q", name) }

// takeWords gives huma's findings the words that follow upon what is wrong: "The field x" must be a text.
func takeWords() {
	validation.MsgUnexpectedProperty = "is not known"
	validation.MsgExpectedRFC3339DateTime = "must be an instant in RFC 3339"
	validation.MsgExpectedBoolean = "must be true or false"
	validation.MsgExpectedNumber = "must be a number"
	validation.MsgExpectedInteger = "must be a whole number"
	validation.MsgExpectedString = "must be a text"
	validation.MsgExpectedArray = "must be a list"
	validation.MsgExpectedObject = "must be one JSON object"
	validation.MsgExpectedArrayItemsUnique = "must not have anything twice"
	validation.MsgExpectedOneOf = "must be one of %s"
	validation.MsgExpectedMinimumNumber = "must be %v at least"
	validation.MsgExpectedMaximumNumber = "must be %v at most"
	validation.MsgExpectedMinLength = "must have %d characters at least"
	validation.MsgExpectedMaxLength = "must have %d characters at most"
	validation.MsgExpectedBePattern = "must be %s"
	validation.MsgExpectedMatchPattern = "must look like %s"
	validation.MsgExpectedMinItems = "must have %d entries at least"
	validation.MsgExpectedMaxItems = "must have %d entries at most"
	validation.MsgExpectedRequiredProperty = "must have the field %s"
}
