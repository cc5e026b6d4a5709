package httpd

import (
	"net/http"
	"time"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// Spoken gives the person for whom a program asks, as the header auth.HeaderCaller says it, and the program itself when there is no such header.
// token is the bearer that the request came with. A program that names somebody without the right to is refused, not heard for itself. Codes: as
// auth.Delegated's.
func Spoken(r *http.Request, program auth.Caller, token string, now time.Time) (auth.Caller, error) {
	said := r.Header.Values(auth.HeaderCaller)
	switch len(said) {
	case 0:
		return program, nil
	case 1:
		return auth.Delegated(program, token, said[0], now)
	}
	return auth.Caller{}, fault.New(fault.Unauthorized, "The header %s may stand once.", auth.HeaderCaller)
}
