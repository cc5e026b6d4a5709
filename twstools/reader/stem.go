package reader

import (
	"slices"
	"strings"
	"sync"
)

// Words of one family are told by what is left without their endings: prices and pricing, valida and validação, publication and publicação.
// English and Portuguese share most of the learned ones (-tion and -ção, -ty and -dade), so one list serves both. Our own choice; what looks
// alike and means another thing is kept apart by synonyms.yaml, see alike.

// endings of folded words, taken off once, the longest first.
var endings = func() []string {
	list := strings.Fields(`izations ization izacoes izacao ations ation acoes acao itions ition icoes icao utions ution ucoes ucao tions tion coes cao sions sion soes sao
		mentos mento ments ment idades idade ities ity dades dade ancias ancia encias encia ances ance ences ence ncias ncia
		atorios atorio atoria atory orios orio orias oria ories ory arios ario arias aria aries ary ativos ativo ativas ativa atives ative ivos ivo ivas iva ives ive
		icos ico icas ica ical ic aveis avel ables able iveis ivel ibles ible logias logia logies logy
		adores ador adoras adora edores edor idores idor ators ator ers er ors or istas ista ists ist antes ante ants ant entes ente ents ent
		ados adas ado ada idos idas ido ida ando endo indo aram eram iram assem ings ing ates ated ating ate ises ised ising ise izes ized izing ize izar
		amente mente ally ly ais eis al ies ied ees es ed ar er ir ou eu iu am em as os is us s a e i o y`)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}()

// minStem is the least length of what is left.
const minStem = 4

// stem is a folded word without its ending and without what the two languages write differently (double letters, ph, th, k, y).
func stem(w string) string {
	for _, end := range endings {
		if rest, ok := strings.CutSuffix(w, end); ok && len(rest) >= minStem {
			w = rest
			break
		}
	}
	return skeleton(w)
}

func skeleton(w string) string {
	var b strings.Builder
	var last byte
	for i := 0; i < len(w); i++ {
		c := w[i]
		switch {
		case c == 'h' && (last == 't' || last == 'c'):
			continue
		case c == 'p' && i+1 < len(w) && w[i+1] == 'h':
			c = 'f'
			i++
		case c == 'k', c == 'q':
			c = 'c'
		case c == 'y':
			c = 'i'
		}
		if c != last {
			b.WriteByte(c)
		}
		last = c
	}
	return b.String()
}

// related reports whether two stems are of one family: the same, or one the beginning of the other.
func related(a, b string) bool {
	if len(a) < minStem || len(b) < minStem {
		return false
	}
	if a == b {
		return true
	}
	short, long := a, b
	if len(a) > len(b) {
		short, long = b, a
	}
	return len(short) > minStem && len(long)-len(short) <= 4 && strings.HasPrefix(long, short)
}

// stemConcepts maps the stems of the table's words to their concepts, for the inflections that it does not list.
var stemConcepts = sync.OnceValue(func() map[string][]int {
	out := map[string][]int{}
	for w, ids := range concepts() {
		if s := stem(w); len(s) > minStem {
			for _, id := range ids {
				if !slices.Contains(out[s], id) {
					out[s] = append(out[s], id)
				}
			}
		}
	}
	return out
})

// conceptsOf are the concepts that a folded word stands for, by itself or by its stem.
func conceptsOf(w string) []int {
	if ids, ok := concepts()[w]; ok {
		return ids
	}
	if s := stem(w); len(s) > minStem {
		if ids := stemConcepts()[s]; ids != nil {
			return ids
		}
	}
	return concepts()[plain(w)]
}

// plain is the form that the table lists of a short word whose stem says too little: "routes" by its singular, "envia" and "gera" by the
// infinitive.
func plain(w string) string {
	if singular, ok := strings.CutSuffix(w, "s"); ok {
		return singular
	}
	if strings.HasSuffix(w, "a") || strings.HasSuffix(w, "e") {
		return w + "r"
	}
	return w
}

// known is a word with what is compared of it.
type known struct {
	text, stem string
	ids        []int
}

func know(w string) known { return known{w, stem(w), conceptsOf(w)} }

// alike is how well a word fits a term: itself, a synonym, one of its family, a typing error; 0 when not at all. Words that look alike and are
// known to mean different things do not fit.
func alike(term, w known) float64 {
	switch {
	case w.text == term.text:
		return 1
	case sharesConcept(term.ids, w.ids):
		return 0.95
	case len(term.ids) > 0 && len(w.ids) > 0:
		return 0
	case len(term.text) >= 4 && len(w.text) >= 4 && (strings.HasPrefix(w.text, term.text) || strings.HasPrefix(term.text, w.text)):
		return 0.85
	case related(term.stem, w.stem):
		return 0.85
	case len(term.text) >= 5 && len(w.text) >= 5 && term.text[:4] == w.text[:4] && distance(term.text, w.text) <= 2:
		return 0.8
	case len(term.text) >= 5 && oneEdit(term.text, w.text):
		return 0.75
	}
	return 0
}
