package query

import "slices"

// Object is the kind of thing that a filter chooses from.
type Object int

// The kinds of objects of a plan. Files, CriticalJobs and Plans have lists only in the first generation of the interface (V1).
const (
	Jobs Object = iota
	JobStreams
	Workstations
	Resources
	Prompts
	Files
	CriticalJobs
	Plans
)

// String is the object as a sentence names it, in the plural.
func (o Object) String() string {
	if o < 0 || int(o) >= len(objectNames) {
		return "objects of unknown kind"
	}
	return objectNames[o]
}

var objectNames = [...]string{"jobs", "job streams", "workstations", "resources", "prompts", "files", "critical jobs", "plans"}

// Type is what a field holds.
type Type int

// The types of fields. Enum is text from the engine's list of words, which is open: newer levels add words. UUID is an identifier: on V1 it
// is no UUID, so its shape is not checked.
const (
	String Type = iota
	Int
	Bool
	Instant
	Duration
	UUID
	Enum
)

// String names the type as a sentence does.
func (t Type) String() string {
	return [...]string{"text", "a whole number", "true or false", "an instant", "a duration", "an identifier", "one of the engine's words"}[t]
}

// Field is one field that conditions may name.
type Field struct {
	Name string
	Type Type
	// Many: the field has one value per run, per dependency, per state; a condition holds when it holds for any of them.
	Many bool
	// OQL: the engine's own language knows it. The others can be said in conman's selections and in V1's filters only.
	OQL bool
	// Path: a workstation or domain, which the engine writes "/MDM" and operators MDM.
	Path bool
	// counted: OQL compares it with = and != alone ("Orchestration Query Language", dependency statistics).
	counted bool
}

// FieldsOf lists the fields of an object, sorted by name.
func FieldsOf(of Object) []Field {
	out := slices.Clone(tableOf(of))
	slices.SortFunc(out, func(a, b Field) int { return compareText(a.Name, b.Name) })
	return out
}

// tableOf gives an object's fields, none for an object of unknown kind.
func tableOf(of Object) []Field {
	if of < 0 || int(of) >= len(fieldTable) {
		return nil
	}
	return fieldTable[of]
}

// FieldOf finds a field of an object by its name; case counts.
func FieldOf(of Object, name string) (Field, bool) {
	for _, f := range tableOf(of) {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
