package twsmock_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/twstools/twsmock"
)

func TestFaults(t *testing.T) {
	w := demoWorld(t)
	next := make(chan *twsmock.Fault, 1)
	s := start(t, twsmock.Options{World: twsmock.Fixed(w), Fault: func(*http.Request) *twsmock.Fault {
		select {
		case f := <-next:
			return f
		default:
			return nil
		}
	}})
	next <- &twsmock.Fault{Status: 500, Body: `{"messages":["AWSJSY404E"]}`}
	if res, body := get(t, s, "/plan/job"); res.StatusCode != 500 || string(body) != `{"messages":["AWSJSY404E"]}` {
		t.Errorf("status and body = %d %s", res.StatusCode, body)
	}
	next <- &twsmock.Fault{ContentType: "text/html", Body: "<html>login</html>"}
	if res, body := get(t, s, "/plan/job"); res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/html" || string(body) != "<html>login</html>" {
		t.Errorf("HTML = %d %s", res.StatusCode, body)
	}
	next <- &twsmock.Fault{DropFields: []string{"jobruns", "status"}}
	if _, body := get(t, s, "/plan/job?limit=3"); strings.Contains(string(body), `"jobruns"`) || strings.Contains(string(body), `"status"`) || !strings.Contains(string(body), `"lastRunCommonStatus"`) {
		t.Errorf("dropped fields = %s", body)
	}
	next <- &twsmock.Fault{CloseEarly: true}
	res, err := http.Get(s.URL() + twsmock.Base + "/plan/job") //nolint:noctx // the test's server answers
	if err == nil {
		_, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	if err == nil {
		t.Error("an answer that is cut is read whole")
	}
	next <- &twsmock.Fault{Delay: time.Hour}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+twsmock.Base+"/plan/job", nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := http.DefaultClient.Do(req); err == nil {
		_ = res.Body.Close()
		t.Error("an answer that is late comes in time")
	}
	if res, _ := get(t, s, "/plan/job"); res.StatusCode != 200 {
		t.Errorf("without a fault = %d", res.StatusCode)
	}
}

func TestDemoIsToldAnewOnlyAfterHours(t *testing.T) {
	now := night
	w, err := twsmock.Demo(func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	first := w()
	now = now.Add(time.Hour)
	if w() != first {
		t.Error("the demo changes within the hour, and with it every schedule time")
	}
	now = now.Add(2 * time.Hour)
	if next := w(); next == first || !next.AsOf.Equal(now) || next.Jobs[0].Ref != first.Jobs[0].Ref {
		t.Error("the demo grows stale, or its ids change")
	}
}
