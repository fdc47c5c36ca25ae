/* SPDX-License-Identifier: GPL-2.0 */
/* In place of the C library's, which is not there. */
#define EINVAL	22
#define ENOSPC	28
