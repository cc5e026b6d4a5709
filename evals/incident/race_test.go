//go:build race

package incident_test

// raced says that the race detector looks on.
const raced = true
