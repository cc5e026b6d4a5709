package stored

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/twstools/answer"
)

// form is the form in which turns are written now. Fields are only ever added to a form; whatever else changes makes a new one, and unpack
// keeps reading the old. testdata has a turn of each form.
const form = 1

// body is what is kept of a turn beside its ledger.
type body struct {
	Question string        `json:"question"`
	Language string        `json:"language"`
	Asked    asked         `json:"asked"`
	Answer   answer.Answer `json:"answer"`
	Stopped  bool          `json:"stopped,omitempty"`
	Replaces string        `json:"replaces,omitempty"`
}

type asked struct {
	Intent     string `json:"intent,omitempty"`
	Target     string `json:"target,omitempty"`
	TargetKind string `json:"target_kind,omitempty"`
	Entity     string `json:"entity,omitempty"`
	Engine     string `json:"engine,omitempty"`
	Agent      string `json:"agent,omitempty"`
}

// call is one call of a ledger. What a model wrote as arguments need not be JSON, so it is kept as text.
type call struct {
	ID          string             `json:"id"`
	Name        string             `json:"name"`
	Args        string             `json:"args,omitempty"`
	Envelope    *toolkit.Envelope  `json:"envelope,omitempty"`
	NoData      bool               `json:"no_data,omitempty"` // the envelope has none
	Error       *toolkit.ErrorBody `json:"error,omitempty"`
	Text        string             `json:"text,omitempty"`
	DurationNS  int64              `json:"duration_ns,omitempty"`
	ResultBytes int                `json:"result_bytes,omitempty"`
	Dropped     bool               `json:"dropped,omitempty"`
}

// press packs JSON; its writers and readers are big and used again.
type press struct{ writers, readers sync.Pool }

// maxUnpacked is what one packed column may grow to: far above what is ever written.
const maxUnpacked = 256 << 20

func (p *press) pack(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write a turn: %w", err)
	}
	var out bytes.Buffer
	w, ok := p.writers.Get().(*gzip.Writer)
	if !ok {
		if w, err = gzip.NewWriterLevel(nil, gzip.BestSpeed); err != nil {
			return nil, fmt.Errorf("write a turn: %w", err)
		}
	}
	defer p.writers.Put(w)
	w.Reset(&out)
	if _, err := w.Write(raw); err != nil {
		return nil, fmt.Errorf("write a turn: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write a turn: %w", err)
	}
	return out.Bytes(), nil
}

func (p *press) unpack(packed []byte, into any) (err error) {
	r, ok := p.readers.Get().(*gzip.Reader)
	if ok {
		err = r.Reset(bytes.NewReader(packed))
	} else {
		r, err = gzip.NewReader(bytes.NewReader(packed))
	}
	if err != nil {
		return fmt.Errorf("read a turn: %w", err)
	}
	defer p.readers.Put(r)
	var raw bytes.Buffer
	if _, err := io.Copy(&raw, io.LimitReader(r, maxUnpacked)); err != nil {
		return fmt.Errorf("read a turn: %w", err)
	}
	if err := json.Unmarshal(raw.Bytes(), into); err != nil {
		return fmt.Errorf("read a turn: %w", err)
	}
	return nil
}

// packed is a turn as it stands in the database.
type packed struct {
	form         int64
	body, ledger []byte
}

func (p *press) packTurn(t conversations.Turn) (out packed, err error) {
	out.form = form
	b := body{Question: t.Question, Language: t.Language, Asked: asked(t.Asked), Answer: t.Answer, Stopped: t.Stopped, Replaces: t.Replaces}
	calls := make([]call, 0, len(t.Ledger))
	for _, c := range t.Ledger {
		calls = append(calls, callOf(c))
	}
	var err1, err2 error
	out.body, err1 = p.pack(b)
	out.ledger, err2 = p.pack(calls)
	return out, errors.Join(err1, err2)
}

func callOf(c conversations.Call) call {
	out := call{ID: c.ID, Name: c.Name, Args: string(c.Args), Error: c.Result.Error, Text: c.Result.Text, DurationNS: int64(c.Duration), ResultBytes: c.ResultBytes, Dropped: c.Dropped}
	if e := c.Result.Envelope; e != nil {
		same := *e
		if same.Data == nil {
			out.NoData = true
		} else if !json.Valid(same.Data) { // of a server that is not ours
			same.Data, out.NoData, out.Dropped = nil, true, true
		}
		out.Envelope = &same
	}
	return out
}

// readable refuses a form that this program does not know.
func readable(f int64) error {
	if f < 1 || f > form {
		return fault.New(fault.Unsupported, "The conversation was written by a newer version of Resync.").WithHint("Update this one.")
	}
	return nil
}

func (p *press) unpackBody(f int64, id string, at int64, packed []byte) (t conversations.Turn, err error) {
	if err := readable(f); err != nil {
		return t, err
	}
	var b body
	if err := p.unpack(packed, &b); err != nil {
		return t, err
	}
	return conversations.Turn{ID: id, Question: b.Question, Language: b.Language, Asked: conversations.Asked(b.Asked), Answer: b.Answer, At: time.UnixMilli(at).UTC(),
		Stopped: b.Stopped, Replaces: b.Replaces}, nil
}

func (p *press) unpackLedger(f int64, packed []byte) (conversations.Ledger, error) {
	if err := readable(f); err != nil {
		return nil, err
	}
	var calls []call
	if err := p.unpack(packed, &calls); err != nil {
		return nil, err
	}
	out := make(conversations.Ledger, 0, len(calls))
	for _, c := range calls {
		l := conversations.Call{ID: c.ID, Name: c.Name, Duration: time.Duration(c.DurationNS), ResultBytes: c.ResultBytes, Dropped: c.Dropped,
			Result: toolkit.Result{Envelope: c.Envelope, Error: c.Error, Text: c.Text}}
		if c.Args != "" {
			l.Args = json.RawMessage(c.Args)
		}
		if c.NoData && c.Envelope != nil {
			c.Envelope.Data = nil
		}
		out = append(out, l)
	}
	return out, nil
}
