package understand

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Rules read what their words foresee; strangers ask in others. So the rule's intent is weighed against likeness to examples (data/examples.yaml and
// testdata/*.yaml): an averaged perceptron with a margin over the signs of a question, which are its words, their first and last letters, pairs of
// words, and what the lexicon and the rules' facts say of it. It is trained by a test, in whole numbers, so that its weights are the same
// everywhere (Collins, Discriminative Training Methods for Hidden Markov Models, 2002).

// weight is what a sign says for an intent.
type weight struct {
	intent Intent
	points int
}

// What the word of a rule weighs against the examples, in points. Rules as they were gave 74.9 % of the intents of 1,635 questions that they had not been
// made for; weighed against more examples, in three folds of whole voices, 82.9 % with 800 points. That much lost answers of the core suite that rules
// had right, so a sure rule has more, and many are firm: 83.0 % of 2,030 (TestCrossValidation; 88.2 % since rules and words were widened, in part after reading these
// voices). A weak rule sees little of a question.
// In a question with no word of the field a sure rule saw a frame only, so it has less, and gives way to out_of_scope: 67.8 % of those were read right when
// it did not, 76.3 % since, and no other intent lost (TestCrossValidation; 84.7 % with the words of strangers that cues.yaml has now).
const (
	trustSure    = 1300
	trustForeign = 700
	trustWeak    = 400
)

// loadWeights reads data/weights.txt: a sign, then intents with their points.
func loadWeights() (map[string][]weight, error) {
	f, err := dataFiles.Open("data/weights.txt")
	if err != nil {
		return nil, fmt.Errorf("open the embedded weights: %w", err)
	}
	defer f.Close() //nolint:errcheck // embedded: nothing can be lost
	return readWeights(f)
}

func readWeights(from io.Reader) (map[string][]weight, error) {
	weights := map[string][]weight{}
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		sign, rest, ok := strings.Cut(lines.Text(), "\t")
		if !ok {
			return nil, fmt.Errorf("a line of the weights has no tab: %q", lines.Text())
		}
		for part := range strings.SplitSeq(rest, " ") {
			name, points, _ := strings.Cut(part, "=")
			n, err := strconv.Atoi(points)
			if err != nil || !slices.Contains(intents, Intent(name)) {
				return nil, fmt.Errorf("the weights of %q hold %q", sign, part)
			}
			weights[sign] = append(weights[sign], weight{Intent(name), n})
		}
	}
	return weights, lines.Err()
}

// likely gives the intent that examples with the same signs have, or the one given where they are not much surer of another.
func (r *reading) likely(given Intent, sure, firm bool) Intent {
	if _, asked := r.action(); asked && given == Next { // an act is asked about, which no other intent answers: "why did it fail, and can I rerun it?"
		return given
	}
	foreign := r.foreign()
	points := map[Intent]int{given: trustWeak}
	if sure {
		points[given] = trustSure
	}
	if sure && foreign {
		points[given] = trustForeign
	}
	weights := r.lex.weights()
	for _, sign := range r.signs() {
		for _, w := range weights[sign] {
			points[w.intent] += w.points
		}
	}
	best := given
	for _, intent := range intents {
		if intent == Write && given != Write && (sure && (r.asks() || r.has("cue:why") || r.has("cue:happened")) || r.forbidden()) { // what asks and is understood orders nothing
			continue
		}
		if intent == Write && given != Write && given != "" && r.asksOfState() {
			continue
		}
		if intent == OutOfScope && given != Write && !foreign && (sure || r.facts["process"] && !r.facts["out"]) { // what a rule reads for sure, or a job does, is of this subject
			continue
		}
		if firm && intent != OutOfScope && intent != given {
			continue
		}
		if given == Write && intent != OutOfScope { // an order stays one, but for what no scheduler does
			continue
		}
		if best == "" || points[intent] > points[best] {
			best = intent
		}
	}
	return best
}

// asksOfState: a question with "is" in front that names no act orders nothing: "is it the calendar that leaves out X?".
func (r *reading) asksOfState() bool {
	first := 0
	for first < len(r.tokens)-1 && r.is(first, "and_then") && !r.is(first, "be") {
		first++
	}
	return len(r.actions) == 0 && r.facts["asked"] && r.is(first, "be")
}

// forbidden: an act is named and denied ("never cancel it"), which orders nothing.
func (r *reading) forbidden() bool {
	a, ok := r.action()
	return ok && a.mood != moodWrite && slices.ContainsFunc(r.hits["mood:never"], func(h hit) bool { return h.to <= a.from })
}

// telling are the facts that are signs.
var telling = strings.Fields(`name phrase acted many workstation ref write may act_howto target last msg rc asked question wh premise told undone weak filter bare if out`)

// signs are what a question shows: its words, their beginnings and ends, pairs of neighbours, its first and last words, its length, the intent of
// the turn before, and what the lexicon and the rules' facts say.
func (r *reading) signs() []string {
	var out []string
	before, first := "^", ""
	for i := range r.tokens {
		w := r.mask(i)
		out = append(out, w, before+" "+w)
		if letters := []rune(w); len(letters) > 0 && letters[0] != '<' {
			if len(letters) > 5 {
				out = append(out, "p:"+string(letters[:5]))
			}
			if len(letters) > 4 {
				out = append(out, "e:"+string(letters[len(letters)-3:]))
			}
		}
		if i == 1 {
			out = append(out, "^ "+first+" "+w)
		}
		if i == 0 {
			first = w
		}
		before = w
	}
	out = append(out, before+" $", "n:"+strconv.Itoa(min(len(r.tokens), 8)))
	for group, hits := range r.hits {
		if len(hits) > 0 && !strings.HasPrefix(group, "status:") {
			out = append(out, group)
		}
	}
	for _, fact := range telling {
		if r.facts[fact] {
			out = append(out, "fact:"+fact)
		}
	}
	if r.out.Premise != "" {
		out = append(out, "p="+r.out.Premise)
	}
	if r.lastIntent != "" {
		out = append(out, "prev:"+string(r.lastIntent))
	}
	if r.done.participle > 0 {
		out = append(out, "fact:done")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mask gives a word as a sign: a name, a number or a code by its kind only, so that they carry nothing; a slip of the keyboard mended.
func (r *reading) mask(i int) string {
	t := &r.tokens[i]
	w := t.norm
	switch {
	case t.class == classObject && t.mention >= 0 && r.mentions[t.mention].Kind == MentionWorkstation:
		w = "<ws>"
	case t.class == classObject:
		w = "<obj>"
	case t.class == classMessage:
		w = "<msg>"
	case t.class == classReturnCode:
		w = "<rc>"
	case t.class == classTime, t.class == classNumber:
		w = "<num>"
	case len(t.ids) > 0:
		w = r.lex.words[t.ids[0]].text
	case i >= r.object.from && i < r.object.to:
		w = "<thing>"
	}
	return w
}
