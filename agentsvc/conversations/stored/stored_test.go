package stored_test

import (
	"testing"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/conversationstest"
	"github.com/resync-hwa/resync/agentsvc/conversations/stored"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

// Every node has a database handle of its own, as another process would.
func TestStoredConforms(t *testing.T) {
	storetest.Each(t, func(t *testing.T, on storetest.Kind) {
		conversationstest.Run(t, func(t *testing.T, b conversations.Bounds) func() conversations.Store {
			o := on.Options(t, stored.Room())
			return func() conversations.Store { return stored.New(storetest.Open(t, o), b) }
		})
	})
}
