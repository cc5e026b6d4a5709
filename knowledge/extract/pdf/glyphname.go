package pdf

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// accents are the endings of names of accented letters, as Adobe's glyph list forms them, with the mark that makes the letter.
var accents = []struct {
	name string
	mark rune
}{
	{"grave", 0x300}, {"acute", 0x301}, {"circumflex", 0x302}, {"tilde", 0x303}, {"macron", 0x304}, {"breve", 0x306}, {"dotaccent", 0x307}, {"dieresis", 0x308},
	{"hungarumlaut", 0x30b}, {"ring", 0x30a}, {"caron", 0x30c}, {"cedilla", 0x327}, {"commaaccent", 0x327}, {"ogonek", 0x328},
}

// glyphs are names of Adobe's glyph list that are no letters of ASCII and follow no rule.
var glyphs = pairs("space|  nbspace|  exclam|! quotedbl|\" numbersign|# dollar|$ percent|% ampersand|& quotesingle|' quoteright|’ quoteleft|‘ parenleft|( parenright|) asterisk|* plus|+ " +
	"comma|, hyphen|- sfthyphen|- minus|− period|. slash|/ zero|0 one|1 two|2 three|3 four|4 five|5 six|6 seven|7 eight|8 nine|9 colon|: semicolon|; less|< equal|= greater|> question|? at|@ " +
	"bracketleft|[ backslash|\\ bracketright|] asciicircum|^ underscore|_ grave|` braceleft|{ bar|| braceright|} asciitilde|~ " +
	"exclamdown|¡ cent|¢ sterling|£ currency|¤ yen|¥ brokenbar|¦ section|§ dieresis|¨ copyright|© ordfeminine|ª guillemotleft|« logicalnot|¬ registered|® macron|¯ degree|° plusminus|± " +
	"twosuperior|² threesuperior|³ acute|´ mu|µ paragraph|¶ periodcentered|· middot|· cedilla|¸ onesuperior|¹ ordmasculine|º guillemotright|» onequarter|¼ onehalf|½ threequarters|¾ " +
	"questiondown|¿ AE|Æ ae|æ OE|Œ oe|œ Oslash|Ø oslash|ø Eth|Ð eth|ð Thorn|Þ thorn|þ germandbls|ß dotlessi|ı Lslash|Ł lslash|ł Dcroat|Đ dcroat|đ " +
	"endash|– emdash|— quotesinglbase|‚ quotedblleft|“ quotedblright|” quotedblbase|„ dagger|† daggerdbl|‡ bullet|• ellipsis|… perthousand|‰ guilsinglleft|‹ guilsinglright|› " +
	"fraction|⁄ Euro|€ trademark|™ florin|ƒ circumflex|ˆ tilde|˜ caron|ˇ breve|˘ dotaccent|˙ ring|˚ ogonek|˛ hungarumlaut|˝ " +
	"ff|ff fi|fi fl|fl ffi|ffi ffl|ffl arrowleft|← arrowup|↑ arrowright|→ arrowdown|↓ arrowboth|↔ infinity|∞ notequal|≠ lessequal|≤ greaterequal|≥ approxequal|≈ multiply|× divide|÷ " +
	"checkmark|✓ filledbox|■ square|□ openbullet|◦ lozenge|◊ triagrt|► blacksquare|■ alpha|α beta|β gamma|γ delta|δ epsilon|ε lambda|λ pi|π sigma|σ tau|τ phi|φ omega|ω Delta|Δ Sigma|Σ Omega|Ω summation|∑ product|∏ radical|√ integral|∫ partialdiff|∂")

func pairs(list string) map[name]string {
	out := map[name]string{}
	for p := range strings.SplitSeq(list, " ") {
		if k, v, ok := strings.Cut(p, "|"); ok {
			out[name(k)] = v
		}
	}
	out["space"], out["nbspace"] = " ", " "
	return out
}

// letters gives what a glyph's name stands for; empty where nobody can know.
func letters(n name) string {
	if s, ok := glyphs[n]; ok {
		return s
	}
	s := string(n)
	if i := strings.IndexByte(s, '.'); i > 0 { // "a.sc": a variant
		return letters(name(s[:i]))
	}
	if len(s) == 1 {
		return s
	}
	if i := strings.IndexByte(s, '_'); i > 0 && len(s) < 32 { // "f_i": several
		out := ""
		for part := range strings.SplitSeq(s, "_") {
			out += letters(name(part))
		}
		return out
	}
	for _, p := range []string{"uni", "u"} {
		if h, ok := strings.CutPrefix(s, p); ok && len(h) >= 4 && len(h) <= 6 {
			if r, err := strconv.ParseUint(h, 16, 32); err == nil && r <= 0x10ffff {
				return string(rune(r))
			}
		}
	}
	for _, a := range accents {
		if base, ok := strings.CutSuffix(s, a.name); ok && (len(base) == 1 || base == "dotlessi") {
			return norm.NFC.String(strings.Replace(base, "dotlessi", "i", 1) + string(a.mark))
		}
	}
	return ""
}
