// Package webui holds the built web interface: the files of dist/, embedded so that a build needs no Node.
//
// It holds files and nothing else: routes, caching, compression and the content security policy belong to agentsvc/api.
// The source is in app/ (TypeScript, Preact); `npm ci && npm run build` there writes dist/ again, byte for byte. The pages
// work under a policy that allows nothing but 'self' and demands trusted types.
//
// Names under assets/ carry a hash and may be cached for ever; scripts and styles have a compressed twin, name.gz. index.html,
// favicon.svg and login.css keep their names and must be revalidated; the pages themselves need only index.html and assets/. Safe for concurrent use. Start at Dist.
package webui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist gives the built files: index.html (for every page's path), login.css and favicon.svg, and assets/.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("webui: dist is not embedded: " + err.Error()) // cannot happen: the name is fixed and valid
	}
	return sub
}
