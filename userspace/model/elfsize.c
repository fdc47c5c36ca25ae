// SPDX-License-Identifier: GPL-2.0
/* Sections and segments by libelf. */
#include "model/elfsize.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "model/vec.h"
#include "util/text.h"

/* As bfd sorts them for "size": what is no code, writable and without bytes is bss. */
static void count(struct mms_elf *elf, const struct mms_elf_section *s)
{
	if (s->exec || !s->write)
		elf->text += s->size;
	else if (!s->nobits)
		elf->data += s->size;
	else
		elf->bss += s->size;
}

static int take_section(struct mms_elf *elf, const GElf_Shdr *sh, const char *name)
{
	struct mms_elf_section *s;
	char shown[256];
	int rc;

	if (!(sh->sh_flags & SHF_ALLOC))
		return 0;
	rc = mms_vec_grow(&elf->section, &elf->room, elf->n, sizeof(*elf->section));
	if (rc)
		return rc;
	s = &elf->section[elf->n];
	*s = (struct mms_elf_section){
		.name = strdup(mms_neutral(name ? name : "?", shown, sizeof(shown))),
		.addr = sh->sh_addr, .size = sh->sh_size, .write = sh->sh_flags & SHF_WRITE,
		.exec = sh->sh_flags & SHF_EXECINSTR, .nobits = sh->sh_type == SHT_NOBITS,
		.tls = sh->sh_flags & SHF_TLS,
	};
	if (!s->name)
		return -ENOMEM;
	elf->n++;
	count(elf, s);
	return 0;
}

static int take_sections(struct mms_elf *elf, Elf *e)
{
	Elf_Scn *scn = NULL;
	size_t names;
	GElf_Shdr sh;
	int rc = 0;

	/* (a file may have none) */
	if (elf_getshdrstrndx(e, &names))
		return 0;
	while (!rc && (scn = elf_nextscn(e, scn)))
		if (gelf_getshdr(scn, &sh))
			rc = take_section(elf, &sh, elf_strptr(e, names, sh.sh_name));
	return rc;
}

static int take_loads(struct mms_elf *elf, Elf *e)
{
	size_t n;
	int rc = 0;

	if (elf_getphdrnum(e, &n))
		return 0;
	for (size_t i = 0; !rc && i < n && i < 65535; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(e, (int)i, &ph) || ph.p_type != PT_LOAD)
			continue;
		rc = mms_vec_grow(&elf->load, &elf->load_room, elf->nload, sizeof(*elf->load));
		if (!rc)
			elf->load[elf->nload++] = (struct mms_elf_load){
				ph.p_vaddr, ph.p_offset, ph.p_filesz, ph.p_memsz,
			};
	}
	return rc;
}

static int take(struct mms_elf *elf, Elf *e, const char *shown, struct mms_err *err)
{
	GElf_Ehdr eh;
	int rc;

	if (elf_kind(e) != ELF_K_ELF || !gelf_getehdr(e, &eh))
		return mms_err_set(err, -ENOEXEC, "%s: it is no ELF file", shown);
	elf->bits = gelf_getclass(e) == ELFCLASS32 ? 32 : 64;
	elf->fixed = eh.e_type == ET_EXEC;
	rc = take_sections(elf, e);
	if (!rc)
		rc = take_loads(elf, e);
	return rc ? mms_err_set(err, rc, "out of memory") : 0;
}

int mms_elf_read(struct mms_elf *elf, const char *path, const char *shown, struct mms_err *err)
{
	int fd, rc;
	Elf *e;

	memset(elf, 0, sizeof(*elf));
	if (elf_version(EV_CURRENT) == EV_NONE)
		return mms_err_set(err, -EOPNOTSUPP, "%s: libelf does not know this version of ELF", shown);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return mms_err_set(err, -errno, "%s: %s", shown, strerror(errno));
	e = elf_begin(fd, ELF_C_READ, NULL);
	rc = e ? take(elf, e, shown, err) : mms_err_set(err, -ENOEXEC, "%s: %s", shown, elf_errmsg(-1));
	elf_end(e);
	close(fd);
	return rc;
}

void mms_elf_free(struct mms_elf *elf)
{
	for (size_t i = 0; i < elf->n; i++)
		free(elf->section[i].name);
	free(elf->section);
	free(elf->load);
	memset(elf, 0, sizeof(*elf));
}
