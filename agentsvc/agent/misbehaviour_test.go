package agent_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// misbehaviours are what servers, models and Genkit were measured to do to an agent, and where each is tested: file, test and, where the test is a
// table, the case.
var misbehaviours = []struct{ what, where string }{
	// Servers.
	{"a tool call that the server could not parse: empty answer, 200, no error", "llm/faults_test.go TestFaults empty-answer"},
	{"the same over Anthropic's interface", "llm/faults_test.go TestFaults empty-anthropic"},
	{"all tokens spent on thought", "llm/faults_test.go TestFaults empty-gemini"},
	{"the same over Ollama's interface", "llm/faults_test.go TestFaults empty-ollama"},
	{"the server dies in mid-stream: 200, no finish reason, no error", "llm/faults_test.go TestFaults cut-stream"},
	{"no message_stop", "llm/faults_test.go TestFaults cut-anthropic"},
	{"no finish reason of Gemini", "llm/faults_test.go TestFaults cut-gemini"},
	{"no done:true", "llm/faults_test.go TestFaults cut-ollama"},
	{"no byte at all with 200", "llm/faults_test.go TestFaults cut-at-once"},
	{"cut within an event", "llm/faults_test.go TestFaults cut-within-an-event"},
	{"an error object within the stream", "llm/faults_test.go TestFaults in-stream-error"},
	{"an error as finish reason", "llm/faults_test.go TestFaults in-stream-error-finish"},
	{"overloaded, within the stream", "llm/faults_test.go TestFaults in-stream-overloaded"},
	{"503 where others say 429", "llm/faults_test.go TestFaults 503-busy"},
	{"429", "llm/faults_test.go TestFaults 429"},
	{"Retry-After", "llm/chain_test.go TestRetryAfter"},
	{"Retry-After for everybody", "llm/chain_test.go TestRetryAfterHoldsForEverybody"},
	{"401, with the key repeated", "llm/faults_test.go TestFaults 401"},
	{"a key in the log", "hostile_test.go TestTheKeyIsNeverLogged"},
	{"an unknown model: 404", "llm/faults_test.go TestFaults 404-unknown-model"},
	{"a model without tools: 400", "chain_test.go TestAModelThatCannotCallTools"},
	{"parameters that a server refuses: max_tokens, temperature, stream_options", "llm/providers_test.go TestQuirksAreLearntOnce"},
	{"a missing temperature means 1; a missing limit means without end", "llm/providers_test.go TestProviders"},
	{"connection refused", "llm/chain_test.go TestTheNextOneAnswers refused-connection"},
	{"no first byte", "llm/faults_test.go TestDeadlines no-first-byte"},
	{"the stream stands still", "llm/faults_test.go TestDeadlines no-next-chunk"},
	{"drop by drop", "llm/faults_test.go TestDeadlines slowloris"},
	{"generation without end", "llm/faults_test.go TestOddities endless-stream"},
	{"a line without end", "llm/faults_test.go TestFaults endless-line"},
	{"HTML with 200", "llm/faults_test.go TestFaults html-with-200"},
	{"a wrong content type", "llm/faults_test.go TestOddities wrong-content-type"},
	{"events that are no JSON", "llm/faults_test.go TestFaults sse-nonsense"},
	{"an answer in one piece", "llm/faults_test.go TestOddities no-stream"},
	{"gzip", "llm/faults_test.go TestOddities gzip"},
	{"a redirect to another host", "llm/faults_test.go TestFaults redirect-to-another-host"},
	{"the beginning of the question cut off silently", "llm/fit_test.go TestSilentTruncation power-of-two"},
	{"fewer tokens read than were sent", "llm/fit_test.go TestSilentTruncation fewer-than-can-be"},
	{"the context's length exceeded, said so", "llm/fit_test.go TestTooLongIsAskedAgainWithLess"},
	{"a context smaller than the tools", "llm/fit_test.go TestWhatIsSentFits"},
	{"a dead server asked by everybody", "llm/chain_test.go TestADeadServerIsLeftAlone"},
	{"repeats that add up", "llm/chain_test.go TestRetryBudget"},
	{"variables of client libraries", "llm/providers_test.go TestNoVariableOfALibraryCounts"},
	// Models.
	{"a tool that was not offered", "model_test.go TestOnlyOfferedToolsRun"},
	{"the same again, after it was told", "llm/chain_test.go TestUnofferedCalls"},
	{"arguments that are no JSON", "llm/faults_test.go TestFaults malformed-call"},
	{"a call cut by the end", "llm/faults_test.go TestFaults cut-call"},
	{"empty arguments", "llm/faults_test.go TestOddities arguments-empty"},
	{"arguments as an object", "llm/faults_test.go TestOddities arguments-as-object"},
	{"arguments as a text within a text", "llm/faults_test.go TestOddities arguments-twice-quoted"},
	{"arguments that are no object", "model_test.go TestTheAgentMakesTheCallsThatAModelLeavesOut arguments-refused"},
	{"a megabyte of arguments", "llm/faults_test.go TestFaults megabyte-of-arguments"},
	{"NUL characters in text", "llm/faults_test.go TestOddities nul-characters"},
	{"NUL characters in arguments", "llm/faults_test.go TestOddities arguments-nul"},
	{"no id of a call", "llm/faults_test.go TestOddities no-id"},
	{"one id for several calls", "llm/faults_test.go TestOddities one-id-for-several"},
	{"one index for several calls", "llm/faults_test.go TestOddities one-index-for-several"},
	{"two calls at once", "model_test.go TestParallelToolsAndEmptyArguments"},
	{"text before a call", "llm/faults_test.go TestOddities text-before-call"},
	{"a call written as text", "llm/faults_test.go TestOddities call-as-text"},
	{"a call written as JSON", "llm/faults_test.go TestOddities call-as-json"},
	{"thoughts in a field of their own", "llm/faults_test.go TestOddities reasoning"},
	{"thoughts between marks", "llm/faults_test.go TestOddities think-marks"},
	{"thoughts whose opening mark the server swallowed", "llm/faults_test.go TestOddities think-mark-closed-only"},
	{"the same sentence without end", "llm/faults_test.go TestFaults repeats"},
	{"filtered", "llm/faults_test.go TestFaults filtered"},
	{"calls without end", "model_test.go TestEndlessToolsAreEnded"},
	{"what no tool returned", "model_test.go TestWhatAModelInventsIsStruck"},
	{"an all-clear over a problem", "model_test.go TestProseThatContradictsIsNotUsed"},
	{"orders from a log", "model_test.go TestHostileLogMovesNothing"},
	{"words before a failure, then another model's", "chain_test.go TestTheNextModelWrites"},
	// Genkit.
	{"a tool's error ends the turn", "agent_test.go TestToolServerGone"},
	{"a tool's panic ends the process", "agent_test.go TestToolPanics"},
	{"tools in random order", "model_test.go TestModelWritesTheProse"},
	{"GENKIT_ENV=dev opens a port", "agent_test.go TestNewRefuses"},
	{"cancelled in a tool", "agent_test.go TestCancel"},
	{"goroutines left behind", "chain_test.go TestManyStreamsWithCancels"},
}

// TestEveryMisbehaviour holds the list against the tests: each test and each case that it names is there.
func TestEveryMisbehaviour(t *testing.T) {
	cases := map[string]map[string]string{} // file: test: its text
	for _, m := range misbehaviours {
		parts := strings.Fields(m.where)
		file, test := parts[0], parts[1]
		if cases[file] == nil {
			cases[file] = testsOf(t, file)
		}
		text, ok := cases[file][test]
		if !ok {
			t.Errorf("%s: no %s in %s", m.what, test, file)
		}
		if len(parts) > 2 && !strings.Contains(text, strconv.Quote(parts[2])) {
			t.Errorf("%s: no case %s in %s", m.what, parts[2], test)
		}
	}
}

// testsOf gives the text of each test of a file.
func testsOf(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, b, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			out[f.Name.Name] = string(b[fset.Position(f.Pos()).Offset:fset.Position(f.End()).Offset])
		}
	}
	return out
}
