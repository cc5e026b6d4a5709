package hwa

import (
	"bufio"
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"testing/iotest"
)

// FuzzSpaced: of whatever JSON, in whatever pieces it arrives, the decoder makes the same as without the clean-up.
func FuzzSpaced(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,"x  y"],"b":null}`, ` [ "\\" , "\"  \\\" " ] `, `"\u0020\\"`, "{\n\t\"a\" : \"\\\\\"  ,\r\n \"b\":  1e3 }", `{"é  ":"\ud83d\ude00  "}`, `[[[  ]]]`, `"a\\\"  b"`, "  1  "} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var want any
		if decode(bytes.NewReader(raw), &want) != nil {
			return
		}
		for _, in := range []*bufio.Reader{bufio.NewReader(bytes.NewReader(raw)), bufio.NewReaderSize(iotest.OneByteReader(bytes.NewReader(raw)), 16)} {
			var got any
			if err := decode(&spaced{r: in, room: maxRowBytes}, &got); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%q became %#v (%v), want %#v", raw, got, err, want)
			}
		}
	})
}

func decode(r interface{ Read([]byte) (int, error) }, into *any) error {
	d := json.NewDecoder(r)
	d.UseNumber()
	return d.Decode(into)
}
