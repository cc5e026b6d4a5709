package incident

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/twstools"
)

// tell writes the scenario and its gold, now that the world is there.
func (s *stage) tell(v Variant, r suite.Recipe) (Made, error) {
	sc := suite.Scenario{Schema: suite.Schema, ID: opaque(r), Tags: []string{"core"}, World: suite.World{Base: suite.Made, AsOf: s.world.AsOf.In(s.day.zone)}}
	for i, q := range v.Ask {
		one, err := s.question(q, i)
		if err != nil {
			return Made{}, err
		}
		sc.Ask = append(sc.Ask, one)
	}
	g, err := s.gold(v)
	if err != nil {
		return Made{}, fmt.Errorf("the gold: %w", err)
	}
	g.ID, g.Slice, g.Recipe = sc.ID, v.Slice, &r
	if g.Title == "" {
		g.Title = s.family.Title + " (" + v.Name + ")"
	}
	sc.Gold = g
	return Made{Scenario: sc, World: s.world}, nil
}

func (s *stage) question(q Question, i int) (suite.Question, error) {
	out := suite.Question{ID: fmt.Sprintf("q%d", i+1), Lang: q.Lang, Style: q.Style}
	text := q.Text
	if n := len(q.OneOf); n > 0 {
		text = q.OneOf[s.luck(fmt.Sprintf("ask %d", i)).IntN(n)]
	}
	var err error
	if out.Text, err = s.fill(text, q.Lang, false); err != nil {
		return out, err
	}
	out.Text = capital(out.Text)
	for _, t := range q.Turns {
		turn, err := s.fill(t, q.Lang, false)
		if err != nil {
			return out, err
		}
		out.Turns = append(out.Turns, capital(turn))
	}
	return out, nil
}

// capital begins a sentence as one begins where a phrase of the plant came first; terse questions keep their small letters.
func capital(text string) string {
	if strings.HasSuffix(text, "?") || strings.HasSuffix(text, ".") {
		if r := []rune(text); len(r) > 1 && strings.Contains(text, " ") && !strings.Contains(text, "??") {
			return strings.ToUpper(string(r[:1])) + string(r[1:])
		}
	}
	return text
}

// gold fills the family's gold in.
func (s *stage) gold(v Variant) (suite.Gold, error) {
	var g suite.Gold
	n := v.Gold
	raw, err := yaml.Marshal(&n)
	if err != nil {
		return g, err
	}
	text, err := s.fill(string(raw), "en", false)
	if err != nil {
		return g, err
	}
	if err := decodeText([]byte(text), "gold", &g); err != nil {
		return g, err
	}
	if g.Affected, err = s.expand(g.Affected); err != nil {
		return g, err
	}
	if g.Items, err = s.expand(g.Items); err != nil {
		return g, err
	}
	if g.Candidates, err = s.expand(g.Candidates); err != nil {
		return g, err
	}
	s.whoseLog(&g)
	if g.Figures == nil {
		g.Figures, err = s.figures(v)
	}
	if err == nil && g.Under == nil {
		g.Under, err = s.under(v.Proof.Under, g)
	}
	if g.Reads == nil {
		g.Reads = reads(g)
	}
	return g, err
}

// reads is the way to the evidence where the family names none: the source of the first piece of each decisive group.
func reads(g suite.Gold) [][]string {
	lists := map[string]string{"plan": "jobs", "resource": "resources", "prompt": "prompts", "workstation": "workstations", "file": "jobs"}
	var way []string
	for _, c := range g.Causes {
		for _, group := range c.Evidence {
			if len(group.Any) == 0 {
				continue
			}
			of := group.Any[0].Of
			if kind, _, _ := strings.Cut(of, ":"); kind != "joblog" {
				of = lists[kind]
			}
			if of != "" && !slices.Contains(way, of) {
				way = append(way, of)
			}
		}
	}
	if way == nil {
		return nil
	}
	return [][]string{way}
}

var instancesForm = regexp.MustCompile(`^instances of ([a-z][a-z0-9_]*)$`)

// whoseLog says of which job the log is that must be called missing, where the gold is about one job.
func (s *stage) whoseLog(g *suite.Gold) {
	var jobs []string
	for _, name := range g.Names {
		if path, ok := strings.CutPrefix(name, "job:"); ok {
			jobs = append(jobs, path)
		}
	}
	for i, want := range g.Missing {
		if want == "joblog" && len(jobs) == 1 {
			g.Missing[i] = "joblog:" + jobs[0]
		}
	}
}

var behindForm = regexp.MustCompile(`^behind ([a-z][a-z0-9_]*)$|^all (jobs|streams) (?:(?:that are )?([A-Z|]+))(?: on ([a-z][a-z0-9_]*))?$`)

// expand computes names from the world: "behind X" is whatever waits for X directly and has not run, "all jobs ABEND|FAIL", "all jobs EXEC on X",
// "all streams STUCK" are what the words say, and "instances of X" all jobs or streams of X's name.
func (s *stage) expand(names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		g := behindForm.FindStringSubmatch(strings.TrimSpace(name))
		switch many := instancesForm.FindStringSubmatch(strings.TrimSpace(name)); {
		case many != nil:
			out = append(out, s.namesakes(s.picked[many[1]])...)
		case g == nil:
			out = append(out, name)
		case g[1] != "":
			t, ok := s.picked[g[1]]
			if !ok {
				return nil, fmt.Errorf("nothing is called %s", g[1])
			}
			some, err := s.victims(t)
			if err != nil {
				return nil, err
			}
			out = append(out, some...)
		default:
			out = append(out, s.all(g[2], strings.Split(g[3], "|"), s.picked[g[4]].ws)...)
		}
	}
	return out, nil
}

// namesakes are all instances of a job or stream that the plan holds.
func (s *stage) namesakes(t thing) []string {
	var out []string
	for _, j := range s.world.Jobs {
		if t.kind == "job" && j.Name == t.job && j.Stream == t.stream {
			out = append(out, "job:"+s.instancePath(j))
		}
	}
	for _, st := range s.world.JobStreams {
		if t.kind == "stream" && st.Name == t.stream {
			out = append(out, "stream:"+thing{kind: "stream", stream: st.Name, sched: st.SchedTime, twins: s.instances(st.Name) > 1}.path(s.day.zone))
		}
	}
	return out
}

// victims are the jobs that wait for a thing directly and have not run. One of another stream may also be named by its stream.
func (s *stage) victims(t thing) ([]string, error) {
	d, err := look(s.day.defs, s.world, s.day.start)
	if err != nil {
		return nil, err
	}
	here := stage{day: d, picked: map[string]thing{}}
	var out []string
	steps := d.behind(here.jobsOf(here.found(t))...)
	for _, id := range slices.Sorted(maps.Keys(steps)) {
		j := d.job(id)
		if steps[id] != 1 || !slices.Contains([]string{"HOLD", "READY", "WAIT", "FENCE"}, j.Status.Internal) {
			continue
		}
		path := "job:" + s.instancePath(j)
		if j.Stream != t.stream {
			path += " | stream:" + strings.TrimSuffix(s.instancePath(j), "."+j.Name)
		}
		out = append(out, path)
	}
	slices.Sort(out)
	return out, nil
}

// found is the same thing in the present world, whose ids may be others than in the rehearsal.
func (s *stage) found(t thing) thing {
	for _, j := range s.day.w.Jobs {
		if t.kind == "job" && j.Name == t.job && j.Stream == t.stream && (!t.twins || j.SchedTime.Equal(t.sched)) {
			t.id = j.Ref.ID
		}
	}
	for _, st := range s.day.w.JobStreams {
		if t.kind == "stream" && st.Name == t.stream && (!t.twins || st.SchedTime.Equal(t.sched)) {
			t.id = st.Ref.ID
		}
	}
	return t
}

func (s *stage) instancePath(j twstools.Job) string {
	many := 0
	for _, st := range s.world.JobStreams {
		if st.Name == j.Stream {
			many++
		}
	}
	return thing{kind: "job", stream: j.Stream, job: j.Name, sched: j.SchedTime, twins: many > 1}.path(s.day.zone)
}

// all are the jobs or streams of the plan in one of these states, on a workstation or everywhere.
func (s *stage) all(kind string, states []string, ws string) []string {
	var out []string
	if kind == "streams" {
		for _, st := range s.world.JobStreams {
			if slices.Contains(states, st.Status.Internal) && (ws == "" || st.Workstation == ws) {
				t := thing{kind: "stream", stream: st.Name, sched: st.SchedTime, twins: s.instances(st.Name) > 1}
				out = append(out, "stream:"+t.path(s.day.zone))
			}
		}
		return out
	}
	for _, j := range s.world.Jobs {
		if slices.Contains(states, j.Status.Internal) && (ws == "" || j.Workstation == ws) {
			out = append(out, "job:"+s.instancePath(j))
		}
	}
	return out
}

// figures counts what a family's gold asks to be counted; see suite.Gold.Count.
func (s *stage) figures(v Variant) ([]int, error) {
	var g struct {
		Count []string `yaml:"count"`
	}
	if err := v.Gold.Decode(&g); err != nil {
		return nil, err
	}
	var out []int
	for _, what := range g.Count {
		all, err := s.expand([]string{what})
		if err != nil {
			return nil, err
		}
		out = append(out, len(all))
	}
	return out, nil
}
