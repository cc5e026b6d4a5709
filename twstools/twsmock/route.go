package twsmock

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
)

// call is one request to a read: its path's variable part, its query, and the world as it is now.
type call struct {
	*view
	r      *http.Request
	id     string
	query  url.Values
	habits Habits
}

// route is a read of the interface.
type route struct {
	template string
	answer   func(call) answer
}

// routes are the reads, most special first: a word like count would else be taken for an id.
var routes = []route{
	{"/engine/info", call.info}, {"/engine/users", call.users}, {"/engine/groups", call.groups}, {"/engine/read_permission", call.empty},
	{"/engine/configuration", call.empty}, {"/engine/configuration/{key}", call.noSuch},
	{"/objects-info", call.objectsInfo},
	{"/plan/job", call.jobs}, {"/plan/job/count", call.jobCount}, {"/plan/job/joblog", call.jobLog}, {"/plan/job/run/{run_id}/joblog", call.runLog},
	{"/plan/job/{job_id}", call.job}, {"/plan/job/{job_id}/predecessors", call.jobNeighbours}, {"/plan/job/{job_id}/successors", call.jobNeighbours},
	{"/plan/job/{job_id}/model/description", call.jobDescription},
	{"/plan/jobstream", call.streams}, {"/plan/jobstream/count", call.streamCount}, {"/plan/jobstream/{jobstream_id}", call.stream},
	{"/plan/jobstream/{jobstream_id}/predecessors", call.streamNeighbours}, {"/plan/jobstream/{jobstream_id}/successors", call.streamNeighbours},
	{"/plan/jobstream/{jobstream_id}/model/description", call.streamDescription},
	{"/plan/workstation", call.workstations}, {"/plan/workstation/{workstation_id}", call.workstation},
	{"/plan/resource", call.resources}, {"/plan/resource/{resource_id}", call.resource},
	{"/plan/prompt", call.prompts},
	{"/plan/folder/objects-count", call.folderCount}, {"/plan/consumed-jobs/runs", call.consumedJobs},
	{"/model/common/autocomplete", call.emptyPage}, {"/model/common/output-conditions", call.emptyList}, {"/model/service/tags", call.emptyList},
	{"/model/{kind}", call.definitions},
	{"/model/{kind}/{id}", call.definitionByID},
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var f *Fault
	if h.opts.Fault != nil {
		f = h.opts.Fault(r)
	}
	now := h.opts.Clock()
	if f != nil {
		now = now.Add(f.Clock)
	}
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	a := h.handle(r, f)
	h.opts.Logger.Debug("mock engine", "method", r.Method, "path", r.URL.EscapedPath(), "status", a.status)
	send(w, r, a, f)
}

func (h *Handler) handle(r *http.Request, f *Fault) answer {
	if r.URL.EscapedPath() == metricsPath {
		return h.metrics(r, f)
	}
	if h.speaksV1(r) {
		return h.handleV1(r, f)
	}
	found, id := match(r.URL.EscapedPath())
	template, action := "unknown", matchWrite(r.URL.EscapedPath())
	switch {
	case found != nil:
		template = found.template
	case action != nil:
		template = action.template
	}
	write := r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
	h.count(r, template, write)
	if write || wrongRead(r) {
		h.violated(r)
	}
	if !h.admitted(r) {
		return unauthorized()
	}
	if write {
		return refuseWrite(r, action)
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	switch {
	case err != nil:
		return refuse(http.StatusBadRequest, "The query of the request cannot be read.")
	case h.opts.Dialects == OnlyV1:
		return noApplication()
	case r.Method == http.MethodOptions, found == nil && action != nil && !wrongRead(r):
		return refuse(http.StatusMethodNotAllowed, "The method "+r.Method+" is not understood here.")
	case wrongRead(r):
		return refuseWrongRead(r, found != nil)
	case found == nil:
		return refuse(http.StatusNotFound, "There is nothing at this address.")
	}
	if p := q.Get("plan_id"); p != "" && p != "current" {
		if v := h.current(); p != v.w.PlanID {
			return refuse(http.StatusNotFound, "There is no plan with this id.")
		}
	}
	v, habits := h.current(), h.opts.Habits
	if f != nil && f.World != nil {
		v = h.viewOf(f.World)
	}
	if f != nil && f.Habits != nil {
		habits = *f.Habits
	}
	return found.answer(call{view: v, r: r, id: id, query: q, habits: habits})
}

// unauthorized is the application server's own page, whichever interface is asked.
func unauthorized() answer {
	return answer{status: http.StatusUnauthorized, contentType: typeHTML, header: http.Header{"Www-Authenticate": {`Basic realm="HWA"`}}, body: []byte(unauthorizedPage)}
}

// noApplication is the application server's page for an address below which nothing is installed, as the newer interface's on an older engine.
func noApplication() answer {
	return answer{status: http.StatusNotFound, contentType: typeHTML, body: []byte("<html><head><title>Error 404</title></head><body><h1>Error 404: Not Found</h1></body></html>\n")}
}

// match finds the read that a path asks for, and the decoded variable part of it.
func match(escaped string) (*route, string) {
	rest, ok := strings.CutPrefix(escaped, Base+"/")
	if !ok {
		return nil, ""
	}
	parts := strings.Split(rest, "/")
	for i := range routes {
		want := strings.Split(routes[i].template[1:], "/")
		if id, ok := fits(want, parts); ok {
			return &routes[i], id
		}
	}
	return nil, ""
}

func fits(want, parts []string) (id string, ok bool) {
	if len(want) != len(parts) {
		return "", false
	}
	for i, w := range want {
		if w[0] != '{' {
			if parts[i] != w {
				return "", false
			}
			continue
		}
		var err error
		if id, err = url.PathUnescape(parts[i]); err != nil || id == "" {
			return "", false
		}
	}
	return id, true
}

// admitted checks the credentials, where some are demanded.
func (h *Handler) admitted(r *http.Request) bool {
	if h.opts.User == "" && h.opts.Token == "" {
		return true
	}
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return h.opts.Token != "" && same(token, h.opts.Token)
	}
	user, password, ok := r.BasicAuth()
	return ok && h.opts.User != "" && same(user, h.opts.User) && same(password, h.opts.Password)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
