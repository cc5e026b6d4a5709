package extract

import (
	"bytes"
	"errors"
	"io"
)

// broken says that packed bytes or markup are no longer what they were.
const broken = unreadable("it is damaged")

// errFull says that an archive has given all that it may.
var errFull = errors.New("archive limit")

// counted reads what is unpacked within limits. Its errors are those of the limits, io.EOF, or that the packed bytes are damaged.
type counted struct {
	m      *meter
	in     io.Reader
	packed int64  // bytes before unpacking
	most   int64  // bytes that may come
	ratio  int64  // of unpacked to packed
	total  *int64 // over a whole archive
	all    int64  // that total may reach
	got    int64
}

func (c *counted) Read(b []byte) (int, error) {
	if err := c.m.look(); err != nil {
		return 0, err
	}
	n, err := c.in.Read(b)
	c.got += int64(n)
	*c.total += int64(n)
	switch {
	case *c.total > c.all:
		return 0, errFull
	case c.got > c.most:
		return 0, refuse("it has more than the %s allowed", size(c.most))
	case c.got > ratioFrom && c.got/max(c.packed, 1) > c.ratio:
		return 0, refuse("it unpacks to more than %d times its size, which no document does", c.ratio)
	case err != nil && !errors.Is(err, io.EOF):
		return n, broken
	}
	return n, err
}

// bytes reads everything.
func (c *counted) bytes() ([]byte, error) {
	var out bytes.Buffer
	if _, err := io.CopyBuffer(struct{ io.Writer }{&out}, c, make([]byte, 64<<10)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
