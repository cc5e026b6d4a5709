package hwa_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/twstools"
	"github.com/resync-hwa/resync/twstools/hwa"
	"github.com/resync-hwa/resync/twstools/query"
)

// The secrets of the test hold what servers and libraries quote: spaces, quotation marks, signs that URLs and HTML escape.
const (
	secretPassword = `pa55 "wörd"<&%/+x`
	secretCookie   = "LtpaCookieValue0123456789"
	proxyPassword  = `pr0xy"pass`
)

var secretToken = func() string {
	t, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{Subject: "resync", ExpiresAt: jwt.NewNumericDate(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))}).SignedString([]byte("key"))
	if err != nil {
		panic(err)
	}
	return t
}()

// forbidden are all the texts that must show nowhere: the secrets, their escaped and encoded forms, and halves of them, because a message may have been cut.
func forbidden() []string {
	basic := base64.StdEncoding.EncodeToString([]byte("reader:" + secretPassword))
	whole := []string{secretPassword, url.QueryEscape(secretPassword), strings.Trim(strconv.Quote(secretPassword), `"`), secretToken, secretCookie, proxyPassword, basic,
		strings.Trim(strconv.Quote(proxyPassword), `"`)}
	var out []string
	for _, s := range whole {
		out = append(out, s, s[:len(s)/2+1], s[len(s)/2:])
	}
	return append(out, "pa55", "wörd", "pr0xy")
}

// hostile servers send back what they were shown, in every place where a client might quote them.
var hostile = map[string]http.HandlerFunc{
	"json-message": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(500)
		writeJSON(w, m{"messages": []string{"AWSJSY404E " + shown(r)}})
	},
	"at-the-cut": func(w http.ResponseWriter, r *http.Request) { // so that a shortened message would end in the middle of the secret
		w.WriteHeader(500)
		for n := range 60 {
			_, _ = fmt.Fprintf(w, "%s%s ", strings.Repeat("x", n%7), shown(r))
		}
	},
	"just-before-the-cut": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		_, _ = w.Write([]byte(strings.Repeat("y", 232) + strings.TrimPrefix(shown(r), "reader ")))
	},
	"plain": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(400); _, _ = w.Write([]byte(shown(r))) },
	"url-escaped": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(400)
		_, _ = w.Write([]byte(url.QueryEscape(shown(r))))
	},
	"json-as-text": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		_, _ = fmt.Fprintf(w, "oops %q", shown(r))
	},
	"refused":        func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401); _, _ = w.Write([]byte(shown(r))) },
	"forbidden":      func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403); _, _ = w.Write([]byte(shown(r))) },
	"busy":           func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503); _, _ = w.Write([]byte(shown(r))) },
	"good-but-error": func(w http.ResponseWriter, r *http.Request) { writeJSON(w, m{"messages": []string{shown(r)}}) },
	"redirect": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/login?seen="+url.QueryEscape(shown(r)), http.StatusFound)
	},
	"no-json":    func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(shown(r))) },
	"no-http":    func(w http.ResponseWriter, r *http.Request) { raw(w, shown(r)+"\r\n\r\n") },
	"bad-header": func(w http.ResponseWriter, r *http.Request) { raw(w, "HTTP/1.1 200 OK\r\n"+shown(r)+"\r\n\r\n") },
	"bad-status": func(w http.ResponseWriter, r *http.Request) { raw(w, "HTTP/1.1 "+shown(r)+"\r\n\r\n") },
	"bad-length": func(w http.ResponseWriter, r *http.Request) {
		raw(w, "HTTP/1.1 200 OK\r\nContent-Length: "+shown(r)+"\r\n\r\n")
	},
	"reset": func(w http.ResponseWriter, r *http.Request) { raw(w, "") },
}

// shown is all that a request gives away.
func shown(r *http.Request) string {
	user, password, _ := r.BasicAuth()
	return fmt.Sprintf("%s %s %s %s %s", user, password, r.Header.Get("Authorization"), r.Header.Get("Cookie"), r.Header.Get("Proxy-Authorization"))
}

// raw answers with bytes that the server's library would not send.
func raw(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = conn.Write([]byte(text))
	_ = conn.Close()
}

// Whatever a server or proxy does with our credentials, they come out in no error, no hint, no record of the log and no printed client.
func TestCredentialsShowNowhere(t *testing.T) {
	ways := map[string]func(*hwa.Options){
		"password": func(o *hwa.Options) { o.User, o.Password = "reader", secretPassword },
		"token":    func(o *hwa.Options) { o.Token = secretToken },
		"in-url": func(o *hwa.Options) {
			o.BaseURL = strings.Replace(o.BaseURL, "://", "://"+url.UserPassword("reader", secretPassword).String()+"@", 1)
		},
		"proxy": func(o *hwa.Options) {
			o.User, o.Password = "reader", secretPassword
			o.Proxy = "http://" + url.UserPassword("gate", proxyPassword).String() + "@" + strings.TrimPrefix(o.BaseURL, "http://")
			o.BaseURL = "http://mdm.invalid:31116"
		},
		"dead-proxy": func(o *hwa.Options) {
			o.User, o.Password = "reader", secretPassword
			o.Proxy = "http://" + url.UserPassword("gate", proxyPassword).String() + "@127.0.0.1:1"
		},
		"dead-socks": func(o *hwa.Options) {
			o.User, o.Password = "reader", secretPassword
			o.Proxy = "socks5://" + url.UserPassword("gate", proxyPassword).String() + "@127.0.0.1:1"
		},
	}
	for name, fails := range hostile {
		for way, as := range ways {
			if strings.HasPrefix(way, "dead") && name != "plain" {
				continue // nothing gets through to the server
			}
			if (name == "busy" || name == "reset") && way != "password" && way != "proxy" {
				continue // these are tried again, which takes its time
			}
			t.Run(name+"-"+way, func(t *testing.T) {
				t.Parallel()
				var calm atomic.Bool
				calm.Store(true)
				srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if calm.Load() {
						http.SetCookie(w, &http.Cookie{Name: "LtpaToken2", Value: secretCookie, Path: "/"})
						writeJSON(w, m{"displayVersion": "10.2"})
						return
					}
					fails(w, r)
				}))
				defer srv.Close()
				var out bytes.Buffer
				o := hwa.Options{API: "v2", BaseURL: srv.URL, Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))}
				as(&o)
				c, err := hwa.Open(o)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = c.Close() }()
				_, _ = c.Info(t.Context())
				calm.Store(false)
				_, e1 := c.Jobs(t.Context(), twstools.ListQuery{Where: query.Is("name", "X")})
				_, e2 := c.Job(t.Context(), twstools.Ref{ID: "x"})
				_, e3 := c.Logs(t.Context(), twstools.LogQuery{RunID: "r"})
				if e1 == nil || e2 == nil {
					t.Error("no error")
				}
				for _, err := range []error{e1, e2, e3} {
					if err == nil {
						continue
					}
					e := fault.Public(err)
					fmt.Fprintf(&out, "%v\n%s\n%s\n%+v\n", err, e.Message, e.Hint, err)
				}
				fmt.Fprintf(&out, "%v %+v %+v %+v", c, c, c.Ledger(), c.Hosts())
				for _, secret := range forbidden() {
					if strings.Contains(out.String(), secret) {
						t.Fatalf("%q shows in\n%s", secret, out.String())
					}
				}
			})
		}
	}
}

// An expired key is told by its date, a key that is not by other reasons.
func TestExpiredToken(t *testing.T) {
	refuse := answers(401, "text/html", "<html>")
	for date, want := range map[string]string{"2026-03-01T08:00:01Z": "expired at 2026-03-01T08:00:00Z", "2026-03-01T07:59:59Z": "refused the credentials"} {
		now, err := time.Parse(time.RFC3339, date)
		if err != nil {
			t.Fatal(err)
		}
		c := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"] = []string{now.Format(http.TimeFormat)} // the engine's clock counts, not ours
			refuse.ServeHTTP(w, r)
		}), func(o *hwa.Options) { o.Token = secretToken })
		_, err = c.Info(t.Context())
		e := wantCode(t, err, fault.UpstreamDenied)
		if !strings.Contains(e.Message, want) || !strings.Contains(e.Hint, "APP_TWS_API_KEY") {
			t.Errorf("%s: message %q, hint %q; want %q", date, e.Message, e.Hint, want)
		}
	}
}
