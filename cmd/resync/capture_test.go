package main

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resync-hwa/resync/twstools/world"
)

// unzip puts the text of all files of a zip into the body.
func (s *script) unzip(path string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer z.Close()
	s.body = ""
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		_ = r.Close()
		s.body += string(raw)
	}
	return nil
}

// everywhere are names of the demo that every plant has, and that therefore stay.
var everywhere = map[string]bool{"FINAL": true, "FINALPOSTREPORTS": true, "STARTAPPSERVER": true, "MAKEPLAN": true, "SWITCHPLAN": true, "CHECKSYNC": true, "CREATEPOSTREPORTS": true,
	"UPDATESTATS": true, "oracle": true}

// hidden looks for every workstation, job stream, job and user of the demo as a whole word.
func hidden(text string) error {
	w, err := world.Demo(time.Now())
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, x := range w.Workstations {
		names[x.Name], names[x.Node] = true, x.Node != ""
	}
	for _, x := range w.JobStreams {
		names[x.Name] = true
	}
	for _, x := range w.Jobs {
		names[x.Name] = true
		for _, u := range x.Definition.UserLogins {
			names[strings.ReplaceAll(u, `\`, `\\`)] = true // as JSON writes it
		}
	}
	words := map[string]bool{}
	for _, f := range strings.FieldsFunc(text, func(c rune) bool {
		return !(c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_')
	}) {
		words[f] = true
	}
	for n, is := range names {
		if is && !everywhere[n] && (words[n] || strings.ContainsAny(n, `\.-`) && strings.Contains(text, n)) {
			return fmt.Errorf("%s is in it", n)
		}
	}
	if len(names) < 300 {
		return fmt.Errorf("only %d names were looked for", len(names))
	}
	return nil
}
