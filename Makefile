# KDK: `make help` lists the targets. Knobs: VARIANT=release|debug|san, V=1, CC, DESTDIR, PREFIX.

VERSION := 0.1.0
VARIANT ?= release
PREFIX  ?= /usr/local
CC      ?= cc
V       ?= 0

BUILD   := build$(if $(filter-out release,$(VARIANT)),/$(VARIANT))
Q       := $(if $(filter 0,$(V)),@)
say      = $(if $(filter 0,$(V)),@printf '  %-5s %s\n' '$(1)' '$(2)')

LIBS := yaml-0.1 libpcre2-8
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wpointer-arith -Wcast-qual -Wvla -Wundef -Wformat=2 \
	-Wswitch-enum -Wimplicit-fallthrough -fno-common $(if $(CI),-Werror)
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -DKDK_VERSION='"$(VERSION)"' -include src/base/banned.h
CFLAGS   += -std=c17 -g $(WARN) $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
LDLIBS   += $(shell pkg-config --libs $(LIBS) 2>/dev/null)

CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
CFLAGS_debug := -O0 -fPIE
LDFLAGS_debug := -pie
CFLAGS_san := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -DKDK_SAN
LDFLAGS_san := -fsanitize=address,undefined
CFLAGS  += $(CFLAGS_$(VARIANT))
LDFLAGS += $(LDFLAGS_$(VARIANT))

# In the order in which data flows; a later folder may include an earlier one, never the other way.
LAYERS := base config plan render post report
SOURCES := $(filter-out %_test.c %_fuzz.c,$(foreach l,$(LAYERS),$(wildcard src/$(l)/*.c)))
OBJECTS := $(SOURCES:src/%.c=$(BUILD)/obj/%.o)
TESTS   := $(patsubst src/%.c,$(BUILD)/test/%,$(foreach l,$(LAYERS),$(wildcard src/$(l)/*_test.c)))

all: $(BUILD)/kdk-render ## build build/kdk-render

$(BUILD)/kdk-render: $(BUILD)/obj/kdk-render.o $(BUILD)/obj/cli.o $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/obj/%.o: src/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/test/%: src/%.c $(OBJECTS)
	$(call say,TEST,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(OBJECTS) $(LDLIBS) -lcmocka

clean: ## remove everything that was built
	$(Q)rm -rf build

help: ## print this
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14

.PHONY: all clean help
-include $(OBJECTS:.o=.d) $(BUILD)/obj/kdk-render.d $(BUILD)/obj/cli.d $(TESTS:=.d)
