//go:build unix

package install

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives the new file to whom the old one belonged, as far as this account may: root does not take it over.
func keepOwner(f *os.File, old fs.FileInfo) {
	if st, ok := old.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(st.Uid), int(st.Gid))
	}
}
