// Package resync is the module's root. It holds no code: only the house rules, as tests (house_test.go), so that who moves a wall
// learns at once which rule it breaks and why the rule is there. The program is cmd/resync.
package resync
