package extract

// Strict lets a reader's panic go up, so that tests see it.
func Strict(l Limits) Limits {
	l.strict = true
	return l
}
