//go:build !race

package understand_test

// raced says that the race detector watches, which makes a reading ten times as long.
const raced = false
