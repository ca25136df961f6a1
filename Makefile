# make demo · make test · make up · make lint · make bench DATA=DIR
# `.venv` holds what demo and up need; test, lint and bench add torch and the tools to the same place.
PYTHON ?= python3
DATA ?=
# Lints the page's scripts and styles by biome.json; the schema named there has the same version.
BIOME = @biomejs/biome@2.6.8
export GRADIO_ANALYTICS_ENABLED = False
export HF_HUB_DISABLE_TELEMETRY = 1

.PHONY: demo test up lint bench
demo: .venv
	.venv/bin/whenanime demo

up: .venv
	.venv/bin/whenanime up

test: lint
	.venv/bin/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: .venv-full
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	@if command -v npx >/dev/null; then \
		npx --yes $(BIOME) lint --error-on-warnings; \
	else \
		echo "npx is not installed (nodejs, npm): the page's scripts and styles are not linted"; \
	fi

bench: .venv-full
	.venv/bin/whenanime bench all $(if $(DATA),--data "$(DATA)")

# Each environment is stamped, and made again when a pin or a dependency changes.
.PHONY: .venv .venv-full
.venv: .venv/.demo-stamp
.venv-full: .venv/.full-stamp

.venv/.demo-stamp: pyproject.toml constraints.txt
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[pipeline,app]"
	touch $@

.venv/.full-stamp: pyproject.toml constraints.txt
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[pipeline,app,pictures,text,characters,train,dev]"
	touch $@ .venv/.demo-stamp
