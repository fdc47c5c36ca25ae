#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# verify and walk as many levels as there are, with page-table isolation.
# archs: amd64
# vm: --append "pti=on"
# shellcheck source=/dev/null disable=SC2034 # paging.sh uses them
. /tests/lib.sh
LEVELS=$(t_levels) PTI=1
. /tests/paging.sh
