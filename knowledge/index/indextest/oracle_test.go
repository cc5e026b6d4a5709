package indextest_test

import (
	"testing"

	"github.com/resync-hwa/resync/knowledge/index"
	"github.com/resync-hwa/resync/knowledge/index/indextest"
)

func TestOracle(t *testing.T) {
	indextest.Run(t, func(*testing.T) indextest.Place {
		return indextest.Place{Volatile: true, Open: func(*testing.T) index.Index { return indextest.NewOracle() }}
	})
}
