package operation

import (
	"net/url"
	"strings"
)

// Paged is embedded in the input of lists that come page by page. Its members have the names of the tools' arguments.
type Paged struct {
	PageSize int    `query:"page_size" json:"page_size,omitempty" minimum:"1" maximum:"100" default:"20" doc:"How many entries at most."`
	Cursor   string `query:"cursor" json:"cursor,omitempty" maxLength:"2000" doc:"The next_cursor of the page before, all else alike; without one, the first page."`
}

// PageOf is the body of lists. A list that a tool gives has the same fields in its data.
type PageOf[T any] struct {
	Items      []T    `json:"items"`
	Total      int    `json:"total" doc:"How many entries there are on all pages together."`
	NextCursor string `json:"next_cursor,omitempty" doc:"For the cursor of the next request; absent on the last page."`
}

// List is the output of lists.
type List[T any] struct {
	Link string `header:"Link" doc:"RFC 8288: the address of the next page with rel=next; absent on the last page."`
	Body PageOf[T]
}

// ListOf makes the answer to a request for a page. The request's own parameters stay in the address of the next page.
func ListOf[T any](q *Request, items []T, total int, next string) *List[T] {
	if items == nil {
		items = []T{}
	}
	return &List[T]{Link: q.Next(next), Body: PageOf[T]{Items: items, Total: total, NextCursor: next}}
}

// Next is the header Link for whoever goes on with the cursor: the address of this request with that cursor in it. Empty without a cursor.
func (q *Request) Next(cursor string) string {
	r := q.HTTP()
	if cursor == "" || r == nil {
		return ""
	}
	query := r.URL.Query()
	query.Set("cursor", cursor)
	to := url.URL{Path: r.URL.Path, RawQuery: query.Encode()}
	return "<" + strings.ReplaceAll(to.String(), ">", "%3E") + `>; rel="next"`
}
