package operation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/resync-hwa/resync/internal/fault"
)

// format is JSON as bodies have it, in and out: one value and nothing behind it, in UTF-8.
var format = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		b, err := json.Marshal(v)
		if err != nil {
			err = fmt.Errorf("write answer: %w", err)
			if e, ok := w.(*exchange); ok {
				e.fail(err)
				return nil
			}
			return err
		}
		_, _ = w.Write(append(b, '\n')) // whoever asked may have left; nobody else needs to know
		return nil
	},
	Unmarshal: func(data []byte, v any) error {
		switch {
		case !utf8.Valid(data): // the decoder would put other characters in its place
			return errors.New("must be JSON in UTF-8")
		case json.Valid(data):
			return json.Unmarshal(data, v)
		}
		d := json.NewDecoder(bytes.NewReader(data))
		var first json.RawMessage
		if err := d.Decode(&first); err == nil {
			return errors.New("must be one JSON object and nothing behind it")
		}
		return errors.New("must be one JSON object")
	},
}

// parseQuery reads a query to its end: what cannot be read is refused, not left out.
func parseQuery(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil || !utf8.ValidString(fmt.Sprint(query)) {
		return nil, fault.New(fault.Invalid, "The query of the address cannot be read.").WithHint("Write other characters than letters and digits as %%XX of their UTF-8 bytes.")
	}
	return query, nil
}
