package hwa

import (
	"context"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
)

// v1 speaks the interface V1.
type v1 struct {
	twstools.Engine
	c *Client
}

func newV1(c *Client) *v1 { return &v1{c: c} }

func (v *v1) Info(context.Context) (twstools.Info, error) {
	return twstools.Info{}, fault.New(fault.Unsupported, "The engine speaks the interface V1 only.")
}
