package understand

// Several objects told in one breath by what they are: "the load of x, the list of y and the update of z are down".

// maxAlso bounds how many further objects are read out of one enumeration.
const maxAlso = 5

// also finds the objects that the enumeration goes on with behind the first. Each begins with an article and stands right behind a comma or
// "and": what stands elsewhere is told of the first.
func (r *reading) also(out *Understanding) {
	if r.facts["name"] && !out.Reference && out.Target != "" {
		r.alsoBehindName(out)
		return
	}
	if out.Reference || out.Target == "" || r.object.to == 0 {
		return
	}
	first, found := r.items()
	if len(found) < 2 && !r.several() {
		return
	}
	if len(found) > 0 && out.Target == r.text(r.object.from, r.object.to) {
		out.Target = r.text(r.object.from, first)
	}
	out.Also = found
}

// several: the words speak of more than one.
func (r *reading) several() bool { return r.has("cue:plural_any") || r.has("cue:both") }

// items gives where the words of the first object end, and the others of its enumeration.
func (r *reading) items() (first int, found []string) {
	first = r.object.to
	if r.several() {
		first = r.split(r.object.from, first)
	}
	for at := r.relativeEnd(first); len(found) < maxAlso; {
		from, ok := r.nextItem(at)
		if !ok {
			break
		}
		to := r.split(from, r.spanEnd(from))
		if to < len(r.tokens) && r.is(to, "attributive") && !commaBetween(r, to) { // "the import of meter data"
			to++
		}
		at = r.relativeEnd(to)
		found = append(found, r.text(from, at))
	}
	return first, found
}

// enumerated: the question names several objects by what they are.
func (r *reading) enumerated() bool {
	if r.facts["name"] || r.object.to == 0 {
		return false
	}
	_, found := r.items()
	return len(found) > 1 || len(found) == 1 && r.several()
}

// alsoBehindName: "malha PAYEXT e o payload": a word behind "and the" that is none of the language's is a name in small letters.
func (r *reading) alsoBehindName(out *Understanding) {
	i := r.about + 1
	if i+2 >= len(r.tokens) || r.tokens[i].norm != "and" && r.tokens[i].norm != "e" || !r.is(i+1, "article") || r.tokens[i].sentence != r.tokens[r.about].sentence {
		return
	}
	if t := &r.tokens[i+2]; t.mention < 0 && t.class == classNone && len(t.ids) == 0 && !t.stop && !r.lex.plain[t.norm] && len(t.norm) >= minTypo {
		out.Also = []string{t.text}
	}
}

// split is where words that run on over "and the" end as one item.
func (r *reading) split(from, to int) int {
	for k := from + 1; k+1 < to; k++ {
		if (r.tokens[k].norm == "and" || r.tokens[k].norm == "e") && r.is(k+1, "article") {
			return k
		}
	}
	return to
}

// nextItem is where the next item's words begin, when the tokens at i go on with one: a comma or "and", then an article.
func (r *reading) nextItem(i int) (int, bool) {
	joined := i < len(r.tokens) && i > 0 && commaBetween(r, i)
	if i < len(r.tokens) && (r.tokens[i].norm == "and" || r.tokens[i].norm == "e") {
		joined = true
		i++
	}
	if i < len(r.tokens) && joined && (r.is(i, "towards") || r.is(i, "circumstance")) && !r.content(i) { // "com a carga, com a lista"
		i++
	}
	if !joined || i+1 >= len(r.tokens) || !r.is(i, "article") || r.tokens[i].sentence != r.tokens[r.object.from].sentence || !r.content(i+1) {
		return 0, false
	}
	return i + 1, true
}

// relativeEnd is where the words end that tell an item apart: "the list of products that expire in five days, …".
func (r *reading) relativeEnd(i int) int {
	const most = 8
	if i >= len(r.tokens) || commaBetween(r, i) || r.tokens[i].norm != "that" && r.tokens[i].norm != "que" && r.tokens[i].norm != "which" {
		return i
	}
	for k := i + 1; k < len(r.tokens) && k-i <= most && r.tokens[k].sentence == r.tokens[i].sentence; k++ {
		if commaBetween(r, k) {
			return k
		}
	}
	return i
}

// commaBetween reports whether only a comma stands between token i and the one before it.
func commaBetween(r *reading, i int) bool {
	for _, c := range r.src.text[r.tokens[i-1].end:r.tokens[i].start] {
		if c == ',' {
			return true
		}
	}
	return false
}
