package operation

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Request is embedded in the input of operations that need more of the request than parameters and a JSON body: a file that is read as it
// comes, a cookie, the other end's address.
type Request struct{ exchange *exchange }

// Resolve implements huma.Resolver.
func (q *Request) Resolve(c huma.Context) []error {
	q.exchange, _ = c.(*exchange)
	return nil
}

// HTTP is the request itself.
func (q *Request) HTTP() *http.Request { return q.exchange.r }

func (q *Request) writer() http.ResponseWriter { return q.exchange.w }

// requested is an input with Request in it.
type requested interface {
	HTTP() *http.Request
	writer() http.ResponseWriter
}
