package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/twstools/answer"
)

// isAnswer holds the output against the contract: these keys and no others, one object and nothing else.
func isAnswer(out string) error {
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	var a answer.Answer
	if err := d.Decode(&a); err != nil {
		return err
	}
	if rest, err := io.ReadAll(io.MultiReader(d.Buffered(), strings.NewReader(""))); err != nil || strings.TrimSpace(string(rest)) != "" {
		return fmt.Errorf("more than one object: %.80q", rest)
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		return err
	}
	want := []string{"answer", "citations", "clocks", "conversation_id", "data_as_of", "diagnosis", "engine", "errors", "language", "message_id", "model", "question", "stale", "tool_calls", "usage"}
	if keys := slices.Sorted(maps.Keys(got)); !slices.Equal(keys, want) {
		return fmt.Errorf("keys are %v, want %v", keys, want)
	}
	if string(got["diagnosis"]) == "null" {
		return nil
	}
	var d2 map[string]json.RawMessage
	if err := json.Unmarshal(got["diagnosis"], &d2); err != nil {
		return err
	}
	want = []string{"actions", "affected", "affected_total", "candidates", "causes", "chain", "confidence_class", "explanations", "impact", "missing", "ruled_out", "verdict", "would_change"}
	for _, k := range want {
		if _, ok := d2[k]; !ok {
			return fmt.Errorf("the diagnosis has no %s", k)
		}
	}
	return nil
}

// areAnswers holds each line of the output against the contract.
func areAnswers(out, want string) error {
	n := 0
	for line := range strings.Lines(out) {
		n++
		if err := isAnswer(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if fmt.Sprint(n) != want {
		return fmt.Errorf("%d answers", n)
	}
	return nil
}

func isProtocol(out string) error {
	for line := range strings.Lines(out) {
		var m struct {
			JSONRPC string `json:"jsonrpc"`
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil || m.JSONRPC != "2.0" {
			return fmt.Errorf("%w: %.200q", err, line)
		}
	}
	return nil
}
