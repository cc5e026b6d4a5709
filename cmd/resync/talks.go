package main

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/stored"
	"github.com/resync-hwa/resync/internal/store"
	"github.com/resync-hwa/resync/knowledge/review"
)

// keepConversations gives the conversations of a server, stored in its database, and removes those that have had their time for as long as the
// site is open.
func (p *program) keepConversations(ctx context.Context, s *site, db *store.DB) *conversations.Conversations {
	kept := s.cfg.Conversations
	o := conversations.Options{Store: stored.New(db, conversations.Bounds{Turns: kept.Turns, Conversations: kept.PerPerson}), Now: p.clock, Keep: kept.Keep, Logger: s.logger}
	if s.shelf != nil {
		o.Reviewer = reviewers{s.shelf.reviews}
	}
	turns := conversations.New(o)
	ctx, stop := context.WithCancel(ctx)
	var g errgroup.Group
	g.Go(func() error { turns.Tend(ctx); return nil })
	s.closers = append(s.closers, func() error {
		stop()
		return g.Wait()
	})
	return turns
}

// reviewers hands feedback that has words to the queue from which people make runbooks.
type reviewers struct{ queue *review.Queue }

// Review implements conversations.Reviewer.
func (r reviewers) Review(ctx context.Context, from conversations.Report) error {
	a := from.Turn.Answer
	f := review.Feedback{
		Who: from.Feedback.Name, When: from.Feedback.At, Question: from.Turn.Question, Verdict: review.Bad, Comment: from.Feedback.Words,
		Conversation: from.Conversation, Turn: from.Turn.ID, Language: from.Turn.Language,
	}
	if from.Feedback.Opinion == conversations.Up {
		f.Verdict = review.Good
	}
	if e := from.Turn.Asked.Entity; e != "" {
		f.Entities = append(f.Entities, e)
	}
	if a.Diagnosis != nil {
		for _, c := range a.Diagnosis.Causes {
			f.Entities, f.Kinds = append(f.Entities, c.Entity), append(f.Kinds, c.Kind)
			for _, e := range c.Evidence {
				f.Evidence = append(f.Evidence, review.Evidence{Source: e.Source, Text: e.Quote})
			}
		}
	}
	for _, c := range a.Citations {
		f.Citations = append(f.Citations, c.Source)
	}
	_, err := r.queue.Add(ctx, f)
	return err
}
