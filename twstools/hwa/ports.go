package hwa

import (
	"context"

	"github.com/resync-hwa/resync/twstools"
)

type ports struct{ c *Client }

func (p *ports) start(c *Client) { p.c = c }

func (p *ports) planZone(context.Context) string { return "" }

// Capabilities gives the optional ports.
func (c *Client) Capabilities() twstools.Capabilities { return twstools.Capabilities{} }
