// Package reference draws the page of the API out of its OpenAPI file: contents, operations with who may use them, their fields, answers and an
// example, and the objects that they speak of. The server draws it whole, without script. Texts are escaped by html/template, wherever they come
// from. Start at Page.
package reference

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
)

// Path is where the page stands, and StylePath where its style sheet does.
const (
	Path      = "/docs/api"
	StylePath = "/docs.css"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS []byte

// Page draws the page of an OpenAPI 3.1 file in JSON.
func Page(openAPI []byte) ([]byte, error) {
	var d document
	if err := json.Unmarshal(openAPI, &d); err != nil {
		return nil, fmt.Errorf("read description: %w", err)
	}
	page, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("read page of the API: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, d.view()); err != nil {
		return nil, fmt.Errorf("draw page of the API: %w", err)
	}
	return b.Bytes(), nil
}

// Style answers GET /docs.css.
func Style(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(pageCSS) // who has gone away needs no style
	return nil
}
