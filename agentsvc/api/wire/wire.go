// Package wire reads and writes the JSON bodies of the REST API, strictly and in one way for all its subjects: one object,
// no unknown fields, nothing behind it, the right content type. Errors are coded and name the field, never its value.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/fault"
)

// Read decodes the request's body into v. Codes: invalid, limited (too large).
func Read(r *http.Request, v any) error {
	if !IsType(r, "application/json") {
		return fault.New(fault.Invalid, "The body must be JSON.").WithHint("Send the header Content-Type: application/json.")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return fmt.Errorf("read body: %w", err)
		}
		return fault.Wrap(fault.Invalid, err, "The request could not be read to its end.")
	}
	if !utf8.Valid(body) { // the decoder would put other characters in its place
		return fault.New(fault.Invalid, "The body must be JSON in UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return explain(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "The body must be one JSON object and nothing behind it.")
	}
	return nil
}

// explain makes sentences of the decoder's errors.
func explain(err error) error {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) && wrongType.Field != "" {
		return fault.New(fault.Invalid, "The field %q must be %s.", wrongType.Field, inWords(wrongType.Type.Kind()))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if len(name) > 80 {
			return fault.New(fault.Invalid, "The body has a field that is not known.")
		}
		return fault.New(fault.Invalid, "The body has a field that is not known: %s.", name)
	}
	return fault.New(fault.Invalid, "The body must be one JSON object.")
}

// inWords names a Go kind as people who write JSON do.
func inWords(k reflect.Kind) string {
	switch k {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a number"
	}
}

// IsType reports whether the body has the media type, whatever its parameters are.
func IsType(r *http.Request, want string) bool {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && got == want
}

// Write answers with v as JSON.
func Write(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // whoever asked may have left; nobody else needs to know
	return nil
}
