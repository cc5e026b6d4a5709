package data

import "context"

// Passages is what search_knowledge says; the tool itself is handed in, and its room is not known here.
type Passages struct {
	Query    string    `json:"query"`
	Band     string    `json:"band" doc:"How surely the first passage is about the query: strong, fair or weak."`
	Results  []Passage `json:"results"`
	Messages []Decoded `json:"messages" doc:"Message ids, return codes and statuses of the query, explained."`
}

// Passage is one that was found.
type Passage struct {
	Document    string   `json:"document"`
	Title       string   `json:"title"`
	HeadingPath []string `json:"heading_path"`
	Section     string   `json:"section"`
	StartLine   int      `json:"start_line"`
	EndLine     int      `json:"end_line"`
	Score       float64  `json:"score"`
	Band        string   `json:"band"`
	Quote       string   `json:"quote"`
	Language    string   `json:"language,omitempty"`
}

// Decoded is a message id, return code or status word, explained.
type Decoded struct {
	ID        string `json:"id"`
	Component string `json:"component" doc:"Which part of the scheduler says it."`
	Severity  string `json:"severity,omitempty" doc:"information, warning or error."`
	Meaning   string `json:"meaning"`
	Action    string `json:"action,omitempty"`
	Source    string `json:"source,omitempty" doc:"Of a manual that says so in these words: knowledge:document#section."`
}

type passagesInput struct {
	Query    string `query:"query" required:"true" minLength:"1" maxLength:"4000" example:"AWSBIA103E" doc:"What you look for, in words, or message ids and return codes."`
	Language string `query:"language" example:"en" doc:"Language of the query and of the explanations, en or pt; guessed when absent."`
	Limit    int    `query:"limit" example:"5" doc:"How many passages at most; 5 when absent."`
}

// passages answers GET /api/knowledge/search with the envelope of the tool search_knowledge; its query parameters are the tool's arguments.
func (a *API) passages(ctx context.Context, in *passagesInput) (*envelope[Passages], error) {
	args := map[string]any{}
	put(args, "query", in.Query)
	put(args, "language", in.Language)
	put(args, "limit", in.Limit)
	return answer[Passages](ctx, a, "search_knowledge", args)
}
