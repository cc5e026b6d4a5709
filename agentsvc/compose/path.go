package compose

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
	"github.com/resync-hwa/resync/twstools/portuguese"
)

// maxHops is how many steps of a way are told whole.
const maxHops = 4

// chain tells one way from the asked object to the first cause, where it has more than the one step that the opening told.
func (p *prose) chain(d *answer.Diagnosis, asked string) {
	root := ""
	if len(d.Causes) > 0 {
		root = d.Causes[0].Entity
	}
	way := path(d.Chain, asked, root)
	if len(way) < 3 {
		return
	}
	var hops []string
	for i, from := range way[:len(way)-1] {
		switch n := len(way) - 1; {
		case n > maxHops && i == 2:
			hops = append(hops, p.say("hops_more", "n", strconv.Itoa(n-3)))
			continue
		case n > maxHops && i > 2 && i < n-1:
			continue
		}
		key := "hop"
		if i == 0 {
			key = "hop_first"
		}
		hops = append(hops, p.say(key, "from", p.names.of(from), "to", p.names.of(way[i+1])))
	}
	p.add(p.join(hops))
}

// path gives the shortest way through the hops from one object to another, both included. Where none leads there, it gives the way that
// follows the first hop of each object. A way never comes to an object twice.
func path(chain []answer.Hop, from, to string) []string {
	next := map[string][]string{}
	for _, h := range chain {
		if h.BlockedBy != "" && h.BlockedBy != h.Entity {
			next[h.Entity] = append(next[h.Entity], h.BlockedBy)
		}
	}
	if len(next[from]) == 0 {
		return nil
	}
	came := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		if at := queue[0]; at == to {
			return trace(came, at)
		}
		for _, n := range next[queue[0]] {
			if _, seen := came[n]; !seen {
				came[n] = queue[0]
				queue = append(queue, n)
			}
		}
	}
	way := []string{from}
	for at := from; len(next[at]) > 0 && !slices.Contains(way, next[at][0]); at = next[at][0] {
		way = append(way, next[at][0])
	}
	return way
}

func trace(came map[string]string, at string) []string {
	var way []string
	for ; at != ""; at = came[at] {
		way = append(way, at)
	}
	slices.Reverse(way)
	return way
}

// unseenOf takes a line of what is missing apart: the source it names, in words, and why.
func (p *prose) unseenOf(missing string) (source, why string) {
	source, why, ok := strings.Cut(line(missing), ": ")
	if !ok {
		return "", p.names.plain(missing)
	}
	kind, name, _ := strings.Cut(source, ":")
	if words := p.speech["of_"+kind]; words != "" {
		source = p.say("of_"+kind, "name", p.names.of(name))
	}
	if source == p.say("of_plan", "name", "current") {
		source = p.say("whole_plan")
	}
	if g := watchedForm.FindStringSubmatch(why); g != nil {
		why = p.say("nobody_watched", "from", p.when(g[1]), "to", p.when(g[2]))
	} else if p.language == "pt" {
		why = portuguese.Of(why)
	}
	return source, p.names.plain(why)
}

// watchedForm is how what_changed tells of a time that nobody watched, in both languages.
var watchedForm = regexp.MustCompile(`^(?:nobody watched from|ninguém observou de) (\S+) (?:to|a) (\S+?)\.?$`)
