package evals_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
)

// seen is what a fake program says of its surroundings, in the place of its prose.
type seen struct {
	Args    []string
	Env     []string
	Now     string // of the engine
	V2      int    // status of the newer interface
	Prompts int
	Fields  int // of the first jobs
	Job     int // status of a single job
	Log     int // status of a job log
	Audit   int
}

// observe answers with what can be seen of the engine.
func (f *fakeProgram) observe(question string) int {
	s := seen{Args: os.Args[1:], Env: os.Environ()}
	if f.mode == "probe" {
		s.look()
	}
	text, err := json.Marshal(s)
	if err != nil {
		return 5
	}
	raw, err := json.Marshal(answer.Answer{Question: question, MessageID: fmt.Sprintf("m_%d", f.n), ConversationID: fmt.Sprintf("c_%d", f.n-f.turn), Answer: string(text)})
	if err != nil {
		return 5
	}
	fmt.Println(string(raw))
	return 0
}

func (s *seen) look() {
	status, header, _ := get("/twsd/api/v2/engine/info")
	s.V2, s.Now = status, header.Get("Date")
	_, _, body := get("/twsd/api/v2/plan/prompt")
	s.Prompts = len(results(body))
	_, _, body = get("/twsd/api/v2/plan/job?limit=20")
	for _, job := range results(body) {
		s.Fields += len(job)
	}
	if jobs := results(body); len(jobs) > 0 {
		s.Job, _, _ = get(fmt.Sprintf("/twsd/api/v2/plan/job/%v", jobs[0]["id"]))
	}
	for _, job := range results(body) {
		runs, _ := job["jobruns"].([]any)
		if len(runs) == 0 {
			continue
		}
		run, _ := runs[0].(map[string]any)
		if s.Log, _, _ = get(fmt.Sprintf("/twsd/api/v2/plan/job/run/%v/joblog", run["id"])); s.Log != http.StatusNotFound {
			break
		}
	}
	_, _, body = send(http.MethodPost, "/twsd/eventrule/engine/audit_record/header/query", `{"filters":{}}`)
	var records []any
	if json.Unmarshal(body, &records) == nil {
		s.Audit = len(records)
	}
}

func results(body []byte) []map[string]any {
	var page struct{ Results []map[string]any }
	if json.Unmarshal(body, &page) != nil {
		return nil
	}
	return page.Results
}

func get(path string) (int, http.Header, []byte) { return send(http.MethodGet, path, "") }

func send(method, path, body string) (int, http.Header, []byte) {
	url := fmt.Sprintf("%s://%s:%s%s", os.Getenv("APP_TWS_SCHEME"), os.Getenv("TWS_HOST"), os.Getenv("TWS_PORT"), path)
	req, err := http.NewRequest(method, url, strings.NewReader(body)) //nolint:noctx // a process of few requests
	if err != nil {
		return 0, nil, nil
	}
	req.SetBasicAuth(os.Getenv("TWS_USER"), os.Getenv("TWS_PASSWORD"))
	req.Header.Set("How-Many", "10")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, nil
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, nil
	}
	return res.StatusCode, res.Header, raw
}
