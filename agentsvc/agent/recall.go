package agent

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/resync-hwa/resync/agentsvc/recall"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// recalled is what a turn knows of the prose that may be kept for its question.
type recalled struct {
	on    bool
	key   recall.Key
	early int  // calls that were made before any model was asked
	used  bool // the prose is from the store
}

// recall makes the calls that the question needs, and takes the words that a model wrote when the tools last said the same. They are held against
// the fresh ledger like a model's; where one no longer stands none is used. True when the prose is there.
func (t *turn) recall(ctx context.Context) bool {
	if t.agent.o.Recall == nil || !t.real {
		return false
	}
	t.complete(ctx)
	ledger := t.ledger()
	t.recalls.early = len(ledger)
	facts, ok := recall.Facts(ledger)
	if !ok || ctx.Err() != nil {
		return false
	}
	t.recalls.on = true
	t.recalls.key = recall.Key{Model: t.voice.model, Prompt: t.told(), Agent: t.who.ID, Language: t.asked.AnswerLanguage(), Intent: string(t.asked.Intent), Question: t.text, Facts: facts}
	prose, ok := t.agent.o.Recall.Get(t.recalls.key)
	if !ok || !t.again(ctx, prose) || !t.ownWords() || !t.stillTrue(prose) {
		return false
	}
	t.recalls.used = true
	if prose.Further != "" {
		t.voice.aside.blocks = []string{prose.Further}
	}
	for _, s := range prose.Sentences {
		t.say(s)
	}
	return true
}

// told is all that a model is told besides the question: instructions, earlier turns, tools.
func (t *turn) told() string {
	var b strings.Builder
	messages := t.messages()
	for _, m := range messages[:len(messages)-1] {
		b.WriteString(string(m.Role) + "\x00" + m.Text() + "\x00")
	}
	tools := slices.SortedFunc(slices.Values(t.offered), func(a, b toolkit.Info) int { return strings.Compare(a.Name, b.Name) })
	for _, i := range tools {
		b.WriteString(i.Name + "\x00" + i.Description + "\x00" + string(i.InputSchema) + "\x00")
	}
	return b.String()
}

// again makes the further calls that the prose rests on, and reports whether all tools say what they said then.
func (t *turn) again(ctx context.Context, p recall.Prose) bool {
	var wg sync.WaitGroup
	for _, c := range p.More {
		if !t.offers(c.Name) {
			return false
		}
		s := t.slot("recalled "+c.Name+" "+string(c.Args), c.Name, c.Args, noMost)
		wg.Go(func() { t.call(ctx, s) })
	}
	wg.Wait()
	facts, ok := recall.Facts(t.ledger())
	return ok && facts == p.Facts
}

// stillTrue reports whether every sentence stands as it is in the fresh ledger, and beside the fresh diagnosis.
func (t *turn) stillTrue(p recall.Prose) bool {
	a, checker := t.checked()
	for _, s := range p.Sentences {
		if clean, why := checker.Sentence(s); why != "" || clean != s {
			t.agent.o.Recall.Drop(t.recalls.key)
			return false
		}
	}
	return a.Diagnosis == nil || len(a.Diagnosis.Causes) == 0 || contradicts(strings.ToUpper(strings.Join(p.Sentences, "")), a.Diagnosis) == ""
}

// remember keeps the turn's prose when a model wrote it and all of it stood.
func (t *turn) remember() {
	v := &t.voice
	if !t.recalls.on || t.recalls.used || v.fallBack || v.model != t.recalls.key.Model || v.struck > 0 || v.full || len(v.kept) == 0 {
		return
	}
	ledger := t.ledger()
	facts, ok := recall.Facts(ledger)
	if !ok {
		return
	}
	p := recall.Prose{Sentences: v.kept, Facts: facts}
	if len(v.aside.blocks) > 0 {
		p.Further = v.aside.blocks[0]
	}
	for _, c := range ledger[t.recalls.early:] {
		p.More = append(p.More, recall.Call{Name: c.Name, Args: c.Args})
	}
	t.agent.o.Recall.Put(t.recalls.key, p)
}
