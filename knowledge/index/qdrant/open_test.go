package qdrant_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	client "github.com/qdrant/go-client/qdrant"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
	"github.com/resync-hwa/resync/knowledge/index/qdrant"
	"github.com/resync-hwa/resync/knowledge/index/qdrant/qdranttest"
)

// A collection of somebody else is not emptied.
func TestForeignCollection(t *testing.T) {
	s := qdranttest.Start(t, qdranttest.Options{})
	c := s.Client(t, "")
	must(t, c.CreateCollection(t.Context(), &client.CreateCollection{CollectionName: "mine", VectorsConfig: client.NewVectorsConfig(&client.VectorParams{Size: 2, Distance: client.Distance_Dot})}))
	if _, err := c.Upsert(t.Context(), &client.UpsertPoints{CollectionName: "mine", Wait: client.PtrOf(true), Points: []*client.PointStruct{{Id: client.NewIDNum(1), Vectors: client.NewVectors(1, 2)}}}); err != nil {
		t.Fatal(err)
	}
	x := open(t, qdrant.Options{URL: s.URL(), Collection: "mine"})
	defer func() { _ = x.Close() }()
	wantCode(t, "somebody else's", x.Reset(t.Context(), layout), fault.Conflict)
	if n, err := c.Count(t.Context(), &client.CountPoints{CollectionName: "mine"}); err != nil || n != 1 {
		t.Errorf("%d points, %v: want the one that was there", n, err)
	}
}

func TestOpen(t *testing.T) {
	for _, u := range []string{"", "127.0.0.1:6334", "ftp://x", "http://", "http://user:hush@h:6334", "http://h:6334/path", "http://h:0", "http://h:99999", "http://h:x"} {
		_, err := qdrant.Open(t.Context(), qdrant.Options{URL: u})
		wantCode(t, u, err, fault.Invalid)
		if strings.Contains(fault.Public(err).Message, "hush") {
			t.Errorf("%s: the password is shown", u)
		}
	}
}

// An IPv6 address is one host, whatever colons it has: nobody answers there, and that is what is said.
func TestIPv6(t *testing.T) {
	x := open(t, qdrant.Options{URL: "http://[::1]:1", Timeout: time.Second})
	defer func() { _ = x.Close() }()
	_, err := x.State(t.Context())
	wantCode(t, "nobody there", err, fault.UpstreamUnavailable)
	if err == nil || !strings.Contains(err.Error(), "[::1]:1") {
		t.Errorf("it was not [::1]:1 that was called: %v", err)
	}
}

// TLS and the key; without them nothing is told but that one is not let in.
func TestTLSAndKey(t *testing.T) {
	// The certificate is the one of the standard library's test server, for 127.0.0.1.
	h := httptest.NewTLSServer(nil)
	h.Close()
	roots := x509.NewCertPool()
	roots.AddCert(h.Certificate())
	s := qdranttest.Start(t, qdranttest.Options{APIKey: "rw", ReadOnlyKey: "ro", TLS: &tls.Config{Certificates: h.TLS.Certificates, MinVersion: tls.VersionTLS13}})
	try := func(key string, config *tls.Config) error {
		x := open(t, qdrant.Options{URL: s.URL(), APIKey: secret.New(key), TLS: config})
		defer func() { _ = x.Close() }()
		if err := x.Reset(t.Context(), layout); err != nil {
			return err
		}
		return x.Apply(t.Context(), indextest.NewCorpus(1).Fill(2)[0])
	}
	trusted := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}
	must(t, try("rw", trusted))
	wantCode(t, "a reader's key", try("ro", trusted), fault.Unauthorized)
	wantCode(t, "another key", try("guess", trusted), fault.Unauthorized)
	wantCode(t, "no key", try("", trusted), fault.Unauthorized)
	wantCode(t, "a certificate of nobody", try("rw", nil), fault.UpstreamUnavailable)
}
