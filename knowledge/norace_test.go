//go:build !race

package knowledge_test

// raced says that the race detector looks on.
const raced = false
