package twstools

import "github.com/resync-hwa/resync/twstools/query"

// JobField gives how JobRow reads one field; nil for a field that it does not know. Who reads a field of very many jobs spares making a row for each.
func JobField(name string) func(Job) []query.Value { return jobFields[name] }

// JobStreamField gives how JobStreamRow reads one field; nil for a field that it does not know.
func JobStreamField(name string) func(JobStream) []query.Value { return jobStreamFields[name] }
