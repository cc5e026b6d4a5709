// Package untrusted is the one place through which text from outside passes before it leaves a tool: job logs, descriptions, prompts,
// documents, object names (DESIGN.md 4.11). It removes what could hide or forge (ANSI, control and invisible characters), masks secrets,
// and tells instruction-like text. It decides nothing: such text stays data.
//
// Clean keeps the shape of a line, Normalize is the form N in which quotes are compared (contracts/answer.md rule 3).
// All functions are pure and safe for concurrent use.
package untrusted

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine bounds what Clean returns of one line: a 1 GB line must not travel on.
const maxLine = 4000

// secret is a pattern of secrets. What stands in every text that it matches spares the others the pattern: has as it is, each of needs somewhere.
// A blank of needs is any white space, and its letters are meant in either case. Patterns without case match more than ASCII for k and s, so no
// needs has these.
type secret struct {
	has, needs string
	re         *regexp.Regexp
}

var (
	// CSI, OSC (ended by BEL or ST) and two-character escape sequences.
	ansi = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|\x1b[@-Z\\\\-_]")

	// Each masks its last group. What stands before it stays readable, so that a quote still says what happened.
	secrets = []secret{
		// key=value and --password value, in the words of scripts in English and Portuguese
		{"=", "", regexp.MustCompile(`(?i)((?:password|passwd|passphrase|pwd|senha|secret|segredo|api[_-]?key|apikey|access[_-]?key|auth[_-]?token|token|client_secret)["']?\s*=\s*["']?)([^\s"',;&]+)`)},
		{"-", "", regexp.MustCompile(`(?i)((?:^|\s)--?(?:password|passwd|pass|pwd|senha|secret|token|api-key)[ =]["']?)([^\s"',;]+)`)},
		// "password: x9!" but not "wrong password: try again": the value must look made up
		{":", "", regexp.MustCompile(`(?i)((?:password|passwd|pwd|senha|secret|token|api[_-]?key|access[_-]?key)["']?\s*:\s*["']?)([^\s"',;]*[0-9!@$%&*][^\s"',;]*)`)},
		{"", " ab", regexp.MustCompile(`(?i)((?:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{12,})`)},
		{"eyJ", "", regexp.MustCompile(`()(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)`)},
		// the words of a JSON or YAML map, and of an XML element
		{":", "", regexp.MustCompile(`(?i)(["'][\w.-]*(?:password|passwd|passphrase|pwd|senha|secret|token|api[_-]?key)["']\s*:\s*["'])([^"']+)`)},
		{"<", ">", regexp.MustCompile(`(?i)(<[\w:.-]*(?:password|passwd|passphrase|pwd|senha|secret|token|api[_-]?key)(?:\s[^<>]*)?>(?:<!\[CDATA\[)?)([^<>]+)<?`)},
		// an access key of AWS, with its secret where that stands beside it; tokens of GitHub, GitLab and Slack
		{"IA", "", regexp.MustCompile(`()((?:AKIA|ASIA)[A-Z0-9]{16}(?:[\s:/,;"'=|]+[A-Za-z0-9/+]{40})?)`)},
		{"_", "gh", regexp.MustCompile(`()(\b(?:gh[opsur]_[A-Za-z0-9]{16,}|github_pat_\w{20,}))`)},
		{"glpat-", "", regexp.MustCompile(`()(\bglpat-[\w-]{16,})`)},
		{"xox", "-", regexp.MustCompile(`()(\bxox[a-z]-[A-Za-z0-9-]{10,})`)},
		{"://", "@", regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@]+:)([^\s/@]+)@`)},
		// user/password@database of Oracle's tools
		{"@", "/", regexp.MustCompile(`(?i)((?:sqlplus|sqlldr|impdp|expdp|rman|connect|conn|userid=?)\s*(?:-\w+\s+)*[\w$#]+/)([^\s@/]+)@`)},
		{"", " bdefinty", regexp.MustCompile(`(?i)(identified\s+by\s+)(\S+)`)},
		{"/", ":@jdbc", regexp.MustCompile(`(?i)(jdbc:oracle:\w+:[^\s/@:]+/)([^\s@]+)@`)},
		// options of commands: curl's user, sshpass's and mysql's password. A port (-p 22) and a mysql that asks (-p alone) have none.
		{"curl", ":", regexp.MustCompile(`(\bcurl\b[^|;\n]*?\s(?:-[a-zA-Z]*[uU]|--user|--proxy-user)[ =]*["']?[^\s:"']+:)([^\s"']+)`)},
		{"sshpass", "-", regexp.MustCompile(`(\bsshpass\s+(?:-[ve]+\s+)*-p\s*)('[^']*'|"[^"]*"|\S+)`)},
		{"-p", "m ", regexp.MustCompile(`(\b(?:mysql|mariadb)[\w-]*\s(?:[^|;\n]*?\s)??-p)([^\s]+)`)},
		{"PRIVATE KEY", "", regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----)(.*?)(?:-----END|\z)`)},
	}

	spaces = regexp.MustCompile(`\s+`)
)

// Clean makes one line or short text safe to show and to store: no ANSI, no control characters but tab, no invisible or bidirectional
// marks, valid UTF-8, secrets masked, at most 4,000 characters. Line feeds stay.
func Clean(s string) string { return mask(shown(s)) }

// shown is Clean with the secrets.
func shown(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if len(s) > maxLine*utf8.UTFMax {
		s = s[:maxLine*utf8.UTFMax]
		s = strings.ToValidUTF8(s, "")
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if strings.ContainsRune(s, '\x1b') {
		s = ansi.ReplaceAllString(s, "")
	}
	s = strings.Map(keep, s)
	if r := []rune(s); len(r) > maxLine {
		s = string(r[:maxLine])
	}
	return s
}

// keep drops what cannot be seen: control and format characters (zero-width, bidirectional, the tag block that smuggles ASCII), variation
// selectors, and letters and signs that Unicode gives no shape (Hangul fillers, the combining grapheme joiner). Separators of lines are line ends.
func keep(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r == '\r' || r == 0x2028 || r == 0x2029:
		return '\n'
	case r < 0x7F && r >= ' ':
		return r
	case r >= 0xE0000 && r <= 0xE0FFF,
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return -1
	}
	return r
}

// Visible drops the characters that cannot be seen, and nothing else. It is idempotent.
func Visible(s string) string { return strings.Map(keep, s) }

// Mask replaces secrets by ***, and nothing else: for whoever keeps a text as it is otherwise. It is idempotent for single lines.
func Mask(s string) string { return mask(s) }

func mask(s string) string {
	s = lonely(s)
	have := charsOf(s)
	for i, x := range secrets {
		if have.all(needed[i]) && strings.Contains(s, x.has) {
			s = x.hide(s)
			have = charsOf(s)
		}
	}
	return s
}

// hide masks the secret wherever it stands.
func (x secret) hide(s string) string {
	if !x.re.MatchString(s) {
		return s
	}
	return x.re.ReplaceAllStringFunc(s, func(m string) string {
		g := x.re.FindStringSubmatch(m)
		rest := strings.TrimPrefix(m, g[1])
		return g[1] + strings.Replace(rest, g[2], "***", 1)
	})
}

// Normalize is the normalisation N: Clean with all white space folded to single spaces and trimmed. It is idempotent.
func Normalize(s string) string {
	if !plain(s) {
		s = Clean(s)
	} else if masked := mask(s); masked == s {
		return s
	} else {
		s = masked
	}
	return strings.TrimSpace(spaces.ReplaceAllString(s, " "))
}
