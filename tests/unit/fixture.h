/* SPDX-License-Identifier: GPL-2.0 */
/* What several unit tests share: paths of fixtures, temporary files, a runner. */
#ifndef MMSCOPE_TESTS_FIXTURE_H
#define MMSCOPE_TESTS_FIXTURE_H

#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* tests/fixtures/NAME, from MMS_FIXTURES or beside this very file. */
static inline const char *fixture(const char *name)
{
	static char path[2 * PATH_MAX];
	const char *dir = getenv("MMS_FIXTURES");
	char here[] = __FILE__;
	char *slash = strrchr(here, '/');

	if (slash)
		*slash = '\0';
	if (dir)
		snprintf(path, sizeof(path), "%s/%s", dir, name);
	else
		snprintf(path, sizeof(path), "%s/../fixtures/%s", slash ? here : ".", name);
	return path;
}

static inline int run_suite(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
