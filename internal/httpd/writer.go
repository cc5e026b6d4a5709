package httpd

import (
	"net/http"
)

// recorder remembers what was sent. It is a Flusher itself, because streaming handlers look for the type and would
// silently stop streaming without it.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

var _ http.Flusher = (*recorder)(nil)

// record wraps w once: guards in a chain share one recorder.
func record(w http.ResponseWriter) *recorder {
	if rec, ok := w.(*recorder); ok {
		return rec
	}
	return &recorder{ResponseWriter: w}
}

// WriteHeader remembers the final status; 1xx answers come before it.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Flush sends what is buffered.
func (r *recorder) Flush() {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	// A connection that cannot flush cannot stream either; there is nobody to tell.
	_ = http.NewResponseController(r.ResponseWriter).Flush()
}

// Unwrap serves http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// sent is the status that the caller got; a handler that wrote nothing means 200.
func (r *recorder) sent() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}
