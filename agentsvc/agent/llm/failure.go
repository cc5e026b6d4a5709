package llm

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
)

// Kind is what went wrong with a model.
type Kind string

// The kinds of Failure.
const (
	Unreachable Kind = "unreachable" // no connection
	Slow        Kind = "slow"        // no first event in time
	Stalled     Kind = "stalled"     // the stream stands still
	TimedOut    Kind = "timed_out"   // the time of the model is up
	Broken      Kind = "broken"      // HTTP 5xx, or an error within the stream
	Busy        Kind = "busy"        // HTTP 429, 503 or 529: later, perhaps
	Denied      Kind = "denied"      // HTTP 401, 403: the key
	Unknown     Kind = "unknown"     // HTTP 404: the address or the model
	Refused     Kind = "refused"     // another HTTP 4xx
	Redirected  Kind = "redirected"  // HTTP 3xx: not followed
	NoModel     Kind = "no_model"    // the answer is a page, or something else that no model says
	CutOff      Kind = "cut_off"     // the stream ended before the answer did
	Empty       Kind = "empty"       // neither words nor calls
	Malformed   Kind = "malformed"   // a call whose arguments are no JSON, or too long
	Unoffered   Kind = "unoffered"   // it keeps calling tools that were not offered
	Repeats     Kind = "repeats"     // the same again and again
	Filtered    Kind = "filtered"    // the server withholds the answer
	Overflow    Kind = "overflow"    // the question does not fit into the model's context
	Truncated   Kind = "truncated"   // the server cut the beginning of the question off, silently
	Resting     Kind = "resting"     // not asked: it failed again and again, or asked to be left alone
)

// Failure is one try that gave nothing usable.
type Failure struct {
	Kind       Kind
	Status     int           // HTTP, where it matters
	RetryAfter time.Duration // as the server asked; 0: it did not
	Told       string        // the server's own words, cleaned: for the log
	Cause      error
	Until      time.Time // of Resting
	Tokens     int       // of Truncated: what the server read
}

// Error implements error. It is for the log.
func (f *Failure) Error() string {
	var b strings.Builder
	b.WriteString(string(f.Kind))
	if f.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d)", f.Status)
	}
	if f.Cause != nil {
		b.WriteString(": " + f.Cause.Error())
	}
	if f.Told != "" {
		b.WriteString(": " + f.Told)
	}
	return b.String()
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// failed makes a failure of a kind.
func failed(k Kind, format string, args ...any) *Failure {
	return &Failure{Kind: k, Cause: fmt.Errorf(format, args...)}
}

// asFailure finds the failure in an error; anything else is a server that broke off.
func asFailure(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Kind: CutOff, Cause: err}
}

// again reports whether the same request may work a moment later.
func (f *Failure) again() bool {
	switch f.Kind {
	case Broken, Busy, CutOff, Empty, Malformed:
		return true
	}
	return false
}

// ill reports whether the failure says that the server is not well: others are better off without asking it for a while.
func (f *Failure) ill() bool {
	switch f.Kind {
	case Unreachable, Slow, Stalled, Broken, Denied, Unknown, NoModel, Redirected:
		return true
	}
	return false
}

// maxTold bounds what the log gets of a server's own words.
const maxTold = 1 << 10

// told cleans a server's words for the log: servers repeat the key that they refuse, and more.
func (m *Model) told(text string) string {
	if k := m.s.APIKey; k != "" {
		text = strings.ReplaceAll(text, k, "***")
	}
	if len(text) > maxTold {
		text = strings.ToValidUTF8(text[:maxTold], "") + "…"
	}
	return untrusted.Normalize(text)
}

// Fault words a failure of a model for people, without the server's words.
func (m *Model) Fault(f *Failure) *fault.Error {
	who := "The language model"
	if m.s.Name != "" {
		who += " " + m.s.Name
	}
	code, text, hint := fault.UpstreamUnavailable, "did not answer properly.", "Check the model's server."
	switch f.Kind {
	case Unreachable:
		text = "cannot be reached: its server does not answer."
		hint = "Check " + m.setting("endpoint") + ", and whether the server runs."
	case Slow, Stalled, TimedOut:
		code, text = fault.Timeout, "did not answer in time."
		hint = "The server may be loading the model; one that is merely slow needs a longer " + m.setting("timeout") + "."
	case Broken:
		text = "failed inside its server."
	case Busy:
		code, text, hint = fault.Limited, "takes no more requests just now.", "Its server is busy, or a quota is used up; the next question asks it again."
	case Denied:
		code, text, hint = fault.UpstreamDenied, "was refused to us: its server does not accept the key.", "Check "+m.setting("api_key")+"."
	case Unknown:
		text, hint = "is not known to its server, or the address is wrong.", "Check "+m.setting("model")+" and "+m.setting("endpoint")+"; Ollama must have pulled the model."
	case Refused:
		text, hint = "refused the request.", "The log has its server's words."
	case Redirected:
		text, hint = "has moved: its server sends elsewhere, which is not followed.", "Give "+m.setting("endpoint")+" as the server wants it."
	case NoModel:
		text, hint = "did not answer, something else did: no model writes what came.", "Check "+m.setting("endpoint")+" and "+m.setting("provider")+", and what stands in between."
	case CutOff:
		text = "broke off in the middle of its answer."
	case Empty:
		text, hint = "gave an empty answer.", "A model that thinks may use up "+m.setting("max_tokens")+" before it writes; a small one may not manage tools."
	case Malformed:
		text, hint = "called a tool in a way that cannot be read.", "A model that is better at calling tools helps."
	case Unoffered:
		text, hint = "kept calling tools that it was not offered.", "A model that is better at calling tools helps."
	case Repeats:
		text, hint = "repeated itself without end.", "A larger model, or another temperature, helps."
	case Filtered:
		text, hint = "was kept from answering by its server's filter.", "The log has the reason that it gave."
	case Overflow:
		code, text, hint = fault.Limited, "has no room for the question.", "Raise "+m.setting("context_tokens")+", or take a model with a larger context."
	case Truncated:
		code, text = fault.Limited, fmt.Sprintf("read only %d tokens of the question: its server cut the beginning off without a word.", f.Tokens)
		hint = "Set " + m.setting("context_tokens") + " to what the server gives the model, or raise it there (Ollama: num_ctx, OLLAMA_CONTEXT_LENGTH)."
	case Resting:
		text, hint = "failed before and was not asked this time.", "It is asked again after "+f.Until.UTC().Format(time.TimeOnly)+" UTC."
	}
	return fault.Wrap(code, f, "%s %s", who, text).WithHint("%s", hint).WithSource("model:" + m.s.Model)
}

// setting names the setting of this model that people can change.
func (m *Model) setting(key string) string {
	if m.s.Name == "" || m.s.Name == "default" {
		return "llm." + key
	}
	return "models." + m.s.Name + "." + key
}
