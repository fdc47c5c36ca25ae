# SPDX-License-Identifier: GPL-2.0
# The front door: `make help`. The module's own rules are in Kbuild and module/Kbuild.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
KERNELS ?= 6.1 7.2
KERNEL ?= 6.1
CC ?= cc

# ARCH_USER=i386 or arm64: the tool and the helper programs for guests of that architecture, in a directory of their own
CROSS :=
ifdef ARCH_USER
CROSS := $(filter-out $(shell dpkg --print-architecture),$(ARCH_USER))
endif
ifneq ($(CROSS),)
GNU := $(patsubst amd64,x86_64,$(patsubst i386,i686,$(patsubst arm64,aarch64,$(CROSS))))-linux-gnu
BUILD ?= build/$(CROSS)
endif

# SANITIZE=1 is a build of its own, beside the usual one
ifeq ($(SANITIZE),1)
BUILD ?= build-asan
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
BUILD ?= build
SAN :=
endif

# V=1 shows whole commands; make -s shows nothing
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),:,printf '  %-7s %s\n' $(1) $(2))
endif

# module for the running kernel
RUNNING := $(shell uname -r)
KDIR ?= /lib/modules/$(RUNNING)/build

PKGS := libnl-genl-3.0 libkmod libproc2 smartcols libelf zlib
PKG_CONFIG ?= pkg-config

CSTD := -std=gnu11
OPT ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror=implicit
CPPFLAGS_ALL = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Iuserspace -Imodule/include/uapi $(PKG_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL = $(CSTD) $(OPT) $(WARN) $(SAN) $(CFLAGS)
LDFLAGS_ALL = -Wl,--as-needed $(SAN) $(LDFLAGS)
# -isystem: installed headers are not ours to warn about
PKG_CFLAGS = $(PKG_CFLAGS_RAW:-I%=-isystem%)

SRCS := $(filter-out userspace/main.c,$(wildcard userspace/*.c userspace/*/*.c))
OBJS := $(SRCS:%.c=$(BUILD)/obj/%.o)
UNIT := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c tests/mmu/test_*.c))
JUDGE_RAM := $(BUILD)/tests/mmu/judge_ram
JUDGE := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/mmu/judge_unicorn.c))
HELPERS := $(patsubst %.c,$(BUILD)/tests/%,$(notdir $(wildcard tests/vm/*.c tests/bench/*.c)))

# pkg-config is asked only where something is compiled, and once
COMPILING := $(filter-out help clean docs lint check check-all check-mmu demo bench module,$(or $(MAKECMDGOALS),all))
ifneq ($(COMPILING),)
ifneq ($(CROSS),)
SYSROOT := $(or $(shell scripts/kernels sysroot $(CROSS)),$(error no libraries for ARCH_USER=$(CROSS)))
CC := $(GNU)-gcc --sysroot=$(SYSROOT)
AR := $(GNU)-ar
PKG_CONFIG := env PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(GNU:i686-%=i386-%)/pkgconfig \
	PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) $(PKG_CONFIG)
endif
PKG_CFLAGS_RAW := $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null)
endif

.PHONY: all help userspace libmmscope-mmu module check check-all check-mmu demo bench lint docs install clean tests-build FORCE
.DELETE_ON_ERROR:
.SUFFIXES:

all: userspace
	@if [ -e "$(KDIR)/Makefile" ]; then $(MAKE) --no-print-directory module; else \
		echo "module: no headers of the running kernel ($(RUNNING)) in $(KDIR)."; \
		echo "  Install them (apt-get install linux-headers-$(RUNNING)) and say 'make module',"; \
		echo "  or build for a kernel of scripts/kernels.table: scripts/kernels module $(KERNEL)"; \
	fi

help:
	@echo "make                 the tool (build/mmscope), and the module if the running kernel's headers are here"
	@echo "make demo            boot a kernel in QEMU and look around in its memory: nothing is touched on this machine"
	@echo "make check           all tests on two kernels [KERNELS=\"$(KERNELS)\"], the first questions on others"
	@echo "make check-mmu       the software MMU before all its judges, all cases (some hours)"
	@echo "make check-all       all tests on all kernels of scripts/kernels.table, and the matrix (an hour or two)"
	@echo "make userspace       the tool [V=1: whole commands; SANITIZE=1: with ASan and UBSan into build-asan/]"
	@echo "                     [ARCH_USER=i386 or arm64: for VMs of that architecture, into build/ARCH_USER/]"
	@echo "make libmmscope-mmu  the software MMU as a library of its own (Documentation/libmmscope-mmu.rst)"
	@echo "make module          the module for the running kernel [KDIR=its headers]"
	@echo "make bench           instruction counts of the hot paths, and the software MMU beside others"
	@echo "make lint            clang-format, shellcheck, cppcheck"
	@echo "make docs            Documentation/ as HTML (Sphinx)"
	@echo "make install         the tool, its man pages and libmmscope-mmu [PREFIX=$(PREFIX) DESTDIR= LIBDIR= INCLUDEDIR=]"
	@echo "make clean           removes build/ and build-asan/; downloads stay in ~/.cache/mmscope"
	@echo
	@echo "scripts/kernels list the kernels: what is here, and how their last test run ended"
	@echo "scripts/vm --help    run any command in a VM with the tool and the module"

# --- the tool ---

userspace: $(BUILD)/mmscope

$(BUILD)/mmscope: $(BUILD)/obj/userspace/main.o $(BUILD)/libmmscope.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

# made anew: an object whose source is gone must not stay in it
$(BUILD)/libmmscope.a: $(OBJS) $(BUILD)/obj/sources
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $(OBJS)

# changes when the list of sources changes
$(BUILD)/obj/sources: FORCE
	@mkdir -p $(@D)
	@echo '$(OBJS)' | cmp -s - $@ || echo '$(OBJS)' >$@

# The compiler's lists of headers: of $(BUILD)/..., as this directory may be said in several ways (relative or not)
DEPS = -MMD -MP -MT '$(@:$(BUILD)/%=$$(BUILD)/%)'

# changes when the flags change; DEPS stands in it by its last word: lists from before it said $(BUILD) are made anew
$(BUILD)/obj/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MT' | cmp -s - $@ || echo '$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MT' >$@

$(BUILD)/obj/%.o: %.c $(BUILD)/obj/flags
	@command -v $(PKG_CONFIG) >/dev/null && $(PKG_CONFIG) --exists $(PKGS) || \
		{ echo "Libraries are missing ($(PKGS)): run scripts/setup --for build" >&2; exit 1; }
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(DEPS) -c -o $@ $<

# --- the software MMU for others: needs nothing of the C library but memcpy() and its like ---

LIBMMU_VERSION := 0.1
# raised whenever a program that was compiled before would not work any more: a struct has changed, say
LIBMMU_SO := libmmscope-mmu.so.0
LIBMMU_OBJS := $(patsubst %.c,$(BUILD)/obj/pic/%.o,$(wildcard userspace/mmu/*.c))
LIBMMU_HEADERS := $(addprefix userspace/mmu/,mmu.h arm64.h entry.h plan.h segment.h tlb.h)

libmmscope-mmu: $(BUILD)/libmmscope-mmu.a $(BUILD)/$(LIBMMU_SO) $(BUILD)/libmmscope-mmu.so

$(BUILD)/obj/pic/%.o: %.c $(BUILD)/obj/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -fPIC -fno-semantic-interposition $(DEPS) -c -o $@ $<

$(BUILD)/libmmscope-mmu.a: $(LIBMMU_OBJS) $(BUILD)/obj/sources
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $(LIBMMU_OBJS)

$(BUILD)/$(LIBMMU_SO): $(LIBMMU_OBJS) userspace/mmu/libmmscope-mmu.map $(BUILD)/obj/sources
	$(call say,LD,$@)
	$(Q)$(CC) -shared $(LDFLAGS_ALL) $(if $(SAN),,-Wl,--no-undefined) -Wl,-soname=$(LIBMMU_SO) \
		-Wl,--version-script=userspace/mmu/libmmscope-mmu.map -o $@ $(LIBMMU_OBJS)

$(BUILD)/libmmscope-mmu.so: $(BUILD)/$(LIBMMU_SO)
	@ln -sf $(LIBMMU_SO) $@

# --- tests and helper programs ---

# unit tests run on this machine
tests-build: $(if $(CROSS),,$(UNIT) $(JUDGE_RAM)) $(HELPERS)

$(BUILD)/tests/unit/%: CHECK_LIBS = $(shell $(PKG_CONFIG) --libs check)
$(BUILD)/tests/unit/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/libmmscope.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(CHECK_LIBS) $(PKG_LIBS)

$(BUILD)/tests/mmu/%: CHECK_LIBS = $(shell $(PKG_CONFIG) --libs check)
$(BUILD)/tests/mmu/test_%: $(BUILD)/obj/tests/mmu/test_%.o $(BUILD)/libmmscope.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(CHECK_LIBS) $(PKG_LIBS)

$(JUDGE_RAM): $(BUILD)/obj/tests/mmu/judge_ram.o $(BUILD)/libmmscope.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

# only where Unicorn is
ifneq ($(if $(CROSS),,$(COMPILING)),)
ifeq ($(shell $(PKG_CONFIG) --exists unicorn 2>/dev/null && echo y),y)
tests-build: $(JUDGE)
$(BUILD)/tests/mmu/judge_unicorn: $(BUILD)/obj/tests/mmu/judge_unicorn.o $(BUILD)/libmmscope.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(shell $(PKG_CONFIG) --libs unicorn) $(CHECK_LIBS) $(PKG_LIBS)
endif
endif

$(BUILD)/tests/%: tests/vm/%.c $(BUILD)/obj/flags
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(DEPS) -MF $@.d -o $@ $< -lpthread
$(BUILD)/tests/%: tests/bench/%.c $(BUILD)/obj/flags
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(DEPS) -MF $@.d -o $@ $< -lpthread

# what is mapped by it must not be mapped by who looks at it
ifeq ($(SAN),)
$(BUILD)/tests/sharing: LDFLAGS_ALL += -static
endif

# what is built on the way is worth keeping
.SECONDARY:

-include $(shell find $(BUILD)/obj $(BUILD)/tests -name '*.d' 2>/dev/null)

# --- the module, for the running kernel; for others: scripts/kernels module NAME ---

module:
	@[ -e "$(KDIR)/Makefile" ] || { echo "no kernel headers in $(KDIR): see 'make'" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) CONFIG_DEBUG_INFO_BTF_MODULES= modules

# --- the rest ---

# BUDGET=minutes: all tests on as many of the other kernels as fit
check:
	@scripts/setup --for check
	@tests/run --quick $(if $(BUDGET),--matrix --budget $(BUDGET)) $(KERNELS)

check-mmu:
	@scripts/setup --for judges
	@$(MAKE) --no-print-directory userspace tests-build
	@tests/judges/run --full

check-all:
	@scripts/setup --for check
	@tests/run --matrix all

demo:
	@scripts/demo

bench:
	@scripts/bench

lint:
	@scripts/lint

docs:
	@scripts/docs

install: userspace libmmscope-mmu
	install -D -m 755 $(BUILD)/mmscope $(DESTDIR)$(PREFIX)/bin/mmscope
	@for m in Documentation/man/*.[1-8] Documentation/*.[1-8]; do \
		[ ! -e "$$m" ] || install -v -D -m 644 "$$m" \
			"$(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/}"; done
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/mmscope-mmu
	install -m 644 $(LIBMMU_HEADERS) $(DESTDIR)$(INCLUDEDIR)/mmscope-mmu
	install -m 644 $(BUILD)/libmmscope-mmu.a $(DESTDIR)$(LIBDIR)
	install -m 755 $(BUILD)/$(LIBMMU_SO) $(DESTDIR)$(LIBDIR)
	ln -sf $(LIBMMU_SO) $(DESTDIR)$(LIBDIR)/libmmscope-mmu.so
	sed 's|@PREFIX@|$(PREFIX)|;s|@LIBDIR@|$(LIBDIR)|;s|@INCLUDEDIR@|$(INCLUDEDIR)|;s|@VERSION@|$(LIBMMU_VERSION)|' \
		userspace/mmu/libmmscope-mmu.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/libmmscope-mmu.pc
	@echo "The module: 'make module', then as root 'insmod module/mmscope.ko'"

# What "make module" left in the tree, without asking for the kernel it was for.
clean:
	rm -rf build build-asan
	find . -maxdepth 4 -path ./.git -prune -o \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '*.cmd' -o -name modules.order -o -name Module.symvers \) -type f -exec rm -f {} +
	rm -f module/generated.h
