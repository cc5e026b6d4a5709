package agent

import "context"

// Accounts know what models have cost, and may refuse further costs. They are asked while turns run, by many at once, so they must be quick and safe
// for concurrent use. The offline model costs nothing and is not asked for.
type Accounts interface {
	// Allow is asked once before each turn that would use a real model, and gives the account of that turn. An error, best a coded one of
	// internal/fault with a hint, makes the turn an offline one: the error stands in its answer, the question is answered all the same.
	Allow(ctx context.Context, owner string) (Account, error)
}

// Account is the account of one turn.
type Account interface {
	// Spent is told of each request that reached a model's server, failed ones too, after it has ended; the context may be cancelled already.
	// It gives what the request cost in US dollars, 0 where no price is known; the turn adds it to its answer's usage.
	Spent(ctx context.Context, u Use) float64
	// End is told once, when no request of the turn runs any more.
	End(ctx context.Context)
}

// Use is one request to a model. Counts are in tokens and never negative.
type Use struct {
	Model    string  // the name under which it is configured: [models.NAME]; "default" for the one of llm.*
	Name     string  // the model's own name, as its server is asked for it
	Provider string  // OpenAI, Anthropic, Gemini or Ollama
	Input    int     // all of the prompt, what came from or went into the server's cache included
	Cached   int     // of Input: read from the server's cache
	Stored   int     // of Input: written to the server's cache
	Output   int     // all that was written, thoughts included
	CostUSD  float64 // as the server itself told it (OpenRouter does); 0: it did not
	// Estimated is true where the server told no counts and these are counted from the bytes that went and came.
	Estimated bool
	// Failed is true where the answer could not be used; it is paid for all the same.
	Failed bool
}
