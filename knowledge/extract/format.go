package extract

import (
	"archive/zip"
	"bytes"
	"path"
	"regexp"
	"strings"
)

// others are formats that are known well enough to say what to do instead.
var others = []struct{ magic, reason string }{
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is an old or a password-protected Office file; save it as DOCX without a password, or as PDF"},
	{"{\\rtf", "it is RTF; save it as DOCX or PDF"},
	{"\x1f\x8b", "it is compressed by gzip; unpack it, or pack it as ZIP"},
	{"7z\xbc\xaf\x27\x1c", "it is a 7z archive; pack it as ZIP"},
	{"Rar!\x1a\x07", "it is a RAR archive; pack it as ZIP"},
	{"BZh", "it is compressed by bzip2; unpack it, or pack it as ZIP"},
	{"\xfd7zXZ\x00", "it is compressed by xz; unpack it, or pack it as ZIP"},
	{"ITSF", "it is compiled Windows help (CHM); unpack its HTML files and pack them as ZIP"},
	{"\x89PNG\r\n", "it is a picture"}, {"\xff\xd8\xff", "it is a picture"}, {"GIF8", "it is a picture"},
	{"%!PS", "it is PostScript; make a PDF of it"},
}

// offices are what the folder of a ZIP says of the office file that it is.
var offices = map[string]string{
	"word": DOCX,
	"xl":   "it is a spreadsheet; save the sheet as text or PDF",
	"ppt":  "it is a presentation; save it as PDF",
}

// pdfHead is how far into a file its magic may stand: mail gateways and printers write lines before it, and readers take them.
const pdfHead = 1024

// formatOf decides what data is: by content where an ending lies, by the ending otherwise.
func formatOf(name string, data []byte) (string, error) {
	promised := formats[ending(name)]
	head := bytes.TrimLeft(data[:min(len(data), pdfHead)], "\xef\xbb\xbf \t\r\n")
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return "", refuse("it is empty")
	case bytes.HasPrefix(head, []byte("%PDF-")), promised == PDF && bytes.Contains(head, []byte("%PDF-")):
		return PDF, nil
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return packedFormat(data)
	}
	for _, o := range others {
		if bytes.HasPrefix(data, []byte(o.magic)) {
			return "", unreadable(o.reason)
		}
	}
	switch {
	case promised == archive && bytes.Contains(data[max(0, len(data)-(64<<10)-22):], []byte("PK\x05\x06")):
		return archive, nil // something stands before the archive, as in one that unpacks itself
	case promised == PDF:
		return "", refuse("it is no PDF, whatever its name says")
	case promised == DOCX:
		return "", refuse("it is no DOCX, whatever its name says")
	case promised == archive:
		return "", refuse("it is no ZIP archive, whatever its name says")
	case promised != HTML && looksHTML(data):
		return HTML, nil
	case promised == "":
		return "", refuse("its name ends in nothing that is read here (md, html, pdf, docx, txt, log, zip)")
	}
	return promised, nil
}

// packedFormat tells a DOCX from an archive of documents.
func packedFormat(data []byte) (string, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return archive, nil // whose reading says what is wrong
	}
	content, folder := false, ""
	for _, f := range z.File {
		dir, _, _ := strings.Cut(f.Name, "/")
		switch {
		case f.Name == "[Content_Types].xml":
			content = true
		case offices[dir] != "" && path.Ext(f.Name) == ".xml":
			if folder == "" || dir == "word" {
				folder = dir
			}
		case f.Name == "content.xml" && folder == "":
			folder = "odf"
		}
	}
	switch {
	case content && folder == "word":
		return DOCX, nil
	case content && offices[folder] != "":
		return "", unreadable(offices[folder])
	case !content && folder == "odf":
		return "", refuse("it is an OpenDocument file; save it as DOCX or PDF")
	}
	return archive, nil
}

// htmlStart is how an HTML page begins that is sure to be one: a declaration of XML and comments may stand before.
var htmlStart = regexp.MustCompile(`(?is)^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.{0,800}?-->\s*)*(?:<!doctype\s+html|<html[\s>])`)

func looksHTML(data []byte) bool {
	head := data[:min(len(data), pdfHead)]
	if s, _, ok := decodeMarked(head); ok {
		head = []byte(s)
	}
	return htmlStart.Match(head)
}
