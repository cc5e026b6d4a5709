package embedded

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
)

// sharingViolation is what Windows says of a file that somebody has to himself.
const sharingViolation = syscall.Errno(32)

// tryLock takes the folder's lock if nobody has it: the file can be open once. The system lets go of it when the process ends,
// however it ends.
func tryLock(dir string) (unlock func(), ok bool, err error) {
	name, err := syscall.UTF16PtrFromString(filepath.Join(dir, lockName))
	if err != nil {
		return nil, false, fmt.Errorf("lock the index: %w", err)
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("lock the index: %w", err)
	}
	return func() { _ = syscall.CloseHandle(h) }, true, nil
}
