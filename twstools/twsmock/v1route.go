package twsmock

import (
	"net/http"
	"net/url"
	"strings"
)

// v1Route is a path of the older interface. A path without a handler for the method is 405, but what writes is refused before that: every
// PUT, PATCH and DELETE does, and a POST where submits is set.
type v1Route struct {
	template  string
	get, post func(v1Call) answer
	submits   bool
	probes    bool // a GET that makes the server ask the plant: no client that only reads sends it
}

// v1Routes are the paths, most special first: a word like query would else be taken for an id.
var v1Routes = []v1Route{
	{template: "/engine/info", get: v1Call.engineInfo}, {template: "/engine/mailbox_fill_percentage", get: v1Call.mailbox},
	{template: "/plan/query", post: v1Call.plans}, {template: "/plan/query_next", post: v1Call.plans},
	{template: "/plan/create_plan", submits: true}, {template: "/plan/create_trial_plan_extension", submits: true},

	{template: "/plan/{planId}/job/query", post: v1Call.jobs}, {template: "/plan/{planId}/job/query_next", post: v1Call.jobs},
	{template: "/plan/{planId}/job/count", post: v1Call.jobCount}, {template: "/plan/{planId}/job/issues", post: v1Call.jobIssues},
	{template: "/plan/{planId}/jobstream/query", post: v1Call.streams}, {template: "/plan/{planId}/jobstream/query_next", post: v1Call.streams},
	{template: "/plan/{planId}/workstation/query", post: v1Call.workstations}, {template: "/plan/{planId}/workstation/query_next", post: v1Call.workstations},
	{template: "/plan/{planId}/resource/query", post: v1Call.resources}, {template: "/plan/{planId}/resource/query_next", post: v1Call.resources},
	{template: "/plan/{planId}/prompt/query", post: v1Call.prompts}, {template: "/plan/{planId}/prompt/query_next", post: v1Call.prompts},
	{template: "/plan/{planId}/file/query", post: v1Call.files}, {template: "/plan/{planId}/file/query_next", post: v1Call.files},
	{template: "/plan/{planId}/domain/query", post: v1Call.domains}, {template: "/plan/{planId}/domain/query_next", post: v1Call.domains},
	{template: "/plan/{planId}/user/query", post: v1Call.users}, {template: "/plan/{planId}/user/query_next", post: v1Call.users},
	{template: "/plan/{planId}/criticaljob/query", post: v1Call.criticalJobs}, {template: "/plan/{planId}/criticaljob/query_next", post: v1Call.criticalJobs},
	{template: "/plan/{planId}/criticaljob/summary_info", post: v1Call.criticalSummary},
	{template: "/plan/{planId}/criticaljob/query_next_predecessors_chain", post: v1Call.nextChain},
	{template: "/plan/{planId}/criticaljob/{criticalJobId}/query_predecessors_chain", post: v1Call.firstChain},

	{template: "/plan/{planId}/jobstream/action/next_predecessors", post: v1Call.nextBlockers},
	{template: "/plan/{planId}/jobstream/{jobstreamId}/action/first_predecessors", get: v1Call.firstBlockers},
	{template: "/plan/{planId}/workstation/{workstationId}/action/health_status", get: v1Call.probe, probes: true},
	{template: "/plan/{planId}/workstation/{workstationId}/action/monitoring_configuration", get: v1Call.monitoring, probes: true},

	{template: "/plan/{planId}/job/{jobId}", get: v1Call.job}, {template: "/plan/{planId}/job/{jobId}/joblog", get: v1Call.joblog},
	{template: "/plan/{planId}/job/{jobId}/predecessors", get: v1Call.predecessors},
	{template: "/plan/{planId}/job/{jobId}/jobsuccessors/preview", get: v1Call.successors},
	{template: "/plan/{planId}/job/{jobId}/critical_successors", get: v1Call.criticalSuccessors},
	{template: "/plan/{planId}/jobstream/{jobstreamId}", get: v1Call.stream}, {template: "/plan/{planId}/workstation/{workstationId}", get: v1Call.workstation},
	{template: "/plan/{planId}/resource/{resourceId}", get: v1Call.resource}, {template: "/plan/{planId}/prompt/{promptId}", get: v1Call.prompt},
	{template: "/plan/{planId}/file/{fileId}", get: v1Call.file}, {template: "/plan/{planId}/domain/{domainId}", get: v1Call.domain},
	{template: "/plan/{planId}/user/{userId}", get: v1Call.user},

	{template: "/plan/{planId}/job/{jobId}/jobsuccessors/action/rerun", submits: true}, {template: "/plan/{planId}/job/{jobId}/jobsuccessors/list/action/rerun", submits: true},
	{template: "/plan/{planId}/{object}/action/{action}", submits: true}, {template: "/plan/{planId}/{object}/{id}/action/{action}", submits: true},

	{template: "/model/{object}/header/query", post: v1Call.headers}, {template: "/model/{object}/header/query_next", post: v1Call.headers},
	{template: "/model/{object}", submits: true}, {template: "/model/{object}/{id}", get: v1Call.header, submits: true},

	{template: "/eventrule/deployment/active_rules", get: v1Call.activeRules}, {template: "/eventrule/deployment/rule_builder/{action}"},
	{template: "/eventrule/engine/action_plugin_configuration", get: v1Call.plugins}, {template: "/eventrule/engine/event_plugin_configuration", get: v1Call.plugins},
	{template: "/eventrule/engine/action_run/action/run", submits: true},
	{template: "/eventrule/engine/{record}/header/query", post: v1Call.records}, {template: "/eventrule/engine/{record}/header/query_next", post: v1Call.records},
	{template: "/eventrule/engine/{record}/{id}", get: v1Call.record},
}

// speaksV1 reports whether the request is one for the older interface, and that is spoken.
func (h *Handler) speaksV1(r *http.Request) bool {
	path := r.URL.EscapedPath()
	return h.opts.Dialects != OnlyV2 && strings.HasPrefix(path, BaseV1+"/") && path != Base && !strings.HasPrefix(path, Base+"/")
}

func (h *Handler) handleV1(r *http.Request, f *Fault) answer {
	found, vars := matchV1(r.URL.EscapedPath())
	template := "unknown"
	if found != nil {
		template = BaseV1 + found.template
	}
	write := r.Method == http.MethodPut || r.Method == http.MethodPatch || r.Method == http.MethodDelete || r.Method == http.MethodPost && found != nil && found.submits
	h.count(r, template, write)
	q, err := url.ParseQuery(r.URL.RawQuery)
	locks := q.Get("lock") == "true" || q.Get("unlock") == "true" || q.Get("force") == "true"
	if write || locks || found != nil && found.probes {
		h.violated(r)
	}
	if !h.admitted(r) {
		return unauthorized()
	}
	if write {
		return refuseV1(http.StatusForbidden, notAuthorized)
	}
	switch {
	case err != nil:
		return refuseV1(http.StatusBadRequest, "The query of the request cannot be read.")
	case found == nil:
		return refuseV1(http.StatusNotFound, "There is nothing at this address.")
	case locks:
		return refuseV1(http.StatusForbidden, notAuthorized)
	}
	do := found.get
	if r.Method == http.MethodPost {
		do = found.post
	}
	if do == nil || r.Method == http.MethodOptions {
		return refuseV1(http.StatusMethodNotAllowed, "The method "+r.Method+" is not understood here.")
	}
	c, refused := h.newV1Call(r, f, found.template, vars, q)
	if refused != nil {
		return *refused
	}
	return c.withContext(do(c))
}

// matchV1 finds the path's template and the decoded variable parts of it.
func matchV1(escaped string) (*v1Route, []string) {
	parts := strings.Split(strings.TrimPrefix(escaped, BaseV1+"/"), "/")
next:
	for i := range v1Routes {
		want := strings.Split(v1Routes[i].template[1:], "/")
		if len(want) != len(parts) {
			continue
		}
		var vars []string
		for n, w := range want {
			if w[0] != '{' {
				if parts[n] != w {
					continue next
				}
				continue
			}
			v, err := url.PathUnescape(parts[n])
			if err != nil || v == "" {
				continue next
			}
			vars = append(vars, v)
		}
		return &v1Routes[i], vars
	}
	return nil, nil
}

// v1Error is how the older interface tells errors. Of its other keys nothing is known.
type v1Error struct {
	Exception string   `json:"exceptionName"`
	Messages  []string `json:"messages"`
}

// The names of exceptions are made up after what they mean: no answer of a real server was seen that shows one.
var v1Exceptions = map[int]string{
	http.StatusBadRequest: "InvalidArgumentException", http.StatusForbidden: "NotAuthorizedException", http.StatusNotFound: "ObjectNotFoundException",
	http.StatusMethodNotAllowed: "NotAllowedException", http.StatusUnsupportedMediaType: "NotSupportedException", http.StatusInternalServerError: "EngineException",
}

func refuseV1(status int, message string) answer {
	return inJSON(status, v1Error{v1Exceptions[status], []string{message}})
}
