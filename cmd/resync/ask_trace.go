package main

import (
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/answer"
)

// tracedBytes bounds what is kept of one turn's ledger for the trace: above the sum of all that a turn's calls may return.
const tracedBytes = 32 << 20

// openTrace opens the file that traces are appended to. What tools return is plant data: nobody but its owner may read the file.
func openTrace(path string) (io.WriteCloser, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no trace is wanted
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the caller's own choice
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The file %s cannot be written.", path).WithHint("--trace names a file in a folder that exists.")
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		if err := f.Chmod(0o600); err != nil {
			_ = f.Close() // the error above is the one to tell
			return nil, fault.Wrap(fault.Invalid, err, "The file %s cannot be kept from others.", path)
		}
	}
	return f, nil
}

// writeTrace appends the ledger of the answer's turn, one line.
func (a *asking) writeTrace(ctx context.Context, ans answer.Answer) error {
	if a.trace == nil {
		return nil
	}
	t, err := a.turns.Turn(ctx, auth.Local().ID, ans.ConversationID, ans.MessageID)
	if fault.Is(err, fault.NotFound) {
		t, err = conversations.Turn{ID: ans.MessageID}, nil
	}
	if err != nil {
		return err
	}
	raw, err := json.Marshal(t.Trace(ans.ConversationID))
	if err == nil {
		_, err = a.trace.Write(append(raw, '\n'))
	}
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The trace cannot be written.")
	}
	return nil
}
