package twsmock

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// metricsPath is the engine's OpenMetrics page, beside the interface's base.
const metricsPath = "/metrics"

const typeMetrics = "text/plain; version=0.0.4; charset=utf-8"

// metrics answers the OpenMetrics page (User's Guide, "Exposing metrics"). The manual's copy at hand has lost letters, so the names here are one
// choice among possible spellings, made so that all begin alike, as the one that is whole does:
//
//	application_wa_JobsInPlanCount_jobs{status="SUCCESSFUL"} by common status     application_wa_workstation_linked{workstation="LX1"}
//	application_wa_JobsByWorkstation_jobs{workstation="LX1",status="ERROR"}     application_wa_workstation_running{workstation="LX1"}
//	application_wa_JobsByFolder_jobs{folder="/PAY",status="ERROR"}              application_wa_msgFileFill_percent{file="Mailbox.msg"}
//	application_wa_DB_connected
//
// A client does well to go by the middle part of a name.
func (h *Handler) metrics(r *http.Request, f *Fault) answer {
	h.count(r, metricsPath, false)
	if !h.admitted(r) {
		return answer{status: http.StatusUnauthorized, contentType: typeHTML, header: http.Header{"Www-Authenticate": {`Basic realm="HWA"`}}, body: []byte(unauthorizedPage)}
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return refuse(http.StatusMethodNotAllowed, "The method "+r.Method+" is not understood here.")
	}
	v := h.current()
	if f != nil && f.World != nil {
		v = h.viewOf(f.World)
	}
	text, err := v.metrics(r)
	if err != nil {
		return failed(err)
	}
	return answer{status: http.StatusOK, contentType: typeMetrics, body: []byte(text)}
}

func (v *view) metrics(r *http.Request) (string, error) {
	m, err := twstools.CapabilitiesOf(v.e).Metrics.Metrics(r.Context())
	if err != nil {
		return "", err
	}
	var p metricsPage
	p.gauge("JobsInPlanCount_jobs", "Jobs in the plan by status")
	for _, s := range slices.Sorted(maps.Keys(m.JobsByStatus)) {
		p.sample("JobsInPlanCount_jobs", float64(m.JobsByStatus[s]), "status", s)
	}
	for _, by := range [][2]string{{"workstation", "JobsByWorkstation_jobs"}, {"folder", "JobsByFolder_jobs"}} {
		all, err := v.n.TallyJobs(r.Context(), nil, by[0], "status")
		if err != nil {
			return "", err
		}
		p.gauge(by[1], "Jobs in the plan by "+by[0]+" and status")
		for _, t := range all {
			p.sample(by[1], float64(t.N), by[0], t.Keys[0], "status", t.Keys[1])
		}
	}
	for _, flags := range []struct {
		name string
		of   map[string]bool
	}{{"workstation_linked", m.Linked}, {"workstation_running", m.Running}} {
		p.gauge(flags.name, "1 where it is so")
		for _, ws := range slices.Sorted(maps.Keys(flags.of)) {
			p.sample(flags.name, truth(flags.of[ws]), "workstation", ws)
		}
	}
	p.gauge("msgFileFill_percent", "How full the message files are")
	for _, name := range slices.Sorted(maps.Keys(m.QueueFill)) {
		p.sample("msgFileFill_percent", m.QueueFill[name], "file", name)
	}
	p.gauge("DB_connected", "Whether the database can be reached")
	p.sample("DB_connected", truth(m.DatabaseConnected != nil && *m.DatabaseConnected))
	return p.String(), nil
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// metricsPage is a page in the text form that both OpenMetrics and Prometheus read.
type metricsPage struct{ strings.Builder }

func (p *metricsPage) gauge(name, help string) {
	fmt.Fprintf(p, "# HELP application_wa_%s %s\n# TYPE application_wa_%s gauge\n", name, help, name)
}

// sample writes one value; labels are names and values by turns.
func (p *metricsPage) sample(name string, v float64, labels ...string) {
	var pairs []string
	for i := 0; i+1 < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(labels[i+1])+`"`)
	}
	braces := ""
	if len(pairs) > 0 {
		braces = "{" + strings.Join(pairs, ",") + "}"
	}
	fmt.Fprintf(p, "application_wa_%s%s %g\n", name, braces, v)
}
