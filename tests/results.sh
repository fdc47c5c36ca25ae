# SPDX-License-Identifier: GPL-2.0
# How test results are written down, shown and counted: shared by tests/run and tests/vm/run.
# RESULTS names the file they go to: PASS|FAIL|SKIP, tab, name.
# shellcheck shell=bash

heading() { echo "== $*"; }

# result PASS|FAIL|SKIP NAME [FILE]: FILE is shown with a failure
result() {
	printf '%s\t%s\n' "$1" "$2" >>"$RESULTS"
	printf '%s %s\n' "$1" "$2"
	if [ "$1" = FAIL ] && [ -n "${3-}" ] && [ -s "$3" ]; then
		head -n 60 "$3" | tr -d '\r' | sed 's/^/     | /'
	fi
}

# take_results PREFIX FILE: reads the lines of tests/vm/lib.sh; remarks are shown below a failure
take_results() {
	awk -v prefix="[$1] " -v results="$RESULTS" -v verbose="${VERBOSE-}" '
	function put(what, name) { print what "\t" name >>results; print what " " name }
	function label(text) { return prefix (current != "" ? current ": " : "") text }
	/^# case / { current = $3; failed = 0; next }
	/^# end / { current = ""; failed = 0; next }
	/^not ok / { sub(/^not ok /, ""); put("FAIL", label($0)); failed = 1; next }
	/^ok .* # SKIP/ {
		sub(/^ok /, ""); i = index($0, " # SKIP ")
		put("SKIP", label(substr($0, 1, i - 1)) " (" substr($0, i + 8) ")"); failed = 0; next
	}
	/^ok / { sub(/^ok /, ""); put("PASS", label($0)); failed = 0; next }
	failed || verbose || !/^#/ { print "     | " $0 }
	' "$2"
}

# vm_status RC: what an exit status of scripts/vm says about a boot
vm_status() {
	case $1 in
	120) echo "scripts/vm does not know an option" ;;
	121) echo "set-up of the VM failed" ;;
	122) echo "the kernel complained" ;;
	123) echo "lost VM" ;;
	124) echo "time-out" ;;
	*) echo "the run in the guest ended with status $1" ;;
	esac
}

# The count, alone on the last line; fails when something failed.
count_results() {
	awk -F '\t' '{ n[$1]++ }
		END { printf "%d passed, %d failed, %d skipped\n", n["PASS"], n["FAIL"], n["SKIP"]
		exit n["FAIL"] > 0 || n["PASS"] + n["SKIP"] == 0 }' "$RESULTS"
}
