//go:build !race

package baseline_test

// raced says that the race detector looks on.
const raced = false
