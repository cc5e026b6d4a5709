package agent

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/genkit"
	"github.com/firebase/genkit/go/plugins/compat_oai"
	"github.com/openai/openai-go"
	"github.com/openai/openai-go/option"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/resync-hwa/resync/agentsvc/offline"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
)

// The kinds of Provider.
const (
	Offline = "offline" // rules and templates: no network, no key
	OpenAI  = "openai"  // any endpoint that speaks OpenAI's chat completions
)

const (
	offlineModel = "offline/rules"
	pluginName   = "llm"
)

// Provider says which model writes the prose.
type Provider struct {
	Kind        string // Offline or OpenAI; empty means Offline
	Endpoint    string // base URL, "https://host/v1"
	APIKey      string // empty for local servers
	Model       string
	MaxTokens   int           // 0 means 1,200; always sent, since some servers generate without end
	Temperature float64       // always sent, since some servers take 1 for a missing one
	Timeout     time.Duration // of all of a model's work in one turn; 0 means 60 s
}

func (p Provider) check() error {
	switch p.Kind {
	case "", Offline:
		return nil
	case OpenAI:
	default:
		return fault.New(fault.Invalid, "The model provider %q is not known.", p.Kind).WithHint("Use offline or openai.")
	}
	u, err := url.Parse(p.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fault.New(fault.Invalid, "The model's endpoint is no http or https address.").WithHint("Give it with its path, as in https://host/v1.")
	}
	if p.Model == "" {
		return fault.New(fault.Invalid, "No model is named for the endpoint.").WithHint("Set APP_LLM_MODEL.")
	}
	if p.Temperature < 0 || p.Temperature > 2 || p.MaxTokens < 0 {
		return fault.New(fault.Invalid, "The model's temperature must lie between 0 and 2, and its token limit must not be negative.")
	}
	return nil
}

// base is the endpoint without the part of the path that the client adds itself.
func (p Provider) base() string {
	return strings.TrimSuffix(strings.TrimRight(p.Endpoint, "/"), "/chat/completions") + "/"
}

// maxTold bounds what the log gets of a server's own words.
const maxTold = 1 << 10

// told is an error for the log: servers repeat the key that they refuse, and more.
func (p Provider) told(err error) string {
	text := err.Error()
	if p.APIKey != "" {
		text = strings.ReplaceAll(text, p.APIKey, "***")
	}
	if len(text) > maxTold {
		text = text[:maxTold] + "…"
	}
	return untrusted.Normalize(text)
}

// model is what Generate is called with.
type model struct {
	ref     string // Genkit's name
	label   string // in answers: "offline", or the model's own name
	config  any
	timeout time.Duration
	real    bool
}

// chatConfig is sent with every request to a real model.
type chatConfig struct {
	compat_oai.RequestConfig

	MaxTokens   int     `json:"maxTokens"`
	Temperature float64 `json:"temperature"`
}

// ApplyToChatCompletion implements compat_oai.ChatConfig.
func (c chatConfig) ApplyToChatCompletion(p *openai.ChatCompletionNewParams) {
	c.ApplyVersion(p)
	p.MaxTokens = openai.Int(int64(c.MaxTokens))
	p.Temperature = openai.Float(c.Temperature)
}

// start brings Genkit up with the one model that is configured and the offline rules beside it. Genkit panics where others return errors.
func (a *Agent) start(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.Wrap(fault.Internal, fmt.Errorf("genkit: %v", p), "The agent could not be started.")
		}
	}()
	ensureTracing()
	// Else Genkit reads whatever lies in ./prompts; our prompts are the roster's.
	opts := []genkit.GenkitOption{genkit.WithPromptFS(embed.FS{}), genkit.WithPromptDir(".")}
	var plugin *compat_oai.OpenAICompatible
	if a.o.Provider.Kind == OpenAI {
		plugin = a.plugin()
		opts = append(opts, genkit.WithPlugins(plugin))
	}
	a.g = genkit.Init(ctx, opts...)
	genkit.DefineModelAction(a.g, offlineModel, &ai.ModelOptions{Supports: supports()}, offlineRules)
	genkit.RegisterAction(a.g, refusedTool())
	a.model = model{ref: offlineModel, label: "offline", timeout: a.o.Timeout}
	if plugin != nil {
		a.model = a.realModel(plugin)
	}
	a.flow = genkit.DefineStreamingFlow(a.g, "answer", runFlow)
	return nil
}

func supports() *ai.ModelSupports {
	return &ai.ModelSupports{Multiturn: true, Tools: true, SystemRole: true, ToolChoice: true}
}

func (a *Agent) plugin() *compat_oai.OpenAICompatible {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // the standard library's own
	a.idle = closeIdle(transport)
	client := &http.Client{Transport: &wire{base: transport, withKey: a.o.Provider.APIKey != ""},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	key := a.o.Provider.APIKey
	if key == "" {
		key = "none" // else the client takes one from its environment; wire drops the header
	}
	return &compat_oai.OpenAICompatible{Provider: pluginName, APIKey: key, BaseURL: a.o.Provider.base(),
		Opts: []option.RequestOption{option.WithMaxRetries(0), option.WithHTTPClient(client)}}
}

func (a *Agent) realModel(plugin *compat_oai.OpenAICompatible) model {
	p := a.o.Provider
	action := compat_oai.NewChatModel[chatConfig](plugin, p.Model, ai.ModelOptions{Supports: supports()})
	genkit.RegisterAction(a.g, action)
	if p.MaxTokens == 0 {
		p.MaxTokens = 1200
	}
	if p.Timeout <= 0 {
		p.Timeout = 60 * time.Second
	}
	return model{ref: action.Name(), label: p.Model, real: true, timeout: p.Timeout, config: chatConfig{MaxTokens: p.MaxTokens, Temperature: p.Temperature}}
}

// ensureTracing sets a provider of the SDK that records nothing, unless the program has set its own.
func ensureTracing() {
	if _, ok := otel.GetTracerProvider().(*sdktrace.TracerProvider); !ok {
		otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())))
	}
}

// offlineRules is the offline model: the next calls, or the sentences of the answer. The turn travels in the context.
func offlineRules(ctx context.Context, req *ai.ModelRequest, _ struct{}, cb ai.ModelStreamCallback) (*ai.ModelResponse, error) {
	t, err := turnOf(ctx)
	if err != nil {
		return nil, err
	}
	step := offline.Next(t.state(offline.MaxCalls))
	message := &ai.Message{Role: ai.RoleModel}
	// With no tools offered the answer is due, whatever else there would be to ask.
	if len(req.Tools) == 0 {
		step.Calls, step.Sentences = nil, offline.Sentences(t.state(offline.MaxCalls))
	}
	for _, c := range step.Calls {
		message.Content = append(message.Content, ai.NewToolRequestPart(&ai.ToolRequest{Name: c.Name, Input: c.Args}))
	}
	if len(step.Sentences) > 0 {
		part := ai.NewTextPart(strings.Join(step.Sentences, ""))
		message.Content = append(message.Content, part)
		if cb != nil {
			if err := cb(ctx, &ai.ModelResponseChunk{Content: []*ai.Part{part}}); err != nil {
				return nil, err
			}
		}
	}
	return &ai.ModelResponse{Request: req, FinishReason: ai.FinishReasonStop, Message: message, Usage: &ai.GenerationUsage{}}, nil
}
