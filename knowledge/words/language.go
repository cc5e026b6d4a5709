package words

import (
	"strings"

	"github.com/resync-hwa/resync/internal/fold"
)

// stopWords carry no subject in English or Portuguese, accents folded. Negations are no stop words: they turn a
// sentence round. Words that name the roles of a section ("what to do") are matched as phrases before these go.
var stopWords = setOf(`
a an the this that these those of to in on at by for from with into under about as and or but if then than so
is are was were be been being am do does did done has have had having can could may might must shall should will would
i me my we us our you your he she it its they them their there here who whom whose which what when where why how
please tell show s t ve ll d m am just also very much more most some any each all still yet now only own
get gets got getting go goes going gone went let lets one someone somebody something anyone anything
although though because since while however whenever wherever
o os as um uma uns umas de do da dos das no na nos nas ao aos a e ou mas se em por pelo pela pelos pelas para pra com
que qual quais quem quando onde porque por como e era foi ser sao esta estao estava estavam estar sendo sido tem tinha ter ha
eu nos voce voces ele ela eles elas meu minha seu sua isso isto esse essa este esta aquele aquela ja ainda so tambem muito mais
me mim lhe te favor vou vai devo deve deveria posso pode podem preciso quero favor agora aqui la entao ate desde
todo toda todos todas algum alguma alguns algumas nenhum nenhuma cada outro outra outros outras
num numa nuns numas dum duma dele dela deles delas nele nela neles nelas neste nesta nesse nessa nisso nisto naquele naquela deste desta desse dessa disso disto
daquele daquela pro pros pras comigo conosco gente vc vcs pq ne ta tao tal nossa nosso nossos nossas meus minhas seus suas fica ficam ficou ficar ficando ir vem
consigo consegue conseguem consegui
`)

// portugueseMarks and englishMarks are frequent words that only one of the two languages has.
var (
	portugueseMarks = setOf(`o os uma de da das dos em na nas nos ao aos e ou que nao para com por pelo pela esta foi sao se mas quando como porque por
qual quem onde meu minha seu sua ja ainda mais preciso posso devo fazer faco caiu abendou malha arquivo fila travado travada parado parada rodar rodou estou tem ha voce isso este esse do`)
	englishMarks = setOf(`the of to and is are was were it that this with for not what why how when who which do does did has have can should i my
we our from by an on there been be will would job's stuck waiting failed or`)
)

func setOf(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// LanguageOf guesses English or Portuguese from the words that only one of them has; "" where nothing tells.
func LanguageOf(s string) string {
	en, pt := 0, 0
	for _, w := range strings.FieldsFunc(s, notInWord) {
		f := fold.Text(w)
		if englishMarks[f] {
			en++
		}
		if portugueseMarks[f] {
			pt++
		}
		if strings.ContainsAny(w, "ãõçáéíóúâêôÃÕÇÁÉÍÓÚÂÊÔ") {
			pt++
		}
	}
	switch {
	case pt > en:
		return Portuguese
	case en > pt:
		return English
	default:
		return ""
	}
}

// LanguageCode brings "pt-BR", "Português", "en_US" to the two codes; "" for anything else.
func LanguageCode(s string) string {
	switch f := fold.Text(strings.TrimSpace(s)); {
	case strings.HasPrefix(f, "pt"), strings.HasPrefix(f, "portugu"):
		return Portuguese
	case strings.HasPrefix(f, "en"), strings.HasPrefix(f, "ingl"):
		return English
	default:
		return ""
	}
}
