package api

import (
	"net/http"
	"slices"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/resync-hwa/resync/agentsvc/api/chat"
	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/agentsvc/api/knowledge"
	"github.com/resync-hwa/resync/agentsvc/api/session"
	"github.com/resync-hwa/resync/internal/httpd"
)

// RoutesOf walks the router that New makes and gives "METHOD /pattern", or "/pattern" for all methods.
func RoutesOf(t *testing.T, o Options) []string {
	t.Helper()
	s := &server{o: o, web: newPages(nil), session: &session.API{}, chat: &chat.API{}, data: &data.API{}, knowledge: &knowledge.API{}, logins: httpd.RateLimit(1, 1)}
	methods := map[string][]string{}
	err := chi.Walk(s.router(), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		methods[pattern] = append(methods[pattern], method)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for pattern, ms := range methods {
		if len(ms) >= 9 {
			out = append(out, pattern)
			continue
		}
		for _, m := range ms {
			out = append(out, m+" "+pattern)
		}
	}
	slices.Sort(out)
	return out
}
