package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// value is a key with what it was set to, where, and its row.
type value struct {
	option
	key    string // full key
	typed  any    // string, int, float64, bool, time.Duration, []string
	origin string
}

// typed converts what a layer says (a text, or a TOML value) to the kind's Go type. Errors do not repeat the value.
func (k kind) typed(v any) (any, error) {
	if s, ok := v.(string); ok {
		return k.parse(s)
	}
	switch x := v.(type) {
	case int64:
		if k == number {
			return int(x), nil
		}
		if k == decimal {
			return float64(x), nil
		}
	case float64:
		if k == decimal {
			return x, nil
		}
	case bool:
		if k == toggle {
			return x, nil
		}
	case []any:
		if k == list {
			return texts(x)
		}
	}
	return nil, fmt.Errorf("must be %s", k)
}

// parse reads the environment form.
func (k kind) parse(s string) (any, error) {
	wrong := fmt.Errorf("must be %s", k)
	switch k {
	case number:
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return nil, wrong
		}
		return n, nil
	case decimal:
		f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return nil, wrong
		}
		return f, nil
	case toggle:
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "true", "1", "yes", "on":
			return true, nil
		case "false", "0", "no", "off":
			return false, nil
		}
		return nil, wrong
	case duration:
		d, err := time.ParseDuration(strings.TrimSpace(s))
		if err != nil {
			return nil, wrong
		}
		return d, nil
	case list:
		return split(s), nil
	default:
		return s, nil
	}
}

// String names the kind for people, with an article.
func (k kind) String() string {
	switch k {
	case number:
		return "a whole number"
	case decimal:
		return "a number"
	case toggle:
		return "true or false"
	case duration:
		return "a time such as 30s, 10m or 12h"
	case list:
		return "a list of texts"
	default:
		return "a text"
	}
}

// form writes a typed value in its environment form.
func form(v any) string {
	switch x := v.(type) {
	case []string:
		return strings.Join(x, ",")
	case time.Duration:
		return shortDuration(x)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	default:
		return fmt.Sprint(x)
	}
}

// shortDuration writes 12h and not 12h0m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func split(s string) []string {
	var out []string
	for _, p := range strings.Split(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

func texts(in []any) ([]string, error) {
	out := make([]string, 0, len(in))
	for _, v := range in {
		s, ok := v.(string)
		if !ok {
			return nil, errors.New("must be a list of texts")
		}
		out = append(out, s)
	}
	return out, nil
}
