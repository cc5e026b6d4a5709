package conversations_test

import (
	"testing"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/conversationstest"
)

func TestMemoryConforms(t *testing.T) {
	conversationstest.Run(t, func(_ *testing.T, b conversations.Bounds) func() conversations.Store {
		m := conversations.NewMemory(conversations.MemoryOptions{Bounds: b})
		return func() conversations.Store { return m }
	})
}
