// Package wire is what the routes beside the operations (package operation) read and write with: forms and pages. Errors are coded and name
// the field, never its value.
package wire

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
)

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
