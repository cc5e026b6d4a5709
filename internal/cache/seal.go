package cache

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/secret"
)

// sealer makes AES-256-GCM with a key derived for this purpose alone, so that it tells nothing of the secret that it comes from.
func sealer(key secret.String) (cipher.AEAD, error) {
	if len(key.Reveal()) < minKey {
		return nil, fault.New(fault.Invalid, "The key for what is kept in Redis is missing or too short.").WithHint("Set SECRET_KEY, 32 characters or more, the same for all processes.")
	}
	derived, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "resync cache v1", 32)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The key for what is kept in Redis cannot be derived.")
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The key for what is kept in Redis cannot be used.")
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "The key for what is kept in Redis cannot be used.")
	}
	return seal, nil
}

// open opens a sealed value; it must have been sealed for this very key.
func (s *Store) open(key string, raw []byte) ([]byte, bool) {
	n := s.seal.NonceSize()
	if len(raw) < n {
		return nil, false
	}
	value, err := s.seal.Open(nil, raw[:n], raw[n:], []byte(key))
	return value, err == nil
}
