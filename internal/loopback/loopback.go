// Package loopback tells what can be reached from this machine alone: the one rule by which Resync decides whether an address needs TLS or a key.
package loopback

import (
	"net"
	"net/netip"
)

// Host reports whether a name or an address without a port means this machine: localhost, or an address of the loopback network.
// Other names are never looked up, since a name can be made to mean anything.
func Host(name string) bool {
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().IsLoopback()
}

// Address is Host for an address with a port. One without a host means all of the machine's addresses, so it is none.
func Address(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && Host(host)
}
