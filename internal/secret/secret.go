// Package secret holds values that must never be seen: passwords, keys, tokens. A String prints as *** wherever it is
// printed, logged or encoded; only Reveal gives it away, so a search for Reveal finds every place where a secret is used.
// It refuses to be decoded or compared with ==: take it from the configuration, compare it with Equal.
//
// A String is immutable and safe for concurrent use. KeyFile keeps the one secret that Resync makes for itself.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Mask is what a secret shows of itself.
const Mask = "***"

// String is a secret text. The zero value is an absent secret.
type String struct {
	// A pointer, because fmt reads unexported fields of foreign structs without asking their methods:
	// it then shows an address and not the text.
	p *string
	_ [0]func() // not comparable: == would compare addresses
}

// New makes a secret of s; the empty text gives an absent secret.
func New(s string) String {
	if s == "" {
		return String{}
	}
	return String{p: &s}
}

// Reveal gives the secret itself.
func (s String) Reveal() string {
	if s.p == nil {
		return ""
	}
	return *s.p
}

// IsZero reports whether there is no secret.
func (s String) IsZero() bool { return s.p == nil }

// Equal compares in constant time.
func (s String) Equal(o String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(o.Reveal())) == 1
}

// String gives the mask, or nothing for an absent secret.
func (s String) String() string {
	if s.p == nil {
		return ""
	}
	return Mask
}

// Format writes the mask whatever the verb is.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText gives the mask; JSON and YAML encoders use it too.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON gives the mask as a JSON string.
func (s String) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// LogValue gives the mask to log/slog.
func (s String) LogValue() slog.Value { return slog.StringValue(s.String()) }
