# Each line is a command that a person could type. PORT, DATABASE_URL and the rest of .env.example are read from the
# environment.
.PHONY: setup setup-dev demo run worker test test-all check-and-prepare checks prepare-tests lint fix bench words

setup:
	bin/system-packages
	bin/python-packages requirements.txt
	bin/database start
	bin/catalogues

setup-dev:
	bin/system-packages chromium
	bin/python-packages requirements-dev.txt
	bin/database start
	bin/catalogues

demo:
	bin/check-port
	$(MAKE) --no-print-directory setup
	.venv/bin/python manage.py migrate --verbosity 0
	.venv/bin/python manage.py collectstatic --no-input --verbosity 0
	bin/fetch-postcodes
	.venv/bin/python manage.py load_demo --if-empty
	.venv/bin/python manage.py make_site --name "Help in Northside" --verbosity 0
	bin/serve --demo

run:
	bin/check-user run
	bin/check-port
	$(MAKE) --no-print-directory setup
	.venv/bin/python manage.py migrate --verbosity 0
	.venv/bin/python manage.py make_site --verbosity 0
	.venv/bin/python manage.py collectstatic --no-input --verbosity 0
	bin/serve

worker:
	bin/check-user worker
	$(MAKE) --no-print-directory setup
	.venv/bin/python manage.py work

# The gate. What test-all has besides: docs/testing.md
test: check-and-prepare
	.venv/bin/python -m pytest -n 3 --dist worksteal

test-all: check-and-prepare
	.venv/bin/python -m pytest -n 3 --dist worksteal --all

lint: setup-dev
	@$(MAKE) --no-print-directory checks

check-and-prepare: setup-dev
	@$(MAKE) --no-print-directory --jobs=2 --output-sync checks prepare-tests

checks:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/python manage.py makemigrations --check --dry-run
	DEBUG=0 SECRET_KEY=a-key-for-this-check-alone-of-fifty-characters-or-more ALLOWED_HOSTS=example.org \
		PUBLIC_URL=https://example.org SMTP_HOST=mail.example.org .venv/bin/python manage.py check --deploy --fail-level WARNING

# For all processes of the tests at once: the database that they copy, and the compiled tests.
prepare-tests:
	.venv/bin/python -m pytest --quiet -k test_it_is_built_once_until_its_inputs_change

fix: setup-dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# Brings the catalogues up to date with the words in the sources.
words: setup-dev
	.venv/bin/python manage.py makemessages --all

bench: setup-dev
	.venv/bin/python manage.py bench $(CASES)
