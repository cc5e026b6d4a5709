package operation

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// Tagged is embedded in the input of operations that are Tagged: whoever has read before says what.
type Tagged struct {
	IfNoneMatch string `header:"If-None-Match" json:"-" doc:"The ETag of an earlier answer: if nothing has changed since, the answer is 304 and has no body."`
}

// Tag makes an entity tag of what an answer depends on: a version, a time, the caller where the answer is the caller's own. It is weak,
// because two answers with one tag say the same and need not be the same bytes.
func Tag(of ...string) string {
	sum := sha256.New()
	for _, part := range of {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:12]) + `"`
}

// Unchanged gives an error that answers 304 when the caller has what the tag stands for, and nil otherwise. A handler returns it at once,
// before it makes the answer.
func (t Tagged) Unchanged(tag string) error {
	for have := range strings.SplitSeq(t.IfNoneMatch, ",") {
		have = strings.TrimSpace(have)
		if have == "*" || have != "" && strings.TrimPrefix(have, "W/") == strings.TrimPrefix(tag, "W/") {
			return unchanged(tag)
		}
	}
	return nil
}

// unchanged is the tag of what has not changed.
type unchanged string

// Error implements error.
func (unchanged) Error() string { return "not modified" }

// GetStatus implements huma.StatusError.
func (unchanged) GetStatus() int { return http.StatusNotModified }

// GetHeaders implements huma.HeadersError.
func (u unchanged) GetHeaders() http.Header { return http.Header{"Etag": {string(u)}} }
