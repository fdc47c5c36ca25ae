#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# verify and walk with 4 levels with page-table isolation.
# archs: amd64
# vm: --append "no5lvl pti=on"
# shellcheck source=/dev/null disable=SC2034 # paging.sh uses them
. /tests/lib.sh
LEVELS=4 PTI=1
. /tests/paging.sh
