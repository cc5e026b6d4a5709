package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
)

// maxLine bounds one line of questions, in bytes: more than any question may have, so that the agent's own words for that are told.
const maxLine = 64 << 10

// mark is the byte order mark that some editors put before the first line; it is no part of a question.
const mark = "\ufeff"

// askLines answers the questions of standard input in turn, each before the next one is read. They belong to one conversation until an empty
// line. A question to which there is no answer ends the run, except at a terminal, where the person reads why and asks another one.
//
// When ctx ends while standard input still blocks, one goroutine waits in that read, as nothing else can end it.
func (p *program) askLines(ctx context.Context, a *asking) error {
	interactive := terminal(p.in)
	if interactive {
		fmt.Fprintln(p.err, "One question a line. An empty line begins a new conversation, Ctrl-D ends.")
	}
	next := reading(ctx, p.in)
	conversation := ""
	for {
		if interactive {
			fmt.Fprint(p.err, "> ")
		}
		line, err := next()
		if errors.Is(err, io.EOF) || ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if line = strings.TrimSpace(strings.TrimPrefix(line, mark)); line == "" {
			conversation = ""
			continue
		}
		ans, err := a.one(ctx, line, conversation)
		switch {
		case err == nil:
			conversation = ans.ConversationID
		case interactive && ctx.Err() == nil:
			p.explain(err)
		default:
			return err
		}
	}
}

// reading gives a function that reads the next line, or io.EOF. Nothing is read before it is asked for, but what the buffer takes along.
func reading(ctx context.Context, in io.Reader) func() (string, error) {
	type read struct {
		line string
		err  error
	}
	lines := make(chan read)
	go func() {
		defer close(lines)
		scan := bufio.NewScanner(in)
		scan.Buffer(make([]byte, 0, 4<<10), maxLine)
		for scan.Scan() {
			select {
			case lines <- read{line: scan.Text()}:
			case <-ctx.Done():
				return
			}
		}
		if err := scan.Err(); err != nil {
			select {
			case lines <- read{err: unread(err)}:
			case <-ctx.Done():
			}
		}
	}()
	return func() (string, error) {
		select {
		case r, open := <-lines:
			if !open {
				return "", io.EOF
			}
			return r.line, r.err
		case <-ctx.Done():
			return "", io.EOF
		}
	}
}

func unread(err error) error {
	if errors.Is(err, bufio.ErrTooLong) {
		return fault.New(fault.Invalid, "A line of standard input is longer than %d bytes.", maxLine).WithHint("One question a line.")
	}
	return fault.Wrap(fault.Internal, err, "Standard input cannot be read.")
}

// terminal reports whether a person sits at the input.
func terminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
