package twsmock

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/resync-hwa/resync/internal/fault"
)

// answer is what a request gets, before faults.
type answer struct {
	status      int
	contentType string
	body        []byte
	stream      func(io.Writer) error // writes the body instead, piece by piece; nil where body is all
	header      http.Header
}

// whole is the answer with its body in one piece, for faults to spoil.
func (a answer) whole() answer {
	if a.stream == nil {
		return a
	}
	var b bytes.Buffer
	if err := a.stream(&b); err != nil {
		return answer{status: http.StatusInternalServerError, contentType: typeText, body: []byte(err.Error())}
	}
	a.body, a.stream = b.Bytes(), nil
	return a
}

const (
	typeJSON = "application/json"
	typeText = "text/plain; charset=utf-8"
	typeHTML = "text/html;charset=UTF-8"
)

// inJSON is an answer in JSON. What the mock builds can always be written as JSON.
func inJSON(status int, v any) answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return answer{status: http.StatusInternalServerError, contentType: typeText, body: []byte(err.Error())}
	}
	return answer{status: status, contentType: typeJSON, body: b.Bytes()}
}

// errorBody is how the servers tell errors: a list of messages.
type errorBody struct {
	Messages []string `json:"messages"`
}

func refuse(status int, message string) answer { return inJSON(status, errorBody{[]string{message}}) }

// notAuthorized is what the server says of an object that the account has no right to, and of every write that it may not do.
const notAuthorized = "AWSJDB817E The user is not authorized to perform this action on the object."

// parameterError stands for a parameter or header other than oql that cannot be read. The words of oql's own errors are known, of the others' only
// the status.
type parameterError struct{ error }

func (e parameterError) Unwrap() error { return e.error }

// badParameter is a parameterError over a sentence.
func badParameter(format string, args ...any) error {
	return parameterError{fault.New(fault.Invalid, format, args...)}
}

// failed turns an error of the world into what a server would say.
func failed(err error) answer {
	switch p := fault.Public(err); p.Code {
	case fault.Invalid:
		text := p.Message
		if other := (parameterError{}); !errors.As(err, &other) {
			text = "OQL_FILTER_SYNTAX_ERROR: " + text
		}
		if p.Hint != "" {
			text += " " + p.Hint
		}
		return refuse(http.StatusBadRequest, text)
	case fault.Forbidden:
		return refuse(http.StatusForbidden, notAuthorized)
	case fault.NotFound:
		return refuse(http.StatusNotFound, "AWSJDB101E "+p.Message)
	default:
		return refuse(http.StatusInternalServerError, "AWSJCS011E An internal error has occurred.")
	}
}
