package answer

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed cause-kinds.yaml
var kindsYAML []byte

//go:embed action-codes.yaml
var actionsYAML []byte

// ActionRule is what the contract says of one action code.
type ActionRule struct {
	Code         string
	Group        string // safe, fix, operate, administrate
	Command      bool   // may carry a ready command
	Starts       bool   // what would run because of it must be listed
	Precondition []string
}

// vocabulary is read once from the embedded contracts; both are literal data of this package.
var vocabulary = sync.OnceValues(func() (*vocab, error) { //nolint:gochecknoglobals // a parsed literal table
	v := &vocab{kinds: map[string]bool{}, actions: map[string]ActionRule{}}
	var kinds map[string]any
	if err := yaml.Unmarshal(kindsYAML, &kinds); err != nil {
		return nil, fmt.Errorf("cause-kinds.yaml: %w", err)
	}
	for _, root := range []string{"app", "sched", "plan", "infra", "perf", "planned"} {
		v.addKinds(root, kinds[root])
	}
	var groups map[string]any
	if err := yaml.Unmarshal(actionsYAML, &groups); err != nil {
		return nil, fmt.Errorf("action-codes.yaml: %w", err)
	}
	for _, group := range []string{"safe", "fix", "operate", "administrate"} {
		codes, ok := groups[group].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("action-codes.yaml: group %s is missing", group)
		}
		for code, body := range codes {
			v.actions[code] = actionRule(group, code, body)
		}
	}
	return v, nil
})

type vocab struct {
	kinds   map[string]bool
	actions map[string]ActionRule
}

// kindFields are keys that describe a kind; all others are deeper kinds.
var kindFields = map[string]bool{"says": true, "entity": true, "not": true, "needs": true}

func (v *vocab) addKinds(path string, node any) {
	v.kinds[path] = true
	m, ok := node.(map[string]any)
	if !ok {
		return
	}
	for k, child := range m {
		if !kindFields[k] {
			v.addKinds(path+"."+k, child)
		}
	}
}

func actionRule(group, code string, body any) ActionRule {
	r := ActionRule{Code: code, Group: group}
	m, _ := body.(map[string]any)
	r.Command, _ = m["command"].(bool)
	r.Starts, _ = m["starts"].(bool)
	if p, ok := m["precondition"].(string); ok {
		for _, part := range strings.Split(p, ";") {
			r.Precondition = append(r.Precondition, strings.TrimSpace(part))
		}
	}
	return r
}

// KindKnown reports whether kind, or a prefix of a kind, is in the closed list (planned kinds included).
func KindKnown(kind string) bool {
	v, err := vocabulary()
	return err == nil && v.kinds[kind]
}

// Planned reports whether kind is one of the explanations, which are never causes.
func Planned(kind string) bool { return kind == "planned" || strings.HasPrefix(kind, "planned.") }

// RuleFor gives the contract's rule for an action code.
func RuleFor(code string) (ActionRule, bool) {
	v, err := vocabulary()
	if err != nil {
		return ActionRule{}, false
	}
	r, ok := v.actions[code]
	return r, ok
}

// Kinds lists all known kinds and their prefixes, sorted.
func Kinds() ([]string, error) {
	v, err := vocabulary()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(v.kinds)), nil
}

// Actions lists all action codes, sorted.
func Actions() ([]string, error) {
	v, err := vocabulary()
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(v.actions)), nil
}
