package toolkit

import (
	"context"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
)

// everyToolset is the word for all toolsets where they are chosen.
const everyToolset = "all"

// Selection says which toolsets a door to the outside offers.
type Selection struct {
	Toolsets []string
	// How says, as the rest of a sentence, how somebody gets a set that is not among them; whoever was refused a tool reads it.
	How string
}

type selectionKey struct{}

// WithSelection returns a context under which a Set offers only the tools of these toolsets, and of them only those that the caller may use.
// Without a selection, within the process, it offers all of them to everybody.
func WithSelection(ctx context.Context, s Selection) context.Context {
	return context.WithValue(ctx, selectionKey{}, s)
}

// Selected reports whether the context's selection, and the caller's scopes, open a toolset. "" is the set of what belongs to none.
func Selected(ctx context.Context, toolset string) bool { return refusal(ctx, "", toolset) == nil }

// Select reads the names of toolsets, separated by commas, as people write them: "all" stands for all of them, nothing for nothing chosen (nil).
// A set that no tool belongs to is fault.Invalid.
func (s *Set) Select(names ...string) ([]string, error) {
	known := s.Toolsets()
	var out []string
	for _, list := range names {
		for name := range strings.SplitSeq(list, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			switch {
			case name == "":
			case name == everyToolset:
				out = append(out, known...)
			case slices.Contains(known, name):
				out = append(out, name)
			default:
				return nil, fault.New(fault.Invalid, "There is no toolset %q.", clip(name)).WithHint("Toolsets: %s; all means every one.", strings.Join(known, ", ")).WithCandidates(known...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Offered lists the tools that are open under the context, each as the caller sees it.
func (s *Set) Offered(ctx context.Context) []Info {
	out := make([]Info, 0, len(s.tools))
	for _, t := range s.tools {
		if refusal(ctx, t.Info().Name, t.Info().Toolset) == nil {
			out = append(out, infoFor(ctx, t))
		}
	}
	return out
}

// refusal gives the reason why a tool is closed under the context; nil when it is open.
func refusal(ctx context.Context, tool, toolset string) error {
	chosen, ok := ctx.Value(selectionKey{}).(Selection)
	if !ok {
		return nil
	}
	if toolset != "" && !slices.Contains(chosen.Toolsets, toolset) {
		return fault.New(fault.NotFound, "%s is not offered here: it belongs to the toolset %s, which is not selected.", tool, toolset).
			WithHint("Selected: %s. To have it, %s.", listed(chosen.Toolsets), chosen.How)
	}
	if c, known := auth.CallerFrom(ctx); known && !c.MayToolset(toolset) {
		return fault.New(fault.Forbidden, "You may not use %s: your key or token does not open the toolset %s.", tool, toolset).
			WithHint("It needs the scope %s, or %s for all toolsets.", auth.ToolsetScope(toolset), auth.ScopeMCP)
	}
	return nil
}

// listed is a list of names in a sentence.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// infoFor describes a tool as the caller of the context sees it.
func infoFor(ctx context.Context, t Tool) Info {
	if own, ok := t.(interface{ infoFor(context.Context) Info }); ok {
		return own.infoFor(ctx)
	}
	return t.Info()
}
