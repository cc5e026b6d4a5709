package message_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/twstools/message"
	"gopkg.in/yaml.v3"
)

// kinds reads the paths of the closed list of cause kinds from the answer's contract.
func kinds(t *testing.T) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile("../answer/cause-kinds.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	var walk func(path string, node any)
	walk = func(path string, node any) {
		all[path] = true
		if m, ok := node.(map[string]any); ok {
			for k, v := range m {
				walk(path+"."+k, v)
			}
		}
	}
	for k, v := range tree {
		walk(k, v)
	}
	return all
}

// The ids that the catalogue must know: those of the field notes that this room was built from.
var wanted = strings.Fields(`AWSBHT001E AWSBDW009E AWSBDW057E AWSBDW062E AWSBDW019I AWSBHT057W AWSBHT160E AWSBCV035W AWSBCV012E AWSDEC002E AWSDEC003I AWSBCV082I
AWSDEB009E AWSDEB003I AWSBCW003E AWSDEB046E AWSBCW037E AWSBCW039E AWSEDW020E AWSBDY124W AWSBDY125E AWSBDY126E AWSITA245E AWSITA104E AWSITA105E AWSITA081E
AWSITA366E AWSITA320E AWSJPL017E AWSJPL018E AWSJPL006E AWSJPL704E AWSJPL705E AWSJPL526W AWSBHV082E AWSJCL054E AWSJPL016E AWSJCL075E AWSBIS335E AWSBIS348E
AWSBEH023E AWSBEH021E AWSJDB801E AWSJDB803E AWSJCS011E AWSJCO136E AWSJPU009W AWSBIA148W AWSBIA019E AWSBIA106W AWKRCE012E AWSRES003E AWSUI0766E AWSUI0833E
AWSMSP104E AWSEVP001I AWSAHL004I AWSEVP008I AWSBHT036I AWSBHT075I AWSBHT061E AWSBHT069E AWSBDW002E AWSBDW001E AWSBDW064E AWSBDW066E AWSBDX001E AWSBCV036W
AWSBCV116I AWSDDW100I AWSBDY109I AWSJPL004E AWSBHU159E AWSBHU076E AWSJPL504I AWSJCL058I AWSJCL062I AWSITA031I AWSITA034I AWSITA066E AWSITA002E AWSITA003E
AWSITA004E AWKRAA210E AWKJMJ010E AWKTSA050E AWSTMB001E AWSBDY101E AWSBDY119E AWSAHL002I AWSAHL003I AWSAHL005I AWSJCO125I AWSJDB817E AWSJCO026E AWSJCO084E
AWSJDB101E AWSJSY404E AWSBIN076E AWSBIN091E AWSBIO006E AWSJZC093E AWSMSL009E AWSJCL003I AWSBIA288I AWSBIA291I`)

func TestCatalogueKnowsTheIDsOfTheNotes(t *testing.T) {
	for _, id := range wanted {
		if m, ok := message.Lookup(id); !ok || !m.Known {
			t.Errorf("Lookup(%s): known = %v, want true", id, m.Known)
		}
	}
	if got := len(message.IDs()); got < 100 {
		t.Errorf("%d ids, want at least 100", got)
	}
}

var (
	id = regexp.MustCompile(`^AW(S[A-Z]{2,3}|K[A-Z]{3})[0-9]{3,4}[IWE]$`)
	// Plan administration is advice to call somebody, never a command.
	command = regexp.MustCompile(`(?i)\b(planman|resetplan|jnextplan|switchplan|makeplan|evtsize|-scratch|conman|kill -9|rm -)`)
)

func TestEveryMessageIsComplete(t *testing.T) {
	known := kinds(t)
	for _, name := range message.IDs() {
		m, _ := message.Lookup(name)
		if !id.MatchString(name) {
			t.Errorf("%s is not well formed", name)
		}
		if m.Component == "unknown component" || m.Severity == "" {
			t.Errorf("%s: component %q, severity %q", name, m.Component, m.Severity)
		}
		for _, lang := range []string{"en", "pt"} {
			x := m.In(lang)
			sentence(t, name+" "+lang, x.Says, x.Cause, x.Do)
		}
		if m.En.Says == m.Pt.Says {
			t.Errorf("%s says the same in both languages", name)
		}
		if m.Kind != "" && !known[m.Kind] {
			t.Errorf("%s: the kind %q is not in the closed list", name, m.Kind)
		}
		if m.Kind != "" && m.Severity == message.Information && m.En.Cause == "Normal work." {
			t.Errorf("%s reports normal work and yet suggests %s", name, m.Kind)
		}
	}
}

func sentence(t *testing.T, what string, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if s == "" || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q is no sentence", what, s)
		}
		if c := command.FindString(s); c != "" {
			t.Errorf("%s: %q carries the command %s", what, s, c)
		}
	}
}

func TestLookup(t *testing.T) {
	tests := []struct {
		name, id, component string
		severity            message.Severity
		found, known        bool
	}{
		{"known", "AWSBDW009E", "jobman", message.Error, true, true},
		{"lower-case", " awsbcv035w ", "mailman", message.Warning, true, true},
		{"unknown-number", "AWSBHU999I", "conman", message.Information, true, false},
		{"unknown-family", "AWSQQQ123E", "unknown component", message.Error, true, false},
		{"plug-in", "AWKRCE777E", "remote command plug-in", message.Error, true, false},
		{"two-letters", "AWSUI0999E", "web console", message.Error, true, false},
		{"other-program", "ORA-28000", "", "", false, false},
		{"no-severity", "AWSBHU999", "", "", false, false},
		{"empty", "", "", "", false, false},
		{"inside-a-text", "see AWSBDW009E", "", "", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, ok := message.Lookup(tt.id)
			if ok != tt.found || m.Known != tt.known || m.Component != tt.component || m.Severity != tt.severity {
				t.Errorf("Lookup(%q) = %+v, %v", tt.id, m, ok)
			}
			if ok && (m.En.Says == "" || m.Pt.Says == "") {
				t.Errorf("Lookup(%q) explains nothing", tt.id)
			}
		})
	}
}

func TestFindIDs(t *testing.T) {
	got := message.FindIDs("AWSBHT001E The job failed: AWSBDW009E; again awsbdw009e. XAWSBDW009E AWSBDW009EX AWSUI0766E")
	want := []string{"AWSBHT001E", "AWSBDW009E", "AWSUI0766E"}
	if !slices.Equal(got, want) {
		t.Errorf("FindIDs = %v, want %v", got, want)
	}
}

func TestReturnCode(t *testing.T) {
	known := kinds(t)
	tests := []struct {
		rc     int
		found  bool
		signal string
		says   string
		kind   string
	}{
		{126, true, "", "could not be executed", "app.script.permission"},
		{127, true, "", "not found", "app.script.not_found"},
		{137, true, "SIGKILL", "does not prove a lack of memory", "app.killed.unknown"},
		{143, true, "SIGTERM", "does not say by whom", "app.killed.unknown"},
		{139, true, "SIGSEGV", "memory that is not its own", ""},
		{-9, true, "SIGKILL", "SIGKILL", "app.killed.unknown"},
		{0, true, "", "ended well", ""},
		{42, false, "", "", ""},
		{128, false, "", "", ""},
		{200, false, "", "", ""},
		{-128, false, "", "", ""},
	}
	for _, tt := range tests {
		m, ok := message.ReturnCode(tt.rc)
		if ok != tt.found || m.Signal != tt.signal || m.Kind != tt.kind || !strings.Contains(m.En.Says, tt.says) {
			t.Errorf("ReturnCode(%d) = %+v, %v", tt.rc, m, ok)
		}
		if m.Kind != "" && !known[m.Kind] {
			t.Errorf("ReturnCode(%d): the kind %q is not in the closed list", tt.rc, m.Kind)
		}
		if ok {
			sentence(t, "rc", m.En.Says, m.En.Do, m.Pt.Says, m.Pt.Do)
		}
		if strings.Contains(m.Kind, "oom") {
			t.Errorf("ReturnCode(%d) claims %s, which a code alone does not prove", tt.rc, m.Kind)
		}
	}
}

func TestStatus(t *testing.T) {
	for _, word := range strings.Fields("ADD HOLD SCHED READY FENCE INTRO INTRO+ INTRO_PLUS WAIT WAITD EXEC EXEC+ SUCC SUCCP ABEND ABENP FAIL FAILED PEND DONE ERROR EXTRN BOUND CANCL CANCP CANCELLED SUPPR STUCK hold BLOCKED HELD UNDECIDED SUPPRESS RUNNING SUCCESSFUL WAITING") {
		s, ok := message.Status(word)
		if !ok {
			t.Errorf("Status(%s) is not found", word)
			continue
		}
		sentence(t, word, s.En.Says, s.En.Do, s.Pt.Says, s.Pt.Do)
	}
	if _, ok := message.Status("PAYROLL"); ok {
		t.Error("Status(PAYROLL) is found")
	}
	fail, _ := message.Status("FAIL")
	abend, _ := message.Status("ABEND")
	if !strings.Contains(fail.En.Says, "ABEND") || !strings.Contains(abend.En.Says, "FAIL") {
		t.Error("FAIL and ABEND do not tell themselves apart")
	}
}

func TestDecode(t *testing.T) {
	tests := []struct {
		name, text, language string
		want                 []string
	}{
		{"id-and-code", "AWSBHT001E and then rc=137", "en", []string{"AWSBHT001E", "rc 137"}},
		{"portuguese-code", "código de retorno 127", "pt", []string{"rc 127"}},
		{"exit-status", "Exit Status           : 143", "en", []string{"rc 143"}},
		{"own-code", "return code 42", "en", nil},
		{"number-alone", "137 jobs are late", "en", nil},
		{"status-words", "why is it STUCK, not READY?", "en", []string{"STUCK", "READY"}},
		{"everyday-words", "wait, I hold it ready and done", "en", nil},
		{"names-are-no-status", "WS#HOLD_A.READY JOB_FAIL /tmp/DONE.txt", "en", nil},
		{"status-at-the-end", "the job is in FAIL.", "en", []string{"FAIL"}},
		{"twice", "AWSBHT001E AWSBHT001E awsbht001e", "en", []string{"AWSBHT001E"}},
		{"nothing", "", "en", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range message.Decode(tt.text, tt.language) {
				got = append(got, d.ID)
				if d.Meaning == "" || d.Component == "" {
					t.Errorf("%s is not explained: %+v", d.ID, d)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("Decode(%q) = %v, want %v", tt.text, got, tt.want)
			}
		})
	}
	pt := message.Decode("AWSBDW009E", "pt")
	if len(pt) != 1 || !strings.Contains(pt[0].Meaning, "Causa usual") || pt[0].Kind != "sched.launch.user" {
		t.Errorf("Decode in Portuguese = %+v", pt)
	}
	long := strings.Repeat("AWSBHT001E AWSBHT002E AWSBHT003E AWSBHT004E AWSBHT005E AWSBHT006E AWSBHT007E AWSBHT008E AWSBHT009E AWSBHT010E AWSBHT011E ", 1000)
	if got := len(message.Decode(long, "en")); got != 10 {
		t.Errorf("a pasted log gives %d explanations, want 10", got)
	}
}
