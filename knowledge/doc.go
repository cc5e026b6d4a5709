// Package knowledge finds the passage of a runbook or manual that answers a question, and cites it: document, section,
// line span and verbatim quote.
//
// Markdown files come in (Open), are cut into sections on the syntax tree, and are held in memory in a lexical index of
// the package's own. A bilingual glossary of scheduler terms lets a Portuguese question find an English passage and the
// reverse. Every result carries a confidence band; nothing is hidden because it scores low.
//
// It refuses to follow links out of a configured folder, to guess at broken encodings, and to treat a document's text as
// anything but text: no markup is rendered, no instruction obeyed, no front matter trusted beyond its bindings.
// One bad file never costs the others; what was left out is listed by Base.Problems.
//
// Line numbers count from 1 in the file as it lies on disk, front matter included. A Base does not change after Open and is
// safe for concurrent use; it starts no goroutine. It knows nothing of twstools: message ids are decoded through the
// Messages port, and diagnosis reaches it through Base.Fitting, both wired by cmd.
//
// Start at Open, then Base.Search.
package knowledge
