package stored_test

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/resync-hwa/resync/agentsvc/conversations"
	"github.com/resync-hwa/resync/agentsvc/conversations/conversationstest"
	"github.com/resync-hwa/resync/agentsvc/conversations/stored"
	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the turn of the present form to testdata; those of older forms are never written again")

// golden is a turn that has something in most fields.
func golden() conversations.Turn {
	t := conversationstest.TurnOf("m1", "Por que o PAY_LOAD parou?", "A conta está bloqueada.", time.Date(2026, 3, 17, 8, 40, 0, 5e6, time.UTC))
	t.Stopped, t.Language = true, "pt"
	return t
}

// A turn that an earlier version wrote is read by this one: the columns of each form stand in testdata as they were written.
func TestOldFormsAreRead(t *testing.T) {
	db := storetest.SQLite.Open(t, stored.Room())
	s := stored.New(db, conversations.Bounds{})
	at := golden().At
	if err := s.Create(t.Context(), conversations.Conversation{ID: "c", Owner: "ana", Created: at, Updated: at}, conversations.Lease{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), "ana", "c", "", golden()); err != nil {
		t.Fatal(err)
	}
	if *update {
		var body, ledger []byte
		if err := db.Read().QueryRowContext(t.Context(), "SELECT body, ledger FROM conversation_turns").Scan(&body, &ledger); err != nil {
			t.Fatal(err)
		}
		for name, packed := range map[string][]byte{"form1.body.json": body, "form1.ledger.json": ledger} {
			r, err := gzip.NewReader(bytes.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join("testdata", name), append(raw, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	set := func(form int, body, ledger []byte) {
		t.Helper()
		err := db.WithTx(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), "UPDATE conversation_turns SET form = $1, body = $2, ledger = $3", form, body, ledger)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set(1, pressed(t, "form1.body.json"), pressed(t, "form1.ledger.json"))
	turn, err := s.Turn(t.Context(), "ana", "c", "m1")
	if err != nil || !reflect.DeepEqual(turn, golden()) {
		t.Errorf("form 1 reads as %+v, %v", turn, err)
	}
	// What a later version adds is left out; a form that is not known is an error and no half answer.
	set(1, gz(t, strings.Replace(file(t, "form1.body.json"), "{", `{"added later":[1],`, 1)), pressed(t, "form1.ledger.json"))
	if turn, err := s.Turn(t.Context(), "ana", "c", "m1"); err != nil || !reflect.DeepEqual(turn, golden()) {
		t.Errorf("with a further field: %v", err)
	}
	set(99, []byte("?"), []byte("?"))
	if _, err := s.Get(t.Context(), "ana", "c"); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a form that is not known: %v", err)
	}
	set(1, []byte("no gzip"), []byte{})
	if _, err := s.Get(t.Context(), "ana", "c"); err == nil || fault.CodeOf(err) != fault.Internal {
		t.Errorf("what was broken: %v", err)
	}
}

func file(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func pressed(t *testing.T, name string) []byte {
	t.Helper()
	return gz(t, file(t, name))
}

func gz(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
