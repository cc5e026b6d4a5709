package data

// Address is where the data of a tool are read over REST.
type Address struct {
	Path string // with its parameter in braces, if it has one
	Key  string // the tool's argument that stands in the path; "" for none
}

// AddressOf gives the address of a tool or view, and false for those that have none of their own kind.
func AddressOf(tool string) (Address, bool) {
	a, ok := addresses[tool]
	return a, ok
}

// Addressed lists the tools and views that AddressOf knows, in no order.
func Addressed() []string {
	out := make([]string, 0, len(addresses))
	for tool := range addresses {
		out = append(out, tool)
	}
	return out
}

// addresses is held against what is registered by a test.
var addresses = map[string]Address{
	"plan_status":       {Path: "/api/status"},
	"find_jobs":         {Path: "/api/jobs"},
	"get_job":           {Path: "/api/jobs/{key}", Key: "job"},
	"get_job_log":       {Path: "/api/jobs/{key}/log", Key: "job"},
	"find_job_streams":  {Path: "/api/job-streams"},
	"get_job_stream":    {Path: "/api/job-streams/{key}", Key: "job_stream"},
	"list_workstations": {Path: "/api/workstations"},
	"list_resources":    {Path: "/api/resources"},
	"list_prompts":      {Path: "/api/prompts"},
	"what_changed":      {Path: "/api/changes"},
	"plan_graph":        {Path: "/api/graph"},
	"plan_timeline":     {Path: "/api/timeline"},
}
