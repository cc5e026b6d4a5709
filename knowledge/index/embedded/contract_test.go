package embedded_test

import (
	"testing"

	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/embedded"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
)

func TestContract(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		indextest.Run(t, func(*testing.T) indextest.Place {
			return indextest.Place{Volatile: true, Open: func(*testing.T) index.Index { return embedded.Memory() }}
		})
	})
	t.Run("files", func(t *testing.T) {
		indextest.Run(t, func(t *testing.T) indextest.Place {
			dir := t.TempDir()
			return indextest.Place{Open: func(t *testing.T) index.Index {
				x, err := embedded.Open(dir, embedded.Options{})
				if err != nil {
					t.Fatal(err)
				}
				return x
			}}
		})
	})
}
