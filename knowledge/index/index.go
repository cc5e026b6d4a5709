// Package index says what an engine keeps of the documents and what it is asked: passages as records of weighted terms, and
// questions as units of terms. An engine only finds candidates; one scorer in package knowledge ranks them from their
// records, so that the ranking does not depend on the engine.
//
// The index is derived: the shelf holds the documents, and an engine that has lost everything is filled anew. Engines are
// in the packages below (embedded: files in the data folder or memory; qdrant: a server for several nodes). Every
// implementation passes the suite of indextest.
package index

import "context"

// Candidates is how many passages an engine gives for each of its lists, as the design has it.
const Candidates = 200

// Index is an engine. It is safe for concurrent use; Apply and Reset never block Find for longer than it takes to exchange a
// pointer. Errors are coded: upstream_unavailable, timeout and unauthorized where a server does not serve, internal where files
// are broken, the context's own.
type Index interface {
	// Apply makes the index hold what the changes say, in their order, and the mark Upto afterwards. It is durable when it
	// returns, and idempotent: a process that was killed applies the same changes again.
	Apply(ctx context.Context, b Batch) error
	// State tells what the index holds.
	State(ctx context.Context) (State, error)
	// Reset empties the index and gives it a new layout.
	Reset(ctx context.Context, l Layout) error
	// Find gives the candidates for a question: at most q.Limit by words, at most q.Limit by vector, each passage once.
	Find(ctx context.Context, q Query) ([]Candidate, error)
	Close() error
}

// Layout is what must be equal for an index to be used: how records are made, and what vectors mean.
type Layout struct {
	Analysis   int    `json:"analysis"`             // version of the analysis that made the records
	Model      string `json:"model,omitempty"`      // that made the vectors; "" where there are none
	Dimensions int    `json:"dimensions,omitempty"` // of the vectors
}

// State is what an index holds.
type State struct {
	Layout   Layout
	Upto     int64 // the change of the shelf up to which the index is true; 0 where nothing was applied
	Vectors  int64 // the change up to which nothing lacks a vector that was to have one; at most Upto
	Passages int   // that can be found
	Bytes    int64 // on disk, or in memory for an index that has no files; 0 where a server does not tell
}

// Batch is a run of changes.
type Batch struct {
	After   int64 // the change that the batch goes on from: it holds all that came between this and its last
	Upto    int64 // the last change that the batch holds, or that the index held before
	Bare    bool  // passages of it lack vectors that they are to have: those changes are applied again later
	Average float64
	// Average is the measured mean length of passages in words, by which engines normalise what they store. The scorer uses
	// the exact one, so that a value that has drifted costs candidates at the edge and never the order.
	Changes []Change
}

// Vectors is what State.Vectors becomes by the batch, whoever else applied batches in between.
func (b Batch) Vectors(was int64) int64 {
	switch {
	case b.Bare:
		return min(was, b.After)
	case was < b.After || len(b.Changes) == 0:
		return was // something before the batch lacks them still
	}
	return max(was, b.Changes[len(b.Changes)-1].Number)
}

// Change says what a document has become: its passages replace all it had before; none removes it.
type Change struct {
	Number   int64 // of the shelf, rising
	Document int64
	Passages []Passage
}

// Passage is what is stored of one.
type Passage struct {
	ID       uint64 // never given twice
	Access   string // who may see it; "" is everybody
	Language string // "en", "pt" or ""
	Record   Record
	Vector   []float32 // of length 1, or nil
}

// Query is a question as engines read it.
type Query struct {
	Units  []Unit
	Vector []float32 // nil asks for words alone
	// Access are the labels that the caller may see besides ""; All sees everything.
	Access []string
	All    bool
	Limit  int // of each list; 0 means Candidates
}

// Unit is one thing that a question names. Its alternatives are ways of saying it: the best of them counts for a passage.
type Unit struct {
	Weight float64
	Any    []Term
}

// Term is one way of saying a unit: its number and how rare it is.
type Term struct {
	Hash uint32
	IDF  float64
}

// Candidate is a passage that may answer.
type Candidate struct {
	ID       uint64
	Document int64
	Record   Packed
	Dense    float64 // cosine with the question's vector, where ByVector
	ByVector bool    // it is among the nearest by vector
}
