package mcpserver

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
	"gopkg.in/yaml.v3"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
)

//go:embed prompts.yaml
var promptsYAML []byte

// The languages of the prompts.
const (
	english    = "en"
	portuguese = "pt"
)

// linksSince is the first revision whose clients know links to resources.
const linksSince = mcp.ProtocolVersion20250618

// longestValue bounds the value of a prompt's argument, in characters.
const longestValue = 200

// bilingual is a text in both languages.
type bilingual struct {
	EN string `yaml:"en"`
	PT string `yaml:"pt"`
}

func (b bilingual) in(language string) string {
	if language == portuguese {
		return b.PT
	}
	return b.EN
}

// texts are the prompts as data.
type texts struct {
	Rules struct {
		EN []string `yaml:"en"`
		PT []string `yaml:"pt"`
	} `yaml:"rules"`
	Given   bilingual `yaml:"given"`
	Engine  bilingual `yaml:"engine"`
	Prompts []prompt  `yaml:"prompts"`
}

// prompt is one of them.
type prompt struct {
	Name        string     `yaml:"name"`
	Title       string     `yaml:"title"`
	Description string     `yaml:"description"`
	Plan        bool       `yaml:"plan"` // it goes with a link to the plan
	Arguments   []argument `yaml:"arguments"`
	Task        bilingual  `yaml:"task"`
	Steps       []step     `yaml:"steps"`
	Answer      bilingual  `yaml:"answer"`
}

// step is one thing to do.
type step struct {
	bilingual `yaml:",inline"`
	With      string `yaml:"with"`    // only where this argument is given
	Without   string `yaml:"without"` // only where it is not
}

// argument is what a prompt wants to know.
type argument struct {
	Name        string  `yaml:"name"`
	Title       string  `yaml:"title"`
	Description string  `yaml:"description"`
	Required    bool    `yaml:"required"`
	Complete    string  `yaml:"complete"` // what its values are: job, stream, job_or_stream, engine, language
	Number      *number `yaml:"number"`
}

// number are the bounds of a whole number.
type number struct {
	From    int `yaml:"from"`
	To      int `yaml:"to"`
	Default int `yaml:"default"`
}

// Check reports whether the embedded prompts can be read and are whole. A server that starts without it would offer none where they are not.
func Check() error {
	_, err := readPrompts(promptsYAML)
	return err
}

// readPrompts reads prompts and adds the arguments that all have.
func readPrompts(raw []byte) (texts, error) {
	var t texts
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&t); err != nil {
		return texts{}, fmt.Errorf("prompts: %w", err)
	}
	if len(t.Prompts) == 0 || len(t.Rules.EN) == 0 || len(t.Rules.PT) != len(t.Rules.EN) || !t.Given.whole() || !t.Engine.whole() {
		return texts{}, errors.New("prompts: the common texts are not whole")
	}
	for i := range t.Prompts {
		p := &t.Prompts[i]
		if !p.whole() {
			return texts{}, fmt.Errorf("prompts: number %d, %q, is not whole", i+1, p.Name)
		}
		p.Arguments = append(p.Arguments,
			argument{Name: "engine", Title: "Engine", Description: "Which of the configured engines to ask; the first one when absent.", Complete: "engine"},
			argument{Name: "language", Title: "Language", Description: "en or pt (português); en when absent.", Complete: "language"})
	}
	return t, nil
}

// whole reports whether the text stands in both languages.
func (b bilingual) whole() bool { return b.EN != "" && b.PT != "" }

// whole reports whether a prompt has all its texts.
func (p *prompt) whole() bool {
	if p.Name == "" || p.Title == "" || p.Description == "" || !p.Task.whole() || !p.Answer.whole() || len(p.Steps) == 0 {
		return false
	}
	return !slices.ContainsFunc(p.Steps, func(s step) bool { return !s.whole() })
}

// offerPrompts adds the prompts to the server. What is missing or wrong in their arguments is -32602, which the library gives for an unknown
// prompt only; so such a request gets a name that no prompt has, which says why (refused).
func (s *Server) offerPrompts(hooks *server.Hooks) {
	for i := range s.texts.Prompts {
		p := &s.texts.Prompts[i]
		s.core.AddPrompt(p.described(len(s.engines) > 1), func(ctx context.Context, req mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			values, err := s.values(ctx, p, req.Params.Arguments)
			if err != nil { // the hook below has refused it
				return nil, errors.New(said(correlated(ctx), err))
			}
			return s.prompt(ctx, p, values, req), nil
		})
	}
	hooks.AddBeforeGetPrompt(func(ctx context.Context, _ any, req *mcp.GetPromptRequest) {
		p := s.promptNamed(req.Params.Name)
		if p == nil || !s.openPrompt(ctx, p) {
			return
		}
		if _, err := s.values(ctx, p, req.Params.Arguments); err != nil {
			req.Params.Name = refused(said(correlated(ctx), err))
		}
	})
}

// openPrompts keeps the prompts whose first tool the caller may use.
func (s *Server) openPrompts(ctx context.Context, all []mcp.Prompt) []mcp.Prompt {
	return slices.DeleteFunc(slices.Clone(all), func(m mcp.Prompt) bool {
		p := s.promptNamed(m.Name)
		return p == nil || !s.openPrompt(ctx, p)
	})
}

func (s *Server) promptNamed(name string) *prompt {
	for i := range s.texts.Prompts {
		if s.texts.Prompts[i].Name == name {
			return &s.texts.Prompts[i]
		}
	}
	return nil
}

func (s *Server) openPrompt(ctx context.Context, p *prompt) bool {
	return s.openStep(ctx, p.Steps[0]) && (len(s.engines) == 0 || len(s.enginesOf(ctx)) > 0)
}

// toolCall is how the texts name a tool and its arguments.
var toolCall = regexp.MustCompile("`([a-z_]+)\\([^`]*\\)`")

// openStep reports whether the caller may use every tool that a step names.
func (s *Server) openStep(ctx context.Context, step step) bool {
	for _, m := range toolCall.FindAllStringSubmatch(step.EN, -1) {
		if !s.open(ctx, m[1]) {
			return false
		}
	}
	return true
}

// described is the prompt as clients see it. Where there is one engine nobody is asked which.
func (p *prompt) described(engines bool) mcp.Prompt {
	out := mcp.Prompt{Name: p.Name, Title: p.Title, Description: p.Description}
	for _, a := range p.Arguments {
		if a.Complete != "engine" || engines {
			out.Arguments = append(out.Arguments, mcp.PromptArgument{Name: a.Name, Title: a.Title, Description: a.Description, Required: a.Required})
		}
	}
	return out
}

// values checks what a client gave for the arguments and cleans it. Absent ones are left out, but for numbers and the language.
func (s *Server) values(ctx context.Context, p *prompt, given map[string]string) (map[string]string, error) {
	for name := range given {
		if !slices.ContainsFunc(p.Arguments, func(a argument) bool { return a.Name == name }) {
			return nil, fault.New(fault.Invalid, "The prompt has no argument %q.", clip(untrusted.Normalize(name))).WithCandidates(p.names()...)
		}
	}
	out := map[string]string{}
	for _, a := range p.Arguments {
		v, err := s.value(ctx, a, given[a.Name])
		if err != nil {
			return nil, err
		}
		if v != "" {
			out[a.Name] = v
		}
	}
	return out, nil
}

func (p *prompt) names() []string {
	var out []string
	for _, a := range p.Arguments {
		out = append(out, a.Name)
	}
	return out
}

// value checks one value.
func (s *Server) value(ctx context.Context, a argument, given string) (string, error) {
	if utf8.RuneCountInString(given) > longestValue {
		return "", fault.New(fault.Invalid, "The argument %s has more than %d characters.", a.Name, longestValue)
	}
	v := strings.Join(strings.Fields(untrusted.Normalize(given)), " ") // Fields knows more separators of lines
	switch {
	case a.Complete == "language":
		return languageOf(v)
	case v == "" && a.Number != nil:
		return strconv.Itoa(a.Number.Default), nil
	case v == "" && a.Required:
		return "", fault.New(fault.Invalid, "The argument %s is required.", a.Name).WithHint("%s", a.Description)
	case v == "":
		return "", nil
	case a.Number != nil:
		n, err := strconv.Atoi(hours.ReplaceAllString(v, "$1"))
		if err != nil || n < a.Number.From || n > a.Number.To {
			return "", fault.New(fault.Invalid, "The argument %s must be a whole number from %d to %d.", a.Name, a.Number.From, a.Number.To)
		}
		return strconv.Itoa(n), nil
	case a.Complete == "engine":
		if engines := s.enginesOf(ctx); !slices.Contains(engines, v) {
			return "", fault.New(fault.Invalid, "There is no engine %q.", v).WithCandidates(engines...)
		}
	}
	return v, nil
}

// hours is how people write a number of them, in both languages; numbers of anything else are not asked for.
var hours = regexp.MustCompile(`(?i)^([0-9]+) ?(?:h|hs|hrs?|hours?|horas?)$`)

// languageOf reads a language as people and programs write it: pt, PT-BR, pt_PT, English.
func languageOf(v string) (string, error) {
	switch l := strings.ToLower(v); {
	case l == "", l == english, strings.HasPrefix(l, "en-"), strings.HasPrefix(l, "en_"), l == "english":
		return english, nil
	case l == portuguese, strings.HasPrefix(l, "pt-"), strings.HasPrefix(l, "pt_"), l == "portuguese", l == "português":
		return portuguese, nil
	}
	return "", fault.New(fault.Invalid, "The argument language must be en or pt.")
}

// prompt writes the messages.
func (s *Server) prompt(ctx context.Context, p *prompt, values map[string]string, req mcp.GetPromptRequest) *mcp.GetPromptResult {
	language := values["language"]
	out := &mcp.GetPromptResult{Description: p.Description,
		Messages: []mcp.PromptMessage{{Role: mcp.RoleUser, Content: mcp.NewTextContent(s.text(ctx, p, values, language))}}}
	if p.Plan && len(s.engines) > 0 && s.open(ctx, toolPlan) && knowsLinks(ctx, req) {
		engine := values["engine"]
		if engine == "" {
			engine = s.enginesOf(ctx)[0]
		}
		uri := address{template: planTemplate, engine: engine}.String()
		out.Messages = append(out.Messages, mcp.PromptMessage{Role: mcp.RoleUser,
			Content: mcp.NewResourceLink(uri, "plan of "+engine, "How the plan stands now.", "text/plain")})
	}
	return out
}

// knowsLinks reports whether the client's revision of the protocol has links to resources; unknown is no.
func knowsLinks(ctx context.Context, req mcp.GetPromptRequest) bool {
	version := server.RequestProtocolVersion(ctx)
	if version == "" {
		version = req.Header.Get(mcp.HeaderProtocolVersion)
	}
	return version >= linksSince
}

// text is the message: the task, the values, the steps, the rules. Values stand on lines of their own, quoted, and nowhere else, so that none can be taken for
// a part of the task.
func (s *Server) text(ctx context.Context, p *prompt, values map[string]string, language string) string {
	var b strings.Builder
	fill := strings.NewReplacer("{hours}", values["hours"])
	fmt.Fprintf(&b, "%s\n", fill.Replace(p.Task.in(language)))
	var given []string
	for _, a := range p.Arguments {
		if v := values[a.Name]; v != "" && a.Number == nil && a.Complete != "language" {
			given = append(given, fmt.Sprintf("- %s: %s", strings.ToUpper(a.Name), strconv.Quote(v)))
		}
	}
	if len(given) > 0 {
		fmt.Fprintf(&b, "\n%s\n%s\n", s.texts.Given.in(language), strings.Join(given, "\n"))
	}
	b.WriteString("\n")
	n := 0
	for _, step := range p.Steps {
		if s.openStep(ctx, step) && (step.With == "" || values[step.With] != "") && (step.Without == "" || values[step.Without] == "") {
			n++
			fmt.Fprintf(&b, "%d. %s\n", n, fill.Replace(step.in(language)))
		}
	}
	if values["engine"] != "" {
		fmt.Fprintf(&b, "%s\n", s.texts.Engine.in(language))
	}
	fmt.Fprintf(&b, "\n%s\n\n", p.Answer.in(language))
	rules := s.texts.Rules.EN
	if language == portuguese {
		rules = s.texts.Rules.PT
	}
	for _, r := range rules {
		fmt.Fprintf(&b, "- %s\n", r)
	}
	return b.String()
}
