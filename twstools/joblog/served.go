package joblog

import "regexp"

var (
	// An answer of a web server: its protocol and status, or the status with its reason where the line begins (RFC 9110, section 15).
	httpStatus = regexp.MustCompile(`\bHTTP/[\d.]+\W{1,3}([1-5])\d\d\b|^[<\s]*([1-5])\d\d [A-Z][A-Za-z]`)
	address    = regexp.MustCompile(`https?://[^\s"'<>]+`)
)

// answered gives the class of the answer that a line shows: '2' for success, '4' and '5' for errors, 0 where it shows none.
func answered(text string) byte {
	m := httpStatus.FindStringSubmatch(text)
	switch {
	case m == nil:
		return 0
	case m[1] != "":
		return m[1][0]
	}
	return m[2][0]
}

// servedReach is how many lines are looked at for what a server answered next.
const servedReach = 60

// served reports whether a server that answered with an error at i was asked the same again and gave what was wanted, whatever the program says of it:
// the next answers end with a success, and no other address was asked in between.
func served(vs []view, i int) bool {
	if c := answered(vs[i].bare); c != '4' && c != '5' {
		return false
	}
	asked := ""
	for j := i; j >= 0 && j > i-servedReach && asked == ""; j-- {
		asked = address.FindString(vs[j].bare)
	}
	for j := i + 1; j < len(vs) && j <= i+servedReach; j++ {
		if next := address.FindString(vs[j].bare); next != "" && next != asked {
			return false
		}
		if answered(vs[j].bare) == '2' {
			return true
		}
	}
	return false
}
