package joblog

import (
	"regexp"
	"strings"

	"github.com/resync-hwa/resync/internal/untrusted"
)

var (
	inodeHeading = regexp.MustCompile(`(?i)\bI(Use|Used)%`)
	ofInodes     = regexp.MustCompile(`(?i)\bi-?nodes?\b|\bdf -i\b`)
	allUsed      = regexp.MustCompile(`(?i)\b100(\.0+)? ?%`)
	// noneFree is how a count of what is left says that it is nothing, before or after the number.
	noneFree = regexp.MustCompile(`(?i)\b(free|left|available|avail|ifree|livres?|dispon[ií]ve(l|is))\b\s*[:=]?\s*0( ?[kmgt]i?b?| ?%)?(?:[^\w.,%]|[.,]\D|[.,]?$)|(?:^|[^\w.,])0( ?[kmgt]i?b?| bytes| ?%)?( i-?nodes?| bytes| blocks?)?( are| is)? (free|left|available|livres?|dispon[ií]ve(l|is))\b`)
	allFree  = regexp.MustCompile(`(?i)\b100(\.0+)? ?%( are| is)? (free|available|livre|dispon)|\b(free|livre)s?\b\s*[:=]?\s*100 ?%`)
	folders  = regexp.MustCompile(`(?:^|[\s'"=:(])(/[\w./-]*)`)
	// creates is an attempt to make a file or folder, which takes an inode; one to write takes room for bytes.
	creates = regexp.MustCompile(`(?i)\b(touch|mkdir|mkstemp|mktemp|open|creat(e|ing)?|criar?|criando)\b`)
	noSpace = regexp.MustCompile(`(?i)No space left on device|\bENOSPC\b|\[Errno 28\]|\berrno[ =:]+28\b`)
)

// exhausted reports whether a line says that all of something is used or none of it free.
func exhausted(text string) bool {
	return !allFree.MatchString(text) && (allUsed.MatchString(text) || noneFree.MatchString(text))
}

// spent looks beside a line that says "no space left" for what ran out: ENOSPC is said of bytes and of inodes alike (POSIX, errno.h; df, df -i).
// inodes is the line that shows none free, -1 where there is none; bytes reports whether one shows that of the bytes. A count of another file
// system tells neither.
func spent(vs []view, at int) (inodes int, bytes bool) {
	inodes = -1
	listing := -1
	where := foldersIn(vs[at].bare)
	for i, v := range vs {
		text := v.line.Text
		if inodeHeading.MatchString(text) {
			listing = i
			continue
		}
		if i == at || v.silent || !exhausted(v.bare) || !sameMount(foldersIn(v.bare), where) || untrusted.LooksLikeInstruction(v.bare) || quoted(v.bare, nil) {
			continue
		}
		if ofInodes.MatchString(v.bare) || listing >= 0 && i-listing <= 20 {
			if inodes < 0 {
				inodes = i
			}
			continue
		}
		bytes = true
	}
	return inodes, bytes
}

// full settles what a finding of a full file system proves: the listing of inodes decides for them; where a file was to be made and nothing shows
// that the bytes ran out, it is only likely that they did.
func (f *Finding) full(vs []view, at int) {
	if f.Kind != "app.fs.space" {
		return
	}
	inodes, bytes := spent(vs, at)
	text := vs[at].bare
	switch {
	case inodes >= 0 && !bytes:
		*f = Finding{Line: vs[inodes].line, Kind: "app.fs.inodes", Signature: "inode-listing", Proves: true, Fix: f.Fix}
	case inodes < 0 && !bytes && noSpace.MatchString(text) && creates.MatchString(text):
		f.Proves = false
	}
}

func foldersIn(text string) []string {
	var out []string
	for _, m := range folders.FindAllStringSubmatch(text, 10) {
		if !strings.HasPrefix(m[1], "/dev/") {
			out = append(out, strings.TrimRight(m[1], ".:/"))
		}
	}
	return out
}

// sameMount reports whether what one line says of file systems may hold for the files of another; a line that names none may mean any.
func sameMount(mounts, files []string) bool {
	if len(mounts) == 0 || len(files) == 0 {
		return true
	}
	for _, m := range mounts {
		for _, f := range files {
			if f == m || strings.HasPrefix(f, m+"/") {
				return true
			}
		}
	}
	return false
}
