package config

import "slices"

// defaultModel is the model that llm.* configures.
const defaultModel = "default"

// noModel is the provider of llm.* that has no model.
const noModel = "offline"

// ordered gives the models in the order in which they are asked. What does not fit is left out here and told by check.
func (c *Config) ordered() []Model {
	if c.off { // that llm.* has no model by default is no such wish
		return nil
	}
	names := c.chain
	if len(names) == 0 {
		names = c.only()
	}
	var out []Model
	for _, name := range names {
		if m, ok := c.model(name); ok {
			out = append(out, m)
		}
	}
	return out
}

// only is the one configured model, where no order is needed.
func (c *Config) only() []string {
	switch {
	case c.llm.Provider != noModel:
		return []string{defaultModel}
	case len(c.others) == 1:
		return []string{c.others[0].Name}
	}
	return nil
}

func (c *Config) model(name string) (Model, bool) {
	if name == defaultModel {
		return c.llm, c.llm.Provider != noModel
	}
	i := slices.IndexFunc(c.others, func(m Model) bool { return m.Name == name })
	if i < 0 {
		return Model{}, false
	}
	return c.others[i], true
}

func (c *Config) checkLLM(add adder) {
	if c.off {
		return
	}
	if c.llm.Provider != noModel {
		c.llm.check(add, "llm.")
	}
	for _, m := range c.others {
		if m.Name == defaultModel {
			add("models.default.model", "cannot be: default is the model of llm.*; choose another name")
			continue
		}
		m.check(add, "models."+m.Name+".")
	}
	for _, name := range c.chain {
		switch _, ok := c.model(name); {
		case ok:
		case name == defaultModel:
			add("llm.chain", "names default, which is the model of llm.endpoint and llm.model, and there is none")
		default:
			add("llm.chain", "names %s, and there is no section [models.%s]", name, name)
		}
	}
	if configured := len(c.others); len(c.chain) == 0 && (configured > 1 || configured > 0 && c.llm.Provider != noModel) {
		add("llm.chain", "is needed with more than one model: it says in which order they are asked")
	}
}

func (m Model) check(add adder, key string) {
	if m.Provider == "openai" && m.Endpoint == "" {
		if key == "llm." {
			add("llm.endpoint", "is needed with llm.provider openai; set LLM_ENDPOINT")
		} else {
			add(key+"endpoint", "is needed with provider openai")
		}
	}
	if m.Model == "" {
		if key == "llm." {
			add("llm.model", "is needed with an endpoint; set APP_LLM_MODEL")
		} else {
			add(key+"model", "is needed")
		}
	}
	if (m.Provider == "anthropic" || m.Provider == "gemini") && m.Endpoint == "" && m.APIKey.IsZero() {
		add(key+"api_key", "is needed with provider %s, unless an endpoint of your own is set", m.Provider)
	}
	if m.Provider == "anthropic" && m.Temperature > 1 {
		add(key+"temperature", "must be at most 1 with provider anthropic")
	}
	if m.KeepAlive != "" && m.Provider != "ollama" {
		add(key+"keep_alive", "is for provider ollama alone")
	}
	if m.ContextTokens != 0 && m.ContextTokens < m.MaxTokens+512 {
		add(key+"context_tokens", "must leave room for a question beside %smax_tokens", key)
	}
}
