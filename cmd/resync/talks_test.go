package main

import (
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/conversationstest"
	"github.com/resync-hwa/resync/internal/store/storetest"
	"github.com/resync-hwa/resync/knowledge/review"
)

// Feedback with words becomes a case that has what the answer rested on.
func TestFeedbackBecomesACase(t *testing.T) {
	queue := review.NewQueue(storetest.SQLite.Open(t, review.Room()), nil)
	turns := conversations.New(conversations.Options{Reviewer: reviewers{queue}})
	s, err := turns.Open(t.Context(), "id-of-ana", "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id := s.ID()
	if err := s.Append(t.Context(), conversationstest.TurnOf("m_1", "why did PAY_LOAD abend?", "The account is locked.", time.Now())); err != nil {
		t.Fatal(err)
	}
	for _, f := range []conversations.Feedback{
		{Who: "id-of-ana", Name: "ana", Opinion: conversations.Up}, {Who: "id-of-ana", Name: "ana", Opinion: conversations.Down, Words: "It was the password."},
	} {
		if err := turns.SetFeedback(t.Context(), "id-of-ana", id, "m_1", f); err != nil {
			t.Fatal(err)
		}
	}
	cases, err := queue.List(t.Context(), "", 0, 0)
	if err != nil || len(cases) != 1 {
		t.Fatalf("cases = %+v, %v", cases, err)
	}
	f := cases[0].Feedback
	if f.Who != "ana" || f.Verdict != review.Bad || f.Comment != "It was the password." || f.Conversation != id || f.Turn != "m_1" || len(f.Entities) != 1 ||
		f.Kinds[0] != "app.db.auth" || f.Evidence[0].Text != "ORA-28000: the account is locked" || f.Citations[0] != "knowledge:runbooks/oracle-account.md#unlock" {
		t.Errorf("feedback = %+v", f)
	}
}
