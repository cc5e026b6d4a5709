package extract

func readDOCX(m *meter, p *paper, data []byte, limits Limits) (File, error) {
	return File{}, refuse("DOCX is not read yet")
}
