package baseline

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/resync-hwa/resync/evals/plant"
	"github.com/resync-hwa/resync/evals/suite"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// ModelOptions say which language model B6 asks: any that speaks the chat completions of OpenAI. The key leaves this package only as a header.
type ModelOptions struct {
	// Endpoint is where the interface begins, as in https://host/v1; without it there is no B6.
	Endpoint string
	// Key is sent as a bearer token; none when empty.
	Key string
	// Name of the model as its server calls it.
	Name string
	// Timeout is what one question may take; 60 seconds when 0.
	Timeout time.Duration
	// MaxTokens bounds one reply; 1200 when 0.
	MaxTokens int
	// Budget is how many tokens, of prompts and replies together, all questions may cost; no bound when 0. What one question costs is known only
	// afterwards, so that questions asked at the same moment may go beyond it by what they cost.
	Budget int
	// Client carries the requests; one of its own that follows no redirects when nil.
	Client *http.Client
}

//go:embed prompt.txt
var promptText string

const (
	defaultTimeout   = 60 * time.Second
	defaultMaxTokens = 1200
	maxReply         = 1 << 20 // bytes of a server's reply that are read
)

// model is B6. It gives the model the question and the form of an answer, and nothing of the world.
type model struct {
	o     ModelOptions
	spent *atomic.Int64
}

func newModel(o ModelOptions) model {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.MaxTokens <= 0 {
		o.MaxTokens = defaultMaxTokens
	}
	if o.Client == nil {
		o.Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	return model{o: o, spent: &atomic.Int64{}}
}

// Name implements Answerer.
func (model) Name() string { return "B6" }

// Answer implements Answerer. Errors are coded: Invalid for an endpoint that is none, Limited when the budget is spent, Timeout, UpstreamDenied when
// the server refuses the key, UpstreamUnavailable for everything else that keeps the model from replying. A reply in another form than was asked for
// is an answer without a diagnosis.
func (m model) Answer(ctx context.Context, q suite.Question, p *plant.Plant) (answer.Answer, error) {
	t, err := texts()
	if err != nil {
		return answer.Answer{}, err
	}
	if m.o.Budget > 0 && m.spent.Load() >= int64(m.o.Budget) {
		return answer.Answer{}, fault.New(fault.Limited, "The budget of B6, %d tokens, is spent.", m.o.Budget)
	}
	began := time.Now()
	text, used, err := m.chat(ctx, q)
	if err != nil {
		return answer.Answer{}, err
	}
	m.spent.Add(int64(used.Prompt + used.Completion))
	d := newDraft("b6", q, p, t)
	d.a.Model = m.o.Name
	d.a.Usage = answer.Usage{InputTokens: used.Prompt, OutputTokens: used.Completion, DurationMS: time.Since(began).Milliseconds()}
	return d.fromModel(text), nil
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
}

// instructions are the prompt with the contract's closed lists.
var instructions = sync.OnceValues(func() (string, error) {
	kinds, err := answer.Kinds()
	if err != nil {
		return "", err
	}
	codes, err := answer.Actions()
	if err != nil {
		return "", err
	}
	kinds = slices.DeleteFunc(kinds, answer.Planned)
	return strings.NewReplacer("{{kinds}}", strings.Join(kinds, " "), "{{actions}}", strings.Join(codes, " ")).Replace(promptText), nil
})

// messages are the instructions, what was asked before, and the question.
func messages(system string, q suite.Question) []message {
	out := []message{{"system", system}}
	for _, turn := range q.Turns {
		out = append(out, message{"user", turn})
	}
	return append(out, message{"user", q.Text})
}

// chat asks the model once. Nothing is asked again: a fault is told as one.
func (m model) chat(ctx context.Context, q suite.Question) (string, usage, error) {
	ctx, cancel := context.WithTimeout(ctx, m.o.Timeout)
	defer cancel()
	base, err := url.Parse(m.o.Endpoint)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return "", usage{}, fault.New(fault.Invalid, "The endpoint of B6's model is no http or https address.").WithHint("Give it with its path, as in https://host/v1.")
	}
	system, err := instructions()
	if err != nil {
		return "", usage{}, fault.Wrap(fault.Internal, err, "The lists of the contract cannot be read.")
	}
	body, err := json.Marshal(map[string]any{"model": m.o.Name, "messages": messages(system, q), "max_tokens": m.o.MaxTokens, "temperature": 0})
	if err != nil {
		return "", usage{}, fault.Wrap(fault.Internal, err, "The question cannot be put to B6's model.")
	}
	address := strings.TrimSuffix(strings.TrimRight(base.String(), "/"), "/chat/completions") + "/chat/completions"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return "", usage{}, fault.Wrap(fault.Invalid, err, "The endpoint of B6's model cannot be asked.")
	}
	req.Header.Set("Content-Type", "application/json")
	if m.o.Key != "" {
		req.Header.Set("Authorization", "Bearer "+m.o.Key)
	}
	res, err := m.o.Client.Do(req)
	if err != nil {
		return "", usage{}, unreached(err)
	}
	defer res.Body.Close()
	return reply(res)
}

func unreached(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(fault.Timeout, err, "B6's model did not reply in time.")
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fault.Wrap(fault.UpstreamUnavailable, err, "B6's model cannot be reached.")
}

// reply reads what the server sent. The server's own words are not repeated: some repeat the key that they refuse.
func reply(res *http.Response) (string, usage, error) {
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxReply))
	switch {
	case err != nil:
		return "", usage{}, unreached(err)
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return "", usage{}, fault.New(fault.UpstreamDenied, "The server of B6's model refuses the key (HTTP %d).", res.StatusCode)
	case res.StatusCode != http.StatusOK:
		return "", usage{}, fault.New(fault.UpstreamUnavailable, "The server of B6's model answers with HTTP %d.", res.StatusCode)
	}
	var out struct {
		Choices []struct {
			Message message `json:"message"`
		} `json:"choices"`
		Usage usage `json:"usage"`
	}
	if err := json.Unmarshal(raw, &out); err != nil || len(out.Choices) == 0 {
		return "", usage{}, fault.Wrap(fault.UpstreamUnavailable, err, "The server of B6's model answers with something else than a chat completion.")
	}
	return out.Choices[0].Message.Content, out.Usage, nil
}
