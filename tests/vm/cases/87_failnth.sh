#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each memory allocation on the way of a question fails once.
# shellcheck source=/dev/null disable=SC2034 # failnth.sh uses it
. /tests/lib.sh
FAILNTH="files netlink"
. /tests/failnth.sh
