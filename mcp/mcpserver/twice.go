package mcpserver

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"unicode"

	"github.com/resync-hwa/resync/internal/fault"
)

// refuseTwice refuses messages that say something twice: the checks would read the one, and the library might follow the other.
func refuseTwice(_ http.ResponseWriter, r *http.Request, q inquiry) (*http.Request, error) {
	if q.twice {
		return nil, fault.New(fault.Invalid, "The message has a member twice.")
	}
	return r, nil
}

// saysTwice reports whether a member of the message, or of its params, stands there more than once. The decoder takes members in any case of letters,
// so case does not tell them apart.
func saysTwice(body []byte) bool {
	members, twice := membersOf(body)
	if twice {
		return true
	}
	_, twice = membersOf(members[folded("params")])
	return twice
}

// membersOf gives the members of an object, none of what is no object.
func membersOf(raw []byte) (map[string]json.RawMessage, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	out := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return out, false // no JSON; the library says so
		}
		name = folded(name)
		if _, there := out[name]; there {
			return out, true
		}
		out[name] = value
	}
	return out, false
}

// folded is the same for all names that the decoder takes for the same: it holds "paramſ" to be "params".
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r {
				return next
			}
			r = next
		}
	}, name)
}
