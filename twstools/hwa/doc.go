// Package hwa reads an HCL Workload Automation engine over its REST interfaces, V2 (10.1 Fix Pack 1 and later) and V1 (9.4 and later). It is the only
// package that dials an engine, and it can only read: every request is made from one table (table.go), and what is not in the table, bodies and steering
// headers included, cannot be built and is stopped again at the wire.
//
// The Client asks the engine once which interface it has (detect.go), unless Options.API sets it, and speaks that dialect behind one port. References carry
// the dialect that made them. V1 is decoded by writing its objects the way V2 does (v1decode.go), so both share one decoder, one way to list and one
// judgement of what a server may be believed. Where a level of V1 may list a job once or once for each run, rows are folded into one job (v1.go).
// Client.Capabilities gives the optional ports, which V1's paths answer in either dialect.
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
// The way to the engine (hosts.go, wire.go, rotation.go, retry.go, breaker.go, patience.go):
//
//   - An engine has one or several hosts, a master and its backup masters. Where one cannot be reached, breaks off, or answers 502, 503 or 504, the next
//     is asked at once and stays preferred. What a host answers, or is merely slow at, is not asked for elsewhere. Credentials go to these hosts alone,
//     each host's cookies to itself. A session that has expired costs one more login, never an error.
//   - A read that broke off, or was put off (429, 502, 503, 504), is tried once more after a random wait, or after what Retry-After says up to 2 s. Retries
//     are at most a tenth of the calls of the last minute, ten being free, and never outlast the caller's deadline.
//   - A host, and the engine as a whole, that fails half of 20 calls or more within 30 s is left alone for 5 s, then asked by one call at a time. The error
//     says since when. Refused credentials count, for the sake of the directory server behind.
//   - Each call has a deadline, a share of Options.Timeout; waiting for one of the four places, or for the workstation's log, is within the caller's.
//
// Half an answer: a list or an object that breaks off, whether the connection ends or the JSON, is an error and nothing of it is kept. Half a log is kept,
// with Truncated set. A page is decoded row by row; of its bytes and trees only one row's are held, 32 MB at most.
//
// Errors are coded (internal/fault), name the setting to look at, and never carry a credential. A Client is safe for
// concurrent use; it sends at most four requests at a time and reads at most one log per workstation.
//
// Start at Open. Close frees the idle connections; the Client starts no goroutine of its own.
package hwa
