package words_test

import (
	"strings"
	"testing"

	"github.com/resync-hwa/resync/knowledge/words"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		`<table><tr><td colspan="2">Job &amp; stream</td></tr></table>`:     "Job & stream",
		`![](images/0a5178b1832ca948754513a4a15744c8.jpg) Note: see below.`: "Note: see below.",
		`conman <host_name> &lt;port&gt; C:\text\left`:                      `conman <host_name> <port> C:`,
		`$\mathrm{TWS}_{home} \equiv 3$`:                                    "$ {TWS}_{home} 3$",
		`a < b and c > d`:                                                   "a < b and c > d",
		`\\server\share`:                                                    `\\server\share`,
	} {
		if got := strings.Join(strings.Fields(words.Plain(in)), " "); got != want {
			t.Errorf("Plain(%q) = %q, want %q", in, got, want)
		}
	}
}
