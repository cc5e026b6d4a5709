package compose

import (
	"regexp"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/tools"
)

// namer gives every object of an answer the shortest name that no other object of it has. Who comes first keeps the shorter one: the
// asked object, then causes, then the way to them, then who suffers.
type namer struct {
	short map[string]string // by entity
	taken map[string]bool
	long  []string // entities with a shorter name, the longest first
}

func newNamer(s *tools.Subject, d *answer.Diagnosis) *namer {
	n := &namer{short: map[string]string{}, taken: map[string]bool{}}
	if s != nil {
		n.add(s.Entity, s.Type)
	}
	if d == nil {
		return n
	}
	for _, c := range d.Causes {
		n.add(c.Entity, c.Ref.Type)
	}
	for _, h := range d.Chain {
		n.add(h.Entity, "")
		n.add(h.BlockedBy, "")
	}
	for _, e := range d.Explanations {
		n.add(e.Entity, "")
	}
	for _, a := range d.Actions {
		n.addAll(a.Target)
		n.addAll(a.Starts...)
	}
	for _, c := range d.Causes {
		n.addAll(instance.FindAllString(c.Statement, -1)...)
	}
	for _, i := range d.Impact {
		n.add(i.Entity, "")
	}
	n.addAll(d.Affected...)
	if s == nil {
		for _, c := range d.Candidates {
			n.add(c.Entity, c.Ref.Type)
		}
	}
	return n
}

// instance finds the jobs and streams that a statement names.
var instance = regexp.MustCompile("[^\\s`“”\"(),;:]+\\[\\([^\\]\\n]{1,60}\\)\\](?:\\.[\\pL\\pN_$@-]+)?")

func (n *namer) addAll(entities ...string) {
	for _, e := range entities {
		n.add(e, "")
	}
}

func (n *namer) add(entity, kind string) {
	if _, known := n.short[entity]; known || entity == "" {
		return
	}
	for _, form := range append(forms(entity, kind), entity) {
		if up := strings.ToUpper(form); form != "" && (!n.taken[up] || form == entity) {
			n.taken[up] = true
			n.short[entity] = form
			break
		}
	}
	if n.short[entity] != entity {
		at, _ := slices.BinarySearchFunc(n.long, entity, func(have, e string) int { return len(e) - len(have) })
		n.long = slices.Insert(n.long, at, entity)
	}
}

// forms gives the shorter names of an entity, the shortest first.
func forms(entity, kind string) []string {
	at := strings.IndexByte(entity, '#')
	if isFile(entity, kind) {
		path := entity[at+1:]
		return []string{path[strings.LastIndexAny(path, `/\\`)+1:], path}
	}
	e, err := twstools.ParseEntity(entity, nil)
	if err != nil {
		return nil
	}
	switch e.Type {
	case twstools.EntityJob:
		return []string{e.Job, e.Stream + "." + e.Job}
	case twstools.EntityJobStream: // a resource too: WORKSTATION#NAME
		if e.Workstation == "" {
			return []string{e.Stream}
		}
		return []string{e.Stream, e.Workstation + "#" + e.Stream}
	case twstools.EntityName:
		return []string{e.Name}
	}
	return nil
}

// isFile tells a file from a job in a folder, which only its instance or its reference tells apart.
func isFile(entity, kind string) bool {
	at := strings.IndexByte(entity, '#')
	switch {
	case at < 0 || strings.Contains(entity, "[("):
		return false
	case kind != "":
		return kind == "file"
	}
	path := entity[at+1:]
	return strings.HasPrefix(path, "/") && strings.Contains(path, ".") || len(path) > 2 && path[1] == ':' && strings.ContainsAny(path[2:3], `\/`)
}

// of is the short name.
func (n *namer) of(entity string) string {
	n.add(entity, "")
	if s := n.short[entity]; s != "" {
		return s
	}
	return entity
}

// like is the short name of an object that may be written here without its instance.
func (n *namer) like(entity string) string {
	for _, e := range n.long {
		if plain(e) == plain(entity) {
			return n.short[e]
		}
	}
	return n.of(entity)
}

// list gives the short names of entities.
func (n *namer) list(entities []string) []string {
	out := make([]string, 0, len(entities))
	for _, e := range entities {
		out = append(out, n.of(e))
	}
	return out
}

// plain writes a text of the program with short names, except in code and quotation marks, which are as they were.
func (n *namer) plain(s string) string {
	s = line(s)
	var b strings.Builder
	for s != "" {
		if span := quoted(s); span > 0 {
			if strings.HasPrefix(s, "“") && strings.Contains(s[:span], "`") { // its code would be read as ours: the evidence has it whole
				said := strings.TrimRight(b.String(), ": ")
				b.Reset()
				b.WriteString(said)
			} else {
				b.WriteString(s[:span])
			}
			s = s[span:]
			continue
		}
		if i := n.at(s); i >= 0 && bounded(b.String()) {
			b.WriteString(n.short[n.long[i]])
			s = s[len(n.long[i]):]
			continue
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}

// quoted is the length of the code or quotation that s begins with, 0 where it begins with none.
func quoted(s string) int {
	for open, end := range map[string]string{"`": "`", "“": "”"} {
		if strings.HasPrefix(s, open) {
			if i := strings.Index(s[len(open):], end); i >= 0 {
				return len(open) + i + len(end)
			}
		}
	}
	return 0
}

// at finds the longest entity that s begins with and ends there.
func (n *namer) at(s string) int {
	return slices.IndexFunc(n.long, func(e string) bool {
		return strings.HasPrefix(s, e) && (len(s) == len(e) || !nameByte(s[len(e)]) && !(s[len(e)] == '.' && len(s) > len(e)+1 && nameByte(s[len(e)+1])))
	})
}

func bounded(before string) bool {
	return before == "" || !nameByte(before[len(before)-1]) && before[len(before)-1] != '#'
}

func nameByte(b byte) bool {
	return b == '_' || b == '$' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= 0x80
}
