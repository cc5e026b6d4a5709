package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// entry is one file of an archive that is worth reading.
type entry struct {
	file  *zip.File
	name  string // cleaned, below the archive
	start int64  // of its packed bytes
}

// archive gives the documents of a ZIP. What an entry says of its own size is never believed: bytes are counted as they come.
func (r *reader) archive(ctx context.Context, name string, data []byte, depth int) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return refuse("it is a damaged ZIP archive")
	}
	entries := r.entries(name, z.File)
	if len(entries) == 0 {
		return refuse("it holds no document that is read here (md, html, pdf, docx, txt, log, zip)")
	}
	for _, e := range entries {
		if r.found++; r.found > r.limits.ArchiveFiles {
			r.bad(name, fmt.Sprintf("it holds more than the %d documents allowed; the rest was left out", r.limits.ArchiveFiles))
			return nil
		}
		full := path.Join(name, e.name)
		unpacked, err := r.unpack(ctx, e)
		if err == nil {
			err = r.read(ctx, full, unpacked, depth+1)
		}
		var why unreadable
		switch {
		case err == nil:
		case errors.Is(err, errFull):
			r.bad(name, fmt.Sprintf("it unpacks to more than the %s allowed; %s and what comes after it was left out", size(r.limits.ArchiveBytes), e.name))
			return nil
		case errors.As(err, &why):
			r.bad(full, string(why))
		default:
			return err
		}
	}
	return nil
}

// entries lists what is to be read, by name, and says what is wrong with the others. Folders, hidden files and other formats are passed over.
func (r *reader) entries(archive string, files []*zip.File) []entry {
	var out []entry
	for _, f := range files {
		name := entryName(f)
		if f.Mode().IsDir() || strings.HasSuffix(name, "/") || hidden(name) || !Supported(name) {
			continue
		}
		start, err := f.DataOffset()
		shown := path.Join(archive, strings.TrimPrefix(path.Clean("/"+name), "/"))
		switch {
		case strings.HasPrefix(name, "/"), slices.Contains(strings.Split(name, "/"), ".."), len(name) > 1 && name[1] == ':':
			r.bad(shown, "its name leads out of the archive")
		case !f.Mode().IsRegular():
			r.bad(shown, "it is a link or no regular file")
		case f.Flags&1 != 0:
			r.bad(shown, "it is encrypted; pack it without a password")
		case f.Method != zip.Store && f.Method != zip.Deflate:
			r.bad(shown, "it is packed by a method that is not known here; pack it by the usual one (deflate)")
		case err != nil:
			r.bad(shown, "its place in the archive is damaged")
		default:
			out = append(out, entry{file: f, name: path.Clean(name), start: start})
		}
	}
	return r.distinct(archive, out)
}

// distinct drops entries that share bytes with one before them, which no packer writes and bombs live on, and second ones of the same name.
func (r *reader) distinct(archive string, all []entry) []entry {
	slices.SortStableFunc(all, func(a, b entry) int { return int(min(max(a.start-b.start, -1), 1)) })
	seen, end := map[string]bool{}, int64(0)
	kept := all[:0]
	for _, e := range all {
		full := path.Join(archive, e.name)
		packed := min(e.file.CompressedSize64, 1<<40)
		switch {
		case e.start < end:
			r.bad(full, "it shares its bytes with another entry of the archive")
		case seen[e.name]:
			r.bad(full, "the archive holds it more than once; the first was taken")
		default:
			kept = append(kept, e)
			seen[e.name] = true
		}
		end = max(end, e.start+int64(packed))
	}
	slices.SortStableFunc(kept, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return kept
}

// entryName gives the name of an entry as UTF-8 with slashes. What is no UTF-8 is in the character set of DOS, as the format says.
func entryName(f *zip.File) string {
	name := f.Name
	if f.NonUTF8 && !utf8.ValidString(name) {
		if s, err := charmap.CodePage437.NewDecoder().String(name); err == nil {
			name = s
		}
	}
	if !strings.Contains(name, "/") {
		name = strings.ReplaceAll(name, `\`, "/") // as some packers of Windows write it
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, name)
}

func hidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "__MACOSX" || strings.HasPrefix(part, ".") && part != ".." && part != "." {
			return true
		}
	}
	return false
}

// unpack gives the bytes of an entry.
func (r *reader) unpack(ctx context.Context, e entry) ([]byte, error) {
	most := r.limits.SourceBytes
	if f := formats[ending(e.name)]; f == Text || f == Markdown {
		most = r.limits.FileBytes
	}
	in, err := e.file.Open()
	if err != nil {
		return nil, broken
	}
	defer func() { _ = in.Close() }()
	c := &counted{m: newMeter(ctx, r.limits.Time), in: in, packed: int64(e.file.CompressedSize64), most: most, ratio: r.limits.Ratio, total: &r.unpacked, all: r.limits.ArchiveBytes}
	return c.bytes()
}
