package httpd

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/loopback"
)

// Origins refuses requests that a browser was led to make: by a name that was rebound to this machine (Host), or from a
// foreign page (Origin, Sec-Fetch-Site). hosts are the public names; loopback names are always allowed, and so is the
// address that the connection came in on, which cannot be rebound and which probes use.
func Origins(hosts []string) Guard {
	allowed := make([]string, 0, len(hosts))
	for _, h := range hosts {
		allowed = append(allowed, strings.ToLower(strings.TrimSpace(h)))
	}
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Problem(w, r, fault.New(fault.Forbidden, "The request comes from a page of another origin."))
	}))
	return func(next http.Handler) http.Handler {
		guarded := cross.Handler(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch origin := r.Header.Values("Origin"); {
			case !hostAllowed(r, r.Host, allowed):
				Problem(w, r, fault.New(fault.Forbidden, "This server does not answer under the name that was asked for.").
					WithHint("Whoever runs it can list its public names in the configuration."))
			case len(origin) > 1, len(origin) == 1 && !originAllowed(r, origin[0], allowed):
				Problem(w, r, fault.New(fault.Forbidden, "The request comes from a page of another origin."))
			default:
				guarded.ServeHTTP(w, r)
			}
		})
	}
}

func originAllowed(r *http.Request, origin string, allowed []string) bool {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	return hostAllowed(r, u.Host, allowed)
}

// hostAllowed decides on "name", "name:port", "[v6]:port".
func hostAllowed(r *http.Request, host string, allowed []string) bool {
	host = strings.ToLower(host)
	name := bareHost(host)
	if name == "" {
		return false
	}
	if slices.Contains(allowed, host) || slices.Contains(allowed, name) {
		return true
	}
	if loopback.Host(name) {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap() == localIP(r)
}

// bareHost takes the port and the brackets off.
func bareHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return host[1 : len(host)-1]
	}
	return host
}

// localIP is this end of the connection.
func localIP(r *http.Request) netip.Addr {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return netip.Addr{}
	}
	ap, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}
