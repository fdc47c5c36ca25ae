// SPDX-License-Identifier: GPL-2.0
/*
 * The machine that the paging judge runs on: what the processor can do, tables
 * for the judge itself, where physical memory is and what lies in it.
 *
 * The judge lives in the first entries of the root (below CASES_VA), in pages of
 * 4 KiB of the supervisor's, and sees each window there. All else is the cases'.
 */
#include "judge.h"

#define MSR_EFER	0xc0000080u
#define MSR_PKRS	0x6e1u

#define GDT_TSS		5u
#define GDT_LDT		7u
#define WINDOWS		(WINDOW_LAST - WINDOW_FIRST + 1)

extern const uint8_t gates[], user_snippets[];
extern uint64_t gdt[];
extern struct {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed)) gdt_pointer;
extern const uint8_t load_cr3[];

struct mmu_regs regs;
bool in_qemu;
struct features can;
uint32_t void_value;

static uint8_t trap_stack[4096] __attribute__((aligned(16)));
static uint32_t tss[26] __attribute__((aligned(16)));
static uint64_t idt[512];
/* The judge's own: what is below the root, and a root to begin with */
static uint64_t own_pdpt[512] __attribute__((aligned(4096)));
static uint64_t own_pml4[512] __attribute__((aligned(4096)));
static uint64_t own_pd[512] __attribute__((aligned(4096)));
static uint64_t own_pt[(OWN_SIZE + WINDOWS * WINDOW_SIZE) >> 21][512] __attribute__((aligned(4096)));
static uint64_t first_root[512] __attribute__((aligned(4096)));
/* Where each window is seen; NULL if there is none */
static uint8_t *window[64];
static uint32_t ram_mib;

static uint64_t read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static void write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

static void cpuid(uint32_t leaf, uint32_t r[4])
{
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
}

bool is_32bit(void)
{
	return regs.mode == MMU_MODE_X86_32BIT;
}

bool is_pae(void)
{
	return regs.mode == MMU_MODE_X86_PAE;
}

bool is_long(void)
{
	return sizeof(void *) == 8;
}

int root_level(void)
{
	static const int roots[] = {
		[MMU_MODE_X86_4LEVEL] = 4, [MMU_MODE_X86_5LEVEL] = 5,
		[MMU_MODE_X86_32BIT] = 2, [MMU_MODE_X86_PAE] = 3,
	};

	return roots[regs.mode];
}

unsigned int shift_of(int level)
{
	return 12 + (is_32bit() ? 10u : 9u) * (unsigned int)(level - 1);
}

unsigned int index_of(uint64_t va, int level)
{
	return (unsigned int)(va >> shift_of(level)) & (is_32bit() ? 1023 : 511);
}

uint64_t read_entry(const void *at)
{
	return is_32bit() ? *(const volatile uint32_t *)at : *(const volatile uint64_t *)at;
}

void write_entry(void *at, uint64_t value)
{
	if (is_32bit())
		*(volatile uint32_t *)at = (uint32_t)value;
	else
		*(volatile uint64_t *)at = value;
}

uint64_t window_base(unsigned int k)
{
	return UINT64_C(1) << k;
}

static unsigned int highest_bit(uint64_t value)
{
	return 63 - (unsigned int)__builtin_clzll(value);
}

enum place place_of(uint64_t pa)
{
	unsigned int k;

	if (pa < 0x8000)
		return PLACE_LOW;
	if (pa < OWN_SIZE)
		return PLACE_OURS;
	k = highest_bit(pa);
	if (window[k] && pa - window_base(k) < WINDOW_SIZE)
		return PLACE_WINDOW;
	/* The firmware leaves tables at the end of memory. */
	if (pa < (uint64_t)(ram_mib - 16) << 20)
		return PLACE_ZERO;
	if (pa < (uint64_t)ram_mib << 20 || (pa >= 0xe0000000 && pa < UINT64_C(0x100000000)))
		return PLACE_DEVICES;
	return PLACE_VOID;
}

void *own_place(uint64_t pa)
{
	unsigned int k;

	if (pa < OWN_SIZE)
		return (void *)(uintptr_t)pa;
	k = highest_bit(pa);
	if (!window[k] || pa - window_base(k) >= WINDOW_SIZE)
		return NULL;
	return window[k] + (pa - window_base(k));
}

/* The last frame of a 2 MiB page, or of a 4 MiB page */
static uint32_t last_frame(void)
{
	return is_32bit() ? 1023 : 511;
}

static bool has_pattern(uint64_t offset)
{
	uint64_t frame = offset >> 12;

	return (frame >= FRAMES_FROM && frame <= FRAMES_TO) || frame == last_frame();
}

void *pattern_at(uint64_t pa)
{
	unsigned int k;

	if (pa < OWN_SIZE)
		return NULL;
	k = highest_bit(pa);
	if (!window[k] || !has_pattern(pa - window_base(k)))
		return NULL;
	return window[k] + (pa - window_base(k));
}

bool has_tables(uint64_t pa)
{
	return (pa & (WINDOW_SIZE - 1)) >> 12 < 6;
}

bool has_code(uint64_t pa)
{
	return (pa & (WINDOW_SIZE - 1)) >> 12 >= CODE_FRAMES;
}

/*
 * A word that names the frame (12 bits) and where in it (7 bits: 32 bytes). It can
 * be the upper half of a descriptor of data, at CPL 3, not yet accessed.
 */
static uint32_t name_of(uint32_t frame, uint32_t chunk)
{
	return (frame & 0xff) | 0xf200 | (frame >> 8) << 16 | chunk << 24;
}

/*
 * 32 bytes: a name, INT 0x80; MOV name to EAX, INT 0x80; a descriptor; two names.
 * The last byte of a page is the beginning of another MOV to EAX.
 */
static void fill_frame(uint8_t *page, uint32_t frame)
{
	uint32_t *word = (uint32_t *)page;
	uint32_t chunk, name;

	for (chunk = 0; chunk < 128; chunk++, word += 8) {
		name = name_of(frame, chunk);
		word[0] = name;
		word[1] = 0x909080cd;
		word[2] = 0xb8 | name << 8;
		word[3] = 0x9080cd00 | name >> 24;
		word[4] = frame | chunk << 16;
		word[5] = name;
		word[6] = ~name;
		word[7] = ~frame;
	}
	word[-1] = frame | (frame ^ chunk) << 16;
	page[4095] = 0xb8;
}

static void fill_window(unsigned int k)
{
	uint32_t frame, number = (k - WINDOW_FIRST) * 64;

	for (frame = 0; frame < FRAMES_FROM; frame++)
		memset(window[k] + (frame << 12), 0, 4096);
	for (frame = FRAMES_FROM; frame <= FRAMES_TO; frame++)
		fill_frame(window[k] + (frame << 12), number + frame);
	fill_frame(window[k] + (last_frame() << 12), number + 63);
}

void restore_pattern(uint64_t pa)
{
	unsigned int k = highest_bit(pa);
	uint32_t frame = (uint32_t)((pa - window_base(k)) >> 12);

	if (pattern_at(pa))
		fill_frame(window[k] + (frame << 12),
			   (k - WINDOW_FIRST) * 64 + (frame == last_frame() ? 63 : frame));
}

/* Maps a page of ours; above 4 GiB, 32-bit paging does it with 4 MiB pages. */
static void map_own(uintptr_t va, uint64_t pa, uint64_t rights)
{
	uint64_t leaf = pa | rights | P | RW | A | D;

	if (!is_32bit()) {
		own_pt[va >> 21][va >> 12 & 511] = leaf;
		own_pd[va >> 21] = (uintptr_t)own_pt[va >> 21] | P | RW | US | A;
	} else if (pa >> 32) {
		((uint32_t *)first_root)[va >> 22] = (uint32_t)(pa >> 32 << 13) | P | RW | A | D | PS;
	} else {
		((uint32_t *)own_pt)[va >> 12] = (uint32_t)leaf;
		((uint32_t *)first_root)[va >> 22] =
			(uint32_t)(uintptr_t)((uint32_t *)own_pt + (va >> 22 << 10)) | P | RW | US | A;
	}
}

static void own_tables(void)
{
	uint64_t have = CONFIG->windows[0] | (uint64_t)CONFIG->windows[1] << 32;
	uintptr_t va = OWN_SIZE, page;
	unsigned int k;

	for (page = 0; page < OWN_SIZE; page += 4096)
		map_own(page, page, page == (uintptr_t)user_snippets ? US : 0);
	for (k = WINDOW_FIRST; k <= WINDOW_LAST; k++, va += WINDOW_SIZE) {
		/* 32-bit paging reaches 40 bits, for us as for the cases. */
		if (!(have >> k & 1) || (is_32bit() && k >= 40))
			continue;
		window[k] = (uint8_t *)va;
		for (page = 0; page < WINDOW_SIZE; page += 4096)
			map_own(va + page, window_base(k) + page, 0);
	}
	if (is_32bit())
		return;
	own_pdpt[0] = (uintptr_t)own_pd | P | RW | US | A;
	own_pml4[0] = (uintptr_t)own_pdpt | P | RW | US | A;
	if (is_pae())
		first_root[0] = (uintptr_t)own_pd | P;
	else
		first_root[0] = (root_level() == 5 ? (uintptr_t)own_pml4 : (uintptr_t)own_pdpt) | P | RW | US | A;
}

uint64_t table_in(unsigned int k, int level)
{
	return window_base(k) + ((uint64_t)level << 12);
}

/* Frame 6: the root, with our part of it; or PDPTEs of PAE paging, at random */
uint64_t root_in(unsigned int k)
{
	uint64_t pa = window_base(k) + 0x6000;
	uint32_t *to, *from = (uint32_t *)first_root;
	unsigned int i;

	if (is_pae()) {
		/* not a copy: a quirk may have marked it */
		first_root[0] = (uintptr_t)own_pd | P;
		pa += (rnd() & 127) * 32;
	}
	to = own_place(pa);
	for (i = 0; i < (is_32bit() ? CASES_VA >> 22 : 2); i++)
		to[i] = from[i];
	return pa;
}

uint64_t *pdpte_place(unsigned int slot)
{
	return (uint64_t *)own_place(regs.cr3 & ~UINT64_C(31)) + slot;
}

unsigned int random_window(unsigned int bits)
{
	unsigned int k;

	do
		k = WINDOW_FIRST + below(bits - WINDOW_FIRST);
	while (!window[k]);
	return k;
}

static void read_features(void)
{
	uint32_t r[4], top;

	cpuid(0x40000000, r);
	in_qemu = r[1] == 0x54474354;		/* "TCGT" */
	cpuid(1, r);
	regs.pse36 = r[3] >> 17 & 1;
	can.pge = r[3] >> 13 & 1;
	cpuid(7, r);
	can.smep = r[1] >> 7 & 1;
	can.smap = r[1] >> 20 & 1;
	can.pke = r[2] >> 3 & 1;
	can.pks = r[2] >> 31 & 1;
	cpuid(0x80000000, r);
	top = r[0];
	cpuid(0x80000001, r);
	can.nx = r[3] >> 20 & 1;
	regs.page1gb = r[3] >> 26 & 1;
	can.long_mode = r[3] >> 29 & 1;
	regs.maxphyaddr = 36;
	if (top >= 0x80000008) {
		cpuid(0x80000008, r);
		regs.maxphyaddr = r[0] & 0xff;
	}
	if (!is_long())
		can.pke = can.pks = false;
	put(in_qemu ? "judge qemu" : "judge bochs");
	put(": physical address bits ");
	put_dec(regs.maxphyaddr);
	put(regs.page1gb ? ", 1G pages" : ", no 1G pages");
	put(regs.pse36 ? ", PSE-36" : "");
	put(can.nx ? ", NX" : "");
	put(can.smep ? ", SMEP" : "");
	put(can.smap ? ", SMAP" : "");
	put(can.pke ? ", PKU" : "");
	put(can.pks ? ", PKS" : "");
	put("\n");
}

static void descriptor(unsigned int entry, uint64_t base, uint32_t limit, uint32_t access)
{
	gdt[entry] = limit | (base & 0xffffff) << 16 | (uint64_t)access << 40 | (base >> 24 & 0xff) << 56;
	if (is_long())
		gdt[entry + 1] = base >> 32;
}

static void set_gate(unsigned int vector, unsigned int n)
{
	uint64_t ip = (uintptr_t)gates + 16 * n;
	uint64_t low = (ip & 0xffff) | 8 << 16 | UINT64_C(0xee00) << 32 | (ip >> 16 & 0xffff) << 48;

	if (is_long()) {
		idt[2 * vector] = low;
		idt[2 * vector + 1] = ip >> 32;
	} else {
		idt[vector] = low;
	}
}

static void system_tables(void)
{
	struct {
		uint16_t limit;
		uintptr_t base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, (uintptr_t)idt };
	uintptr_t stack = (uintptr_t)trap_stack + sizeof(trap_stack);
	unsigned int i;

	for (i = 0; i < 32; i++)
		set_gate(i, i);
	set_gate(VECTOR_DONE, 32);
	tss[1] = (uint32_t)stack;
	tss[2] = is_long() ? 0 : 0x10;
	descriptor(GDT_TSS, (uintptr_t)tss, sizeof(tss) - 1, 0x89);
	__asm__ volatile("lgdt %0; lidt %1; ltr %w2"
			 : : "m"(gdt_pointer), "m"(pointer), "r"(GDT_TSS * 8) : "memory");
}

void set_ldt(uint64_t base)
{
	descriptor(GDT_LDT, base, 0xffff, 0x82);
	__asm__ volatile("lldt %w0" : : "r"(GDT_LDT * 8) : "memory");
}

void set_cr2(uintptr_t value)
{
	__asm__ volatile("mov %0, %%cr2" : : "r"(value));
}

bool move_to_cr3(uint64_t cr3)
{
	struct call call = { .ip = (uintptr_t)load_cr3, .flags = 2, .va = (uintptr_t)cr3 };

	go(&call);
	return trap_vector == 13 && !trap_error;
}

/* SDM 5.10.4.1: MOV to CR3 drops all translations but the global ones; these go with a change of CR4.PGE. */
void load_registers(void)
{
	uintptr_t cr0 = (uintptr_t)regs.cr0, cr4 = (uintptr_t)regs.cr4;

	if (is_pae()) {
		/* MOV to CR4 and CR0 load the PDPTEs, too (SDM 5.4.1): good ones. */
		first_root[0] = (uintptr_t)own_pd | P;
		__asm__ volatile("mov %0, %%cr3" : : "r"((uintptr_t)first_root) : "memory");
	}
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 ^ (can.pge ? CR4_PGE_BIT : 0)) : "memory");
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0) : "memory");
	if (can.nx)
		write_msr(MSR_EFER, (read_msr(MSR_EFER) & ~(uint64_t)EFER_NXE_BIT) | (regs.efer & EFER_NXE_BIT));
	if (regs.cr4 & CR4_PKE_BIT)
		__asm__ volatile("wrpkru" : : "a"(regs.pkru), "c"(0), "d"(0));
	if (can.pks)
		write_msr(MSR_PKRS, regs.pkrs);
	move_to_cr3(regs.cr3);
}

static int read8(void *ctx, uint64_t pa, uint64_t *value)
{
	enum place place = place_of(pa);

	(void)ctx;
	if (place == PLACE_WINDOW || place == PLACE_LOW)
		*value = *(volatile uint64_t *)own_place(pa);
	else if (place == PLACE_ZERO)
		*value = 0;
	else if (place == PLACE_VOID)
		*value = (uint64_t)void_value << 32 | void_value;
	else
		return -5;
	return 0;
}

static int read4(void *ctx, uint64_t pa, uint32_t *value)
{
	uint64_t both = 0;
	int error = read8(ctx, pa & ~UINT64_C(7), &both);

	*value = (uint32_t)(pa & 4 ? both >> 32 : both);
	return error;
}

const struct mmu_mem memory = { .read = read8, .read4 = read4 };

/* For a quirk: only 32 bits of the address of a table */
static int read_low(void *ctx, uint64_t pa, uint64_t *value)
{
	return read8(ctx, (uint32_t)pa, value);
}

const struct mmu_mem low_memory = { .read = read_low };

/* What a read of nothing gives, at 0xd0000000, where no judge has anything */
static void read_nothing(void)
{
	uintptr_t va = OWN_SIZE - 4096;

	map_own(va, 0xd0000000, 0);
	invalidate(va);
	void_value = *(volatile uint32_t *)va;
	map_own(va, va, 0);
	invalidate(va);
}

void start_machine(void)
{
	unsigned int k;

	regs.mode = (enum mmu_mode)CONFIG->mode;
	ram_mib = CONFIG->ram_mib;
	read_features();
	own_tables();
	system_tables();
	regs.cr0 = 0x80000031 | CR0_WP_BIT;
	regs.cr3 = (uintptr_t)first_root;
	regs.cr4 = is_32bit() ? CR4_PSE_BIT : CR4_PAE_BIT;
	if (root_level() == 5)
		regs.cr4 |= CR4_LA57_BIT;
	regs.efer = is_long() ? EFER_LONG : 0;
	/* Paging is on already in long mode only. */
	__asm__ volatile("mov %0, %%cr3" : : "r"((uintptr_t)regs.cr3) : "memory");
	load_registers();
	read_nothing();
	/* what the firmware has left where a flipped bit may lead */
	memset((void *)0x1000, 0, 0x6000);
	for (k = WINDOW_FIRST; k <= WINDOW_LAST; k++)
		if (window[k])
			fill_window(k);
}
