// Package pdf reads which letters stand where on the pages of a PDF: glyphs with their places, sizes and fonts. What they mean for each other (lines,
// headings, tables) is decided by who asks.
//
// It is built to be stopped: every loop and every byte that is unpacked is charged to Options.Spend, nothing is allocated because a file says so, and
// what refers to itself is followed once. A file whose table of objects is damaged is searched for its objects.
//
// It refuses encrypted files, draws nothing, unpacks no pictures, and runs no script.
//
// Start at Open.
package pdf
