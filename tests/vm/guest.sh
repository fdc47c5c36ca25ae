#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the guest: runs the cases of this boot one after the other. For tests/vm/run, which reads what it prints.
for case in /tests/cases/*.sh; do
	name=${case##*/}
	name=${name%.sh}
	echo "# case $name"
	rc=0
	T_DIR=/tmp/t.$name
	mkdir -p "$T_DIR"
	export T_DIR
	timeout "${CASE_TIMEOUT:-120}" sh "$case" 2>&1 </dev/null || rc=$?
	rm -rf "$T_DIR"
	echo "# end $name $rc"
done
