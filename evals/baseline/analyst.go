package baseline

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
)

//go:embed clues.yaml
var cluesYAML []byte

// clues are the signs that B5 knows, in the order of the file.
type clues struct {
	Passes []pattern `yaml:"passes"`
	Ends   []struct {
		Weight int     `yaml:"weight"`
		Line   pattern `yaml:"line"`
	} `yaml:"ends"`
	Rules []struct {
		Kind    string    `yaml:"kind"`
		Weight  int       `yaml:"weight"`
		Running bool      `yaml:"running"` // a sign only in the log of a job that still runs
		Lines   []pattern `yaml:"lines"`
	} `yaml:"rules"`
	Codes map[int]string `yaml:"codes"`
}

// signs is read once from the embedded file, which is literal data of this package.
var signs = sync.OnceValues(func() (*clues, error) {
	var c clues
	if err := yaml.Unmarshal(cluesYAML, &c); err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The signs of the baseline B5 cannot be read.")
	}
	return &c, nil
})

// finding is what a log says: a kind of cause and the line that says it. Line is 0 where no line says anything.
type finding struct {
	kind string
	line int
}

// classify reads a log. Of the lines that fit a rule the heaviest wins, and of equals the first; without any, the last of the lines that sound
// most like a bad end is given as app.error.
func (c *clues) classify(t *joblogText, running bool) finding {
	var best, end finding
	heaviest, loudest := 0, 0
	t.own(func(n int, text string) bool {
		line := logLine{text, strings.ToLower(text)}
		if anyOf(c.Passes, line) {
			return true
		}
		for _, r := range c.Rules { // what is heavier than all before
			if r.Weight > heaviest && (running || !r.Running) && anyOf(r.Lines, line) {
				best, heaviest = finding{r.Kind, n}, r.Weight
			}
		}
		for _, e := range c.Ends {
			if e.Weight >= loudest && e.Line.fits(line) {
				end, loudest = finding{"app.error", n}, e.Weight
				break
			}
		}
		return true
	})
	if heaviest > 0 {
		return best
	}
	return end
}

// analyst is B5: the named job, the job that ended badly in the named stream, or, where nothing is named, the one whose description fits the
// question's words best; its log; the sign in it. A job that has ended well is well, and one that has written nothing cannot be judged.
func analyst(d *draft) {
	c, err := signs()
	if err != nil {
		d.unnamed()
		return
	}
	d.read("find_jobs")
	j := d.scene.asked(d.q)
	if j == nil {
		if about, ok := d.scene.named(d.q); ok {
			d.aside(about)
			return
		}
		if j = d.scene.described(d.q.Text); j == nil || d.scene.stranger(d.q) != "" {
			d.unnamed()
			return
		}
	}
	about := d.scene.job(j)
	status := j.Status.Internal
	if status == "SUCC" {
		d.healthy(about)
		return
	}
	d.read("get_job_log")
	log := d.scene.log(j)
	if log == nil {
		d.speechless(j, about)
		return
	}
	f := c.classify(log, status == "EXEC")
	if !failed(status) && (f.line == 0 || f.kind == "app.error") {
		d.unknown(about.word, d.t.fill(d.t.Missing, "log_mute", d.lang, joblog(j)))
		return
	}
	d.diagnose(c, j, about, log, f)
}

// diagnose blames a job for what its log says, or for its return code where the log says nothing better.
func (d *draft) diagnose(c *clues, j *twstools.Job, about object, log *joblogText, f finding) {
	code := returnCode(j)
	if f.kind == "" || f.kind == "app.error" && c.Codes[code] != "" {
		if f.kind = c.Codes[code]; f.kind == "" {
			f.kind = "app.error"
		}
	}
	d.blame(about, f.kind)
	if code > 0 {
		shown := &d.d.Causes[0].Evidence
		*shown = append(*shown, answer.Evidence{Source: "plan:" + about.text, Quote: fmt.Sprintf("return_code=%d", code)})
	}
	if f.line > 0 {
		d.quote(log.evidence(f.line))
	}
	d.treat()
}

// speechless is for a job without a log: one that could not be launched is blamed for that, all others are not judged.
func (d *draft) speechless(j *twstools.Job, about object) {
	if j.Status.Internal == "FAIL" {
		d.blame(about, "sched.launch.unknown")
		d.treat()
		return
	}
	d.unknown(about.word, d.t.fill(d.t.Missing, "log_of", d.lang, joblog(j)))
	if failed(j.Status.Internal) {
		d.affect(about)
		d.advise("collect", about, -1)
	}
}

// aside is for what has no log of its own: a stream of which nothing ended badly, a workstation, a resource.
func (d *draft) aside(about object) {
	if about.stream != nil && about.stream.Status.Internal == "SUCC" {
		d.healthy(about)
		return
	}
	d.unknown(about.word, d.t.line(d.t.Missing, "joblog", d.lang))
}

// returnCode is that of the last run, or -1.
func returnCode(j *twstools.Job) int {
	if len(j.Runs) == 0 || j.Runs[len(j.Runs)-1].ReturnCode == nil {
		return -1
	}
	return *j.Runs[len(j.Runs)-1].ReturnCode
}
