package evals

// ReadAnswer reads one answer as the judge does.
func ReadAnswer(raw []byte, question string) ([]byte, error) {
	s, err := readAnswer(raw, question)
	return s.raw, err
}

// Lines takes apart what a program printed in pieces before it ended.
func Lines(limit int, pieces ...[]byte) (lines [][]byte, over bool) {
	p := newPrinted(limit)
	for _, b := range pieces {
		_, _ = p.Write(b)
	}
	for {
		line, ok, over := p.next()
		if over {
			return lines, true
		}
		if !ok {
			break
		}
		lines = append(lines, line)
	}
	if line, ok := p.rest(); ok {
		lines = append(lines, line)
	}
	return lines, false
}
