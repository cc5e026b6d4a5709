package api

import (
	"net/http"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/api/session"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// tags are the subjects of the description.
var tags = [][2]string{
	{"session", "Logging in and out, for browsers and for programs."},
	{"chat", "Questions and their answers."},
	{"conversations", "Questions and answers that are kept."},
	{"plan", "The state of the plan."},
	{"radar", "What is wrong though nothing is red."},
	{"knowledge", "Manuals and runbooks."},
	{"health", "For supervisors: whether this server works, and what it can reach."},
	{"description", "This description."},
}

// describePlain tells of the routes for programs that are no operations: a form, and text.
func (s *server) describePlain(set *operation.Set) {
	operation.Describe[session.Tokens](set, operation.Operation{
		Rule: operation.Rule{Access: operation.Login}, Method: http.MethodPost, Path: "/token", ID: "issueTokens", Tag: "session", Summary: "Get tokens for a program", Gives: "An access token for some minutes, and a refresh token for the next one",
		Description: "A name and a password, or a refresh token, in a form as RFC 6749 has it. A refresh token that is used twice ends all tokens of its log-in.",
		Fails:       []fault.Code{fault.Unauthorized}, Shape: operation.TakesForm[session.Form],
	})
	if s.o.Metrics != nil {
		operation.Describe[struct{}](set, operation.Operation{
			Rule: metricsRule, Method: http.MethodGet, Path: "/api/metrics", ID: "getMetrics", Tag: "health", Summary: "Read the metrics", Gives: "Metrics in Prometheus' text format",
			Description: "For Prometheus, with an API key that was made with the scope metrics; admins may look too.",
			Shape:       operation.GivesText("text/plain"),
		})
	}
}

var metricsRule = operation.Rule{Access: operation.Metrics, Role: auth.Admin, Scope: auth.ScopeMetrics}

type openAPIInput struct{ operation.Tagged }

type openAPIOutput struct {
	ETag        string `header:"ETag" doc:"Of this description."`
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

// registerDescription adds the description itself. It is made when the last operation has been registered.
func (s *server) registerDescription(set *operation.Set) {
	operation.Register(set, operation.Operation{
		Rule: operation.Rule{Access: operation.Known, Role: auth.Viewer, Scope: auth.ScopeRead}, Method: http.MethodGet, Path: "/api/openapi.json", ID: "getOpenAPI", Tag: "description", Summary: "Read this description", Gives: "OpenAPI 3.1",
		Description: "OpenAPI 3.1 of this server, as it runs. Answers may get further fields in later versions: pass over what you do not know.",
		Tagged:      true, Shape: operation.GivesObject,
	}, s.description.read)
}
