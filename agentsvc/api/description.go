package api

import (
	"context"
	"net/http"
	"sync"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
	"github.com/resync-hwa/resync/agentsvc/api/reference"
)

// description is the OpenAPI file of this server, made when somebody first asks for it.
type description struct {
	set  *operation.Set
	once sync.Once
	file []byte
	page []byte // the same, for people
	tag  string
	err  error
}

// made makes both, once.
func (d *description) made() error {
	d.once.Do(func() {
		if d.file, d.err = d.set.OpenAPI(); d.err != nil {
			return
		}
		d.tag = operation.Tag(string(d.file))
		d.page, d.err = reference.Page(d.file)
	})
	return d.err
}

func (d *description) read(_ context.Context, in *openAPIInput) (*openAPIOutput, error) {
	if err := d.made(); err != nil {
		return nil, err
	}
	if err := in.Unchanged(d.tag); err != nil {
		return nil, err
	}
	return &openAPIOutput{ETag: d.tag, ContentType: "application/json", Body: d.file}, nil
}

// show answers GET /docs/api.
func (d *description) show(w http.ResponseWriter, _ *http.Request) error {
	if err := d.made(); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(d.page) // who has gone away needs no page
	return nil
}
