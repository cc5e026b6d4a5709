//go:build !unix

package install

import (
	"io/fs"
	"os"
)

// keepOwner does nothing where a file's owner follows from its folder.
func keepOwner(*os.File, fs.FileInfo) {}
