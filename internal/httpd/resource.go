package httpd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// MetadataPath is where the description of a protected resource stands, alone or with the resource's own path behind it (RFC 9728).
const MetadataPath = "/.well-known/oauth-protected-resource"

// Resource is an address that asks for tokens, as OAuth clients must know it (RFC 9728). Everybody may read it, so it names nothing of the
// site but its issuers.
type Resource struct {
	// Base is the public address of this server without a path; empty means the one that the request names, which Origins has checked.
	Base string
	// Secure says that clients see TLS though this server does not.
	Secure bool
	// Path is the resource's, such as /mcp.
	Path string
	// Name is for people.
	Name string
	// Issuers are the authorization servers whose tokens count. None means that keys are made on this server only.
	Issuers []string
	// Scopes are those that a client may ask for.
	Scopes []string
}

// Metadata answers with the description.
func (p Resource) Metadata() http.Handler {
	return NoStore(Handler(func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			MethodNotAllowed(w, r, http.MethodGet, http.MethodHead)
			return nil
		}
		body, err := json.Marshal(struct {
			Resource string   `json:"resource"`
			Name     string   `json:"resource_name,omitempty"`
			Issuers  []string `json:"authorization_servers,omitempty"`
			Scopes   []string `json:"scopes_supported,omitempty"`
			Methods  []string `json:"bearer_methods_supported"`
		}{p.at(r, p.Path), p.Name, p.Issuers, p.Scopes, []string{"header"}})
		if err != nil {
			return fmt.Errorf("resource metadata: %w", err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // whoever asked may have left
		return nil
	}))
}

// Challenge sets the WWW-Authenticate header that belongs to an answer with err: what is missing without a token, what is wrong with one that was sent,
// which scopes would do. Other errors than unauthorized and forbidden get none.
func (p Resource) Challenge(w http.ResponseWriter, r *http.Request, err error, scopes ...string) {
	parts := []string{`realm="resync"`}
	switch sent := len(r.Header.Values("Authorization")) > 0; {
	case fault.Is(err, fault.Forbidden):
		parts = append(parts, `error="insufficient_scope"`)
	case !fault.Is(err, fault.Unauthorized):
		return
	case sent:
		parts = append(parts, `error="invalid_token"`)
	}
	if len(scopes) > 0 {
		parts = append(parts, `scope="`+quotable(strings.Join(scopes, " "))+`"`)
	}
	if p.Path != "" {
		parts = append(parts, `resource_metadata="`+quotable(p.at(r, MetadataPath+p.Path))+`"`)
	}
	w.Header().Set("WWW-Authenticate", "Bearer "+strings.Join(parts, ", "))
}

// at gives the address of a path under the name by which the client knows this server.
func (p Resource) at(r *http.Request, path string) string {
	if p.Base != "" {
		return strings.TrimRight(p.Base, "/") + path
	}
	u := url.URL{Scheme: "http", Host: r.Host, Path: path}
	if p.Secure || r.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}

// quotable leaves out what would end a quoted text.
func quotable(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return -1
		}
		return c
	}, s)
}
