#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# verify and walk with 4 levels.
# archs: amd64
# vm: --append "no5lvl"
# shellcheck source=/dev/null disable=SC2034 # paging.sh uses them
. /tests/lib.sh
LEVELS=4 PTI=0
. /tests/paging.sh
