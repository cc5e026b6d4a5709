//go:build !race

package record_test

// raced says that the race detector looks on.
const raced = false
