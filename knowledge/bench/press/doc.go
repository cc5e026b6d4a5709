// Package press prints what the corpus of knowledge/bench has of our own making: reference manuals of the messages of a product that does
// not exist, in the layouts that real ones have, and scans, which are clean texts made as bad as a manual that went through a scanner.
//
// Everything it prints depends on its input alone, so that the committed corpus can be made again byte for byte.
// The product (Zikra Planner), its ids and all that is said of them are invented; ids in the form of HCL Workload Automation's
// begin with components that it does not have.
package press
