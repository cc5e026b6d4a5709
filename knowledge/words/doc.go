// Package words cuts texts and questions into words in English and Portuguese: tokens with both stems, identifiers that stay
// whole, stop words, the guess of a language, and the glossary by which phrases of both languages mean one concept.
//
// It is a leaf: data and look-up, no file, no network. Start at Analyse and LoadGlossary.
package words
