package install

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/resync-hwa/resync/internal/fault"
)

const (
	maxFile                    = 64 << 20
	backupSuffix               = ".resync.bak"
	newUserFile    fs.FileMode = 0o600 // settings of a person may hold keys
	newProjectFile fs.FileMode = 0o644
	ownerWrites    fs.FileMode = 0o200 // absent where Windows has the attribute for read-only
)

// file is a client's file as it was read.
type file struct {
	real   string // symbolic links followed: the link itself stays
	exists bool
	mode   fs.FileMode
	text   []byte
	info   fs.FileInfo
}

func read(path string, mode fs.FileMode) (file, error) {
	f := file{real: path, mode: mode}
	refuse := func(why string) (file, error) {
		return file{}, fault.New(fault.Conflict, "%s %s. Nothing was written.", path, why)
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return refuse("is a link that leads nowhere, or its folder cannot be read")
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return refuse("cannot be read")
	case !info.Mode().IsRegular():
		return refuse("is not a file")
	case info.Size() > maxFile:
		return refuse("is larger than 64 MiB")
	}
	text, err := os.ReadFile(real)
	if err != nil {
		return refuse("cannot be read")
	}
	return file{real: real, exists: true, mode: info.Mode().Perm(), text: text, info: info}, nil
}

// replace writes the new text beside the old one and renames it, so that a client never sees half of it.
func (f file) replace(text []byte) error {
	failed := func(err error) error {
		return fault.Wrap(fault.Conflict, err, "%s cannot be written. It is as it was.", f.real).WithHint("May this account write to its folder?")
	}
	now, err := os.ReadFile(f.real)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.exists:
	case err != nil:
		return failed(err)
	case !f.exists || !bytes.Equal(now, f.text):
		return fault.New(fault.Conflict, "%s was changed by somebody else in the meantime. Nothing was written.", f.real).WithHint("Run this again.")
	}
	if err := os.MkdirAll(filepath.Dir(f.real), 0o755); err != nil { //nolint:gosec // as the clients make them
		return failed(err)
	}
	if f.exists {
		if err := f.put(f.real+backupSuffix, f.text); err != nil {
			return failed(err)
		}
	}
	if err := f.put(f.real, text); err != nil {
		return failed(err)
	}
	return nil
}

func (f file) put(path string, text []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".resync-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // it is gone after the rename
	_, err = tmp.Write(text)
	if err == nil {
		err = tmp.Chmod(f.mode)
	}
	if err == nil && f.info != nil {
		keepOwner(tmp, f.info)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
