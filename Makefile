# KDK: `make help` lists the targets. Knobs: VARIANT=release|debug|san, STATIC=0|1, V=1, CC, DESTDIR, PREFIX.

VERSION := 0.1.0
VARIANT ?= release
PREFIX  ?= /usr/local
V       ?= 0

BUILD := build$(if $(filter-out release,$(VARIANT)),/$(VARIANT))
Q     := $(if $(filter 0,$(V)),@)
say    = $(if $(filter 0,$(V)),@printf '  %-5s %s\n' '$(1)' '$(2)')

LIBS := yaml-0.1 libpcre2-8
POD_LIBS := libcyaml
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wpointer-arith -Wcast-qual -Wvla -Wundef -Wformat=2 \
	-Wswitch-enum -Wimplicit-fallthrough -fno-common $(if $(CI),-Werror)
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -DKDK_VERSION='"$(VERSION)"' -include src/base/banned.h
# pkg-config is asked when something is compiled, not before: `make demo` may have to install it.
CFLAGS_ALL   = -std=c17 -g $(WARN) $(CFLAGS_$(VARIANT)) $(shell pkg-config --cflags $(LIBS)) $(CFLAGS)
LDLIBS_ALL   = $(shell pkg-config --libs $(LIBS)) $(LDLIBS)
# The release is one static file: to copy to anywhere, as Helm's plugin is, and quick to start. STATIC=0: it is not.
STATIC      ?= $(if $(filter release,$(VARIANT)),1,0)
LDFLAGS_PROGRAM = $(LDFLAGS_$(VARIANT)) $(if $(filter 1,$(STATIC)),-static-pie) $(LDFLAGS)
LDLIBS_POD   = $(shell pkg-config --libs $(POD_LIBS)) $(LDLIBS_ALL)

CFLAGS_release  := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
CFLAGS_debug    := -O0 -fPIE
LDFLAGS_debug   := -pie
CFLAGS_san      := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -DKDK_SAN
LDFLAGS_san     := -fsanitize=address,undefined

# In the order in which data flows; a later folder may include an earlier one, never the other way.
LAYERS  := base config plan render post report command pod
ALL_C   := $(foreach l,$(LAYERS),$(wildcard src/$(l)/*.c))
# What only kdk-pod has: libcyaml stays out of kdk-render.
IS_POD  := src/config/pod.c src/pod/%
SOURCES := $(filter-out %_test.c %_fuzz.c $(IS_POD),$(ALL_C))
POD_C   := $(filter $(IS_POD),$(filter-out %_test.c %_fuzz.c,$(ALL_C)))
# What needs the table of commands is the program's alone; tests are linked to the rest.
MAIN    := $(patsubst src/%.c,$(BUILD)/obj/%.o,src/kdk-render.c $(filter src/command/%,$(SOURCES)))
OBJECTS := $(patsubst src/%.c,$(BUILD)/obj/%.o,$(filter-out src/command/%,$(SOURCES)))
POD     := $(patsubst src/%.c,$(BUILD)/obj/%.o,$(POD_C))
TESTS   := $(patsubst src/%.c,$(BUILD)/test/%,$(filter %_test.c,$(ALL_C)))

all: $(BUILD)/kdk-render $(BUILD)/kdk-pod ## build build/kdk-render and build/kdk-pod

$(BUILD)/kdk-render: $(MAIN) $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_PROGRAM) -o $@ $^ $(LDLIBS_ALL)

# The same, dynamically linked: so that tests get between it and the C library.
$(BUILD)/test/kdk-render: $(MAIN) $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(LDLIBS_ALL)

# All of it inside, so that any base image will do.
$(BUILD)/kdk-pod: $(BUILD)/obj/kdk-pod.o $(POD) $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_PROGRAM) -o $@ $^ $(LDLIBS_POD)

$(BUILD)/obj/%.o: src/%.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/obj/pod/%.o $(BUILD)/test/pod/%: CPPFLAGS += -D_GNU_SOURCE

# The pages of docs/rules as C: the same for all variants.
$(BUILD)/obj/report/page.o: build/rule_pages.inc
build/rule_pages.inc: scripts/pages docs/rules $(wildcard docs/rules/*.md)
	$(call say,PAGES,$@)
	$(Q)mkdir -p $(@D)
	$(Q)scripts/pages >$@.new
	$(Q)mv $@.new $@

$(BUILD)/test/%: src/%.c $(OBJECTS)
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(OBJECTS) $(LDLIBS_ALL) -lcmocka

$(BUILD)/bench/%: bench/%.c $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -o $@ $^ $(LDLIBS_ALL)

# With what only kdk-pod has.
$(BUILD)/test/pod/%: src/pod/%.c $(OBJECTS) $(POD)
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(OBJECTS) $(POD) $(LDLIBS_POD) -lcmocka

$(BUILD)/test/config/pod_test: src/config/pod_test.c $(OBJECTS) $(BUILD)/obj/config/pod.o
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_$(VARIANT)) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(OBJECTS) $(BUILD)/obj/config/pod.o $(LDLIBS_POD) -lcmocka

## The two commands of the README

demo: ## install what is missing, build, render the quick-start values
	@scripts/install-deps build
	@$(MAKE) --no-print-directory all
	$(BUILD)/kdk-render lint testdata/quick-start/values.yaml
	$(BUILD)/kdk-render testdata/quick-start/values.yaml

check: ## install what is missing, run all tests
	@scripts/install-deps check
	@scripts/check

## Parts of it

test: $(BUILD)/kdk-render $(BUILD)/kdk-pod $(BUILD)/test/kdk-render $(TESTS) ## unit, golden and fault tests of this VARIANT
	@KDK_RENDER=$(abspath $(BUILD)/kdk-render) KDK_POD=$(abspath $(BUILD)/kdk-pod) scripts/tap $(sort $(TESTS)) scripts/golden scripts/discovered scripts/rules scripts/fault scripts/readme \
		scripts/pod scripts/pod-kills

lint: $(BUILD)/kdk-render ## layers, shell scripts, what is generated is fresh; warnings of gcc and clang are errors
	@scripts/tap scripts/layers scripts/lint

san: ## unit and golden tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory VARIANT=san build/san/kdk-render $(patsubst src/%.c,build/san/test/%,$(filter %_test.c,$(ALL_C)))
	@KDK_RENDER=$(abspath build/san/kdk-render) scripts/tap $(sort $(patsubst src/%.c,build/san/test/%,$(filter %_test.c,$(ALL_C)))) scripts/golden

valgrind: $(BUILD)/test/kdk-render ## golden tests under valgrind
	@KDK_RENDER="$(abspath scripts/under-valgrind)" scripts/tap scripts/golden

fuzz: ## every fuzz target, SECONDS each (default 60)
	scripts/fuzz $(or $(SECONDS_EACH),60)

replay: ## the inputs that fuzzing has found, once each
	@scripts/tap "scripts/fuzz 0"

coverage: ## which lines the unit and golden tests run; build/coverage/html shows them
	@scripts/coverage

bench: $(BUILD)/kdk-render $(BUILD)/bench/plan ## side by side with what a user would run instead
	@scripts/tap bench/run

e2e: $(BUILD)/kdk-render $(BUILD)/kdk-pod ## real Helm 3, Helm 4 and API server (built from Go modules, about ten minutes once)
	@scripts/tap e2e/addresses.sh e2e/preflight.sh e2e/reports.sh e2e/ci.sh e2e/schema.sh e2e/discover.sh e2e/helm.sh e2e/manifests.sh e2e/rbac.sh \
		e2e/shapes.sh "bats --tap e2e/connect"

# NESTED='"e2e/pod.sh helm4"': one part of one
NESTED ?= e2e/pod.sh e2e/clashes.sh $(if $(wildcard /sys/fs/cgroup/cgroup.controllers),e2e/cgroup2.sh)
e2e-nested: $(BUILD)/kdk-render $(BUILD)/kdk-pod ## real nested clusters, as root; KEEP=1 lets the host run on (e2e/README.md says what that takes)
	@scripts/install-deps check
	@e2e/nested/parent scripts/tap $(NESTED)

golden: $(BUILD)/kdk-render ## accept what the program prints now as what the golden tests want
	scripts/golden --update

generate: $(BUILD)/kdk-render ## write what is generated: schemas, the values reference, the chart's values.yaml, kdk's known messages
	scripts/generate

format: ## clang-format all sources
	clang-format -i $(wildcard src/*.[ch] src/*/*.[ch])

## For users

install: all ## install kdk-render, kdk-pod and kdk, man pages and completions (DESTDIR, PREFIX)
	install -D -m 755 $(BUILD)/kdk-render $(DESTDIR)$(PREFIX)/bin/kdk-render
	install -D -m 755 $(BUILD)/kdk-pod $(DESTDIR)$(PREFIX)/bin/kdk-pod
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(BUILD)/kdk-render help man >$(DESTDIR)$(PREFIX)/share/man/man1/kdk-render.1
	$(BUILD)/kdk-render completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/kdk-render
	$(BUILD)/kdk-render completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_kdk-render
	$(BUILD)/kdk-render completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/kdk-render.fish
	install -m 755 scripts/kdk $(DESTDIR)$(PREFIX)/bin/kdk
	ln -sf kdk $(DESTDIR)$(PREFIX)/bin/kubectl-kdk
	ln -sf kdk $(DESTDIR)$(PREFIX)/bin/kubectl_complete-kdk
	scripts/kdk help man >$(DESTDIR)$(PREFIX)/share/man/man1/kdk.1
	scripts/kdk completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/kdk
	scripts/kdk completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_kdk
	scripts/kdk completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/kdk.fish

plugin: all ## the Helm 4 plugin: plugin/helm for `helm plugin install`, and its tarball in build/
	$(Q)install -D -m 755 $(BUILD)/kdk-render plugin/helm/bin/kdk-render
	plugin/helm/package $(BUILD)/kdk-render $(VERSION) build

IMAGE ?= kdk:$(VERSION)
image: $(BUILD)/kdk-pod ## the pod's image (IMAGE, IMAGE_ARGS="--build-arg BASE=...", DOCKER); NODE_TAR preloads the node image
	IMAGE='$(IMAGE)' NODE_TAR='$(NODE_TAR)' DOCKER='$(or $(DOCKER),docker)' image/build $(BUILD)/kdk-pod $(IMAGE_ARGS)

dist: ## the source of the last commit as build/kdk-VERSION.tar.gz
	$(Q)mkdir -p build
	git archive --format=tar.gz --prefix=kdk-$(VERSION)/ -o build/kdk-$(VERSION).tar.gz HEAD

clean: ## remove everything that was built
	rm -rf build plugin/helm/bin

help: ## print this
	@sed -n 's/^\([a-z0-9-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: image all demo check test lint san valgrind fuzz replay coverage bench e2e e2e-nested golden generate format install plugin dist clean help
-include $(OBJECTS:.o=.d) $(MAIN:.o=.d) $(POD:.o=.d) $(BUILD)/obj/kdk-pod.d $(TESTS:=.d)
