package hwa

import (
	"strings"

	"github.com/resync-hwa/resync/twstools"
)

// display is the operator's form of a workstation: "/MDM" becomes "MDM", "/PROD/LX1" stays.
func display(path string) string { return twstools.DisplayName(strings.TrimSpace(path)) }

// folderPath is a folder as Resync writes it: "/" for the root, no slash at the end.
func folderPath(s string) string {
	s = strings.Trim(strings.TrimSpace(s), "/")
	return "/" + s
}

// splitName takes a folder off a name that carries one ("/FIN/PAYROLL"). A slash further in may be the name's own.
func splitName(name string) (folder, base string) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 || name[0] != '/' || i == len(name)-1 {
		return "", name
	}
	return folderPath(name[:i]), name[i+1:]
}

// inFolder puts a workstation's name and its folder together in display form.
func inFolder(folder, name string) string {
	if name == "" || strings.Contains(name, "/") || folderPath(folder) == "/" {
		return display(name)
	}
	return folderPath(folder) + "/" + name
}

// displayKey is a key as engines write it, in the operator's form: "/LX1#/PAY.LOAD" becomes "LX1#PAY.LOAD"; other folders stay.
func displayKey(key string) string {
	ws, rest, ok := strings.Cut(key, "#")
	if !ok {
		return key
	}
	if after, slash := strings.CutPrefix(rest, "/"); slash && !strings.Contains(after, "/") {
		rest = after
	}
	return display(ws) + "#" + rest
}
