/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The list of free objects in a slab, decoded and followed as far as it is one.
 * Needs nothing but mms_peek_lowmem(), struct mms_slabcache and the kernel's types, which
 * whoever includes it has: tests/unit/test_slabwalk.c walks slabs made by hand.
 */
#ifndef MMSCOPE_SLABWALK_H
#define MMSCOPE_SLABWALK_H

#define MMS_SLAB_WORDS	((MMS_SLAB_OBJECTS_MAX + MMS_OBJ_PER_WORD) / MMS_OBJ_PER_WORD)

/**
 * struct mms_slabfree - one slab as it was read
 * @map: two bits an object, enum mms_object_state; @objects of them are valid
 * The others: as in struct mms_slab_slab.
 */
struct mms_slabfree {
	unsigned long va;
	unsigned long bad_at, bad_value;
	u32 order, objects, inuse, free, cpu_free, sheaf;
	u32 state, cpu, flags, corrupt;
	u64 map[MMS_SLAB_WORDS];
};

static inline u32 mms_slabfree_state(const struct mms_slabfree *f, u32 i)
{
	return f->map[i / MMS_OBJ_PER_WORD] >> i % MMS_OBJ_PER_WORD * MMS_OBJ_BITS & 3;
}

static inline void mms_slabfree_mark(struct mms_slabfree *f, u32 i, u32 state)
{
	f->map[i / MMS_OBJ_PER_WORD] |= (u64)state << i % MMS_OBJ_PER_WORD * MMS_OBJ_BITS;
}

static inline u32 mms_slabfree_words(const struct mms_slabfree *f)
{
	return DIV_ROUND_UP(f->objects, MMS_OBJ_PER_WORD);
}

/* 5.7 "slub: improve bit diffusion for freelist ptr obfuscation" */
static inline unsigned long mms_slab_decode(const struct mms_slabcache *c, unsigned long word, unsigned long at)
{
#ifdef CONFIG_SLAB_FREELIST_HARDENED
	return word ^ c->random ^ swab(at);
#else
	return word;
#endif
}

static inline void mms_slab_fault(struct mms_slabfree *f, u32 why, unsigned long at,
				  unsigned long value)
{
	f->corrupt = why;
	f->bad_at = at;
	f->bad_value = value;
}

/* Marks what is on a list; @most objects may be.  Returns how many there were. */
static inline u32 mms_slab_follow(struct mms_slabfree *f, const struct mms_slabcache *c,
				  unsigned long p, u32 state, u32 most)
{
	unsigned long at = 0, word;
	u32 n, off, i;

	for (n = 0; p; n++) {
		off = p - f->va - c->red_left_pad;
		if (p - f->va >= PAGE_SIZE << f->order || off / c->size >= f->objects || off % c->size) {
			mms_slab_fault(f, MMS_SLABC_POINTER, at, p);
			break;
		}
		i = off / c->size;
		if (mms_slabfree_state(f, i)) {
			mms_slab_fault(f, MMS_SLABC_LOOP, at, p);
			break;
		}
		if (n == most) {
			mms_slab_fault(f, MMS_SLABC_LONG, at, p);
			break;
		}
		mms_slabfree_mark(f, i, state);
		at = p + c->offset;
		if (!mms_peek_lowmem(&word, (void *)at)) {
			mms_slab_fault(f, MMS_SLABC_UNREADABLE, at, 0);
			n++;
			break;
		}
		p = mms_slab_decode(c, word, at);
	}
	return n;
}

#define MMS_SLAB_NO_LENGTH	(~0U)

/* How many objects of the slab at @va are on a list?  @most may be.  Where that is no
 * list of them, MMS_SLAB_NO_LENGTH. */
static inline u32 mms_slab_length(const struct mms_slabcache *c, unsigned long va, u32 objects,
				  unsigned long p, u32 most)
{
	unsigned long off, word, at;
	u32 n;

	for (n = 0; p; n++) {
		off = p - va - c->red_left_pad;
		if (n == most || off >= (unsigned long)objects * c->size || off % c->size)
			return MMS_SLAB_NO_LENGTH;
		at = p + c->offset;
		if (!mms_peek_lowmem(&word, (void *)at))
			return MMS_SLAB_NO_LENGTH;
		p = mms_slab_decode(c, word, at);
	}
	return n;
}

#endif /* MMSCOPE_SLABWALK_H */
