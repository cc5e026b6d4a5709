package api

import (
	"context"
	"sync"

	"github.com/resync-hwa/resync/agentsvc/api/operation"
)

// description is the OpenAPI file of this server, made when somebody first asks for it.
type description struct {
	set  *operation.Set
	once sync.Once
	file []byte
	tag  string
	err  error
}

func (d *description) read(_ context.Context, in *openAPIInput) (*openAPIOutput, error) {
	d.once.Do(func() {
		d.file, d.err = d.set.OpenAPI()
		d.tag = operation.Tag(string(d.file))
	})
	if d.err != nil {
		return nil, d.err
	}
	if err := in.Unchanged(d.tag); err != nil {
		return nil, err
	}
	return &openAPIOutput{ETag: d.tag, ContentType: "application/json", Body: d.file}, nil
}
