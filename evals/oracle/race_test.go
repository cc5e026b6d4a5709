//go:build race

package oracle_test

// raced says that the race detector looks on.
const raced = true
