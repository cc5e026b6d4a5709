package library

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/resync-hwa/resync/internal/fault"
	"github.com/resync-hwa/resync/internal/untrusted"
	"github.com/resync-hwa/resync/knowledge/extract"
)

// source is a folder, or one file of it, that is ingested.
type source struct {
	name   string // absolute path of the folder, or the name of a set of texts
	prefix string // goes before names that others have
	only   string // the one file that is meant, below the folder; "" is all
	under  string // the one folder that is meant, below the folder; "" is all
	folder bool   // it is one of a disk, whose place among other folders counts
	fsys   fs.FS
	close  func()
}

// openSources opens what the options name, each once.
func openSources(o IngestOptions) (out []source, err error) {
	defer func() {
		if err != nil {
			closeAll(out)
		}
	}()
	for _, p := range o.Paths {
		s, err := openSource(p)
		if err != nil {
			return out, err
		}
		if slices.ContainsFunc(out, func(other source) bool { return other.name == s.name && (other.only == "" || other.only == s.only) }) {
			s.close()
			continue
		}
		out = append(out, s)
	}
	all := slices.Clone(out)
	out = slices.DeleteFunc(out, func(s source) bool {
		inside := covered(s, all)
		if inside {
			s.close()
		}
		return inside
	})
	if o.FS != nil {
		prefix := strings.Trim(path.Base(path.Clean("/"+filepath.ToSlash(o.Source))), "/")
		out = append(out, source{name: o.Source, prefix: cmp.Or(prefix, "texts"), fsys: o.FS, close: func() {}})
	}
	return out, nil
}

func openSource(root string) (source, error) {
	unreadable := func(err error) (source, error) {
		return source{}, fault.Wrap(fault.Invalid, err, "The knowledge path %s cannot be read.", root).
			WithHint("Check the path and the rights of the account that runs Resync.")
	}
	if root == "" { // a variable that is not set must not mean the current folder
		return source{}, fault.New(fault.Invalid, "A knowledge path is empty.").WithHint("Name a file, a folder or an archive; . is the current folder.")
	}
	full, err := filepath.Abs(root)
	if err != nil {
		return unreadable(err)
	}
	info, err := os.Stat(full)
	if err != nil {
		return unreadable(err)
	}
	s := source{name: full, folder: true}
	if !info.IsDir() {
		s.name, s.only = filepath.Dir(full), filepath.Base(full)
	}
	// os.Root refuses every link that leads out of the folder, whoever made it and however late.
	dir, err := os.OpenRoot(s.name)
	if err != nil {
		return unreadable(err)
	}
	s.prefix, s.fsys, s.close = filepath.Base(s.name), dir.FS(), func() { _ = dir.Close() } // read only: nothing can be lost
	return s, nil
}

// within gives the way from a folder down to another, where no part of it is hidden: what is hidden belongs to no folder around it.
func within(folder, other string) (string, bool) {
	rel, err := filepath.Rel(folder, other)
	rel = filepath.ToSlash(rel)
	if err != nil || rel == "." || slices.ContainsFunc(strings.Split(rel, "/"), func(part string) bool { return strings.HasPrefix(part, ".") }) {
		return "", false
	}
	return rel, true
}

// covered reports whether one of the sources that are meant whole holds this one.
func covered(s source, all []source) bool {
	return slices.ContainsFunc(all, func(other source) bool {
		if other.only != "" {
			return false
		}
		_, inside := within(other.name, s.name)
		return inside
	})
}

// partOf makes a source a part of the folder around it that was ingested whole before, so that its documents keep the names that they have
// there and are not there twice. A folder that was ingested by itself before stays so.
func partOf(ctx context.Context, shelf Shelf, s source) (source, error) {
	for dir := s.name; ; dir = filepath.Dir(dir) {
		files, err := shelf.Files(ctx, dir)
		if err != nil {
			return s, err
		}
		if slices.ContainsFunc(files, func(f File) bool { return f.Path == whole }) {
			rel, inside := within(dir, s.name)
			if !inside {
				return s, nil
			}
			around, err := openSource(dir)
			if err != nil {
				return s, nil // it cannot be read now, and this one can
			}
			s.close()
			if s.only == "" {
				around.under = rel
			} else {
				around.only = path.Join(rel, s.only)
			}
			return around, nil
		}
		if filepath.Dir(dir) == dir {
			return s, nil
		}
	}
}

// whole is the path of the note that a folder was ingested whole.
const whole = "."

func closeAll(sources []source) {
	for _, s := range sources {
		s.close()
	}
}

// found is a file that is to be looked at.
type found struct {
	path     string
	size     int64
	modified time.Time // zero where there is none, and where it is so young that a later change might not show
	stamp    time.Time // the same as it is
	young    bool      // somebody may still be writing it
	refused  string    // why it is not read at all: the end of a sentence
	lasting  bool      // of refused: the file itself is the reason, not that it cannot be reached now
}

// listing is what lies in a source.
type listing struct {
	source
	files  []found
	unread []string // folders that could not be read
	empty  bool     // there is nothing at all
}

// list walks a source. Hidden files and folders are left alone, and so is what no reader knows, unless it was named itself.
func (s source) list(ctx context.Context, o IngestOptions) (listing, error) {
	l := listing{source: s, empty: s.only+s.under == ""}
	if s.only != "" {
		l.files = append(l.files, s.look(s.only, nil, o))
		return l, nil
	}
	top := cmp.Or(s.under, ".")
	err := fs.WalkDir(s.fsys, top, func(p string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if p == top {
				return fault.Wrap(fault.Invalid, err, "The folder %s cannot be read.", s.name).WithHint("Check the rights of the account that runs Resync.")
			}
			l.empty = false
			l.unread = append(l.unread, p)
			l.files = append(l.files, found{path: p, refused: "it cannot be read"})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if p == top {
			return nil
		}
		l.empty = false
		if strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.IsDir() && extract.Supported(p) {
			l.files = append(l.files, s.look(p, d, o))
		}
		return nil
	})
	return l, err
}

// look says what can be seen of a file from outside. It is not opened: opening a pipe would wait for a writer.
func (s source) look(p string, d fs.DirEntry, o IngestOptions) found {
	f := found{path: p, lasting: true}
	if untrusted.Clean(p) != p {
		f.refused = "its name holds characters that cannot be shown"
		return f
	}
	info, err := fs.Stat(s.fsys, p)
	most := int64(maxFile)
	if strings.EqualFold(path.Ext(p), ".zip") {
		most = maxArchive
	}
	switch {
	case err != nil:
		f.refused = "it cannot be read, or is a link that leads out of its folder"
		f.lasting = d != nil && d.Type()&fs.ModeSymlink != 0
		return f
	case !info.Mode().IsRegular():
		f.refused = "it is no regular file"
		return f
	case info.Size() > most:
		f.refused = fmt.Sprintf("it has %d MB, more than the %d MB allowed", info.Size()>>20, most>>20)
	}
	f.size, f.stamp = info.Size(), fromNanos(nanos(info.ModTime()))
	f.modified = f.stamp
	age := o.Now().Sub(f.stamp)
	if age >= 0 && age < racy {
		f.young = age < o.settle
		f.modified = time.Time{}
	}
	return f
}

// racy is how young a file may be for a later change to leave its time as it is, on file systems that count in seconds.
const racy = 2 * time.Second

// below reports whether a path lies in one of the folders.
func below(p string, folders []string) bool {
	return slices.ContainsFunc(folders, func(dir string) bool { return strings.HasPrefix(p, dir+"/") })
}
