package words

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fold"
)

func TestAnalyse(t *testing.T) {
	tests := []struct{ text, idents, words string }{
		{"AWSBHU001E ORA-28000 PAY_LOAD /var/log/app.log app.db.auth", "awsbhu001e ora-28000 pay_load /var/log/app.log app.db.auth", ""},
		{"Não chegou, arquivos!", "", "not cheg arquiv"},
		{"it hasn't arrived", "", "not arriv"},
		{"job-stream yes/no", "", "job stream yes"}, // "no" is Portuguese for "in the",
		{"rc 137.", "", "rc 137"},
		{strings.Repeat("x", 500), "", ""},
	}
	for _, tt := range tests {
		var idents, words []string
		for _, tok := range Analyse(tt.text) {
			switch {
			case tok.Ident:
				idents = append(idents, tok.Raw)
			case tok.Stop, tok.Part:
			case tok.Raw == "nao" || strings.Contains(tt.text, "ã"):
				words = append(words, tok.Pt)
			default:
				words = append(words, tok.En)
			}
		}
		if strings.Join(idents, " ") != tt.idents || strings.Join(words, " ") != tt.words {
			t.Errorf("Analyse(%.40q) = %v, %v, want %s, %s", tt.text, idents, words, tt.idents, tt.words)
		}
	}
	// Portuguese plurals meet their singulars with or without accents.
	for _, pair := range [][2]string{{"estação", "estacoes"}, {"conexão", "conexões"}, {"padrão", "padroes"}, {"pastas", "pasta"}, {"malhas", "malha"}} {
		if a, b := stemPortuguese(fold.Text(pair[0])), stemPortuguese(fold.Text(pair[1])); a != b {
			t.Errorf("stems of %v: %s and %s", pair, a, b)
		}
	}
}
