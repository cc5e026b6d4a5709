package twsmock

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// writePath is a path of the interface that changes something, by one method. The mock knows them to refuse them as a server does.
type writePath struct{ method, template string }

// writePaths are those that are no path of a read as well; every other write (a PATCH of an object, a POST of a definition) is refused by its method.
var writePaths = []writePath{
	{http.MethodPut, "/plan/{object}/action/{action}"}, {http.MethodPut, "/plan/{object}/{id}/action/{action}"},
	{http.MethodPut, "/plan/job/run/{run_id}/action/{action}"},
	{http.MethodPost, "/plan/{object}/submit"}, {http.MethodPost, "/plan/job/submit-ad-hoc-job"}, {http.MethodPost, "/plan/{object}/{id}/submit"}, {http.MethodPost, "/plan/job/async/{result}"},
	{http.MethodPut, "/plan/workstation/collect-agent-logs"}, {http.MethodPut, "/engine/run-component-command"}, {http.MethodPut, "/engine/run-executor-command"},
	{http.MethodPut, "/model/{kind}/{id}/lock"}, {http.MethodPut, "/model/{kind}/{id}/unlock"}, {http.MethodPost, "/model/common/convert"}, {http.MethodPost, "/model/common/convertOne"},
}

func matchWrite(escaped string) *writePath {
	rest, ok := strings.CutPrefix(escaped, Base+"/")
	if !ok {
		return nil
	}
	parts := strings.Split(rest, "/")
	for i := range writePaths {
		if _, ok := fits(strings.Split(writePaths[i].template[1:], "/"), parts); ok {
			return &writePaths[i]
		}
	}
	return nil
}

// refuseWrite answers a request that would change something. A server of level 10.2.8 was seen to answer 405 to an action by the wrong method and 415 to one
// whose body is not said to be JSON, before it looks at rights.
func refuseWrite(r *http.Request, known *writePath) answer {
	if known != nil && r.Method != known.method {
		a := refuse(http.StatusMethodNotAllowed, "The method "+r.Method+" is not understood here.")
		a.header = http.Header{"Allow": {known.method}}
		return a
	}
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); known != nil && r.ContentLength != 0 && strings.TrimSpace(kind) != typeJSON {
		return refuse(http.StatusUnsupportedMediaType, "The body is of no type that is understood here.")
	}
	switch r.Method {
	case http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete:
		return refuse(http.StatusForbidden, notAuthorized)
	}
	return refuse(http.StatusMethodNotAllowed, "The method "+r.Method+" is not understood here.")
}

// wrongRead reports whether a GET is one that a client which only reads does not send: one that takes a lock, one that never ends, the active probes of
// workstations, the path of doubtful meaning for jobs' issues, and the one that hands out a token.
func wrongRead(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	q, _ := url.ParseQuery(r.URL.RawQuery)                             // what can be read of it
	yes := func(v string) bool { return strings.EqualFold(v, "true") } // a server's own reading minds neither case nor place
	if slices.ContainsFunc(q["lock"], yes) || slices.ContainsFunc(q["follow"], yes) {
		return true
	}
	p := strings.TrimPrefix(r.URL.EscapedPath(), Base)
	return p == "/plan/job/issues" || p == "/engine/licenseServerAccessToken" || strings.HasPrefix(p, "/plan/workstation/") && strings.Contains(p, "action/")
}

// refuseWrongRead answers those. The workstations' monitoring configuration was seen to fail on every workstation.
func refuseWrongRead(r *http.Request, known bool) answer {
	switch p := r.URL.EscapedPath(); {
	case strings.HasSuffix(p, "/action/monitoring-configuration"):
		return refuse(http.StatusInternalServerError, "AWSJSY404E The operation on the Symphony plan could not be completed. AWSBIN091E The workstation has no monitoring configuration.")
	case known, strings.HasSuffix(p, "/plan/job/issues"), strings.Contains(p, "/action/"), strings.HasSuffix(p, "/licenseServerAccessToken"):
		return refuse(http.StatusForbidden, notAuthorized)
	}
	return refuse(http.StatusNotFound, "There is nothing at this address.")
}
