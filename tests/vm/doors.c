// SPDX-License-Identifier: GPL-2.0
/* Run a command as somebody who should be refused: doors nocap|userns|nobody CMD... */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int drop_sys_admin(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d))
		return -errno;
	d[0].effective &= ~(1U << CAP_SYS_ADMIN);
	d[0].permitted &= ~(1U << CAP_SYS_ADMIN);
	d[0].inheritable &= ~(1U << CAP_SYS_ADMIN);
	/* Root regains what is in the bounding set at exec. */
	if (prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) || syscall(SYS_capset, &h, d))
		return -errno;
	return 0;
}

static int write_map(const char *file, const char *text)
{
	FILE *f = fopen(file, "w");
	int bad;

	if (!f)
		return -errno;
	bad = fputs(text, f) < 0;
	bad |= fclose(f) != 0;
	return bad ? -EIO : 0;
}

static int enter_userns(void)
{
	if (unshare(CLONE_NEWUSER))
		return -errno;
	return write_map("/proc/self/uid_map", "0 0 1\n");
}

static int become_nobody(void)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return -errno;
	return 0;
}

int main(int argc, char **argv)
{
	int ret = -EINVAL;

	if (argc >= 3 && !strcmp(argv[1], "nocap"))
		ret = drop_sys_admin();
	else if (argc >= 3 && !strcmp(argv[1], "userns"))
		ret = enter_userns();
	else if (argc >= 3 && !strcmp(argv[1], "nobody"))
		ret = become_nobody();
	if (ret) {
		fprintf(stderr, "doors: %s: %s\n", argc > 1 ? argv[1] : "usage", strerror(-ret));
		return 125;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 126;
}
