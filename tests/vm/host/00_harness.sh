#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The harness itself: scripts/vm returns what the guest's command returned and wrote, and says so when it cannot.
# kernels: 6.1
# shellcheck disable=SC2016 # the guest expands them
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$REPO/tests/vm/lib.sh"

vm() { "$REPO/scripts/vm" run --kernel "$KERNEL" --no-load --no-tool "$@"; }
export MMSCOPE_NO_BUILD=1

t_run vm -- sh -c 'printf "a\0b\r\n\377\n"; printf "e\0\r" >&2; exit 7'
t_expect_status 7 "the command's exit status comes back"
t_is "stdout is byte-exact" "$(od -An -c "$T_OUT" | xargs)" 'a 0 b r n 377 n'
t_is "stderr is apart, and byte-exact" "$(od -An -c "$T_ERR" | xargs)" 'e 0 r'

t_run vm -- sh -c 'dd if=/dev/zero bs=1k count=3000 2>/dev/null; kill -TERM $$'
t_expect_status 143 "a signal's exit status is 128 + its number"
t_is "3 MB come through" "$(stat -c %s "$T_OUT")" 3072000

printf '#!/bin/sh\nprintf "%%s|" "$@"\ncat /root/given\nsleep 1000 &\n' >"$T_DIR/script"
echo "a file" >"$T_DIR/given"
t_run vm --add "$T_DIR/given" --env "X=it's" -- "$T_DIR/script" "two  words" "it's" '$HOME' '' '*'
t_expect_status 0 "a script of the host runs, and what it leaves running is ended"
t_is "arguments arrive as they are" "$(cat "$T_OUT")" "two  words|it's|\$HOME||*|a file"

t_run vm -- sh -c 'echo so far; poweroff -f'
t_expect_status 123 "a VM that ends without a status is a lost VM"
t_is "what it wrote before is not lost" "$(cat "$T_OUT")" "so far"
t_expect_err 'console log: .*/console.log' "its console log is named"

t_run vm -- sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 at planted" >/dev/kmsg'
t_expect_status 122 "a kernel warning fails a command that returned 0"
t_expect_err 'WARNING: CPU: 0 PID: 1 at planted' "the warning is shown"

t_run vm -- sh -c 'echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger'
t_expect_status 122 "a panic is told apart from a lost VM"
t_expect_err 'Kernel panic' "the panic is shown"

# a module that cannot be loaded
mkdir -p "$T_DIR/build/kernels/$KERNEL"
echo "no module" >"$T_DIR/build/kernels/$KERNEL/mmscope.ko"
T_BUILD=$T_DIR/build
bad_module() { MMSCOPE_BUILD=$T_BUILD "$REPO/scripts/vm" run --kernel "$KERNEL" --no-tool -- true; }
t_run bad_module
t_expect_status 121 "a failing insmod is a set-up failure"
t_expect_err "insmod: can't insert" "insmod's reason is shown"
t_expect_err "the kernel's last lines" "and what the kernel said"

# a kernel that is lost before its init (here because there is none), by a QEMU that gives it other arguments
mkdir "$T_DIR/path"
cat >"$T_DIR/path/qemu-system-x86_64" <<END
#!/bin/bash
echo started >>"$T_DIR/starts"
[ "\$(wc -l <"$T_DIR/starts")" -gt "\$LOSE" ] || set -- "\${@/rdinit=\/init/rdinit=/none init=/none}"
exec $(command -v qemu-system-x86_64) "\$@"
END
chmod +x "$T_DIR/path/qemu-system-x86_64"
losing() { rm -f "$T_DIR/starts"; LOSE=$1 MMSCOPE_ACCEL=tcg PATH=$T_DIR/path:$PATH vm -- echo here; }
t_run losing 1
t_expect_status 0 "a VM that is lost before its init is started once more"
t_is "and its command runs once" "$(cat "$T_OUT")" here
t_expect_err 'did not come to its init .*console-1.log' "which is said, with the first one's console log"
t_run losing 2
t_expect_status 122 "not a third time: what the kernel said is the verdict"
t_is "two VMs were started" "$(wc -l <"$T_DIR/starts")" 2

# Old runs are cleared away, but none that goes on, however long it does.
mkdir -p "$T_DIR/many/vm"
for i in $(seq 30); do mkdir "$T_DIR/many/vm/old-$i"; done
touch -d '1 hour ago' "$T_DIR"/many/vm/old-*
MMSCOPE_BUILD=$T_DIR/many vm -- sh -c 'echo up; sleep 8; echo over' >"$T_DIR/long" 2>&1 &
long=$!
t_ok "a long run has begun" t_wait 30 grep -q up "$T_DIR/long"
touch -d '2 hours ago' "$T_DIR/many/vm/$KERNEL"-*
MMSCOPE_BUILD=$T_DIR/many t_run vm -- true
t_expect_status 0 "another run"
t_is "of the old ones 19 are left" "$(find "$T_DIR/many/vm" -name 'old-*' | wc -l)" 19
t_ok "the long one ends well" wait $long
t_ok "with all that it had to say" grep -qx over "$T_DIR/long"

t_run vm --timeout 6 -- sleep 100
t_expect_status 124 "time-out"

t_run vm --frobnicate -- true
t_expect_status 120 "usage"
t_run vm --qemu "-frobnicate" -- true
t_expect_status 121 "QEMU that does not start is a set-up failure"
t_run vm --add /nonexistent -- true
t_expect_status 121 "a missing file is a set-up failure"
