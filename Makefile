# Everything a developer does has one word here; `make help` lists them.
SHELL := /bin/bash
GOLANGCI_VERSION := v2.15.0
TOOLS := $(CURDIR)/.resync/tools
VERSION ?= devel
LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: help install build run test quick format lint web bench security check inspector conformance install-check mcpb foreign oidc openapi rest bench-mcp bench-kb bench-kb-scale models e2e clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: ## install what the tests need (as root), or list what is missing
	@deploy/test/needs

build: ## build bin/resync, stripped
	@CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/resync ./cmd/resync

run: build ## start everything on http://127.0.0.1:8000 with the demo engine, or with TWS_HOST … set with yours
	@exec bin/resync serve

test: ## install what is missing, then run every check that CI runs, each with its time
	@deploy/test/all

quick: ## the tests that need nothing but Go
	@go test -short ./...

format: ## format Go files
	@gofmt -w $$(git ls-files '*.go')

lint: $(TOOLS)/golangci-lint ## golangci-lint, pinned
	@$(TOOLS)/golangci-lint run --allow-parallel-runners ./...

$(TOOLS)/golangci-lint:
	@mkdir -p $(TOOLS)
	@if [ "$$(golangci-lint --version 2>/dev/null | grep -o '$(GOLANGCI_VERSION:v%=%)')" ]; then ln -sf "$$(command -v golangci-lint)" $@; else \
	  echo "building golangci-lint $(GOLANGCI_VERSION), once"; GOFLAGS=-mod=mod GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION); fi

web: ## check the web interface, build it again and compare with what is committed (needs Node 20)
	@deploy/test/web

inspector: build ## the official MCP inspector over stdio and HTTP (needs Node)
	@deploy/test/inspector

install-check: build ## what people install: the bundle, and the settings of MCP clients (needs Node)
	@deploy/test/install

mcpb: ## bundles for Claude Desktop in dist/, for this machine or TARGETS="darwin/arm64 windows/amd64"
	@go run ./deploy/mcp/pack -version '$(VERSION)' $(if $(TARGETS),-targets '$(TARGETS)') -out dist

foreign: build ## a further MCP server that nobody here wrote, over stdio and HTTP (needs Node)
	@deploy/test/foreign

models: build ## language models over four interfaces, from a server that nobody here wrote (needs Node)
	@deploy/test/models

oidc: build ## tokens of a certified OpenID provider (needs Node)
	@deploy/test/oidc

openapi: ## the OpenAPI file before two linters (needs Node)
	@deploy/test/openapi

rest: build ## every operation of the OpenAPI file through a proxy that holds requests and answers against it (needs Node)
	@deploy/test/rest

conformance: ## the official MCP conformance suite, with sessions and without (needs Node)
	@deploy/test/conformance

e2e: build ## a real browser on the real binary (needs Node and Chromium)
	@deploy/test/browser

bench: ## benchmarks of the Go packages
	@go test -run '^$$' -bench . -benchmem ./...

bench-mcp: build ## a call of a tool over MCP beside mcp-go alone, go-sdk and the TypeScript SDK (needs Node; five minutes)
	@deploy/test/bench-mcp $(BENCH)

bench-kb: ## whether questions find their passages, beside plain BM25; fails when the figures fall (ten seconds)
	@go run ./knowledge/bench -gate $(BENCH)

bench-kb-scale: ## speed, disk and memory over 100,000 passages, idle and while texts are taken in (five minutes; BENCH="-scale 20000 -gate" for less)
	@go run ./knowledge/bench -scale 100000 $(BENCH)

security: $(TOOLS)/golangci-lint ## security linters; known vulnerabilities where the database can be reached
	@$(TOOLS)/golangci-lint run --allow-parallel-runners --enable-only gosec,bodyclose,noctx ./...
	@if command -v govulncheck >/dev/null; then govulncheck ./... || echo "govulncheck could not finish (its database needs the internet)"; else echo "govulncheck is not installed: go install golang.org/x/vuln/cmd/govulncheck@v1.1.4"; fi

check: lint quick ## what to run before a commit

clean: ## remove what was built
	@rm -rf bin dist .resync
