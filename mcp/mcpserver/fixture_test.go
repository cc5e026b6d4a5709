package mcpserver_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/resync-hwa/resync/internal/auth"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/toolkit"
	"github.com/resync-hwa/resync/mcp/mcpserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type echoIn struct {
	Text   string `json:"text" doc:"What to say."`
	Status string `json:"status,omitempty" enum:"SUCC,ABEND" doc:"One of two."`
}

type echoOut struct {
	Text   string   `json:"text"`
	Caller string   `json:"caller"`
	Tags   []string `json:"tags"`
}

const secret = "postgres://u:hunter2@db"

// gate lets a test hold a tool call until it wants it to end.
type gate struct {
	entered chan struct{}
	ended   chan error
}

func fixture(t testing.TB) (*mcpserver.Server, *gate) {
	t.Helper()
	g := &gate{entered: make(chan struct{}, 64), ended: make(chan error, 64)}
	echo := toolkit.MustDefine(toolkit.Spec{Name: "echo", Title: "Echo", Description: "Says it again."},
		func(ctx context.Context, in echoIn) (toolkit.Reply[echoOut], error) {
			c, _ := auth.CallerFrom(ctx)
			return toolkit.Reply[echoOut]{Data: echoOut{Text: in.Text, Caller: c.ID}, UpstreamCalls: 1}, nil
		})
	fail := toolkit.MustDefine(toolkit.Spec{Name: "fail", Title: "Fail", Description: "Fails."},
		func(_ context.Context, in struct {
			How string `json:"how" enum:"coded,stranger,panic" doc:"In which way."`
		}) (toolkit.Reply[echoOut], error) {
			switch in.How {
			case "coded":
				return toolkit.Reply[echoOut]{}, fault.New(fault.NotFound, "There is no job X.").WithHint("Try Y.").WithCandidates("Y")
			case "panic":
				panic(secret)
			}
			return toolkit.Reply[echoOut]{}, errors.New(secret)
		})
	wait := toolkit.MustDefine(toolkit.Spec{Name: "wait", Title: "Wait", Description: "Waits until cancelled.", Timeout: 20 * time.Second},
		func(ctx context.Context, _ struct{}) (toolkit.Reply[echoOut], error) {
			g.entered <- struct{}{}
			<-ctx.Done()
			g.ended <- ctx.Err()
			return toolkit.Reply[echoOut]{}, ctx.Err()
		})
	slow := toolkit.MustDefine(toolkit.Spec{Name: "slow", Title: "Slow", Description: "Takes its time."},
		func(ctx context.Context, _ struct{}) (toolkit.Reply[echoOut], error) {
			select {
			case <-ctx.Done():
				return toolkit.Reply[echoOut]{}, ctx.Err()
			case <-time.After(100 * time.Millisecond):
				return toolkit.Reply[echoOut]{Data: echoOut{Text: "done"}}, nil
			}
		})
	set, err := toolkit.NewSet(wait, fail, slow, echo)
	if err != nil {
		t.Fatal(err)
	}
	return mcpserver.New(mcpserver.Options{Tools: set, Name: "resync", Title: "Resync", Version: "0.1", Instructions: "Start with plan_status."}), g
}

func noSecret(t *testing.T, what string) {
	t.Helper()
	if strings.Contains(what, "hunter2") || strings.Contains(what, "goroutine") {
		t.Errorf("shows inner text: %s", what)
	}
}
