package httpd

import (
	"net/http"
	"net/netip"
	"strings"
)

// Forwarded puts the address that the declared proxy saw in the place of the proxy's own. Only the last entry is believed:
// the proxy has added it, the ones before it came from outside. Put it before Guards, and only where a proxy is declared.
func Forwarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lines := r.Header.Values("X-Forwarded-For")
		if len(lines) > 0 {
			all := strings.Split(lines[len(lines)-1], ",")
			if ip, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1])); err == nil {
				r = r.Clone(r.Context())
				r.RemoteAddr = netip.AddrPortFrom(ip.Unmap().WithZone(""), 0).String()
			}
		}
		next.ServeHTTP(w, r)
	})
}
