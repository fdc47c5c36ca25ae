// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: per collector a text file for cat and a record stream for the tool.
 * Locks: a mutex per open file.  May sleep.  Carries what emit.c produces.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>
#include "../mmscope.h"
#include "../compat/btf.h"
#include "../compat/ksym.h"

/*
 * What a process's memory fills, and what an answer about the machine begins
 * with, until so much was told.  To have the kernel zero 256K that it gives
 * (init_on_alloc) costs more than to tell of some frames.
 */
#define MMS_SINK_SIZE	(256 * 1024)
#define MMS_SINK_FIRST	(8 * 1024)
#define MMS_SINK_LONG	(64 * 1024)
#define MMS_LINE_MAX	(32 * 1024)	/* a table of 512 raw entries as text */

/*
 * struct reader - one open file
 * @text: records are printed, not passed on
 * @asked: a query is open or was answered
 * @refused: why the last question was refused, -errno; reading returns it, too
 * @pos: bytes of @sink already taken
 * @told: bytes of this answer that were
 * @line: text file: the line being read
 */
struct reader {
	struct mutex lock;
	const struct mms_collector *coll;
	bool text;
	bool asked;
	int refused;
	struct mms_query query;
	struct mms_sink sink;
	size_t pos;
	size_t told;
	char *line;
	size_t line_len, line_pos;
};

static struct dentry *root;

static int reader_open(struct inode *inode, struct file *file, bool text)
{
	struct reader *r;
	int ret = mms_allowed();

	if (ret)
		return ret;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	mutex_init(&r->lock);
	r->coll = inode->i_private;
	r->text = text;
	r->sink.size = max_t(size_t, r->coll->machine ? MMS_SINK_FIRST : MMS_SINK_SIZE,
			     r->coll->record_max);
	r->sink.buf = kvmalloc(r->sink.size, GFP_KERNEL);
	if (text)
		r->line = kvmalloc(MMS_LINE_MAX, GFP_KERNEL);
	if (!r->sink.buf || (text && !r->line)) {
		kvfree(r->sink.buf);
		kvfree(r->line);
		kfree(r);
		return -ENOMEM;
	}
	file->private_data = r;
	return nonseekable_open(inode, file);
}

static int stream_file_open(struct inode *inode, struct file *file)
{
	return reader_open(inode, file, false);
}

static int text_file_open(struct inode *inode, struct file *file)
{
	return reader_open(inode, file, true);
}

static int reader_release(struct inode *inode, struct file *file)
{
	struct reader *r = file->private_data;

	mms_query_close(&r->query);
	kvfree(r->sink.buf);
	kvfree(r->line);
	kfree(r);
	return 0;
}

/*
 * A new question; @ret is why it cannot be one, or 0.  Who asks must be
 * allowed to, as who opened the file was: one that is handed on carries the
 * answer that was asked for, and no right to ask of any other process.
 */
static int ask(struct reader *r, const struct mms_request *req, int ret)
{
	mms_query_close(&r->query);
	r->sink.used = 0;
	r->pos = 0;
	r->told = 0;
	r->line_len = 0;
	r->line_pos = 0;
	if (!ret)
		ret = mms_allowed();
	if (!ret)
		ret = mms_query_open(&r->query, r->coll, req);
	r->asked = !ret;
	r->refused = ret;
	return ret;
}

static ssize_t stream_write(struct file *file, const char __user *buf, size_t len, loff_t *ppos)
{
	struct reader *r = file->private_data;
	struct mms_request req;
	int ret = 0;

	if (len != sizeof(req))
		ret = -EINVAL;
	else if (copy_from_user(&req, buf, sizeof(req)))
		ret = -EFAULT;
	if (mutex_lock_killable(&r->lock))
		return -EINTR;
	ret = ask(r, &req, ret);
	mutex_unlock(&r->lock);
	return ret ? ret : len;
}

static u32 flag_of(const struct mms_word *w, const char *word)
{
	while (w && w->word) {
		if (!strcmp(w->word, word))
			return w->flag;
		w++;
	}
	return 0;
}

/* "PID [START [END]] [WORD]...", of machine collectors "[START [END]] [WORD]..." */
static int parse_request(const struct mms_collector *coll, char *s, struct mms_request *req)
{
	u64 v, pid = 0, *const num[] = { &pid, &req->start, &req->end };
	unsigned int first = coll->machine ? 1 : 0, n = first;
	char *word;
	u32 flag;

	while ((word = strsep(&s, " \t\n"))) {
		if (!*word)
			continue;
		flag = flag_of(coll->words, word);
		req->flags |= flag;
		if (flag)
			continue;
		if (n == ARRAY_SIZE(num) || kstrtou64(word, 0, &v))
			return -EINVAL;
		*num[n++] = v;
	}
	if (pid > INT_MAX)
		return -ESRCH;
	req->pid = pid;
	return n || coll->machine ? 0 : -EINVAL;
}

static ssize_t text_write(struct file *file, const char __user *buf, size_t len, loff_t *ppos)
{
	struct reader *r = file->private_data;
	struct mms_request req = { .size = sizeof(req), .flags = r->coll->req_default };
	char words[128];
	int ret;

	if (len >= sizeof(words)) {
		ret = -EINVAL;
	} else if (copy_from_user(words, buf, len)) {
		ret = -EFAULT;
	} else {
		words[len] = '\0';
		ret = parse_request(r->coll, words, &req);
	}
	if (mutex_lock_killable(&r->lock))
		return -EINTR;
	ret = ask(r, &req, ret);
	mutex_unlock(&r->lock);
	return ret ? ret : len;
}

/* Nothing was asked: the reader's own address space, or the machine. */
static int ask_self(struct reader *r)
{
	struct mms_request req = {
		.size = sizeof(req),
		.flags = r->coll->req_default | (r->coll->machine ? 0 : MMS_REQ_HOLES),
	};
	int ret;

	if (r->asked || r->refused)
		return r->refused;
	ret = ask(r, &req, 0);
	r->refused = 0;		/* nobody asked: try again next time */
	return ret;
}

/* The sink is empty and the answer long: a larger one, if there is memory. */
static void grow(struct reader *r)
{
	u8 *buf;

	if (r->told < MMS_SINK_LONG || r->sink.size >= MMS_SINK_SIZE ||
	    r->query.phase != MMS_PHASE_BODY)
		return;
	buf = kvmalloc(MMS_SINK_SIZE, GFP_KERNEL | __GFP_NOWARN);
	if (!buf)
		return;
	kvfree(r->sink.buf);
	r->sink.buf = buf;
	r->sink.size = MMS_SINK_SIZE;
}

/* Make sure unread bytes are in the sink, unless the answer is at its end. */
static int refill(struct reader *r)
{
	bool done = r->query.phase == MMS_PHASE_DONE;
	int ret;

	if (r->pos < r->sink.used)
		return 0;
	r->told += r->sink.used;
	grow(r);
	r->pos = 0;
	r->sink.used = 0;
	ret = mms_query_fill(&r->query, &r->sink);
	if (!done && r->query.phase == MMS_PHASE_DONE)
		mms_genl_notify(&r->query);
	return ret;
}

static ssize_t stream_read(struct file *file, char __user *buf, size_t len, loff_t *ppos)
{
	struct reader *r = file->private_data;
	ssize_t ret;
	size_t n;

	if (!len)
		return 0;
	if (mutex_lock_killable(&r->lock))
		return -EINTR;
	ret = ask_self(r);
	if (!ret)
		ret = refill(r);
	if (!ret) {
		n = min(len, r->sink.used - r->pos);
		if (n && copy_to_user(buf, r->sink.buf + r->pos, n)) {
			ret = -EFAULT;
		} else {
			r->pos += n;
			ret = n;
		}
	}
	mutex_unlock(&r->lock);
	return ret;
}

/* The next line into r->line; line_len 0 at the end. */
static int next_line(struct reader *r)
{
	const struct mms_record *rec;
	int ret;

	r->line_len = 0;
	r->line_pos = 0;
	do {
		bool header = r->query.phase == MMS_PHASE_HEADER;

		ret = refill(r);
		if (ret || r->pos == r->sink.used)
			return ret;
		if (header) {
			r->pos = r->sink.used;
			continue;
		}
		rec = (const struct mms_record *)(r->sink.buf + r->pos);
		r->pos += rec->size;
		r->line_len = mms_text_print(r->coll->texts, rec, r->line, MMS_LINE_MAX);
	} while (!r->line_len);
	return 0;
}

static ssize_t text_read(struct file *file, char __user *buf, size_t len, loff_t *ppos)
{
	struct reader *r = file->private_data;
	ssize_t done = 0;
	int ret;

	if (mutex_lock_killable(&r->lock))
		return -EINTR;
	ret = ask_self(r);
	while (!ret && (size_t)done < len) {
		size_t n;

		if (signal_pending(current)) {
			ret = -ERESTARTSYS;
			break;
		}
		if (r->line_pos == r->line_len) {
			ret = next_line(r);
			if (ret || !r->line_len)
				break;
		}
		n = min(len - done, r->line_len - r->line_pos);
		if (copy_to_user(buf + done, r->line + r->line_pos, n)) {
			ret = -EFAULT;
			break;
		}
		r->line_pos += n;
		done += n;
	}
	mutex_unlock(&r->lock);
	return done ? done : ret;
}

static const struct file_operations stream_fops = {
	.owner = THIS_MODULE,
	.open = stream_file_open,
	.release = reader_release,
	.read = stream_read,
	.write = stream_write,
};

static const struct file_operations text_fops = {
	.owner = THIS_MODULE,
	.open = text_file_open,
	.release = reader_release,
	.read = text_read,
	.write = text_write,
};

static int status_show(struct seq_file *m, void *unused)
{
	const struct mms_collector *c;
	const struct mms_cap *cap;
	unsigned int i;

	seq_printf(m, "version %s\nabi %u\nkernel %s\nhold_us %u\n", MMS_VERSION,
		   MMS_ABI_VERSION, init_utsname()->release, mms_hold_us);
	for (i = 0; (c = mms_registry_get(i)); i++) {
		cap = mms_registry_cap(c);
		seq_printf(m, "collector %-10s %s%s%s\n", c->name,
			   mms_cap_state_name(cap->state), *cap->reason ? ": " : "",
			   cap->reason);
	}
	seq_printf(m, "events %s\n", mms_genl_events());
	seq_printf(m, "btf %s, %u types\n", mms_btf_state(), mms_btf_types());
	mms_ksym_report(m);
	return 0;
}

static int status_open(struct inode *inode, struct file *file)
{
	int ret = mms_allowed();

	return ret ? ret : single_open(file, status_show, NULL);
}

static const struct file_operations status_fops = {
	.owner = THIS_MODULE,
	.open = status_open,
	.release = single_release,
	.read = seq_read,
	.llseek = seq_lseek,
};

static int add_files(void)
{
	const struct mms_collector *c;
	struct dentry *streams, *file;
	unsigned int i;

	streams = debugfs_create_dir("stream", root);
	if (IS_ERR(streams))
		return PTR_ERR(streams);
	d_inode(streams)->i_mode = S_IFDIR | 0700;
	file = debugfs_create_file("status", 0400, root, NULL, &status_fops);
	for (i = 0; !IS_ERR(file) && (c = mms_registry_get(i)); i++) {
		file = debugfs_create_file(c->name, 0600, root, (void *)c, &text_fops);
		if (!IS_ERR(file))
			file = debugfs_create_file(c->name, 0600, streams, (void *)c,
						   &stream_fops);
	}
	return PTR_ERR_OR_ZERO(file);
}

/**
 * mms_debugfs_init() - /sys/kernel/debug/mmscope
 *
 * All files or none: a module that loads without some of them, for lack of
 * memory, would look like a kernel on which they do not work.
 *
 * Return: 0, or -errno of debugfs; without debugfs (-ENODEV not built in,
 * -EPERM debugfs=off) the module still serves netlink
 */
int mms_debugfs_init(void)
{
	int ret;

	root = debugfs_create_dir("mmscope", NULL);
	if (IS_ERR(root))
		return PTR_ERR(root) == -ENODEV || PTR_ERR(root) == -EPERM ? 0 : PTR_ERR(root);
	/* debugfs makes directories 0755: close this one (no API does). */
	d_inode(root)->i_mode = S_IFDIR | 0700;
	ret = add_files();
	if (ret)
		debugfs_remove_recursive(root);
	return ret;
}

void mms_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
