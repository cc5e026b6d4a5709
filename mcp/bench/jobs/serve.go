package jobs

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// Serve runs a server's main: over standard input and output, or, with -http, on a free loopback port whose address is the first line of standard output.
func Serve(stdio func() error, handler func() http.Handler) {
	over := flag.Bool("http", false, "serve HTTP on a free loopback port and print its address")
	flag.Parse()
	err := error(nil)
	if *over {
		err = listen(handler())
	} else {
		err = stdio()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func listen(h http.Handler) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/mcp\n", ln.Addr())
	mux := http.NewServeMux()
	mux.Handle("/mcp", h)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return srv.Serve(ln)
}
