package hwa_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools/hwa"
)

func TestOpenChecksTheAddress(t *testing.T) {
	for _, o := range []hwa.Options{{}, {BaseURL: "mdm:31116"}, {BaseURL: "ftp://mdm"}, {BaseURL: "https://u:s3cret-pw@%zz/"}, {Host: "a b\x7f"}} {
		_, err := hwa.Open(o)
		e := wantCode(t, err, fault.Invalid)
		if strings.Contains(err.Error()+e.Hint, "s3cret-pw") {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

func TestAddressForms(t *testing.T) {
	cases := map[string]hwa.Options{
		"https://mdm:31116/twsd/api/v2/engine/info":    {Host: "mdm"},
		"http://mdm:8080/twsd/api/v2/engine/info":      {Host: "mdm", Port: 8080, Scheme: "http"},
		"https://mdm:1/twsd/api/v2/engine/info":        {Host: "mdm:1"},
		"https://[::1]:31116/twsd/api/v2/engine/info":  {Host: "::1"},
		"https://mdm:2/twsd/api/v2/engine/info":        {BaseURL: "https://mdm:2/"},
		"https://mdm:3/twsd/api/v2/engine/info":        {BaseURL: "https://mdm:3/twsd"},
		"https://mdm:4/twsd/api/v2/engine/info":        {BaseURL: "https://mdm:4/twsd/api/v2/"},
		"https://gate/hwa/twsd/api/v2/engine/info":     {BaseURL: "https://gate/hwa"},
		"https://mdm:31116/twsd/api/v2/engine/info?":   {Host: "mdm "},
		"https://mdm:5/twsd/api/v2/engine/info#u:p":    {Host: "https://u:p@mdm:5"},
		"https://mdm:6/twsd/api/v2/engine/info#bearer": {BaseURL: "https://mdm:6", Token: "jwt", User: "u", Password: "p"},
	}
	for want, o := range cases {
		var got *http.Request
		o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
			got = r
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody}, nil
		})
		c, err := hwa.Open(o)
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		_, _ = c.Info(t.Context())
		url, cred, _ := strings.Cut(strings.TrimSuffix(want, "?"), "#")
		if got == nil || got.URL.String() != url {
			t.Errorf("asked %v, want %s", got, url)
			continue
		}
		auth := map[string]string{"": "", "u:p": "Basic " + base64.StdEncoding.EncodeToString([]byte("u:p")), "bearer": "Bearer jwt"}[cred]
		if got.Header.Get("Authorization") != auth {
			t.Errorf("%s: Authorization = %q, want %q", want, got.Header.Get("Authorization"), auth)
		}
	}
}
