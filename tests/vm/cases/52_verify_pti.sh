#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# verify and walk with 5 levels with page-table isolation.
# vm: --append "pti=on"
# shellcheck source=/dev/null disable=SC2034 # paging.sh uses them
. /tests/lib.sh
LEVELS=5 PTI=1
. /tests/paging.sh
