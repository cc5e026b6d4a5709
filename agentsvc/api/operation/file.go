package operation

import "github.com/danielgtaylor/huma/v2"

// TakesFile is the Shape of an operation whose body is a file; its input embeds Request and reads HTTP().Body as it comes.
func TakesFile(d *huma.Operation) {
	d.RequestBody = &huma.RequestBody{Required: true, Description: "The file itself.", Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
}
