#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each memory allocation of insmod and rmmod fails once: loaded is whole, refused leaves nothing behind. (Minutes: some
# 400 times insmod, where each takes a second. On the debug kernel alone: elsewhere 87_failnth says why not.)
# vm: --mem 2G --timeout 1500 --env CASE_TIMEOUT=1400
# kernels: debug
# shellcheck source=/dev/null disable=SC2034 # failnth.sh uses it
. /tests/lib.sh
FAILNTH=insmod
. /tests/failnth.sh
