package wire

import (
	"net/http"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// Once reads query parameters of these names, each of which may stand once; others are invalid.
func Once(r *http.Request, names ...string) (map[string]string, error) {
	out := map[string]string{}
	for name, values := range r.URL.Query() {
		if len(names) == 0 {
			return nil, fault.New(fault.Invalid, "This address takes no query parameters; what it needs stands in the body.")
		}
		if !slices.Contains(names, name) || len(values) != 1 {
			return nil, fault.New(fault.Invalid, "The query takes %s, once.", strings.Join(names, " and "))
		}
		out[name] = values[0]
	}
	return out, nil
}
