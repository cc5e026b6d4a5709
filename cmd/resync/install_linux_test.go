package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// typist opens a terminal at which somebody has typed a text.
func typist(t *testing.T, text string) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("there are no terminals to be had here: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	var number, unlocked int32
	for request, arg := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlocked, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Fatal(errno)
		}
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals to be had here: %v", err)
	}
	t.Cleanup(func() { slave.Close() })
	if _, err := master.WriteString(text); err != nil {
		t.Fatal(err)
	}
	return slave
}

// TestThePersonIsAsked: only a yes writes.
func TestThePersonIsAsked(t *testing.T) {
	t.Parallel()
	for answer, written := range map[string]bool{"y\n": true, "Yes\n": true, "n\n": false, "\n": false, "yesterday\n": false} {
		home := t.TempDir()
		var out, errs bytes.Buffer
		p := &program{args: []string{"resync", "mcp", "--install", "cursor"}, environ: []string{"HOME=" + home}, dir: home, in: typist(t, answer), out: &out, err: &errs, clock: time.Now}
		code := run(t.Context(), p)
		_, err := os.Stat(filepath.Join(home, ".cursor", "mcp.json"))
		if (err == nil) != written || (code == 0) != written || !strings.Contains(errs.String(), "[y/N]") || !strings.Contains(out.String(), "+++ ") {
			t.Errorf("%q: status %d, %v\n%s", answer, code, err, errs.String())
		}
	}
}
