package main

import (
	"slices"
	"testing"

	"github.com/resync-hwa/resync/internal/store/storetest"
)

// TestScriptsOnPostgres runs the scripts that keep state once more with DATABASE_URL set: nothing that people see is different.
func TestScriptsOnPostgres(t *testing.T) {
	for _, name := range []string{"user", "serve", "audit"} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, "testdata/script/"+name+".txtar")
			if end := slices.Index(s.lines, "stop"); end >= 0 {
				s.lines = s.lines[:end+1] // what follows is about the data folder
			}
			s.env["DATABASE_URL"] = storetest.URL(t)
			s.run()
		})
	}
}

// TestADatabaseThatCannotBeUsed: one line that says what is wrong, one that says what to check, and nothing of the URL.
func TestADatabaseThatCannotBeUsed(t *testing.T) {
	s := newScript(t, "testdata/script/user.txtar")
	s.env["DATABASE_URL"] = "postgres://somebody:hunter2@127.0.0.1:1/resync"
	s.lines = []string{"! resync user list", "! stdout .", "stderr 'The database does not answer'", "stderr 'Check host and port in DATABASE_URL'", "! stderr 'hunter2|somebody'"}
	s.run()
}
