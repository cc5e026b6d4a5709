package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/resync-hwa/resync/internal/loopback"
	"golang.org/x/sync/singleflight"
)

const (
	keysFresh  = time.Hour        // how long keys are taken as they are
	keysUsable = 24 * time.Hour   // how long they serve when the provider is away
	keysPause  = 30 * time.Second // between two looks at the provider, whatever strangers send
	awayPause  = 5 * time.Second  // the same, after one that failed
	maxKeys    = 100
	maxAnswer  = 1 << 20 // bytes of one answer of the provider
)

// issuerKeys keeps a provider's public keys. Tokens with names of keys that do not exist cost it one look per pause, not one each.
type issuerKeys struct {
	issuer string
	now    func() time.Time
	client *http.Client
	flight singleflight.Group

	mu      sync.Mutex
	address string // of the keys; empty until it was discovered, and again when it failed
	keys    keySet
	got     time.Time // of keys
	tried   time.Time
	failure error // of the last look, nil when it succeeded
}

func newIssuerKeys(o OIDCOptions) *issuerKeys {
	return &issuerKeys{issuer: o.Issuer, now: o.Now, client: &http.Client{
		Transport: boundedTransport{o.Transport}, Timeout: or(o.Timeout, 5*time.Second),
		// A provider that sends elsewhere could send into the house.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// forToken gives the keys for a token that names the key kid, or none.
func (k *issuerKeys) forToken(ctx context.Context, kid string) (keySet, error) {
	k.mu.Lock()
	keys, age := k.keys, k.now().Sub(k.got)
	known := keys.has(kid)
	k.mu.Unlock()
	if known && age < keysFresh {
		return keys, nil
	}
	newer, err := k.refreshed(ctx)
	if err != nil && known && age < keysUsable && ctx.Err() == nil {
		return keys, nil
	}
	return newer, err
}

// refreshed looks at the provider, unless somebody just did: then what they found counts.
func (k *issuerKeys) refreshed(ctx context.Context) (keySet, error) {
	done := k.flight.DoChan("keys", func() (any, error) {
		k.mu.Lock()
		keys, failure, address, pause := k.keys, k.failure, k.address, keysPause
		if failure != nil {
			pause = awayPause
		}
		recent := !k.tried.IsZero() && k.now().Sub(k.tried) < pause
		k.mu.Unlock()
		if recent {
			return keys, failure
		}
		// Others wait for this look too, so it does not end with the request that began it; the client's own bound ends it.
		keys, address, err := k.fetch(context.WithoutCancel(ctx), address)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.tried, k.address, k.failure = k.now(), address, nil
		if err != nil {
			k.failure = away(err)
			return keySet(nil), k.failure
		}
		k.keys, k.got = keys, k.tried
		return keys, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		keys, _ := r.Val.(keySet)
		return keys, r.Err
	}
}

// fetch gives the keys and the address to find them at the next time.
func (k *issuerKeys) fetch(ctx context.Context, address string) (keySet, string, error) {
	ctx, cancel := context.WithTimeout(ctx, k.client.Timeout)
	defer cancel()
	if address == "" {
		var err error
		if address, err = k.discover(ctx); err != nil {
			return nil, "", err
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "", fmt.Errorf("address of the keys: %w", err)
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	resp, err := k.client.Do(req)
	if err != nil {
		return nil, "", fmt.Errorf("get keys: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("get keys: status %d", resp.StatusCode)
	}
	keys, err := readKeys(resp.Body)
	if err != nil {
		return nil, "", fmt.Errorf("get keys: %w", err)
	}
	return keys, address, nil
}

// discover asks the provider where its keys are. The library checks that it calls itself what we call it.
func (k *issuerKeys) discover(ctx context.Context) (string, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, k.client), k.issuer)
	if err != nil {
		return "", fmt.Errorf("discovery: %w", err)
	}
	var doc struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&doc); err != nil {
		return "", fmt.Errorf("discovery: %w", err)
	}
	u, err := url.Parse(doc.Keys)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback.Host(u.Hostname())) {
		return "", errors.New("discovery: the address of the keys is no https address")
	}
	return doc.Keys, nil
}

// keySet is a provider's keys; it checks signatures for the library.
type keySet []jose.JSONWebKey

// readKeys takes the public keys that sign, and leaves others out: providers publish keys for encryption and of kinds that nobody here knows.
func readKeys(r io.Reader) (keySet, error) {
	var doc struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(r).Decode(&doc); err != nil {
		return nil, err
	}
	if len(doc.Keys) > maxKeys {
		return nil, fmt.Errorf("%d keys are more than %d", len(doc.Keys), maxKeys)
	}
	var out keySet
	for _, raw := range doc.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) != nil || !key.Valid() || !key.IsPublic() || key.Use == "enc" || key.Algorithm != "" && !slices.Contains(algorithms, key.Algorithm) {
			continue
		}
		out = append(out, key)
	}
	if len(out) == 0 {
		return nil, errors.New("no key in it can sign")
	}
	return out, nil
}

// has reports whether a key of that name is there; a token that names none may be of any.
func (s keySet) has(kid string) bool {
	return len(s) > 0 && (kid == "" || slices.ContainsFunc(s, func(k jose.JSONWebKey) bool { return k.KeyID == kid }))
}

// VerifySignature implements oidc.KeySet.
func (s keySet) VerifySignature(_ context.Context, token string) ([]byte, error) {
	allowed := make([]jose.SignatureAlgorithm, len(algorithms))
	for i, a := range algorithms {
		allowed[i] = jose.SignatureAlgorithm(a)
	}
	signed, err := jose.ParseSigned(token, allowed)
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errors.New("not one signature")
	}
	head := signed.Signatures[0].Header
	for _, key := range s {
		if head.KeyID != "" && key.KeyID != head.KeyID || key.Algorithm != "" && key.Algorithm != head.Algorithm {
			continue
		}
		if payload, err := signed.Verify(key.Key); err == nil {
			return payload, nil
		}
	}
	return nil, errors.New("no key fits")
}

// boundedTransport fails when an answer is larger than any provider's.
type boundedTransport struct{ next http.RoundTripper }

// RoundTrip bounds the body.
func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	}
	return resp, err
}
