// Package hwa reads an HCL Workload Automation engine over its REST interface V2. It is the only package that
// dials an engine, and it can only read: every request is made from one table (allow.go), and what is not in the table
// cannot be built and is stopped again at the wire.
//
// It trusts no server to follow the interface to the letter. Every field is optional, a value of the wrong type is
// dropped and its object kept, unknown words pass through, and what the server says about paging and filtering is
// checked before it is believed:
//
//   - A filter is sent as OQL and applied again to what comes back. A row that lacks a filtered field is kept only when
//     the server has been proven to filter (one question for a name that nobody has, asked once per kind of object);
//     else it is dropped, because nothing says that it matches.
//   - A server that refuses or ignores the filter is read without it, 10,000 rows a request and 20,000 at most, and
//     filtered here. When that bound cuts, List.Incomplete says so.
//   - Offsets are proven the same way. A link to the next page is a hint that there is one; it is never followed.
//
// Errors are coded (internal/fault), name the setting to look at, and never carry a credential. A Client is safe for
// concurrent use; it sends at most four requests at a time and reads at most one log per workstation.
//
// Start at Open. Close frees the idle connections; the Client starts no goroutine of its own.
package hwa
