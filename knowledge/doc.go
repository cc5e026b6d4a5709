// Package knowledge finds the passage of a runbook or manual that answers a question, and cites it: document, section,
// line span and verbatim quote.
//
// Documents stand on a shelf (library: the database, or memory), cut into sections and passages (cut). An index (index: files,
// memory or a server) finds the candidates for a question, and the one scorer here ranks them from their records, so that the order
// does not depend on the engine. The index is derived: Base.Sync brings it up to the shelf, whoever changed that, and makes it
// anew where it was made by another version. A bilingual glossary of scheduler terms (words) lets a Portuguese question find an
// English passage and the reverse. Every result carries a confidence band; nothing is hidden because it scores low.
//
// It refuses to follow links out of a configured folder, to guess at broken encodings, and to treat a document's text as
// anything but text: no markup is rendered, no instruction obeyed, no front matter trusted beyond its bindings.
// One bad file never costs the others; what was left out is listed.
//
// Line numbers count from 1 in the file as it lies on disk, front matter included. A Base is safe for concurrent use; it starts no
// goroutine. It knows nothing of twstools: message ids are decoded through the Messages port, and diagnosis reaches it
// through Base.Fitting, both wired by cmd.
//
// Start at Open or Over, then Base.Search.
package knowledge
