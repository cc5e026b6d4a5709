package record

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// detector finds one kind of thing in a line. group is the part that is replaced. replace gives false for what only looked like one.
type detector struct {
	hint    string // a line without any of these bytes cannot hold one; "" for always
	re      *regexp.Regexp
	group   int
	replace func(r *Redactor, m string) (string, bool)
}

// detectors stand in order of precedence: what an earlier one has taken, a later one does not see.
var detectors = []detector{
	{"-", regexp.MustCompile(`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`), 0, func(r *Redactor, m string) (string, bool) { return r.id(m), true }},
	{":", regexp.MustCompile(`\bjdbc:[^\s"'<>]+`), 0, func(r *Redactor, m string) (string, bool) { return r.note("url", r.rename(m, scheme)), true }},
	{":", regexp.MustCompile(`\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'<>\])},;]+`), 0, func(r *Redactor, m string) (string, bool) { return r.url(m), true }},
	{"@", regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`), 0, func(r *Redactor, m string) (string, bool) { return r.mail(m), true }},
	{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b`), 0, (*Redactor).iban},
	{".", regexp.MustCompile(`\d{1,3}(?:\.\d{1,3}){3}`), 0, (*Redactor).address},
	{":", regexp.MustCompile(`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}`), 0, (*Redactor).address},
	{digitsSet, regexp.MustCompile(`\d{3}\.?\d{3}\.?\d{3}-?\d{2}`), 0, (*Redactor).cpf},
	{digitsSet, regexp.MustCompile(`\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}`), 0, (*Redactor).cnpj},
	{digitsSet, regexp.MustCompile(`\d(?:[ -]?\d){12,18}`), 0, (*Redactor).card},
	{"0", regexp.MustCompile(`\b0A{4,}[0-9A-Z]+\b`), 0, func(r *Redactor, m string) (string, bool) { return r.streamID(m), len(m) == 16 }},
	{`\`, regexp.MustCompile(`\b[A-Za-z]:\\[^\s"'<>|*?]+`), 0, func(r *Redactor, m string) (string, bool) { return r.path(m), true }},
	{`\`, regexp.MustCompile(`\\\\[A-Za-z0-9._$-]+(?:\\[^\s"'<>|*?\\]+)+`), 0, func(r *Redactor, m string) (string, bool) { return r.path(m), true }},
	{`\`, regexp.MustCompile(`\b[A-Za-z][A-Za-z0-9.-]*\\[A-Za-z0-9._$-]+`), 0, func(r *Redactor, m string) (string, bool) { return r.note("user", r.rename(m, nil)), true }},
	{"/", regexp.MustCompile(`(?:^|[\s"'=(\[<>,;:@|])((?:/[\pL0-9._+@%~^$*{}-]+){2,}/?|/[\pL0-9_+-]+\.[\pL0-9._+-]+)`), 1, func(r *Redactor, m string) (string, bool) { return r.path(m), true }},
	{".", regexp.MustCompile(`\b(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}\b`), 0, (*Redactor).domainName},
}

// scheme keeps the words of a JDBC address that say what kind it is.
func scheme(w string) bool {
	switch lower(w) {
	case "jdbc", "oracle", "thin", "db", "postgresql", "mysql", "sqlserver", "mariadb", "oci", "sid", "servicename", "database", "user", "password":
		return true
	}
	return false
}

var urlParts = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9+.-]*://)(?:([^/@]*)@)?([^/:?#]*)(:\d+)?(.*)$`)

func (r *Redactor) url(m string) string {
	p := urlParts.FindStringSubmatch(m)
	if p == nil {
		return m
	}
	out := p[1]
	if p[2] != "" {
		out += r.rename(p[2], nil) + "@"
	}
	rest, query, asked := strings.Cut(p[5], "?")
	out += r.host(p[3]) + p[4] + r.path(rest)
	if asked {
		out += "?" + r.rename(query, nil)
	}
	return r.note("url", out)
}

func (r *Redactor) mail(m string) string {
	user, host, _ := strings.Cut(m, "@")
	return r.note("e-mail", r.rename(user, nil)+"@"+r.host(host))
}

// domainName takes names of hosts: below a network that is known or ends as networks do.
func (r *Redactor) domainName(m string) (string, bool) {
	last := lower(m[strings.LastIndexByte(m, '.')+1:])
	if !r.lists.host[last] || strings.Count(m, ".") < 1 {
		return "", false
	}
	return r.host(m), true
}

// address renames an IP address so that addresses of one network stay in one network. Loopback and what stands for no or every host stay.
func (r *Redactor) address(m string) (string, bool) {
	a, err := netip.ParseAddr(m)
	if err != nil || a.IsLoopback() || a.IsUnspecified() || len(m) < 4 {
		return "", false
	}
	if a.Is4() {
		b := a.As4()
		if b == [4]byte{255, 255, 255, 255} || b[0] == 0 || b[0] > 223 {
			return "", false
		}
		prefix, out := "", make([]string, 4)
		for i, x := range b {
			switch {
			case i == 0 && x < 127:
				out[i] = strconv.Itoa(r.perm.octet("low", int(x), 1, 126))
			case i == 0:
				out[i] = strconv.Itoa(r.perm.octet("high", int(x), 128, 223))
			default:
				out[i] = strconv.Itoa(r.perm.octet(prefix, int(x), 0, 255))
			}
			prefix += string(rune(x)) + "."
		}
		return r.note("ip", strings.Join(out, ".")), true
	}
	h := r.perm.sum("ip6", a.Unmap().String())
	b := [16]byte{0xfd}
	copy(b[1:], h)
	return r.note("ip", netip.AddrFrom16(b).String()), true
}

// digitsOnly leaves the digits of s.
func digitsOnly(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, s)
}

// redigit puts other digits into s, keeping its punctuation. The last digit is one that the check on such numbers refuses, so that no
// pseudonym is a real person's number.
func (r *Redactor) redigit(kind, s string, valid func(string) bool) string {
	digits := digitsOnly(s)
	out := r.perm.word(kind, digitsSet, digits, nil)
	for valid(out) {
		out = r.perm.word(kind, digitsSet, out, nil)
	}
	var b strings.Builder
	at := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			b.WriteByte(out[at])
			at++
		} else {
			b.WriteByte(s[i])
		}
	}
	return r.note(kind, b.String())
}

func (r *Redactor) cpf(m string) (string, bool) {
	if !isCPF(digitsOnly(m)) {
		return "", false
	}
	return r.redigit("cpf", m, isCPF), true
}

func (r *Redactor) cnpj(m string) (string, bool) {
	if !isCNPJ(digitsOnly(m)) {
		return "", false
	}
	return r.redigit("cnpj", m, isCNPJ), true
}

func (r *Redactor) card(m string) (string, bool) {
	if !isCard(digitsOnly(m)) {
		return "", false
	}
	return r.redigit("card", m, isCard), true
}

func (r *Redactor) iban(m string) (string, bool) {
	if !isIBAN(strings.ReplaceAll(m, " ", "")) {
		return "", false
	}
	return m[:2] + r.redigit("iban", r.rename(m[2:], nil), func(d string) bool { return isIBAN(m[:2] + d) }), true
}

// checkDigit is the modulo 11 rule of Receita Federal: weights run from the right, and a remainder of less than two gives 0.
func checkDigit(digits string, weights []int) byte {
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	if rest := sum % 11; rest >= 2 {
		return byte('0' + 11 - rest)
	}
	return '0'
}

func isCPF(d string) bool {
	return len(d) == 11 && strings.Trim(d, d[:1]) != "" && checkDigit(d, []int{10, 9, 8, 7, 6, 5, 4, 3, 2}) == d[9] && checkDigit(d, []int{11, 10, 9, 8, 7, 6, 5, 4, 3, 2}) == d[10]
}

func isCNPJ(d string) bool {
	return len(d) == 14 && strings.Trim(d, d[:1]) != "" && checkDigit(d, []int{5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}) == d[12] && checkDigit(d, []int{6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}) == d[13]
}

// isCard holds a number to the prefixes and lengths of the card schemes and to Luhn's check (ISO/IEC 7812).
func isCard(d string) bool {
	switch {
	case len(d) == 15 && (d[:2] == "34" || d[:2] == "37"):
	case len(d) == 14 && (d[:2] == "30" || d[:2] == "36" || d[:2] == "38"):
	case (len(d) == 16 || len(d) == 19) && (d[0] == '4' || d[0] == '5' || d[0] == '6' || d[0] == '2' || d[:2] == "35"):
	default:
		return false
	}
	sum := 0
	for i := range len(d) {
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// isIBAN is the modulo 97 check of ISO 13616.
func isIBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 {
		return false
	}
	rest := 0
	for _, c := range s[4:] + s[:4] {
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

// mentions find names that only a text gives away; the group is the name.
var mentions = []*regexp.Regexp{
	// a database: "connecting to CLMPRD", "SID=PAYPRD"
	regexp.MustCompile(`\b(?i:connect(?:ing|ed)? to|database|sid|service_name|dbname|db|dsn|instance|tablespace|schema)\s*[=:]?\s*["']?([A-Z][A-Z0-9_$]*[A-Z0-9])\b`),
	regexp.MustCompile(`\b([A-Z]{2,8}(?:PRD|PROD|HML|UAT|QAS|TST))\b`),
	// who: "as CLM_BATCH", "user=svc", "= USER      : clmbatch"
	regexp.MustCompile(`\b(?i:as|user|login|username|usuario|usuário)\s+["']?([A-Za-z0-9]*[A-Z0-9_]{3}[A-Za-z0-9_.$]*)\b`),
	regexp.MustCompile(`\b(?i:user|login|username|uid|usuario|usuário|user id)\s*[=:]\s*["']?([A-Za-z][A-Za-z0-9_.$-]+[A-Za-z0-9_$])`),
	regexp.MustCompile(`\b(?i:sqlplus|sqlldr|impdp|expdp|rman|connect|conn|userid=?)\s*(?:-\w+\s+)*([\w$#]+)/\S+@([\w$#.]+)`),
	regexp.MustCompile(`\b(?i:host|hostname|node)\s*[=:]\s*["']?([A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])\b`),
}

func mentioned(line string) []string {
	var out []string
	for _, re := range mentions {
		for _, m := range re.FindAllStringSubmatch(line, -1) {
			out = append(out, m[1:]...)
		}
	}
	return out
}
