package extract_test

func simplePDF() []byte { return []byte("%PDF-1.4\n") }
