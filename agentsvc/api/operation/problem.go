package operation

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/httpd"
)

// problem is an error on its way out through huma: a problem document of RFC 9457.
type problem struct {
	httpd.ProblemDocument
}

// Error implements error.
func (p *problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (*problem) ContentType(string) string { return "application/problem+json" }

func problemOf(ctx context.Context, err error) huma.StatusError {
	var done *problem
	if errors.As(err, &done) {
		return done
	}
	return &problem{httpd.Document(ctx, err)}
}

// explain makes a coded error of what huma found wrong with a request. It names places, never values.
func explain(status int, message string, errs []error) error {
	for _, err := range errs {
		if fault.CodeOf(err) != fault.Internal {
			return err
		}
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return err
		}
	}
	if status >= http.StatusInternalServerError {
		return errors.Join(append([]error{errors.New(message)}, errs...)...)
	}
	var said []string
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) && d.Location != "" {
			said = append(said, d.Location+": "+d.Message)
		}
	}
	if len(said) == 0 {
		return fault.New(fault.Invalid, "The request cannot be read: %s.", message)
	}
	return fault.New(fault.Invalid, "The request is not as it must be: %s.", strings.Join(said, "; "))
}
