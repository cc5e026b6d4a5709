// Package sim simulates a plant: definitions of job streams and a clock become successive worlds, as batchman would bring them about.
//
// A Sim is a discrete-event simulation. It is deterministic: the same definitions, seed and interventions give the same worlds, whether
// the clock is advanced in one step or in many. What a run takes and how it ends is drawn from the seed and the run's own name, so
// that an intervention in one place does not change the luck of another.
//
// Each rule of the scheduler stands in one function whose comment names its source: a heading of the product's manuals (UG User's Guide and
// Reference, AD Administration, TR Troubleshooting) or an operation of its REST interface. Where no source was found a comment
// says "modelled"; what is doubtful on a real engine exists only behind Options.Unverified.
//
// Operators' actions (Reply, Cancel, Confirm, Rerun, SetLimit …) act on the simulated plant alone. Nothing here can reach an engine: the
// package imports no net package. A Sim is not safe for concurrent use; Live wraps one that is.
//
// Start at Load for definitions, New for a simulation, Bank for the plant of the living demo.
package sim
