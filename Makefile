# Everything that is done with the source of Almanac. `make` lists it.
#
# A Swift 6.3 toolchain must be on PATH; Debian packages that are missing are installed (as root or through sudo).

packages-build := $(shell cat Tests/Support/packages-build)
packages-test := $(shell cat Tests/Support/packages-test)
need := Tests/Support/install-packages
naming := Tests/Support/failures-last
sources := Package.swift Sources Tests

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## show the product: build it, run both jobs, let one come due; DB_DSN=… records in that PostgreSQL
	@Tests/Support/demo

# The tests that only compute keep every core busy for minutes. They come first and alone, so that the others, with
# their servers and time limits, have the machine to themselves. Of those few run at once: each starts programs, and
# hundreds that start together keep a small machine from everything that has its time, such as leases.
computing := (CivilTime|Scheduling|TaskXML|CommandRequests|RequestText|RunModel|Records|JobCatalog|RunEngine|Exposition|Preflight|House)Tests
at-once := --experimental-maximum-parallelization-width 8

.PHONY: test
test: ## run the whole suite against a throw-away PostgreSQL and two PgBouncers; ARGUMENTS=… for `swift test`
# The last lines of a run that fails name what failed: chaos says so at its end by itself.
	@$(need) $(packages-build) $(packages-test)
	swift build --build-tests
	$(naming) swift test --disable-xctest --skip-build --filter '$(computing)' $(ARGUMENTS)
	swift run --skip-build chaos
	ALMANAC_REQUIRE_POSTGRES=1 $(naming) Tests/Support/with-postgres Tests/Support/with-pgbouncer \
		swift test --disable-xctest --skip-build --skip '$(computing)' $(at-once) $(ARGUMENTS)

.PHONY: lint
lint: ## check the layout of the source
	swift format lint --strict --recursive $(sources)

.PHONY: build
build: ## build a debug version of the programs
	@$(need) $(packages-build)
	swift build --product almanac
	swift build --product standin-api

.PHONY: release
release: ## build the program to install: optimised, Swift's libraries inside, only C libraries outside
	@$(need) $(packages-build)
	swift build -c release --static-swift-stdlib --product almanac

.PHONY: check-release
check-release: release ## build the program to install, and check what it needs, its size, and that it knows the zones
	@Tests/Support/check-release

.PHONY: deb
deb: release ## make a Debian package, almanac_VERSION_ARCHITECTURE.deb
	@$(need) binutils debhelper dpkg-dev
	@Tests/Support/make-deb

.PHONY: bench
bench: ## measure the schedule engine; ARGUMENTS=--peers beside other engines
	@$(need) $(packages-build)
	swift run -c release Benchmarks $(ARGUMENTS)

.PHONY: bench-records
bench-records: ## measure how fast runs are recorded in a throw-away PostgreSQL; ARGUMENTS='--sqlite 64 512' in SQLite, 64 and 512 in flight
	@$(need) $(packages-build) $(packages-test)
	swift build -c release --product Benchmarks
	Tests/Support/with-postgres swift run -c release --skip-build Benchmarks records $(ARGUMENTS)

.PHONY: bench-history
bench-history: ## measure how fast a history of 10,000,000 runs answers; needs 10 GB for a while; ARGUMENTS=N runs
	@$(need) $(packages-build) $(packages-test)
	swift build -c release --product Benchmarks
	Tests/Support/with-postgres swift run -c release --skip-build Benchmarks history $(ARGUMENTS)

# The program itself, from outside. ALMANAC=PATH measures another, such as an older one; Benchmarks is built with the
# same options, since others would build everything anew.
static := -c release --static-swift-stdlib
measure = Tests/Support/with-postgres env ALMANAC="$${ALMANAC:-$$(swift build $(static) --show-bin-path)/almanac}" \
	"$$(swift build $(static) --show-bin-path)/Benchmarks"

.PHONY: bench-program
bench-program: $(if $(ALMANAC),,release)
	@$(need) $(packages-build) $(packages-test)
	swift build $(static) --product Benchmarks

.PHONY: bench-burst
bench-burst: bench-program ## measure 10,000 jobs due at one instant; ARGUMENTS='--jobs 1000 --repeats 1 --store sqlite'
	@$(measure) burst $(ARGUMENTS)

.PHONY: bench-idle
bench-idle: bench-program ## measure memory, start and wake-ups at rest; ARGUMENTS='--jobs 2,1000 --repeats 1'
	@$(measure) idle $(ARGUMENTS)

.PHONY: bench-lateness
bench-lateness: bench-program ## measure how late a job's request is; ARGUMENTS='--repeats 1 --seconds 10 --store postgres'
	@$(measure) lateness $(ARGUMENTS)

.PHONY: bench-status
bench-status: bench-program ## measure health, the API and metrics while 500 jobs run each second; ARGUMENTS='--repeats 1'
	@$(need) hey
	@$(measure) status $(ARGUMENTS)

.PHONY: bench-page
bench-page: ## measure how long the first page takes to make, and what it weighs
	@$(need) $(packages-build)
	swift run -c release Benchmarks page

.PHONY: check-unit
check-unit: ## check the service's unit file with the tools of systemd
	@Tests/Support/check-unit

.PHONY: test-api
test-api: build ## try the HTTP API against its description, and the pages' FastAPI code, with tools from PyPI
	@$(need) $(packages-build) $(packages-test) python3-venv
	Tests/Support/with-postgres Tests/Support/check-api
	Tests/Support/with-postgres Tests/Support/check-fastapi

.PHONY: test-preflight
test-preflight: build ## go through a launch checklist of a good deployment, and find each fault that is planted in it
	@$(need) $(packages-build) $(packages-test)
	Tests/Support/with-postgres Tests/Support/with-pgbouncer Tests/Support/check-preflight

.PHONY: test-cutover
test-cutover: build ## go over to the new system and back on two hosts under load, and measure how long it takes
	@$(need) $(packages-build) $(packages-test)
	Tests/Support/with-postgres Tests/Support/check-cutover

.PHONY: test-failover
test-failover: build ## let Patroni promote a replica, also one that is behind, under two daemons; ARGUMENTS=WORD those with it in their name
	@$(need) $(packages-build) $(packages-test) patroni etcd-server util-linux
	Tests/Support/check-failover $(ARGUMENTS)

.PHONY: test-page
test-page: build ## look at the pages with a real browser: accessible, at any width, by keyboard; ARGUMENTS='--short --shots DIRECTORY'
	@$(need) $(packages-build) $(packages-test) python3-venv chromium fonts-dejavu-core
	Tests/Support/with-postgres Tests/Support/check-page $(ARGUMENTS)

.PHONY: test-monitoring
test-monitoring: build ## turn each signal on and off, and look at health, metrics and alerts with a real Prometheus
	@$(need) $(packages-build) $(packages-test) prometheus faketime
	Tests/Support/with-postgres Tests/Support/check-signals

.PHONY: test-systemd
test-systemd: deb ## do what the pages say with the package, under a real systemd in a container (root); SUITE=trixie
	@$(need) systemd-container $(if $(SUITE),mmdebstrap)
	systemd/check $(if $(SUITE),--suite $(SUITE)) almanac_*.deb

.PHONY: chaos
chaos: $(if $(BEFORE),before) ## disturb real daemons for MINUTES=30 and KILLS=500; BEFORE=COMMIT beside hosts of that; ARGUMENTS='--phases …'
	@$(need) $(packages-build) $(packages-test)
	swift build --product almanac
	swift run chaos --rounds 3 --turns 3 --occurrences 1000 --minutes $${MINUTES:-30} --kills $${KILLS:-500} \
		$(if $(BEFORE),--before .build-before/build/debug/almanac) $(ARGUMENTS)

.PHONY: before
before: ## build the program of BEFORE=COMMIT into .build-before, for chaos with hosts of two versions
	@$(need) $(packages-build)
	rm -rf .build-before/source && mkdir -p .build-before/source
	git archive $(BEFORE) | tar -x -C .build-before/source
	swift build --package-path .build-before/source --scratch-path .build-before/build --product almanac

.PHONY: clock-changes
clock-changes: build ## run real daemons through nights in which clocks change, sixty times as fast, under faketime
	@$(need) faketime
	Tests/Support/clock-changes

# 1,000 worlds unless it is told how many or for how long; a seed or a bug is one thing to look at.
simulation := \
	$(if $(SIM_SEED),--seed '$(SIM_SEED)') $(if $(SIM_TRACE),--trace '$(SIM_TRACE)') \
	$(if $(SIM_COUNT),--count '$(SIM_COUNT)') $(if $(SIM_TIME),--time '$(SIM_TIME)') \
	$(if $(SIM_BUG),--bug '$(SIM_BUG)') $(if $(SIM_CENTURY),--century '$(SIM_CENTURY)')

.PHONY: simulate
simulate: ## run the engine through worlds gone wrong; SIM_TIME=10m, SIM_COUNT=…, SIM_SEED=… replays, SIM_CENTURY=1
	@$(need) $(packages-build)
	swift run -c release Benchmarks simulate $(simulation)

.PHONY: model
model: ## look at every order of steps by which hosts share a store, with Spin; ARGUMENTS=WORD those with it in their name
	@$(need) spin gcc libc6-dev python3
	@Tests/Support/check-model $(ARGUMENTS)

.PHONY: fuzz
fuzz: ## feed arbitrary input to the readers of expressions, zones and task files; ARGUMENTS='--count N --seed S'
	@$(need) $(packages-build)
	swift run -c release Benchmarks fuzz $(ARGUMENTS)
	swift run -c release Benchmarks fuzz-tasks
