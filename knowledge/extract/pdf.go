package extract

func readPDF(m *meter, p *paper, data []byte, limits Limits) (File, error) {
	return File{}, refuse("PDF is not read yet")
}
