package verify

import (
	"regexp"
	"strconv"
	"strings"
)

// numerals are numbers in words, of both languages. One and its like are articles as well, and not among them; nor is
// what counts loosely: hundreds, centenas.
var numerals = map[string]int{"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
	"fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
	"eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "dozen": 12, "mil": 1000,
	"dois": 2, "duas": 2, "três": 3, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7, "oito": 8, "nove": 9, "dez": 10, "onze": 11, "doze": 12, "treze": 13, "quatorze": 14,
	"catorze": 14, "quinze": 15, "dezesseis": 16, "dezasseis": 16, "dezessete": 17, "dezassete": 17, "dezoito": 18, "dezenove": 19, "dezanove": 19, "vinte": 20, "trinta": 30,
	"quarenta": 40, "cinquenta": 50, "sessenta": 60, "setenta": 70, "oitenta": 80, "noventa": 90, "cem": 100, "cento": 100, "duzentos": 200, "duzentas": 200, "trezentos": 300,
	"trezentas": 300, "quatrocentos": 400, "quatrocentas": 400, "quinhentos": 500, "quinhentas": 500, "dúzia": 12}

// ones stand behind a greater number alone: twenty-one, vinte e um.
var ones = map[string]int{"one": 1, "um": 1, "uma": 1}

var (
	plainWord = regexp.MustCompile(`[\pL]+`)
	// "por cento" is a percentage and no hundred.
	perCent = regexp.MustCompile(`(?i)\b(?:por cento|per ?cent)\b`)
)

// digits writes numbers in words as digits, so that they are checked like others.
func digits(s string) string {
	s = perCent.ReplaceAllString(s, "%")
	var b strings.Builder
	at := 0
	words := plainWord.FindAllStringIndex(s, -1)
	for i := 0; i < len(words); {
		last, n := numeral(s, words[i:])
		if last == 0 {
			i++
			continue
		}
		b.WriteString(s[at:words[i][0]] + strconv.Itoa(n))
		at = words[i+last-1][1]
		i += last
	}
	return b.String() + s[at:]
}

// numeral reads the number that words begin with, and how many of them it takes; 0: none. A word goes on with a number when it is less than the last part of
// it, or multiplies it.
func numeral(s string, words [][]int) (taken, n int) {
	total, part, least := 0, 0, 0
	for i, w := range words {
		word := strings.ToLower(s[w[0]:w[1]])
		v, ok := numerals[word]
		if i > 0 {
			if v == 0 {
				v, ok = ones[word]
			}
			between := s[words[i-1][1]:w[0]]
			if joins := word == "and" || word == "e"; joins && between == " " && i+1 < len(words) {
				continue
			}
			if between != " " && between != "-" {
				break
			}
		}
		switch {
		case !ok:
			return taken, total + part
		case word == "hundred" || word == "thousand" || word == "mil":
			part = max(part, 1) * v
			if v == 1000 {
				total, part = total+part, 0
			}
		case i > 0 && (v >= least || least < 20):
			return taken, total + part
		default:
			part += v
		}
		taken, least = i+1, v
	}
	return taken, total + part
}
