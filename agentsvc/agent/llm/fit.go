package llm

import (
	"encoding/json"
	"slices"
	"strings"
)

// What a request keeps when it must become smaller.
const (
	leastResult  = 1 << 10 // bytes of a result
	leastFacts   = 2 << 10 // bytes of what the tools returned, for a model without tools
	mostFacts    = 24 << 10
	spareTokens  = 64
	shortSummary = 160 // bytes of a tool's description
)

// fit makes a request that the model can hold: first the results of tools become shorter, then the oldest turns go, then the descriptions of tools become
// short, and at last the tools go and what they return stands in the question. A call and its result stay together. Where nothing is known about
// the model's room all is sent.
func (m *Model) fit(r Request) (Request, error) {
	if m.quirks.get().noTools && len(r.Tools) > 0 {
		r = withFacts(r, mostFacts)
	}
	room := m.room()
	if room == 0 {
		return r, nil
	}
	// A tenth is left, because the count is an estimate.
	most := int(float64(room) * m.size.bytesPerToken() * 0.9)
	bytes := func(r Request) int {
		b, err := json.Marshal(m.codec.body(m, r))
		if err != nil {
			return 0 // the request itself will fail
		}
		return len(b)
	}
	n := bytes(r)
	if n <= most {
		return r, nil
	}
	steps := []func(Request) Request{
		func(r Request) Request { return shorterResults(r, n-most) },
		func(r Request) Request {
			for older(r) > 0 && bytes(r) > most {
				r.Messages = r.Messages[older(r):]
			}
			return r
		},
		briefTools,
		func(r Request) Request { return shorterResults(r, bytes(r)-most) },
		func(r Request) Request {
			bare := withFacts(r, 0)
			return withFacts(r, min(mostFacts, max(most-bytes(bare), leastFacts)*9/10))
		},
	}
	for i, step := range steps {
		if i == len(steps)-1 && len(r.Tools) == 0 {
			break
		}
		if r = step(r); bytes(r) <= most {
			return r, nil
		}
	}
	return r, failed(Overflow, "%d bytes for %d tokens", bytes(r), room)
}

// older is how many messages the oldest earlier turn has; 0 when only the question itself is left.
func older(r Request) int {
	for i, msg := range r.Messages {
		if i > 0 && msg.Role == User {
			return i
		}
	}
	return 0
}

// shorterResults takes about n bytes away from the results, most from the longest.
func shorterResults(r Request, n int) Request {
	r.Messages = slices.Clone(r.Messages)
	all := 0
	for i, msg := range r.Messages {
		r.Messages[i].Results = slices.Clone(msg.Results)
		for _, x := range msg.Results {
			if x.Shorter != nil {
				all += max(len(x.Output)-leastResult, 0)
			}
		}
	}
	if all == 0 || n <= 0 {
		return r
	}
	keep := max(0, 1-float64(n)*1.1/float64(all))
	for i := range r.Messages {
		for j, x := range r.Messages[i].Results {
			if over := len(x.Output) - leastResult; over > 0 && x.Shorter != nil {
				r.Messages[i].Results[j].Output = x.Shorter(leastResult + int(float64(over)*keep))
			}
		}
	}
	return r
}

// briefTools keeps of each description its first sentence, and of the arguments their names and types.
func briefTools(r Request) Request {
	r.Tools = slices.Clone(r.Tools)
	for i, t := range r.Tools {
		short, _, _ := strings.Cut(t.Description, ". ")
		if len(short) > shortSummary {
			short = strings.ToValidUTF8(short[:shortSummary], "")
		}
		r.Tools[i].Description, r.Tools[i].Schema = short, withoutWords(t.Schema)
	}
	return r
}

// withoutWords gives a schema without descriptions, titles and examples.
func withoutWords(schema map[string]any) map[string]any {
	out := make(map[string]any, len(schema))
	for k, v := range schema {
		if _, word := v.(string); word && (k == "description" || k == "title") || k == "examples" {
			continue
		}
		if k == "properties" {
			if props, ok := v.(map[string]any); ok {
				kept := make(map[string]any, len(props))
				for name, p := range props {
					kept[name] = p
					if sub, ok := p.(map[string]any); ok {
						kept[name] = withoutWords(sub)
					}
				}
				out[k] = kept
				continue
			}
		}
		if sub, ok := v.(map[string]any); ok {
			v = withoutWords(sub)
		}
		out[k] = v
	}
	return out
}

// withFacts is the request for a model without tools: what they return stands behind the question. Calls that were made and their results are among it.
func withFacts(r Request, n int) Request {
	kept := make([]Message, 0, len(r.Messages)+1)
	for _, msg := range r.Messages {
		if msg.Role == Results || len(msg.Calls) > 0 {
			continue
		}
		kept = append(kept, msg)
	}
	if r.Facts != nil && n > 0 && len(kept) > 0 {
		last := &kept[len(kept)-1]
		last.Text += "\n\n" + r.Facts(n)
	}
	r.Messages, r.Tools = kept, nil
	return r
}
