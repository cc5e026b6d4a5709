package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/resync-hwa/resync/internal/loopback"
)

// The checks of single values. They see the value in its environment form and never repeat it: the caller adds it where it
// is no secret.

var (
	engineName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
	// serverName stands before the names of a server's tools, joined by two underscores; so it has no two of its own.
	serverName   = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}(_[a-z0-9]{1,15})?$`)
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	wordForm     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,31}$`)
	hostForm     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$`)
)

const (
	netmanPort  = "31111"
	minKey      = 32
	minPassword = 8
	maxPassword = 256
)

func oneOf(words ...string) func(string) error {
	return func(s string) error {
		if slices.Contains(words, s) {
			return nil
		}
		return fmt.Errorf("must be one of %s", strings.Join(words, ", "))
	}
}

func between(low, high int) func(string) error {
	return func(s string) error {
		if n, err := strconv.Atoi(s); err != nil || n < low || n > high {
			return fmt.Errorf("must be a whole number from %d to %d", low, high)
		}
		return nil
	}
}

func qdrantURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil:
		return errors.New("must be an address such as http://127.0.0.1:6334 or https://HOST:6334; the key is a setting of its own")
	case u.Port() == "6333":
		return errors.New("names port 6333, which is Qdrant's REST API; Resync speaks gRPC, which is port 6334 unless it was changed")
	}
	return nil
}

func redisURL(s string) error {
	if s == "" || strings.HasPrefix(s, "redis://") || strings.HasPrefix(s, "rediss://") || strings.HasPrefix(s, "unix:///") {
		return nil
	}
	return errors.New("must be a URL such as redis://:PASSWORD@HOST:6379/0, or rediss:// for TLS")
}

// webhookURL checks the address of a webhook, and never repeats it: it is a secret.
func webhookURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := webURL(s)
	if err != nil {
		return err
	}
	if u.Scheme == "http" && !loopback.Host(u.Hostname()) {
		return errors.New("must start with https://; http:// is for a receiver on this machine")
	}
	return nil
}

// quietHours checks a time of day such as 22:00-06:00.
func quietHours(s string) error {
	if s == "" {
		return nil
	}
	from, to, _ := strings.Cut(s, "-")
	if shiftStarts(from) != nil || shiftStarts(to) != nil || from == "" || to == "" || from == to {
		return errors.New("must be a time of day such as 22:00-06:00")
	}
	return nil
}

func notNegative(s string) error {
	if d, err := time.ParseDuration(s); err != nil || d < 0 {
		return errors.New("must be a time such as 4h, or 0s")
	}
	return nil
}

func lasting(low, high time.Duration) func(string) error {
	return func(s string) error {
		if d, err := time.ParseDuration(s); err != nil || d < low || d > high {
			return fmt.Errorf("must be a time from %s to %s", shortDuration(low), shortDuration(high))
		}
		return nil
	}
}

// shiftStarts checks times of day: written as 06:00, each once.
func shiftStarts(s string) error {
	seen := map[string]bool{}
	for _, one := range split(s) {
		if _, err := time.Parse("15:04", one); err != nil || len(one) != len("15:04") || seen[one] {
			return errors.New("must be times of day such as 06:00, each once")
		}
		seen[one] = true
	}
	return nil
}

func word(s string) error {
	if !wordForm.MatchString(s) {
		return errors.New("must be one word of letters, digits, - and _")
	}
	return nil
}

func filled(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("must not be empty")
	}
	return nil
}

// toolsets checks a list of toolsets in its environment form.
func toolsets(s string) error {
	known := oneOf("plan", "diagnose", "history", "knowledge", "all")
	for _, one := range split(s) {
		if err := known(strings.ToLower(one)); err != nil {
			return err
		}
	}
	return nil
}

// uniqueWords checks a list of names in its environment form.
func uniqueWords(s string) error {
	seen := map[string]bool{}
	for _, one := range split(s) {
		if !engineName.MatchString(one) || seen[one] {
			return errors.New("must be a list of different names, in small letters")
		}
		seen[one] = true
	}
	return nil
}

// keepAlive checks a time as Ollama writes it.
func keepAlive(s string) error {
	if _, err := strconv.Atoi(s); s == "" || err == nil {
		return nil
	}
	if _, err := time.ParseDuration(s); err != nil {
		return errors.New("must be a time such as 30m, a number of seconds, or -1 for ever")
	}
	return nil
}

func positive(s string) error {
	if d, err := time.ParseDuration(s); err != nil || d <= 0 {
		return errors.New("must be a time above zero, such as 30s or 12h")
	}
	return nil
}

func temperature(s string) error {
	if f, err := strconv.ParseFloat(s, 64); err != nil || !(f >= 0 && f <= 2) {
		return errors.New("must be a number from 0 to 2")
	}
	return nil
}

func amount(s string) error {
	if f, err := strconv.ParseFloat(s, 64); err != nil || !(f >= 0 && f <= 1e6) {
		return errors.New("must be a number of US dollars from 0 to 1000000")
	}
	return nil
}

func share(s string) error {
	if f, err := strconv.ParseFloat(s, 64); err != nil || !(f >= 0 && f <= 1) {
		return errors.New("must be a number from 0 to 1")
	}
	return nil
}

func address(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return errors.New("must be an address and a port, such as 127.0.0.1:8000")
	}
	return between(0, 65535)(port)
}

func publicURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := webURL(s)
	if err != nil {
		return err
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return errors.New("must be scheme and host alone, without a path")
	}
	return nil
}

func endpoint(s string) error {
	if s == "" {
		return nil
	}
	_, err := webURL(s)
	return err
}

// issuer checks the address of a provider: keys that come over plain HTTP could be anybody's.
func issuer(s string) error {
	if s == "" {
		return nil
	}
	u, err := webURL(s)
	if err != nil {
		return err
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return errors.New("must not carry a query or a fragment")
	}
	if u.Scheme == "http" && !loopback.Host(u.Hostname()) {
		return errors.New("must start with https://; http:// is for a provider on this machine")
	}
	return nil
}

// roleValues checks VALUE=ROLE pairs.
func roleValues(s string) error {
	for _, pair := range split(s) {
		i := strings.LastIndex(pair, "=")
		if i <= 0 || !slices.Contains([]string{"viewer", "operator", "admin"}, pair[i+1:]) {
			return errors.New("must be pairs such as tws-ops=operator, with viewer, operator or admin behind the sign")
		}
	}
	return nil
}

func webURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("must be an address that starts with http:// or https://")
	}
	if u.User != nil {
		return nil, errors.New("must not carry a user or a password")
	}
	return u, nil
}

// hosts checks a list of engine hosts in its environment form.
func hosts(s string) error {
	seen := map[string]bool{}
	for _, one := range split(s) {
		if err := host(one); err != nil {
			return err
		}
		if seen[one] {
			return errors.New("names a host twice")
		}
		seen[one] = true
	}
	return nil
}

func host(s string) error {
	if name, port, err := net.SplitHostPort(s); err == nil {
		if err := enginePort(port); err != nil {
			return fmt.Errorf("carries a port that %w", err)
		}
		s = name
	}
	if hostForm.MatchString(s) {
		return nil
	}
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return nil
	}
	return errors.New("must be host names or addresses alone, with :port or without; scheme and common port have keys of their own")
}

// proxy never repeats the address: it may hold a password.
func proxy(s string) error {
	if s == "" || s == "none" {
		return nil
	}
	u, err := url.Parse(s)
	if err == nil && u.Hostname() != "" {
		switch u.Scheme {
		case "http", "https", "socks5", "socks5h":
			return nil
		}
	}
	return errors.New("must be none, or an address that starts with http://, https:// or socks5://")
}

func enginePort(s string) error {
	if s == netmanPort {
		return errors.New("is the port of netman, which speaks no REST; the REST API listens on 31116 unless the engine was installed otherwise")
	}
	return between(1, 65535)(s)
}

func password(s string) error {
	if n := utf8.RuneCountInString(s); s != "" && (n < minPassword || n > maxPassword) {
		return fmt.Errorf("must have from %d to %d characters", minPassword, maxPassword)
	}
	return nil
}

func secretKey(s string) error {
	if s == "" {
		return nil
	}
	if len(s) < minKey || distinct(s) < 8 {
		return fmt.Errorf("must be %d random characters or more, such as those of: openssl rand -base64 32", minKey)
	}
	for _, sample := range []string{"changeme", "change-me", "change_me", "your-secret", "your_secret", "secret-key", "example"} {
		if strings.Contains(strings.ToLower(s), sample) {
			return errors.New("looks like a sample from a document; make one with: openssl rand -base64 32")
		}
	}
	return nil
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
