#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every document that --json writes is JSON, whatever names are in it: judged by Python's reader.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$REPO/tests/vm/lib.sh"

if ! command -v python3 >/dev/null; then
	t_skip "every --json is valid" "no python3"
	exit 0
fi
cat >"$T_DIR/guest.sh" <<'END'
#!/bin/sh
evil=$(printf '/tmp/w\033[31m\n"\\\303(\377\342\200')
cp "$(command -v workload)" "$evil"
"$evil" >/tmp/facts &
pid=$!
n=0
until grep -q ready=1 /tmp/facts || [ $n -gt 200 ]; do n=$((n + 1)); sleep 0.1; done
va=$(sed -n 's/^evil=//p' /tmp/facts)
mmscope record /tmp/c.mms $pid >/dev/null
doctor /tmp/c.mms /tmp/lied.mms pfn >/dev/null
run() {
	echo "=== $*"
	mmscope "$@"
}
run --json status
run --json map $pid
run --json map --extents $pid
run --json map -o NAME,PATH,START,SHCLEAN,POLICY,VMFLAGS $pid
run --json walk $pid "$va"
run --json walk $pid 0
run --json verify $pid
run --json verify --all
run --json oom
run --json oom --top 1
run --json oom set --dry-run $pid 5
run --json oom set $pid 5
run --json record /tmp/d.mms $pid
run --json --from /tmp/c.mms map $pid
run --json --from /tmp/c.mms verify $pid
run --json --from /tmp/lied.mms verify $pid
run --json --from /tmp/c.mms oom
run --json --from /tmp/c.mms walk $pid "$va"
run --json load
run --json unload
run --json status
run --json map 1
run --json load
kill $pid
END
chmod +x "$T_DIR/guest.sh"
build=${MMSCOPE_BUILD:-$REPO/build}
t_run "$REPO/scripts/vm" run --kernel "$KERNEL" --timeout 60 --add "$build/tests/workload" --add "$build/tests/doctor" \
	-- "$T_DIR/guest.sh"
t_expect_status 0 "the guest ran"
mkdir "$T_DIR/docs"
awk -v dir="$T_DIR/docs" '/^=== / { n++; print substr($0, 5) >(dir "/" n ".name"); next } { print >(dir "/" n ".json") }' "$T_OUT"
t_is "23 documents" "$(find "$T_DIR/docs" -name '*.name' | wc -l)" 23
for n in $(seq 23); do
	name=$(sed "s/ [0-9]\{2,\} / PID /;s/ [0-9]\{2,\}\$/ PID/;s/ 0x[0-9a-f]*/ ADDR/" "$T_DIR/docs/$n.name")
	t_ok "$n is JSON: $name" python3 -m json.tool "$T_DIR/docs/$n.json"
done
# names come through: what is a valid character as itself, the rest replaced
cat >"$T_DIR/names.py" <<'END'
import json, sys
doc = json.load(open(sys.argv[1] + "/2.json", encoding="utf-8"))
paths = [v["path"] or "" for v in doc["map"]]
sys.exit(not any(p.startswith("/tmp/w") and "31m" in p for p in paths))
END
t_ok "the path of the program is in the map" python3 "$T_DIR/names.py" "$T_DIR/docs"
for n in $(seq 23); do
	t_ok "$n is UTF-8 without control characters" python3 -c '
import sys
text = open(sys.argv[1], encoding="utf-8").read()
sys.exit(any(ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160 for c in text))' "$T_DIR/docs/$n.json"
done
