# The daily commands. `make` alone lists them.
# 1 is a host of your own; 2 to 4 stand in the rehearsal's account.
STAGE ?= 1
APP ?= $(if $(filter 4,$(STAGE)),shop,chat)
VERSION ?=
SCENARIO ?=
PART ?= stage1
PYTHON ?= python3
BIN := .venv/bin
OTHER := $(filter-out chat,$(APP))
IN_ACCOUNT := $(filter-out 1,$(STAGE))
# ansible.cfg points at the rehearsal of chat; another app brings its own pair of inventories, and in the account one.
INVENTORY := $(if $(IN_ACCOUNT),-i inventories/rehearsal_account_$(APP),$(if $(OTHER),-i inventories/$(OTHER) -i inventories/rehearsal_$(OTHER)))
HOST := $(APP)-1
PLAY = $(if $(IN_ACCOUNT),eval "$$($(REHEARSAL) account env)" && )$(BIN)/ansible-playbook $(INVENTORY)
# Docker asks for root unless you are in its group.
SUDO := $(shell [ "$$(id -u)" = 0 ] || docker version >/dev/null 2>&1 || echo sudo -E)
REHEARSAL := $(SUDO) $(PYTHON) -m rehearsal
PREPARE = $(SUDO) $(BIN)/ansible-playbook -i localhost, playbooks/rehearse_docker.yml
# With the virtualenv's programs first, and as root where Docker asks for it.
ROOT := $(SUDO) env PATH="$(CURDIR)/$(BIN):$$PATH:/usr/sbin:/sbin"
MINE := $(if $(SUDO),$(SUDO) chown -R "$$(id -u):$$(id -g)" .cache ~/.cache/stairway inventories/rehearsal*,true)

.DEFAULT_GOAL := help
.PHONY: help venv docker rehearse rehearse_host rehearse_account release rollback status down clean test docs lint sanity unit examples molecule accept bench

help: ## this list
	@awk -F ':.*## ' '/^[a-z_]+:.*## / { printf "make %-28s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "APP=$(APP) (or resee, or shop in the account), STAGE=$(STAGE) (or 2 to 4: in the rehearsal's account), VERSION=...,"
	@echo "SCENARIO=... for molecule, PART=$(PART) for accept and bench"

venv: .venv/.stairway ## a virtualenv with pinned versions

.venv/.stairway: requirements-dev.txt
	@echo "== virtualenv .venv"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv || { \
	  echo "python3-venv is missing; installing it"; $(if $(filter 0,$(shell id -u)),,sudo) apt-get install -y python3-venv && rm -rf .venv && $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

docker: venv # Docker Engine and the rehearsal's programs on this machine, if they are missing
	@$(SUDO) docker version >/dev/null 2>&1 || command -v dockerd >/dev/null || { \
	  echo "== Docker Engine, with the collection's own role"; $(PREPARE); }
	@for tool in nft openssl ssh-keygen; do \
	  PATH="$$PATH:/usr/sbin:/sbin" command -v $$tool >/dev/null || { echo "== $$tool"; $(PREPARE) --tags tools; break; }; \
	done

rehearse: $(if $(IN_ACCOUNT),rehearse_account,rehearse_host) ## the whole thing: a real host that serves the app over HTTPS; STAGE=4: a fleet in an account

rehearse_host: docker
	@echo "== parts and $(HOST)"
	@$(REHEARSAL) up $(HOST)
	@echo "== images of $(APP): 1 and 2"
	@$(REHEARSAL) app $(APP) 1 2
	@$(MINE)
	@echo "== playbooks/stage1.yml"
	@$(PLAY) playbooks/stage1.yml
	@echo "== what stands where"
	@$(REHEARSAL) status $(APP)

rehearse_account: docker
	@mkdir -p .cache && date +%s > .cache/rehearsal.begun
	@echo "== parts and account"
	@$(REHEARSAL) account up >/dev/null
	@$(MINE)
	@echo "== places for the images of $(APP)"
	@$(PLAY) playbooks/registry.yml
	@echo "== images of $(APP): 1 and 2"
	@$(REHEARSAL) app $(APP) 1 2 --ecr
	@echo "== playbooks/stage$(STAGE).yml"
	@$(PLAY) playbooks/stage$(STAGE).yml
	@echo "== what stands where"
	@$(REHEARSAL) account show $(APP) --since $$(cat .cache/rehearsal.begun)

release: venv ## release VERSION=2 of APP (broken-boot, broken-health and broken-later are there to fail)
	@[ -n "$(VERSION)" ] || { echo "Which version? make release VERSION=2" >&2; exit 2; }
	@$(REHEARSAL) app $(APP) $(VERSION) $(if $(IN_ACCOUNT),--ecr)
	@$(MINE)
	@$(PLAY) playbooks/release.yml -e '{"version": "$(VERSION)"}'

rollback: venv ## back to the last good release of APP
	@$(PLAY) playbooks/rollback.yml

status: venv ## what stands where, and what APP runs
	@$(REHEARSAL) $(if $(IN_ACCOUNT),account show,status) $(APP)
	@$(PLAY) playbooks/status.yml

down: ## take the rehearsal away: containers, networks, volumes
	@$(REHEARSAL) down

clean: ## the same, and the images too
	@$(REHEARSAL) clean

test: docker ## everything that CI runs: lint, unit, molecule, acceptance
	@$(REHEARSAL) images
# What fills an account with bodies takes many minutes and is left to make accept PART=stages.
	@$(ROOT) $(BIN)/python -m pytest -n 2 -m 'not long' --durations 25 tests

docs: venv ## what is made from the sources: docs/kinds, docs/iam-policy.json
	@PYTHONPATH=.collections $(BIN)/python -m tools.kind_docs
	@$(BIN)/python -m tools.iam_policy

lint: venv ## every linter
	@$(BIN)/python -m tools.lint

sanity: venv ## ansible-test sanity
	@$(BIN)/python -m tools.sanity

unit: venv ## unit tests, no network, no Docker
	@$(BIN)/python -m pytest -q -n 2 tests/unit

molecule: docker ## every role on bare Debian 13 and 12 hosts; SCENARIO=caddy for one
	@$(ROOT) $(BIN)/python -m pytest -q tests/molecule $(if $(SCENARIO),-k '[$(SCENARIO)]')

examples: docker ## the example apps' own tests, in their images
	@$(ROOT) $(BIN)/python -m pytest -q tests/examples

accept: docker ## what an issue asked to be shown, on real hosts; PART=stage1
	@$(ROOT) $(BIN)/python -m pytest -q tests/acceptance/$(PART)

bench: docker ## times beside the ways others do it; PART=stage1
	@$(ROOT) $(BIN)/python -m benchmarks.$(PART)
