.DEFAULT_GOAL := help
.PHONY: help setup run release test test-engine check sqlx web bench ci clean-data

# rustup's folder is missing from the PATH of many non-login shells.
export PATH := $(PATH):$(HOME)/.cargo/bin

# Cargo's own runner: the tests of one binary share one server, and nextest would start one for each.
RUNNER ?= test

help: ## Shows this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## Checks for Rust and a C compiler, installs PostgreSQL when it is missing
	@scripts/setup

# A process of its own in the end, so that Ctrl-C reaches the server once and make waits for it.
run: setup ## Builds and starts the server with a private Postgres under ./data; ARGS="..." are passed on
	@set -a; [ ! -f .env ] || . ./.env; exec cargo run -- serve $(ARGS)

release: setup ## Builds target/release/deskbell
	cargo build --release --locked

test: setup ## Runs all tests; needs neither Docker nor a database
	cargo $(RUNNER)
	scripts/test-pages

test-engine: ## Runs the tests of the rules only: no database, seconds
	cargo test --test engine

check: setup ## Format, lints, docs, queries, dependencies, web/dist
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items --locked
	scripts/sqlx-prepare --check
	scripts/check-dependencies
	scripts/check-web

sqlx: setup ## Regenerates .sqlx after a query or a migration has changed
	scripts/sqlx-prepare

web: ## Builds web/dist, which the server embeds (needs Node 20.19)
	cd web && npm ci --no-audit --no-fund && npm run build

bench: setup ## Measures everything into target/bench/report.md; ARGS="chats --saturate" measures one thing
	cargo build --release --workspace --locked
	target/release/deskbell-bench $(or $(ARGS),all) --report target/bench/report.md

ci: check test ## The whole gate: check and test

clean-data: ## Deletes ./data after a question
	@scripts/clean-data
