// Package query is the one filter language inside Resync: an expression tree over field names that is read from and written to three
// languages, and evaluated over rows in memory. The languages are OQL (ParseOQL, ParseOQLOf, Print), conman's selections, which are the
// interface's plan_filter (ParseSelection, PrintSelection), and the JSON filters of the interface's first generation (ParseV1, PrintV1).
// What a language cannot say is fault.Invalid and named. SplitV1 finds the part that V1 can be asked.
//
// It knows no network and no domain type; fields are the names of the engine's OQL ("Orchestration Query Language" in the vendor's User's
// Guide), for example `name`, `jobruns.commonStatus`, `jobStreamName`. FieldsOf lists them with their types, Check holds a query to them.
//
// Start at Expr. Expressions are immutable once built and safe for concurrent use.
package query

// Expr is a node of a filter: And, Or, Not or Term. A nil Expr matches everything.
type Expr interface{ isExpr() }

// And matches when all its parts match; an empty And matches everything.
type And []Expr

// Or matches when one of its parts matches; an empty Or matches nothing.
type Or []Expr

// Not matches when its part does not. OQL has no NOT over groups, so printing it is an error unless
// the part is a single Term that has a negated operator.
type Not struct{ X Expr }

// Term compares one field with one value, or with a list for In and NotIn.
type Term struct {
	Field  string
	Op     Op
	Values []Value // one for all operators but In and NotIn
}

func (And) isExpr()  {}
func (Or) isExpr()   {}
func (Not) isExpr()  {}
func (Term) isExpr() {}

// Op is a comparison operator, spelt as in OQL.
type Op string

// The operators of OQL. Like and NotLike take the wildcards @ (any run of characters) and ? (one).
const (
	Eq      Op = "="
	Ne      Op = "!="
	Le      Op = "<="
	Ge      Op = ">="
	Lt      Op = "<"
	Gt      Op = ">"
	In      Op = "IN"
	NotIn   Op = "NOT IN"
	Like    Op = "LIKE"
	NotLike Op = "NOT LIKE"
)

// Value is a constant: string, int64, float64, bool, time.Time (UTC), time.Duration, or nil for null.
type Value any

// Order is one sort key; ascending unless Desc.
type Order struct {
	Field string
	Desc  bool
}

// Query is a whole OQL text: a filter and an order.
type Query struct {
	Where Expr
	Order []Order
}

// Row is what an expression is evaluated on. A field may have several values (a job has several
// runs); a term then matches when any of them does. An unknown field gives nil, false.
type Row interface {
	Values(field string) ([]Value, bool)
}

// Is builds field = value.
func Is(field string, v Value) Term { return Term{Field: field, Op: Eq, Values: []Value{v}} }

// AnyOf builds field IN [values].
func AnyOf(field string, vs ...Value) Term { return Term{Field: field, Op: In, Values: vs} }

// Matches builds field LIKE pattern, with the wildcards @ and ?. A name that may hold one of them goes in through Literal, or better through Is.
func Matches(field, pattern string) Term {
	return Term{Field: field, Op: Like, Values: []Value{pattern}}
}
