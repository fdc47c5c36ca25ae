#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The netlink door, by a client of its own (genltalk.c): answers, refusals, events.
# shellcheck source=/dev/null
. /tests/lib.sh

# (DAMON clears A bits between two readings of one entry)
t_quiet
D=/sys/kernel/debug/mmscope
ask() { sh -c 'exec 3<>"$2" && echo "$1" >&3 && cat <&3' ask "$1" "$D/$2"; }

t_run genltalk info
t_expect_status 0 "the family is there and INFO_GET answers"
t_expect_grep "^abi=$(sed -n 's/^abi //p' $D/status)\$" "ABI, as in status"
t_expect_grep '^abi=1$'
t_is "release is this kernel's" "$(sed -n 's/^release=//p' "$T_OUT")" "$(uname -r)"
# shellcheck disable=SC2153 # ARCH is in the environment
case $ARCH in amd64) arch=1 size=8 ;; i386) arch=2 size=$([ "$(t_levels)" = 2 ] && echo 4 || echo 8) ;; arm64) arch=3 size=8 ;; esac
t_expect_grep "^arch=$arch\$" "$ARCH"
t_expect_grep '^page_shift=12$'
t_run genltalk collectors
t_expect_status 0 "COLLECTOR_GET"
# enum mms_cap_state
t_is "every collector of status, with its state" \
	"$(sed -n 's/.*name=\([a-z]*\).*state=\([0-9]*\).*/\1 \2/p' "$T_OUT" | sed 's/1$/ok/;s/2$/partial/;s/3$/no-symbol/;s/4$/no-BTF/;s/5$/member-missing/' | sort | xargs)" \
	"$(sed -n 's/^collector \([a-z]*\) *\([a-zA-Z-]*\).*/\1 \2/p' $D/status | sort | xargs)"
t_expect_lines 2

workload >"$T_DIR/facts" &
pid=$!
t_ok "the workload is ready" t_wait 20 grep -q ready=1 "$T_DIR/facts"
fact() { sed -n "s/^$1=//p" "$T_DIR/facts"; }

# --- WALK tells what debugfs tells ---
for area in sparse readonly thp file protnone; do
	va=$(fact $area)
	t_run genltalk walk $pid "$va"
	t_expect_status 0 "walk $area"
	t_is "walk $area: PID and address come back" "$(sed -n 's/^pid=//p;s/^addr=//p' "$T_OUT" | xargs)" "$pid $va"
	ask "$pid $va $(printf '0x%x' $((va + 4096))) tables" pgtable >"$T_DIR/debugfs"
	# a table record has the index of its first entry, which is ours: one page was asked for
	sed -n 's/^table level=\([0-9]\) table_pa=\(0x[0-9a-f]*\) .* index=\([0-9]*\) raw=\([0-9a-f]*\).*/\1 \2 \3 \4/p' \
		"$T_DIR/debugfs" | while read -r level pa index raw; do
		printf 'step level=%d index=%d entry_pa=0x%x raw=%s\n' "$level" "$index" $((pa + size * index)) "$raw"
	done >"$T_DIR/steps"
	grep '^step' "$T_OUT" >"$T_DIR/ours"
	t_ok "walk $area: every step is debugfs'" diff "$T_DIR/steps" "$T_DIR/ours"
	t_ok "walk $area: there are steps" [ "$(wc -l <"$T_DIR/ours")" -ge $(($(t_levels) - 1)) ]
	t_is "walk $area: physical address" "$(sed -n 's/^extent .* pa=\(0x[0-9a-f]*\) .*/\1/p' "$T_OUT")" \
		"$(printf '0x%x' $(($(pagemap $pid "$va") * 4096)))"
done
t_run genltalk walk $pid "$(printf '0x%x' $(($(fact sparse) + 4096)))"
t_expect_status 0 "walk to a hole"
t_expect_grep '^hole level=1 in_vma=1$' "a hole in a VMA"
t_run genltalk walk $pid 0x1000
t_expect_grep '^hole level=[2-5] in_vma=0$' "a hole without a VMA"

# --- refusals: an errno and a sentence ---
case $ARCH$(t_levels) in
amd644) kernel=0xffff800000000000 ;;
amd645) kernel=0xff00000000000000 ;;
arm64*) kernel=$(printf '0x%x' $((-1 << $(t_config ARM64_VA_BITS)))) ;;
i386*) kernel=$(t_config PAGE_OFFSET) ;;
esac
# refused ERRNO NAME ARG...
refused() {
	errno=$1 name=$2
	shift 2
	t_run genltalk "$@"
	t_expect_status 1 "$name is refused"
	t_expect_grep "^errno=$errno text=.{8,}" "$name: errno $errno and a sentence"
}
refused 22 "walk without attributes" walk
refused 22 "walk without an address" walk $pid
refused 3 "walk of a PID that is not" walk 99999 0x1000
refused 6 "walk of a kernel thread" walk 2 0x1000
refused 22 "walk of an address that is not canonical" walk $pid 0x0123000000000000
# whose lower half is 0
[ "$ARCH" != i386 ] || refused 22 "walk of an address of 64 bits" walk $pid 0xffff800000000000
t_run genltalk walk $pid "$kernel"
t_expect_status 0 "walk of the kernel's first address"
t_expect_grep '^(hole level=[1-5] in_vma=0|extent .*)$' "it is a hole, or mapped"
refused 22 "a PID of two bytes" short
t_run genltalk unknown
t_expect_status 1 "a command that is not"
t_expect_grep '^errno=95 ' "a command that is not: EOPNOTSUPP"
t_run genltalk walk 0 "$(fact sparse)"
t_ok "PID 0 is the caller, or refused" grep -Eq '^(errno=(3|22) text=.{8,}|hole|extent)' "$T_OUT"
for who in nobody nocap userns; do
	for what in info "walk $pid $(fact sparse)"; do
		# shellcheck disable=SC2086 # words
		t_run doors $who genltalk $what
		t_expect_status 1 "$who: ${what%% *} is refused"
		t_expect_no_grep 'abi=|raw=|pa=' "$who learns nothing from ${what%% *}"
		t_expect_grep '^errno=(1|13) ' "$who: ${what%% *}: EPERM"
	done
done

# --- events ---
genltalk listen >"$T_DIR/event" &
listener=$!
t_ok "the group is joined" t_wait 10 grep -q ready=1 "$T_DIR/event"
exec 3<>$D/vma
echo $pid >&3
dd bs=64 count=1 <&3 >/dev/null 2>&1
sleep 0.2
t_is "no event before a stream was read to its end" "$(grep -c kind= "$T_DIR/event")" 0
cat <&3 >"$T_DIR/rest" &
reader=$!
wait $reader
exec 3<&-
t_ok "an event comes then" t_wait 5 grep -q kind= "$T_DIR/event"
t_is "with the right kind, PID and observer" "$(grep -o 'kind=.*observer=[0-9]*' "$T_DIR/event" | head -n 1)" "kind=2 pid=$pid observer=$reader"
t_is "and as many records as the trailer says" "$(sed -n 's/.*\( records=[0-9]*\) .*/\1/p' "$T_DIR/event" | head -n 1)" \
	"$(sed -n 's/^end .*\( records=[0-9]*\) .*/\1/p' "$T_DIR/rest")"
mmscope map $pid >/dev/null
t_ok "the tool's reading makes events" t_wait 5 grep -q "kind=3 pid=$pid " "$T_DIR/event"
kill $listener $pid
t_run timeout $((2 * ${MMSCOPE_SLOW:-1})) doors nobody genltalk listen
t_expect_status 1 "nobody may not listen"
