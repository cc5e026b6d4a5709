package qdrant_test

import (
	"context"
	"crypto/rand"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/secret"
	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
	"github.com/resync-hwa/resync/knowledge/index/qdrant"
	"github.com/resync-hwa/resync/knowledge/index/qdrant/qdranttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, o qdrant.Options) *qdrant.Index {
	t.Helper()
	x, err := qdrant.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestContract(t *testing.T) {
	indextest.Run(t, func(t *testing.T) indextest.Place {
		s := qdranttest.Start(t, qdranttest.Options{APIKey: "key"})
		return indextest.Place{Sums: true, Open: func(t *testing.T) index.Index {
			return open(t, qdrant.Options{URL: s.URL(), APIKey: secret.New("key")})
		}}
	})
}

// TestContractOfRealServer runs where somebody has a Qdrant: QDRANT_URL, and QDRANT_API_KEY where it wants one. It makes collections of
// its own and removes them. None can be had where this project is built, so it is skipped there, with CI=true too.
func TestContractOfRealServer(t *testing.T) {
	url := os.Getenv("QDRANT_URL")
	if url == "" {
		t.Skip("QDRANT_URL is not set; the index was never run against a real Qdrant")
	}
	indextest.Run(t, func(t *testing.T) indextest.Place {
		o := qdrant.Options{URL: url, APIKey: secret.New(os.Getenv("QDRANT_API_KEY")), Collection: "resync-contract-" + rand.Text()}
		t.Cleanup(func() {
			x := open(t, o)
			if err := qdrant.Client(x).DeleteCollection(context.Background(), o.Collection); err != nil {
				t.Logf("the collection %s is left behind: %v", o.Collection, err)
			}
			_ = x.Close()
		})
		return indextest.Place{Sums: true, Open: func(t *testing.T) index.Index { return open(t, o) }}
	})
}
