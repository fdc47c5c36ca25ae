// SPDX-License-Identifier: GPL-2.0
/*
 * Run a command as somebody who should be refused, or should see less.
 *
 * Usage: doors nocap|nobody|userns|usermount|pidns CMD [ARG]...
 *
 *	nocap	   root without CAP_SYS_ADMIN, which exec does not give back
 *	nobody	   user 65534
 *	userns	   root of a new user namespace
 *	usermount  likewise, with mounts of its own and debugfs mounted on /mnt, if the kernel lets it
 *	pidns	   root, PID 1 of a new PID namespace with a /proc of its own
 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

/* What comes of it is said, and no error of this program: CMD looks at /mnt. */
static int mount_debugfs(void)
{
	int ret = enter_userns();

	if (!ret && unshare(CLONE_NEWNS))
		ret = -errno;
	if (ret)
		return ret;
	if (mount("debugfs", "/mnt", "debugfs", 0, NULL))
		fprintf(stderr, "doors: mount debugfs: %s\n", strerror(errno));
	return 0;
}

static int enter_pidns(void)
{
	int status;
	pid_t pid;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("proc", "/proc", "proc", 0, NULL))
			return -errno;
		return 0;
	}
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128);
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
	else if (argc >= 3 && !strcmp(argv[1], "usermount"))
		ret = mount_debugfs();
	else if (argc >= 3 && !strcmp(argv[1], "pidns"))
		ret = enter_pidns();
	if (ret) {
		fprintf(stderr, "doors: %s: %s\n", argc > 1 ? argv[1] : "usage", strerror(-ret));
		return 125;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 126;
}
