// Package extract turns the bytes of a file into lines of text that can be cut, indexed and cited: Markdown and plain text as they lie,
// HTML, PDF and DOCX as Markdown made of what they say, archives entry by entry.
//
// What a file is, is decided by its content where endings lie. Everything is bounded (Limits): bytes before and after unpacking, entries, pages,
// lines, time. No goroutine is started: every reader counts its own steps and looks at the clock, so that a limit really ends the work.
// The readers are our own, because the libraries at hand either cannot be stopped or lose the spaces between words.
//
// It refuses what is encrypted, what is only a picture of text, and what unpacks to far more than it is; the reason is a sentence for people.
// It runs nothing that a document holds, follows no link, and reads no other file. One bad entry of an archive never costs the others.
//
// Start at Read.
package extract
