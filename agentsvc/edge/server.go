package edge

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/resync-hwa/resync/agentsvc/api/data"
	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/telemetry"
	"github.com/resync-hwa/resync/internal/toolkit"
)

// maxAnswer bounds one answer: the kernel's budgets with room around them.
const maxAnswer = 1 << 20

// server is one tool server and what it said of itself.
type server struct {
	o      Server
	client *http.Client
	now    func() time.Time

	asking sync.Mutex    // one question at a time
	first  chan struct{} // closed when the first one has ended
	once   sync.Once

	mu      sync.Mutex
	engines []data.ConfiguredEngine
	infos   []toolkit.Info
	count   int // how often it said something new
	err     error
	at      time.Time // of the last question
}

func newServer(o Server, now func() time.Time) *server {
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	return &server{o: o, now: now, first: make(chan struct{}), client: &http.Client{Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (s *server) fresh() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	age := s.now().Sub(s.at)
	return !s.at.IsZero() && (s.err == nil && age < knownFor || s.err != nil && age < peace)
}

func (s *server) words() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// said gives what it said last, and the error of the last question.
func (s *server) said() ([]data.ConfiguredEngine, []toolkit.Info, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.engines, s.infos, s.err
}

// ask asks which engines and tools there are: for the program itself, under base, so that nobody who leaves ends it for others.
func (s *server) ask(base context.Context) {
	if !s.asking.TryLock() {
		return
	}
	defer s.asking.Unlock()
	defer s.once.Do(func() { close(s.first) })
	ctx, cancel := context.WithTimeout(base, askedFor)
	defer cancel()
	engines, infos, err := s.listed(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.err = s.now(), err
	if err != nil {
		return
	}
	if s.count == 0 || !slices.Equal(engines, s.engines) || !slices.EqualFunc(infos, s.infos, sameInfo) {
		s.engines, s.infos = engines, infos
		s.count++
	}
}

func sameInfo(a, b toolkit.Info) bool {
	return a.Name == b.Name && a.Description == b.Description && string(a.InputSchema) == string(b.InputSchema)
}

// someone stands for the people we will speak for: whether the token may speak for others is found out before anybody asks.
var someone = auth.Caller{ID: "edge", Name: "edge agent", Role: auth.Viewer, Via: "local"}

func (s *server) listed(ctx context.Context) ([]data.ConfiguredEngine, []toolkit.Info, error) {
	raw, _, err := s.get(auth.WithCaller(ctx, someone), "/api/engines", nil)
	if err != nil {
		return nil, nil, err
	}
	var list struct {
		Engines []data.ConfiguredEngine `json:"engines"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, nil, s.nonsense(err)
	}
	infos, err := s.o.Tools.Tools(ctx)
	if err != nil {
		return nil, nil, s.denied(err)
	}
	if err := s.sound(list.Engines, infos); err != nil {
		return nil, nil, s.nonsense(err)
	}
	return list.Engines, infos, nil
}

// request makes a request as ours, for the caller of the context where there is one. No header of theirs goes along.
func (s *server) request(ctx context.Context, path string, query url.Values) (*http.Request, error) {
	address := s.o.Base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The address of the tool server %s cannot be used.", s.o.Name)
	}
	r.Header.Set("Authorization", "Bearer "+s.o.Token)
	if c, ok := auth.CallerFrom(ctx); ok {
		text, err := auth.SignCaller(s.o.Token, c, s.now())
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "It cannot be told to the tool server who is asking.")
		}
		r.Header.Set(auth.HeaderCaller, text)
	}
	if id := toolkit.Correlation(ctx); id != "" {
		r.Header.Set("X-Request-ID", id)
	}
	telemetry.CarryHeader(ctx, r.Header)
	return r, nil
}

// get reads data. also are further statuses whose body is the answer. What the server says of an error is passed on with its code.
func (s *server) get(ctx context.Context, path string, query url.Values, also ...int) ([]byte, int, error) {
	ctx, cancel := context.WithTimeout(ctx, orDefault(s.o.Timeout, dataGrace))
	defer cancel()
	r, err := s.request(ctx, path, query)
	if err != nil {
		return nil, 0, err
	}
	r.Header.Set("Accept", "application/json")
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, 0, s.away(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, 0, s.away(err)
	case len(raw) > maxAnswer:
		return nil, 0, fault.New(fault.UpstreamUnavailable, "The answer of the tool server %s is too large.", s.o.Name).WithSource(s.source())
	case resp.StatusCode == http.StatusOK, slices.Contains(also, resp.StatusCode) && resp.Header.Get("Content-Type") == "application/json":
		return raw, resp.StatusCode, nil
	}
	return nil, resp.StatusCode, s.problem(resp.StatusCode, raw)
}

// denied tells a token that does not work, which is ours and not the asker's.
func (s *server) denied(err error) error {
	if !fault.Is(err, fault.Unauthorized) {
		return err
	}
	return fault.Wrap(fault.UpstreamDenied, err, "The tool server %s does not accept the token of this server, or the two clocks differ by more than a minute.", s.o.Name).WithSource(s.source())
}

// away is the error for a server that could not be asked.
func (s *server) away(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(fault.Timeout, err, "The tool server %s did not answer in time.", s.o.Name).WithSource(s.source())
	}
	return fault.Wrap(fault.UpstreamUnavailable, err, "The tool server %s could not be reached.", s.o.Name).WithSource(s.source())
}

func (s *server) nonsense(err error) error {
	return fault.Wrap(fault.UpstreamUnavailable, err, "The tool server %s sent an answer that cannot be read.", s.o.Name).WithSource(s.source())
}

func (s *server) source() string { return "tools:" + s.o.Name }
