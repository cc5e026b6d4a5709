package evals

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/resync-hwa/resync/evals/score"
)

// calls reads what the trace has got since, and gives the calls of the message; nil when the trace says nothing of it. The judged program makes
// the file: opening anything but a plain one could wait for ever, or end nowhere.
func (p *process) calls(message string) ([]score.Call, error) {
	info, err := os.Lstat(p.tracePath())
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no plain file")
	}
	f, err := os.Open(p.tracePath())
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it is only read
	if _, err := f.Seek(p.traced, io.SeekStart); err != nil {
		return nil, err
	}
	var found []score.Call
	lines := bufio.NewReader(io.LimitReader(f, maxTrace))
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) { // what has no end yet is read the next time
			if len(line) >= maxTrace {
				return nil, fmt.Errorf("a line is longer than %d bytes", maxTrace)
			}
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		p.traced += int64(len(line))
		var t traced
		if err := json.Unmarshal(bytes.TrimSpace(line), &t); err != nil {
			return nil, fmt.Errorf("a line is no JSON object: %w", err)
		}
		if t.MessageID == message {
			found = t.calls()
		}
	}
}
