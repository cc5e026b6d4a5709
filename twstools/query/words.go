package query

import (
	"slices"
	"strings"
)

// statusWord is one internal status as each surface spells it: the interface's second generation, whose word is used everywhere inside, the
// first generation (V1) and conman. A status without a word on a surface cannot be asked for there.
type statusWord struct {
	word   string
	v1     []string
	conman []string
}

// statusWords pairs the spellings. Sources: "showjobs" and "Selecting jobs in commands" of the User's Guide for conman; the enumerations of
// both interfaces for the rest.
var statusWords = []statusWord{
	{"ADD", []string{"ADD"}, []string{"ADD"}},
	{"HOLD", []string{"HOLD"}, []string{"HOLD"}},
	{"SCHED", []string{"SCHED"}, []string{"SCHED"}},
	{"READY", []string{"READY"}, []string{"READY"}},
	{"FENCE", []string{"FENCE"}, []string{"FENCE"}},
	{"INTRO", []string{"INTRO", "INTRO_PLUS"}, []string{"INTRO", "INTRO+"}},
	{"WAIT", []string{"WAIT", "WAITD"}, []string{"WAIT", "WAITD"}},
	{"EXEC", []string{"EXEC", "EXEC_PLUS"}, []string{"EXEC", "EXEC+"}},
	{"SUCC", []string{"SUCC"}, []string{"SUCC"}},
	{"SUCCP", []string{"SUCCP"}, []string{"SUCCP"}},
	{"ABEND", []string{"ABEND"}, []string{"ABEND"}},
	{"ABENP", []string{"ABENDP"}, []string{"ABENP"}},
	{"FAIL", []string{"FAILED"}, []string{"FAIL", "FAILED"}},
	{"PEND", []string{"ENDP"}, []string{"PEND"}},
	{"END", nil, []string{"DONE", "END"}},
	{"ERROR", []string{"ERROR"}, []string{"ERROR"}},
	{"EXTRN", []string{"EXTRN"}, []string{"EXTRN"}},
	{"BOUND", []string{"BOUND"}, []string{"BOUND"}},
	{"CANCL", []string{"CANCEL"}, []string{"CANCL", "CANCE", "CANCEL"}},
	{"CANCLP", []string{"CANCELP"}, []string{"CANCP", "CANCLP", "CANCELP"}},
	{"SUPPR", []string{"SUPPRESS"}, []string{"SUPPR", "SUPPRESS"}},
	{"SUSP", []string{"SUSP", "MPE_SUSP"}, []string{"SUSP"}},
	{"STUCK", []string{"STUCK"}, []string{"STUCK"}},
	{"UNKNOWN", []string{"UNKNOWN"}, nil},
	{"USER_STREAM", []string{"USER_STREAM"}, nil},
	{"RJOB", []string{"RJOB"}, nil},
	{"RECOVERY_IN_PROGRESS", []string{"RECOVERY_IN_PROGRESS"}, nil},
}

// V1Statuses gives V1's words for an internal status of the second generation ("FAIL" is "FAILED", "EXEC" is also "EXEC_PLUS"), none where
// V1 has no word for it.
func V1Statuses(status string) []string {
	for _, w := range statusWords {
		if w.word == status {
			return slices.Clone(w.v1)
		}
	}
	return nil
}

// StatusFromV1 gives the second generation's word for an internal status of V1; a word that nobody knows stays what it is.
func StatusFromV1(word string) string {
	for _, w := range statusWords {
		if slices.Contains(w.v1, word) {
			return w.word
		}
	}
	return word
}

// statusFromConman reads conman's word, in any case of letters.
func statusFromConman(word string) string {
	word = strings.ToUpper(word)
	for _, w := range statusWords {
		if slices.Contains(w.conman, word) {
			return w.word
		}
	}
	return word
}

// statusToConman gives the words that conman takes for a status.
func statusToConman(status string) []string {
	for _, w := range statusWords {
		if w.word == status {
			return w.conman
		}
	}
	return nil
}

// commonStatuses are the statuses that both generations of distributed engines share, "Waiting" to "Suppressed" on the console.
var commonStatuses = []string{"WAITING", "READY", "RUNNING", "SUCCESSFUL", "ERROR", "CANCELED", "HELD", "UNDECIDED", "BLOCKED", "SUPPRESS"}

// workstationTypes pairs the second generation's types with V1's.
var workstationTypes = [][2]string{{"AGENT", "AGENT"}, {"POOL", "POOL"}, {"D-POOL", "DYNAMIC_POOL"}, {"REM-ENG", "REMOTE_ENGINE"}, {"MANAGER", "MANAGER"}, {"FTA", "FTA"},
	{"X-AGENT", "XA"}, {"S-AGENT", "SA"}, {"WORKLOAD_BROKER", "BROKER"}}

// WorkstationTypeFromV1 gives the second generation's word for a workstation's type; an unknown one stays what it is.
func WorkstationTypeFromV1(word string) string {
	for _, p := range workstationTypes {
		if p[1] == word {
			return p[0]
		}
	}
	return word
}

// v1WorkstationType gives V1's word; OQL's manual uses V1's words too.
func v1WorkstationType(word string) []string {
	for _, p := range workstationTypes {
		if p[0] == word || p[1] == word {
			return []string{p[1]}
		}
	}
	return nil
}

// wordList makes a translation of words that both sides spell alike.
func wordList(words ...string) func(string) []string {
	return func(w string) []string {
		if slices.Contains(words, w) {
			return []string{w}
		}
		return nil
	}
}
