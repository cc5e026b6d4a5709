package mcpserver

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
)

// refusalMark encloses a refusal on its way through the library. It is of the private use area: no text of ours has it.
const refusalMark = "\ue000"

// refused makes a refusal the name or the address of something that does not exist. The library gives those the right code, but puts
// words around them ("prompt '…' not found: prompt not found") that say the wrong thing; unframed takes the words off again.
func refused(text string) string {
	return refusalMark + strings.ReplaceAll(text, refusalMark, "") + refusalMark
}

const (
	framedBefore = `(?:prompt '|handler not found for resource URI ')` + refusalMark
	framedAfter  = refusalMark + `'(?: not found)?: (?:prompt|resource) not found`
)

var (
	framed = regexp.MustCompile(framedBefore + `([^` + refusalMark + `]*)` + framedAfter)
	// Inside of a text that is sent as data the quotes would be escaped, so this is an error's message and nothing else.
	framedJSON = regexp.MustCompile(`"message":"` + framedBefore + `([^` + refusalMark + `]*)` + framedAfter + `"`)
)

// unframed gives a message on the wire with the refusal alone.
func unframed(message []byte) []byte {
	if !bytes.Contains(message, []byte(refusalMark)) {
		return message
	}
	return framedJSON.ReplaceAll(message, []byte(`"message":"${1}"`))
}

// plainly writes messages with refusals alone. The library writes each message in one call.
type plainly struct{ http.ResponseWriter }

// Write writes a message.
func (w plainly) Write(b []byte) (int, error) {
	if n, err := w.ResponseWriter.Write(unframed(b)); err != nil {
		return min(n, len(b)), err
	}
	return len(b), nil
}

// Flush implements http.Flusher, for which the library asks.
func (w plainly) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (w plainly) Unwrap() http.ResponseWriter { return w.ResponseWriter }
