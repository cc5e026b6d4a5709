package secret

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyBytes is the strength of a key that KeyFile makes: 256 bits.
const keyBytes = 32

// KeyFile reads the key kept at path, and makes one (mode 0600) when there is none. A key that others on the machine may
// read, or one that is too short to be a key, is an error. Two processes that start at once get the same key.
func KeyFile(path string) (String, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return String{}, fmt.Errorf("make key file %s: %w", path, err)
	}
	return readKey(path)
}

func readKey(path string) (String, error) {
	info, err := os.Stat(path)
	if err != nil {
		return String{}, fmt.Errorf("read key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return String{}, fmt.Errorf("key file %s may be read by others: make it mode 0600", path)
	}
	b, err := os.ReadFile(path) //nolint:gosec // the path is the configured data folder
	if err != nil {
		return String{}, fmt.Errorf("read key file: %w", err)
	}
	text := strings.TrimSpace(string(b))
	if len(text) < keyBytes {
		return String{}, fmt.Errorf("key file %s holds less than %d characters", path, keyBytes)
	}
	return New(text), nil
}

// createKey writes beside the target and links into place, so that nobody ever reads half a key and the first of two wins.
func createKey(path string) error {
	raw := make([]byte, keyBytes)
	if _, err := rand.Read(raw); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // CreateTemp makes 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.WriteString(base64.RawURLEncoding.EncodeToString(raw) + "\n")
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	return os.Link(tmp.Name(), path)
}
