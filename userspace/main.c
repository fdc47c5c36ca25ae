// SPDX-License-Identifier: GPL-2.0
/* The command line: global options, the one option loop, dispatch, --help. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cmd.h"
#include "util/text.h"

#ifndef MMSCOPE_VERSION
#define MMSCOPE_VERSION	"0.1"
#endif

/* Every command, in the order of --help. */
#define MMS_COMMANDS \
	MMS_CMD(load) MMS_CMD(unload) MMS_CMD(status) MMS_CMD(map) \
	MMS_CMD(layout) MMS_CMD(walk) MMS_CMD(verify) MMS_CMD(tlb) MMS_CMD(mmu) \
	MMS_CMD(share) MMS_CMD(frame) MMS_CMD(frames) MMS_CMD(zones) \
	MMS_CMD(buddy) MMS_CMD(lru) MMS_CMD(cache) MMS_CMD(swap) \
	MMS_CMD(slab) MMS_CMD(vmalloc) MMS_CMD(kmap) \
	MMS_CMD(check) MMS_CMD(oom) MMS_CMD(record)

#define MMS_CMD(n) extern const struct mms_command mms_cmd_##n;
MMS_COMMANDS
#undef MMS_CMD

#define MMS_CMD(n) &mms_cmd_##n,
static const struct mms_command *const commands[] = { MMS_COMMANDS };
#undef MMS_CMD

#define NCOMMANDS	(sizeof(commands) / sizeof(*commands))

enum { OPT_FROM = 0x10000, OPT_SOURCE };

static const struct option global_options[] = {
	{ "json", no_argument, NULL, 'J' },
	{ "bytes", no_argument, NULL, 'b' },
	{ "no-headings", no_argument, NULL, 'n' },
	{ "output", required_argument, NULL, 'o' },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "source", required_argument, NULL, OPT_SOURCE },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
};

#define NGLOBAL		(sizeof(global_options) / sizeof(*global_options))
#define SHORT_OPTIONS	"-:Jbno:hV"	/* '-': words come in order, as option 1 */
#define MAX_OPTIONS	64

static const char global_help[] =
	"  -J, --json            JSON instead of tables\n"
	"  -o, --output COLS     columns to show: A,B; +A,B adds to the usual ones\n"
	"  -b, --bytes           sizes as exact numbers of bytes\n"
	"  -n, --no-headings     no header line\n"
	"      --from FILE       read a capture that 'mmscope record' wrote\n"
	"      --source NAME     module or procfs; unset: the module if it answers\n"
	"  -h, --help            this text; after a command, the command's\n"
	"  -V, --version         version of the tool and of the ABI it speaks\n";

static const char exit_help[] =
	"Exit status:\n"
	"  0  done, and everything agreed\n"
	"  1  a mismatch, or not found, not permitted, not available; output that\n"
	"     could not be written (a closed pipe makes no message)\n"
	"  2  the command line is wrong\n";

/**
 * struct cmdline - the command line as far as it was read
 * @cmd: the command, once its name was seen
 * @options: global options, then those of @cmd
 * @args: words that are no options, without the command's name
 */
struct cmdline {
	struct mms_globals g;
	const struct mms_command *cmd;
	struct option options[MAX_OPTIONS];
	char **args;
	int nargs;
	bool help;
	bool version;
};

static const struct mms_command *find_command(const char *name)
{
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static void print_help(void)
{
	fputs("Usage: mmscope [OPTION...] COMMAND [ARG...]\n"
	      "Show where memory really is on this machine, and prove it.\n\n"
	      "Commands:\n", stdout);
	for (size_t i = 0; i < NCOMMANDS; i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	printf("\nOptions, before or after the command:\n%s\n", global_help);
	puts("Examples:\n"
	     "  mmscope load                        load the kernel module\n"
	     "  mmscope map 1                       the memory map of PID 1\n"
	     "  mmscope oom --top 5                 who the OOM killer would take\n"
	     "  mmscope record init.mms 1           capture PID 1 into a file\n"
	     "  mmscope --from init.mms map 1       read that file, on any machine\n\n"
	     "'mmscope COMMAND --help' tells more of each.\n");
	fputs(exit_help, stdout);
}

static void print_command_help(const struct mms_command *c)
{
	printf("Usage: mmscope %s%s%s\n%s\n", c->name, c->usage && *c->usage ? " " : "",
	       c->usage ? c->usage : "", c->summary);
	if (c->options)
		printf("\nOptions:\n%s", c->options);
	printf("\nGlobal options:\n%s", global_help);
	if (c->ncolumns)
		printf("\nColumns for -o (* = shown unless asked otherwise):\n");
	for (size_t i = 0; i < c->ncolumns; i++)
		printf("  %c %-12s %s\n", c->columns[i].shown ? '*' : ' ',
		       c->columns[i].name, c->columns[i].help);
	if (c->examples)
		printf("\nExamples:\n%s", c->examples);
	printf("\n%s", exit_help);
}

/* The command's long options behind the global ones. */
static int add_options(struct cmdline *l)
{
	const struct option *o = l->cmd->longopts;
	size_t n = NGLOBAL;

	for (; o && o->name; o++) {
		if (n == MAX_OPTIONS - 1)
			return mms_usage(l->cmd, "too many options in its table");
		l->options[n++] = *o;
	}
	return 0;
}

static int take_word(struct cmdline *l, char *word)
{
	char shown[128];

	if (l->cmd) {
		l->args[l->nargs++] = word;
		return 0;
	}
	l->cmd = find_command(word);
	if (!l->cmd)
		return mms_usage(NULL, "there is no command '%s'",
				 mms_neutral(word, shown, sizeof(shown)));
	return add_options(l);
}

static void take_global(struct cmdline *l, int opt, char *arg)
{
	switch (opt) {
	case 'J':
		l->g.render.json = true;
		break;
	case 'b':
		l->g.render.bytes = true;
		break;
	case 'n':
		l->g.render.no_headings = true;
		break;
	case 'o':
		l->g.render.columns = arg;
		break;
	case OPT_FROM:
		l->g.from = arg;
		break;
	case OPT_SOURCE:
		l->g.source = arg;
		break;
	case 'h':
		l->help = true;
		break;
	case 'V':
		l->version = true;
		break;
	}
}

/* getopt takes "--js" for "--json"; a script that does breaks one day. */
static bool known_long(const struct cmdline *l, const char *word)
{
	size_t len = strcspn(word + 2, "=");

	for (const struct option *o = l->options; o->name; o++)
		if (strlen(o->name) == len && !strncmp(o->name, word + 2, len))
			return true;
	return false;
}

static bool is_negative_number(const char *word)
{
	return word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

static int bad_option(const struct cmdline *l, int opt, const char *word)
{
	char shown[128];

	mms_neutral(word, shown, sizeof(shown));
	if (opt == ':')
		return mms_usage(l->cmd, "option '%s' needs an argument", shown);
	if (!strncmp(word, "--", 2) && strchr(word, '=') && known_long(l, word))
		return mms_usage(l->cmd, "option '%s' takes no argument", shown);
	return mms_usage(l->cmd, "there is no option '%s'", shown);
}

/* The next word as getopt will see it: options in order, nothing permuted. */
static int take_next(struct cmdline *l, int argc, char **argv, bool *more)
{
	char *word = optind < argc ? argv[optind] : NULL;
	int index = -1, opt;

	if (word && is_negative_number(word)) {
		optind++;
		return take_word(l, word);
	}
	if (word && !strncmp(word, "--", 2) && word[2] && !known_long(l, word))
		return bad_option(l, '?', word);
	opt = getopt_long(argc, argv, SHORT_OPTIONS, l->options, &index);
	if (opt == -1)
		*more = false;
	else if (opt == 1)
		return take_word(l, optarg);
	else if (opt == '?' || opt == ':')
		return bad_option(l, opt, word ? word : "");
	else if (index >= (int)NGLOBAL)
		return l->cmd->option(opt, optarg);
	else
		take_global(l, opt, optarg);
	return 0;
}

static int parse(struct cmdline *l, int argc, char **argv)
{
	bool more = true;
	int rc = 0;

	memcpy(l->options, global_options, sizeof(global_options));
	opterr = 0;
	while (more && !rc && optind <= argc)
		rc = take_next(l, argc, argv, &more);
	for (; !rc && optind < argc; optind++)	/* after "--" */
		rc = take_word(l, argv[optind]);
	return rc;
}

static int run(struct cmdline *l)
{
	if (l->version) {
		printf("mmscope %s (ABI %d)\n", MMSCOPE_VERSION, MMS_ABI_VERSION);
		return MMS_EXIT_OK;
	}
	if (l->help && l->cmd)
		print_command_help(l->cmd);
	else if (l->help)
		print_help();
	else if (!l->cmd)
		return mms_usage(NULL, "what shall it do? Give a command");
	else
		return l->cmd->run(&l->g, l->nargs, l->args);
	return MMS_EXIT_OK;
}

/*
 * The next file opened would become a closed standard descriptor, and output
 * would go into it: give each one /dev/null.  False if stdout was closed.
 */
static bool have_stdout(void)
{
	bool have = true;
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		have &= fd != 1;
		if (open("/dev/null", O_RDWR) != fd)
			abort();
	}
	return have;
}

/* A full disk may show only here: output that was lost is no success. */
static int close_output(int status, bool have)
{
	struct mms_err err;
	int rc = have ? mms_flush(stdout, &err) :
		 mms_err_set(&err, -EBADF, "writing output: standard output is closed");

	if (!rc && fclose(stdout)) {
		rc = mms_err_set(&err, -errno, "writing output: %s", strerror(errno));
	}
	return rc && status == MMS_EXIT_OK ? mms_fail(rc, &err) : status;
}

int main(int argc, char **argv)
{
	struct cmdline l = { .g.render.out = stdout };
	bool have = have_stdout();
	int status;

	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);	/* EPIPE instead, reported as any error */
	l.args = calloc((size_t)argc + 1, sizeof(*l.args));
	if (!l.args)
		return MMS_EXIT_MISMATCH;
	status = parse(&l, argc, argv);
	if (!status)
		status = run(&l);
	status = close_output(status, have);
	free(l.args);
	return status;
}
