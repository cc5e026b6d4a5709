// Package record takes a slice of a running engine's plan into one file, a capsule, and plays it back.
//
// Capture reads through the twstools.Engine port only: the closure of dependencies around some roots, or the whole plan within bounds, with
// the logs of its runs, the plant that it stands on and whatever the optional ports give. On the way into the file every name, address and number of a
// person is replaced by a pseudonym that only the holder of the key can trace, secrets are masked, and what remains readable is listed in
// a review file for a person to sign. What could not be read is listed too.
//
// A capsule is a world: Capsule.World serves the mock or world.Engine. Its transcript holds what was asked and answered, so that Strict can
// answer from it alone and Verify can prove that the world answers as the engine did.
//
// The package dials nothing and changes nothing. Start at Capture and Write, or at Open.
package record
