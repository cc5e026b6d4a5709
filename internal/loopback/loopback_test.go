package loopback_test

import (
	"testing"

	"github.com/resync-hwa/resync/internal/loopback"
)

func TestAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:80": true, "127.9.9.9:0": true, "localhost:8000": true, "[::1]:80": true, "[::ffff:127.0.0.1]:80": true,
		":80": false, "0.0.0.0:80": false, "[::]:80": false, "10.0.0.1:80": false, "localhost.example.com:80": false, "127.0.0.1.example.com:80": false,
		"127.0.0.1": false, "localhost": false, "": false,
	} {
		if got := loopback.Address(address); got != want {
			t.Errorf("Address(%q) is %v", address, got)
		}
	}
	for name, want := range map[string]bool{"localhost": true, "::1": true, "127.0.0.1": true, "": false, "localhost:80": false, "example.com": false} {
		if got := loopback.Host(name); got != want {
			t.Errorf("Host(%q) is %v", name, got)
		}
	}
}
