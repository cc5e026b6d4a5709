package data

import (
	"context"

	"github.com/resync-hwa/resync/knowledge"
)

type passagesInput struct {
	Query    string `query:"query" maxLength:"4000" example:"AWSBIA103E" doc:"What you look for, in words, or message ids and return codes."`
	Language string `query:"language" example:"en" doc:"Language of the query and of the explanations, en or pt; guessed when absent."`
	Limit    int    `query:"limit" example:"5" doc:"How many passages at most; 5 when absent."`
}

// passages answers GET /api/knowledge/search with the envelope of the tool search_knowledge; its query parameters are the tool's arguments.
func (a *API) passages(ctx context.Context, in *passagesInput) (*envelope[knowledge.SearchOut], error) {
	args := map[string]any{}
	put(args, "query", in.Query)
	put(args, "language", in.Language)
	put(args, "limit", in.Limit)
	return answer[knowledge.SearchOut](ctx, a, "search_knowledge", args)
}
