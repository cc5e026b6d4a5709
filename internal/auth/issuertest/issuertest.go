// Package issuertest is a small OpenID provider for tests: discovery and keys over real HTTP on loopback, tokens signed with any of them, and the ways in
// which a provider fails. It issues whatever it is told to; no login stands before it.
//
// Start at New. Everything is safe for concurrent use.
package issuertest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// Issuer is the provider. Its address is URL.
type Issuer struct {
	*httptest.Server

	mu          sync.Mutex
	keys        []key
	name        string // what it calls itself; empty means its address
	body        []byte // instead of the keys, when set
	status      int    // instead of every answer, when set
	hung        chan struct{}
	discoveries int
	reads       int
	redirect    string
}

type key struct {
	id     string
	method jwt.SigningMethod
	signer crypto.Signer
}

// rsaKey is made once: it takes a while under the race detector.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("issuertest: " + err.Error())
	}
	return k
})

// New starts a provider with one RS256 key named "one".
func New(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{}
	i.Server = httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(func() {
		i.Release()
		i.Close()
	})
	i.Rotate(t, "one", jwt.SigningMethodRS256)
	return i
}

// Rotate replaces all keys by one of the kind that the method signs with.
func (i *Issuer) Rotate(t testing.TB, id string, method jwt.SigningMethod) {
	t.Helper()
	k := key{id: id, method: method}
	var err error
	switch m := method.(type) {
	case *jwt.SigningMethodECDSA:
		curve := map[int]elliptic.Curve{256: elliptic.P256(), 384: elliptic.P384(), 521: elliptic.P521()}[m.CurveBits]
		k.signer, err = ecdsa.GenerateKey(curve, rand.Reader)
	case *jwt.SigningMethodEd25519:
		_, k.signer, err = ed25519.GenerateKey(rand.Reader)
	default:
		k.signer = rsaKey()
	}
	if err != nil {
		t.Fatal(err)
	}
	i.set(func() { i.keys = []key{k} })
}

// Token signs the claims, with iss filled in unless it is there, by the newest key. head is put over the token's header.
func (i *Issuer) Token(t testing.TB, claims map[string]any, head map[string]any) string {
	t.Helper()
	i.mu.Lock()
	k := i.keys[len(i.keys)-1]
	i.mu.Unlock()
	all := jwt.MapClaims{"iss": i.URL}
	maps.Copy(all, claims)
	token := jwt.NewWithClaims(k.method, all)
	token.Header["kid"] = k.id
	for name, v := range head {
		if token.Header[name] = v; v == nil {
			delete(token.Header, name)
		}
	}
	text, err := token.SignedString(k.signer)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// PublicKey is the newest key's public half.
func (i *Issuer) PublicKey() crypto.PublicKey {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys[len(i.keys)-1].signer.Public()
}

// Unnamed takes the names off the published keys.
func (i *Issuer) Unnamed() {
	i.set(func() {
		for n := range i.keys {
			i.keys[n].id = ""
		}
	})
}

// Call makes the provider call itself by another name.
func (i *Issuer) Call(name string) { i.set(func() { i.name = name }) }

// Publish sends this instead of the keys; nil sends the keys again.
func (i *Issuer) Publish(body []byte) { i.set(func() { i.body = body }) }

// Answer sends this status to everything; 0 works again.
func (i *Issuer) Answer(status int) { i.set(func() { i.status = status }) }

// Redirect sends askers for the keys elsewhere.
func (i *Issuer) Redirect(to string) { i.set(func() { i.redirect = to }) }

// Hang lets every request wait until Release.
func (i *Issuer) Hang() { i.set(func() { i.hung = make(chan struct{}) }) }

// Release lets the waiting requests go.
func (i *Issuer) Release() {
	i.set(func() {
		if i.hung != nil {
			close(i.hung)
			i.hung = nil
		}
	})
}

// Asked counts the requests for discovery and for keys.
func (i *Issuer) Asked() (discoveries, keys int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.discoveries, i.reads
}

func (i *Issuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	hung, status, body, name, redirect := i.hung, i.status, i.body, i.name, i.redirect
	discovery := r.URL.Path == "/.well-known/openid-configuration"
	if discovery {
		i.discoveries++
	} else {
		i.reads++
	}
	set := jose.JSONWebKeySet{}
	for _, k := range i.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.signer.Public(), KeyID: k.id, Algorithm: k.method.Alg(), Use: "sig"})
	}
	i.mu.Unlock()
	if hung != nil {
		select {
		case <-hung:
		case <-r.Context().Done():
			return
		}
	}
	if name == "" {
		name = i.URL
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case status != 0:
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"error":"secret of the provider"}`)
	case discovery:
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": name, "jwks_uri": i.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}})
	case redirect != "":
		http.Redirect(w, r, redirect, http.StatusFound)
	case body != nil:
		_, _ = w.Write(body)
	default:
		_ = json.NewEncoder(w).Encode(set)
	}
}
