package extract

import (
	"regexp"
	"strings"
)

var (
	// voidTags have no end.
	voidTags = words("area base br col embed hr img input link meta param source track wbr")
	// dropped are elements whose text is no part of what a page says.
	dropped = words("script style template nav noscript svg iframe object embed canvas audio video select button textarea noembed noframes dialog datalist applet")
	// blocks end a paragraph where they begin and end.
	blocks = words("address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 " +
		"header hgroup hr html legend li listing main menu ol p pre section summary table tbody td tfoot th thead tr ul xmp")
	// admonition marks an aside that belongs to the text.
	admonition = regexp.MustCompile(`(?i)\b(?:note|tip|hint|info|important|warning|caution|attention|danger|admonition|callout|alert)\b`)
	// anchors are links from a heading to itself.
	anchors  = regexp.MustCompile(`(?i)\b(?:headerlink|hash-link|anchorjs-link|permalink|sr-only|visually-hidden|skip-link|skip-to-content)\b`)
	unshown  = regexp.MustCompile(`(?i)(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)`)
	headings = map[string]int{"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

// leaveOut reports whether an element says nothing that belongs to the text.
func (h *page) leaveOut(tag string) bool {
	if tag == "html" || tag == "body" || h.keep[tag] || voidTags[tag] {
		return false
	}
	if dropped[tag] {
		return true
	}
	within := h.open["main"]+h.open["article"]+h.open["section"] > 0
	class, _ := h.tokens.attr("class")
	role, _ := h.tokens.attr("role")
	switch tag {
	case "header":
		if !within {
			return true
		}
	case "footer":
		return true
	case "aside":
		if !admonition.MatchString(class + " " + role) {
			return true
		}
	}
	switch strings.ToLower(role) {
	case "navigation", "banner", "contentinfo", "search":
		return true
	}
	if v, ok := h.tokens.attr("hidden"); ok && !strings.EqualFold(v, "until-found") {
		return true
	}
	if v, _ := h.tokens.attr("aria-hidden"); v == "true" {
		return true
	}
	style, _ := h.tokens.attr("style")
	return unshown.MatchString(style) || anchors.MatchString(class)
}
