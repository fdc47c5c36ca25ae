// SPDX-License-Identifier: GPL-2.0
/* mmscope load, unload: put the module into the kernel and take it out. */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <libkmod.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "cmd.h"
#include "util/text.h"

extern const struct mms_command mms_cmd_load;
extern const struct mms_command mms_cmd_unload;

#define MODULE		"mmscope"
#define SYS_MODULE	"/sys/module/" MODULE

/* mmscope.ko beside the tool: a build tree, an initramfs. */
static bool beside_tool(char path[PATH_MAX])
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n <= 0)
		return false;
	exe[n] = '\0';
	return snprintf(path, PATH_MAX, "%s/" MODULE ".ko", dirname(exe)) < PATH_MAX &&
	       !access(path, R_OK);
}

/* Where the module is, in the order that --help gives. */
static int find_module(struct kmod_ctx *ctx, const char *file, struct kmod_module **mod,
		       struct mms_err *err)
{
	char path[PATH_MAX], shown[PATH_MAX];
	int rc;

	if (file) {
		if (access(file, R_OK))
			return mms_err_set(err, -errno, "%s: %s",
					   mms_neutral(file, shown, 256), strerror(errno));
		rc = kmod_module_new_from_path(ctx, file, mod);
	} else if (beside_tool(path)) {
		rc = kmod_module_new_from_path(ctx, path, mod);
	} else if (!access("/lib/" MODULE ".ko", R_OK)) {
		rc = kmod_module_new_from_path(ctx, "/lib/" MODULE ".ko", mod);
	} else {
		rc = kmod_module_new_from_name(ctx, MODULE, mod);
		if (!rc && !kmod_module_get_path(*mod))
			return mms_err_set(err, -ENOENT,
					   "no " MODULE ".ko beside this tool, in /lib or in /lib/modules: build it (make module) and give its path");
	}
	if (rc)
		return mms_err_set(err, rc, "%s: %s", file ? mms_neutral(file, shown, 256) : MODULE,
				   strerror(-rc));
	return 0;
}

/* "built for 6.1.0-1 SMP ..., this is 6.12.3": needs the file's modinfo. */
static int wrong_kernel(struct kmod_module *mod, struct mms_err *err)
{
	struct kmod_list *list = NULL, *i;
	char magic[160] = "";
	struct utsname u = { 0 };

	uname(&u);
	if (kmod_module_get_info(mod, &list) >= 0) {
		kmod_list_foreach(i, list)
			if (!strcmp(kmod_module_info_get_key(i), "vermagic"))
				mms_neutral(kmod_module_info_get_value(i), magic, sizeof(magic));
		kmod_module_info_free_list(list);
	}
	for (size_t n = strlen(magic); n && magic[n - 1] == ' '; n--)
		magic[n - 1] = '\0';
	if (!magic[0])
		return mms_err_set(err, -ENOEXEC, "this is no whole module file: copy or build it again (make module)");
	return mms_err_set(err, -ENOEXEC,
			   "the module was built for '%s', this kernel is %s: build it against this kernel's headers (make module)",
			   magic, u.release);
}

static int load_error(struct kmod_module *mod, int rc, struct mms_err *err)
{
	char shown[256];

	mms_neutral(kmod_module_get_path(mod), shown, sizeof(shown));
	switch (rc) {
	case -EPERM:
	case -EACCES:
		if (geteuid())
			return mms_err_set(err, rc, "loading %s: not permitted: run as root", shown);
		return mms_err_set(err, rc,
				   "loading %s: the kernel refuses: modules are disabled (kernel.modules_disabled), CAP_SYS_MODULE is missing, or lockdown demands a signature",
				   shown);
	case -EKEYREJECTED:
	case -ENOKEY:
		return mms_err_set(err, rc,
				   "loading %s: this kernel takes signed modules only: sign it with an enrolled key (MOK)",
				   shown);
	case -ENOEXEC:
	case -EINVAL:	/* with MODVERSIONS: a symbol's checksum differs */
		return wrong_kernel(mod, err);
	case -ENOSYS:
		return mms_err_set(err, rc,
				   "loading %s: this kernel takes no modules (CONFIG_MODULES is off); map, oom and record work from /proc",
				   shown);
	case -ENOENT:
		return mms_err_set(err, rc,
				   "loading %s: it needs a symbol that this kernel does not have: see dmesg",
				   shown);
	}
	return mms_err_set(err, rc, "loading %s: %s: see dmesg", shown, strerror(-rc));
}

/* One line of text, or { "module": "mmscope", "state": ... }. */
static int say(const struct mms_globals *g, const char *state, const char *path)
{
	struct mms_doc *d = mms_doc_begin(&g->render);
	struct mms_err err;
	char shown[PATH_MAX];
	int rc;

	if (!d)
		return MMS_EXIT_MISMATCH;
	if (path)
		mms_neutral(path, shown, sizeof(shown));
	mms_doc_text(d, MODULE ": %s%s%s\n", state, path ? ": " : "", path ? shown : "");
	mms_doc_str(d, "module", MODULE);
	mms_doc_str(d, "state", state);
	mms_doc_str(d, "file", path ? shown : NULL);
	rc = mms_doc_end(d, &err);
	return rc ? mms_fail(rc, &err) : MMS_EXIT_OK;
}

static int insert(const struct mms_globals *g, struct kmod_ctx *ctx, const char *file)
{
	struct kmod_module *mod = NULL;
	struct mms_err err;
	char shown[256];
	int rc = find_module(ctx, file, &mod, &err), status;

	if (!rc && strcmp(kmod_module_get_name(mod), MODULE))
		rc = mms_err_set(&err, -EINVAL, "%s is not named " MODULE ".ko",
				 mms_neutral(file, shown, sizeof(shown)));
	if (!rc) {
		rc = kmod_module_insert_module(mod, 0, NULL);
		if (rc && rc != -EEXIST)
			rc = load_error(mod, rc, &err);
	}
	if (rc == -EEXIST)
		status = say(g, "already loaded", NULL);
	else
		status = rc ? mms_fail(rc, &err) : say(g, "loaded", kmod_module_get_path(mod));
	kmod_module_unref(mod);
	return status;
}

static int load_run(const struct mms_globals *g, int argc, char **argv)
{
	struct mms_err err;
	struct kmod_ctx *ctx;
	int status;

	if (argc > 1)
		return mms_usage(&mms_cmd_load, "give one file, or none");
	if (!argc && !access(SYS_MODULE, F_OK))
		return say(g, "already loaded", NULL);
	ctx = kmod_new(NULL, NULL);
	if (!ctx) {
		mms_err_set(&err, -ENOMEM, "out of memory");
		return mms_fail(-ENOMEM, &err);
	}
	status = insert(g, ctx, argc ? argv[0] : NULL);
	kmod_unref(ctx);
	return status;
}

/* Does this process hold a file of the module open? */
static bool holds_module(const char *pid)
{
	char dir[64], path[512], target[PATH_MAX];
	struct dirent *e;
	bool found = false;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%.20s/fd", pid);
	d = opendir(dir);
	if (!d)
		return false;
	while (!found && (e = readdir(d))) {
		ssize_t n;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		found = strstr(target, "/" MODULE "/") && !strncmp(target, "/sys/kernel/debug/", 18);
	}
	closedir(d);
	return found;
}

/* "in use: PID 12, 34: a reader has ...".  Our own copies are inherited ones. */
static int in_use(int rc, struct mms_err *err)
{
	DIR *d = opendir("/proc");
	char list[128] = "";
	struct dirent *e;
	size_t n = 0;
	uint32_t pid;

	while (d && (e = readdir(d)) && n < sizeof(list) - 16)
		if (!mms_parse_pid(e->d_name, &pid, NULL) && pid != (uint32_t)getpid() &&
		    holds_module(e->d_name))
			n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%u",
					      n ? ", " : "", pid);
	if (d)
		closedir(d);
	if (n)
		return mms_err_set(err, rc, "in use: its files are open in PID %s: end that, then try again", list);
	return mms_err_set(err, rc, "in use: a reader has its files open: end it, then try again");
}

static int unload_error(int rc, struct mms_err *err)
{
	switch (rc) {
	case -ENOENT:
	case -ENOSYS:	/* CONFIG_MODULES is off */
		return mms_err_set(err, rc, "module not loaded");
	case -EAGAIN:
	case -EBUSY:
		return in_use(rc, err);
	case -EPERM:
	case -EACCES:
		return mms_err_set(err, rc, "unloading: not permitted: %s",
				   geteuid() ? "run as root" : "CAP_SYS_MODULE is missing, or kernel.modules_disabled is set");
	}
	return mms_err_set(err, rc, "unloading: %s: see dmesg", strerror(-rc));
}

static int unload_run(const struct mms_globals *g, int argc, char **argv)
{
	struct kmod_module *mod = NULL;
	struct kmod_ctx *ctx;
	struct mms_err err;
	int rc = -ENOMEM;

	(void)argv;
	if (argc)
		return mms_usage(&mms_cmd_unload, "takes no argument");
	ctx = kmod_new(NULL, NULL);
	if (ctx)
		rc = kmod_module_new_from_name(ctx, MODULE, &mod);
	if (!rc)
		rc = kmod_module_remove_module(mod, KMOD_REMOVE_NOWAIT | KMOD_REMOVE_NOLOG);
	if (rc)
		unload_error(rc, &err);
	kmod_module_unref(mod);
	if (ctx)
		kmod_unref(ctx);
	return rc ? mms_fail(rc, &err) : say(g, "unloaded", NULL);
}

const struct mms_command mms_cmd_load = {
	.name = "load",
	.summary = "Load the kernel module",
	.usage = "[FILE]",
	.examples = "  mmscope load                   " MODULE ".ko beside the tool, else /lib/" MODULE ".ko,\n"
		    "                                 else the one installed in /lib/modules\n"
		    "  mmscope load ./" MODULE ".ko      this file\n",
	.run = load_run,
};

const struct mms_command mms_cmd_unload = {
	.name = "unload",
	.summary = "Unload the kernel module",
	.usage = "",
	.examples = "  mmscope unload\n",
	.run = unload_run,
};
