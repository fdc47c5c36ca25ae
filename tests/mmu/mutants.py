#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Plant one error at a time in the software MMU: the unit tests must notice.

usage: mutants.py [-v] [word ...]     only the mutants whose name has a word

Exit status: 0 all killed, 1 a mutant survived or could not be planted.
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FRONT, SHARED, WALK, ACCESS = "mmu.c", "x86.h", "x86_walk.h", "x86_access.c"
LONG, BIT32, PAE = "x86_long.c", "x86_32.c", "x86_pae.c"

# name, file, text (must occur exactly once), replacement
MUTANTS = [
    ("rsvd without p", SHARED, "MMU_PF_P | MMU_PF_RSVD;\n\treturn MMU_FAULT",
     "MMU_PF_RSVD;\n\treturn MMU_FAULT"),
    ("rsvd without p after the access", ACCESS,
     "MMU_PF_P | MMU_PF_RSVD : 0", "MMU_PF_RSVD : 0"),
    ("rw of the leaf alone", SHARED, "writable = all &", "writable = leaf &"),
    ("rw of any level", SHARED, "writable = all &", "writable = any &"),
    ("us of the leaf alone", SHARED, "user = all &", "user = leaf &"),
    ("us of any level", SHARED, "user = all &", "user = any &"),
    ("nx of the leaf alone", SHARED, "!(any & ENTRY_NX)", "!(leaf & ENTRY_NX)"),
    ("nx of all levels", SHARED, "!(any & ENTRY_NX)", "!(all & ENTRY_NX)"),
    ("nx ignored without nxe", LONG, "reserved |= ENTRY_NX", "reserved |= 0"),
    ("nx always reserved", LONG, "if (!(regs->efer & EFER_NXE))", "if (1)"),
    ("i/d always", ACCESS, "access->kind == MMU_FETCH &&\n\t    ((",
     "access->kind == MMU_FETCH &&\n\t    (1 || ("),
    ("i/d with smep only", ACCESS, "(regs->cr4 & CR4_PAE) && (regs->efer",
     "0 && (regs->efer"),
    ("i/d with nxe only", ACCESS, "((regs->cr4 & CR4_SMEP) ||", "(0 ||"),
    ("ps accepted in pml4e", WALK, "return ENTRY_PS | (regs->upper",
     "return 0 | (regs->upper"),
    ("pml4e rule from pml5e on", WALK, "if (level >= LEVEL_PML4E)",
     "if (level > LEVEL_PML4E)"),
    ("g reserved on intel", WALK, "regs->upper_g_reserved ? ENTRY_G : 0",
     "1 ? ENTRY_G : 0"),
    ("g ignored on amd", WALK, "regs->upper_g_reserved ? ENTRY_G : 0",
     "0 ? ENTRY_G : 0"),
    ("1g pages always", WALK, "(raw & ENTRY_PS) && regs->page1gb",
     "(raw & ENTRY_PS)"),
    ("1g pages never", WALK, "(raw & ENTRY_PS) && regs->page1gb", "0"),
    ("ps ignored without 1g pages", WALK,
     "unsupported. */\n\treturn ENTRY_PS", "unsupported. */\n\treturn 0"),
    ("large pages: bit 13 free", WALK, "BITS(level_shift(level) - 1, 13)",
     "BITS(level_shift(level) - 1, 14)"),
    ("large pages: bit 12 reserved", WALK, "BITS(level_shift(level) - 1, 13)",
     "BITS(level_shift(level) - 1, 12)"),
    ("large pages: top bit free", WALK, "BITS(level_shift(level) - 1, 13)",
     "BITS(level_shift(level) - 2, 13)"),
    ("1g page with the low bits of 2m", WALK,
     "BITS(level_shift(level) - 1, 13)", "BITS(20, 13)"),
    ("pat bit 7 in large pages", SHARED,
     "shift == PAGE_SHIFT ? ENTRY_PAT_4K : ENTRY_PAT_LARGE", "ENTRY_PAT_4K"),
    ("pat bit 12 in small pages", SHARED,
     "shift == PAGE_SHIFT ? ENTRY_PAT_4K : ENTRY_PAT_LARGE",
     "ENTRY_PAT_LARGE"),
    ("pcd is pwt", SHARED, "(leaf & ENTRY_PCD) ? 2u",
     "(leaf & ENTRY_PCD) ? 1u"),
    ("pat value 2 accepted", SHARED, "type == 2 || ", ""),
    ("pat value 9 accepted", SHARED, "|| type > 7", "|| type > 9"),
    ("maxphyaddr is 52", LONG, "if (regs->maxphyaddr < PA_BITS_MAX)",
     "if (0)"),
    ("bit 52 reserved", LONG, "BITS(PA_BITS_MAX - 1, regs->maxphyaddr)",
     "BITS(PA_BITS_MAX, regs->maxphyaddr)"),
    ("first reserved bit free", LONG,
     "BITS(PA_BITS_MAX - 1, regs->maxphyaddr)",
     "BITS(PA_BITS_MAX - 1, regs->maxphyaddr) & "
     "~BIT(regs->maxphyaddr)"),
    ("frame cut at 51 bits less one", WALK,
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT)",
     "frame = BITS(regs->maxphyaddr - 2, PAGE_SHIFT)"),
    ("frame cut at bit 13", WALK,
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT)",
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT + 1)"),
    ("frame with the low bits", WALK,
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT)",
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT - 1)"),
    ("offset of 4k in every page", SHARED, "(res->va & BITS(shift - 1, 0))",
     "(res->va & BITS(PAGE_SHIFT - 1, 0))"),
    ("nine index bits less one", WALK, "INDEX_MASK	0x1ff",
     "INDEX_MASK	0xff"),
    ("global without pge", SHARED, "&& (regs->cr4 & CR4_PGE)", ""),
    ("global of any level", SHARED, "global = (leaf & ENTRY_G)",
     "global = (any & ENTRY_G)"),
    ("key of the entry above", LONG, "steps[res->nsteps - 1].raw >> KEY",
     "steps[res->nsteps - 2].raw >> KEY"),
    ("key without pke", LONG, "MMU_OK && (regs->cr4 & (CR4_PKE | CR4_PKS))",
     "MMU_OK"),
    ("key of three bits", SHARED, "KEY_MASK	15u", "KEY_MASK	7u"),
    ("key from bit 58", SHARED, "KEY_SHIFT	59", "KEY_SHIFT	58"),
    ("keys bind fetches", ACCESS, "|| access->kind == MMU_FETCH)\n\t\treturn",
     ")\n\t\treturn"),
    ("keys bind supervisor pages", ACCESS,
     "(page->user ? CR4_PKE : CR4_PKS)", "CR4_PKE"),
    ("pkru for supervisor pages", ACCESS,
     "page->user ? regs->pkru : regs->pkrs", "regs->pkru"),
    ("pkrs asked for user accesses", ACCESS,
     "if (user_mode(access) && !page->user)\n\t\treturn false;\n", ""),
    ("ad and wd exchanged", ACCESS, "(2 * page->pkey) & 1",
     "(2 * page->pkey) & 2"),
    ("wd binds reads", ACCESS, "write_disable && access->kind == MMU_WRITE &&",
     "write_disable &&"),
    ("wd binds supervisor without wp", ACCESS,
     "(user_mode(access) || (regs->cr0 & CR0_WP));", "1;"),
    ("wd never binds supervisor", ACCESS,
     "(user_mode(access) || (regs->cr0 & CR0_WP));", "user_mode(access);"),
    ("pk not reported with other reasons", ACCESS,
     "if (res->denied & MMU_DENY_PKEY)", "if (res->denied == MMU_DENY_PKEY)"),
    ("users read supervisor pages", ACCESS, "if (user && !page->user)",
     "if (user && !page->user && access->kind != MMU_READ)"),
    ("wp binds nobody", ACCESS, "(user || (regs->cr0 & CR0_WP)))", "user)"),
    ("wp always", ACCESS, "(user || (regs->cr0 & CR0_WP)))", "1)"),
    ("wp off frees users too", ACCESS, "(user || (regs->cr0 & CR0_WP)))",
     "(regs->cr0 & CR0_WP))"),
    ("nx binds users only", ACCESS, "if (fetch && !page->executable)",
     "if (fetch && user && !page->executable)"),
    ("smep always", ACCESS, "page->user && (regs->cr4 & CR4_SMEP)",
     "page->user"),
    ("smep by smap", ACCESS, "page->user && (regs->cr4 & CR4_SMEP)",
     "page->user && (regs->cr4 & CR4_SMAP)"),
    ("smep binds users", ACCESS, "if (fetch && !user && page->user",
     "if (fetch && page->user"),
    ("smap binds fetches", ACCESS, "if (!fetch && !user && page->user",
     "if (!user && page->user"),
    ("smap for supervisor pages", ACCESS, "if (!fetch && !user && page->user",
     "if (!fetch && !user"),
    ("ac excuses implicit accesses", ACCESS,
     "(access->implicit || !(regs->rflags & RFLAGS_AC))",
     "!(regs->rflags & RFLAGS_AC)"),
    ("ac excuses nothing", ACCESS,
     "(access->implicit || !(regs->rflags & RFLAGS_AC))", "1"),
    ("implicit access is no fault of smap", ACCESS,
     "(access->implicit || !(regs->rflags & RFLAGS_AC))",
     "(!access->implicit && !(regs->rflags & RFLAGS_AC))"),
    ("implicit access at cpl 3 is a user's", ACCESS,
     "return access->user && !access->implicit", "return access->user"),
    ("p missing for refused accesses", ACCESS,
     "res->error_code = MMU_PF_P | access_code",
     "res->error_code = 0 | access_code"),
    ("reserved bits of absent entries", WALK,
     "if (!(raw & ENTRY_P))\n\t\treturn MMU_STEP_NOT_PRESENT",
     "if (!(raw & (ENTRY_P | BIT(51))))\n\t\treturn MMU_STEP_NOT_PRESENT"),
    ("d set by reads", ACCESS, "if (leaf && success && write)",
     "if (leaf && success)"),
    ("d set by refused writes", ACCESS, "if (leaf && success && write)",
     "if (leaf && write)"),
    ("d set in tables", ACCESS, "if (leaf && success && write)",
     "if (success && write)"),
    ("a not set in tables", ACCESS, "if (leaf || step->kind == MMU_STEP_TABLE)",
     "if (leaf)"),
    ("a must be set on a fault", ACCESS, "success ? step->may_set : 0",
     "step->may_set"),
    ("a reported though set", ACCESS, "step->may_set = bits & ~step->raw",
     "step->may_set = bits"),
    ("one canonical bit too few", LONG,
     "INDEX_BITS - 1;\n\tuint64_t high = va >> sign",
     "INDEX_BITS - 2;\n\tuint64_t high = va >> sign"),
    ("one canonical bit too many", LONG,
     "INDEX_BITS - 1;\n\tuint64_t high = va >> sign",
     "INDEX_BITS;\n\tuint64_t high = va >> sign"),
    ("negative half not canonical", LONG,
     "return high == 0 || high == UINT64_MAX >> sign", "return high == 0"),
    ("canonical check of the front", FRONT, "high = va >> (ops->va_bits - 1)",
     "high = va >> ops->va_bits"),
    ("#ss for fetches", ACCESS, "access->stack && access->kind != MMU_FETCH ?",
     "access->stack ?"),
    ("#gp for stacks", ACCESS, "access->stack && access->kind != MMU_FETCH ?",
     "0 ?"),
    ("pcid is address", LONG,
     "root = regs->cr3 & BITS(regs->maxphyaddr - 1, PAGE_SHIFT)",
     "root = regs->cr3"),
    ("five levels walked as four", LONG,
     "regs->mode == MMU_MODE_X86_5LEVEL ? 5 : 4;\n}", "4;\n}"),
    ("la57 not compared", LONG,
     "return la57 == (regs->mode == MMU_MODE_X86_5LEVEL)", "return true"),
    ("wide cr3 accepted", LONG, "!(regs->cr3 & cr3_reserved(regs))", "1"),
    ("lam refused", LONG, "return ~CR3_LAM & ~BITS", "return ~BITS"),
    ("paging not asked for", SHARED, " && (regs->cr0 & CR0_PG)", ""),
    ("lma not asked for", LONG, "efer = EFER_LME | EFER_LMA",
     "efer = EFER_LME"),
    ("reader's error lost", SHARED,
     "if (kind == MMU_STEP_UNREADABLE)\n\t\treturn MMU_ERR_MEMORY;\n", ""),
    ("a page of an upper level is a pte", WALK,
     "5.5.4). */\n\t\treturn raw & ENTRY_PS",
     "5.5.4). */\n\t\treturn false"),
    ("denying level from the leaf", ACCESS,
     "first_level(regs, res, ENTRY_RW, false)", "1"),
    ("code of the last access kept", ACCESS,
     "\tres->error_code = 0;\n\tif", "\tif"),
    ("level of the last walk kept", FRONT, "\tres->fail_level = 0;\n", ""),
    ("steps of the last walk kept", SHARED, "\tstep->must_set = 0;\n", ""),
    ("reserved bits of the last walk kept", FRONT,
     "\tres->reserved_bits = 0;\n", ""),
    # PAE and 32-bit paging
    ("keys outside ia-32e mode", ACCESS,
     " || !(regs->efer & EFER_LMA)", ""),
    ("i/d by nxe in 32-bit paging", ACCESS,
     "((regs->cr4 & CR4_PAE) && (regs->efer & EFER_NXE))",
     "(regs->efer & EFER_NXE)"),
    ("a in pdptes, and rights", ACCESS, "return regs->mode == MMU_MODE_X86_PAE",
     "return 0"),
    ("pde skipped as if pdpte", ACCESS, "return regs->mode == MMU_MODE_X86_PAE",
     "return regs->mode == MMU_MODE_X86_PAE || "
     "regs->mode == MMU_MODE_X86_32BIT"),
    ("long mode is no matter", SHARED,
     "!(regs->efer & (EFER_LME | EFER_LMA))", "!(regs->efer & EFER_LMA)"),
    ("pcide is no matter", SHARED, "\n\t       !(regs->cr4 & CR4_PCIDE)",
     "\n\t       1"),
    ("maxphyaddr of 31", SHARED, "regs->maxphyaddr < 32",
     "regs->maxphyaddr < 31"),
    ("nw without cd", SHARED,
     "(regs->cr0 & (CR0_NW | CR0_CD)) == CR0_NW", "0"),
    ("nw never", SHARED, "(regs->cr0 & (CR0_NW | CR0_CD)) == CR0_NW",
     "(regs->cr0 & CR0_NW)"),
    ("cet without wp", SHARED, "&& !(regs->cr0 & CR0_WP)", "&& 0"),
    ("cet never", SHARED, "&& !(regs->cr0 & CR0_WP)", ""),
    ("32-bit: pae is no matter", BIT32,
     "x86_legacy_paging(regs) && !(regs->cr4 & CR4_PAE)",
     "x86_legacy_paging(regs)"),
    ("32-bit: ps without pse", BIT32, "!(regs->cr4 & CR4_PSE) || ", ""),
    ("32-bit: ps never", BIT32, "!(raw & ENTRY_PS))\n\t\treturn MMU_STEP_TABLE",
     "1)\n\t\treturn MMU_STEP_TABLE"),
    ("32-bit: pse-36 always", BIT32, "if (!regs->pse36)", "if (0)"),
    ("32-bit: pse-36 never", BIT32, "if (!regs->pse36)", "if (1)"),
    ("32-bit: pse-36 of 36 bits", BIT32, "PSE36_PA_BITS	40u",
     "PSE36_PA_BITS	36u"),
    ("32-bit: pse-36 ignores maxphyaddr", BIT32,
     "return regs->maxphyaddr < PSE36_PA_BITS ? regs->maxphyaddr :",
     "return 0 ? 0 :"),
    ("32-bit: pse-36 up to bit 21", BIT32, "BITS(PSE36_LAST - 1, PSE36_FIRST))",
     "BITS(PSE36_LAST, PSE36_FIRST + 1))"),
    ("32-bit: bit 21 free", BIT32, "PSE36_LAST	21", "PSE36_LAST	20"),
    ("32-bit: first reserved bit free", BIT32,
     "PSE36_FIRST + large_pa_bits(regs)",
     "PSE36_FIRST + 1 + large_pa_bits(regs)"),
    ("32-bit: pse-36 a bit too high", BIT32, "<< (32 - PSE36_FIRST)",
     "<< (33 - PSE36_FIRST)"),
    # (a frame with bit 21 as well would change nothing: a large page's bit 21 is
    # reserved; the names of entries have masks of their own, mutants_entry.py)
    ("32-bit: nine index bits", BIT32, "INDEX_MASK	0x3ff",
     "INDEX_MASK	0x1ff"),
    ("32-bit: large pages of 2m", BIT32, "LARGE_SHIFT	22",
     "LARGE_SHIFT	21"),
    ("32-bit: always the lower half", BIT32, "(pa & 4 ? both >> 32 :",
     "(0 ? 0 :"),
    ("32-bit: halves exchanged", BIT32, "(pa & 4 ?", "(!(pa & 4) ?"),
    ("32-bit: all of the eight bytes", BIT32, "both & BITS(31, 0))", "both)"),
    ("32-bit: entries of eight bytes", BIT32, "table + 4 * (uint64_t)index",
     "table + 8 * (uint64_t)index"),
    ("32-bit: unaligned read", BIT32, "pa & ~UINT64_C(7), &both", "pa, &both"),
    ("32-bit: upper cr3 is address", BIT32, "regs->cr3 & FRAME_4K",
     "regs->cr3 & ~UINT64_C(0xfff)"),
    ("32-bit: rights of the pte alone", BIT32, "pde->raw & pte->raw,",
     "pte->raw,"),
    ("32-bit: rights of any level", BIT32, "pde->raw & pte->raw,",
     "pde->raw | pte->raw,"),
    ("32-bit: address cut", BIT32, "if (va >> 32)", "if (0)"),
    ("32-bit: cr3 operand of 64 bits", BIT32, "regs->cr3 = cr3 & BITS(31, 0)",
     "regs->cr3 = cr3"),
    ("pae: bit 62 free", PAE, "reserved = BITS(62, regs->maxphyaddr)",
     "reserved = BITS(61, regs->maxphyaddr)"),
    ("pae: bits 62:52 ignored", PAE, "reserved = BITS(62, regs->maxphyaddr)",
     "reserved = BITS(62, regs->maxphyaddr) & BITS(51, 0)"),
    ("pae: nx ignored without nxe", PAE, "? reserved : reserved | ENTRY_NX",
     "? reserved : reserved"),
    ("pae: nx always reserved", PAE, "? reserved : reserved | ENTRY_NX",
     "? reserved | ENTRY_NX : reserved | ENTRY_NX"),
    ("pae: rw and us in a pdpte", PAE, "BITS(2, 1) | ", ""),
    ("pae: bit 8 in a pdpte", PAE, "BITS(8, 5)", "BITS(7, 5)"),
    ("pae: a in a pdpte", PAE, "BITS(8, 5)", "BITS(8, 6)"),
    ("pae: nx in a pdpte", PAE, "BITS(63, regs->maxphyaddr)",
     "BITS(62, regs->maxphyaddr)"),
    ("pae: wide address in a pdpte", PAE, " | BITS(63, regs->maxphyaddr)", ""),
    ("pae: absent pdpte with reserved bits", PAE,
     "if (!(pdpte & ENTRY_P))\n\t\treturn 0;\n", ""),
    ("pae: registers not looked at", PAE, "return !bad;", "return true;"),
    ("pae: three registers looked at", PAE,
     "for (i = 0; i < PDPTES; i++)\n\t\tbad",
     "for (i = 0; i < PDPTES - 1; i++)\n\t\tbad"),
    ("pae: three registers loaded", PAE,
     "for (i = 0; i < PDPTES; i++)\n\t\tregs",
     "for (i = 0; i < PDPTES - 1; i++)\n\t\tregs"),
    ("pae: pdpt of 4k", PAE, "CR3_PDPT	BITS(31, 5)", "CR3_PDPT	BITS(31, 12)"),
    ("pae: pdpt above 4g", PAE, "CR3_PDPT	BITS(31, 5)",
     "CR3_PDPT	BITS(51, 5)"),
    ("pae: #gp loads cr3 nevertheless", PAE,
     "if (load->reserved_bits)\n",
     "if (load->reserved_bits)\n\t\t\tregs->cr3 = cr3;\n"
     "\t\tif (load->reserved_bits)\n"),
    ("pae: pdpte without address above 4g", PAE,
     "BITS(regs->maxphyaddr - 1, PAGE_SHIFT),\n", "BITS(31, PAGE_SHIFT),\n"),
    ("pae: absent pdpte is reserved", PAE,
     "step->kind = MMU_STEP_NOT_PRESENT", "step->kind = MMU_STEP_RESERVED"),
    ("pae: one register for all", PAE, "step->raw = regs->pdpte[index]",
     "step->raw = regs->pdpte[0]"),
    ("pae: address cut", PAE, "if (va >> 32)\n\t\treturn MMU_ERR_VA;\n",
     "va &= BITS(31, 0);\n\tindex &= 3;\n"),
    ("pae: mode by pae alone", PAE,
     "x86_legacy_paging(regs) && (regs->cr4 & CR4_PAE)",
     "x86_paging(regs) && (regs->cr4 & CR4_PAE)"),
    ("pae: cr4.pae is no matter", PAE,
     "x86_legacy_paging(regs) && (regs->cr4 & CR4_PAE)",
     "x86_legacy_paging(regs)"),
    ("cr3: wide operand taken", LONG,
     "if (load->reserved_bits)\n\t\treturn MMU_FAULT_GP;\n", ""),
    ("cr3: bit 63 without pcide", LONG, "if (regs->cr4 & CR4_PCIDE)", "if (1)"),
    ("cr3: bit 63 stored", LONG, "cr3 &= ~CR3_NOFLUSH", "cr3 &= ~UINT64_C(0)"),
    ("cr3: mode not looked at", LONG,
     "\t(void)mem;\n\tif (!in_mode(regs))\n\t\treturn MMU_ERR_REGS;\n",
     "\t(void)mem;\n"),
    ("cr3: what was loaded before is kept", FRONT,
     "*load = (struct mmu_cr3_load){ .index = -1 };", ""),
    ("32-bit addresses are signed", FRONT, "if (!ops->va_signed)", "if (0)"),
    ("nine index bits of a pdpte", FRONT, "if (bits > ops->index_bits)",
     "if (1)"),
]


def source(name):
    with open(os.path.join(ROOT, "userspace", "mmu", name)) as f:
        return f.read()


def cc(*args):
    subprocess.check_call(("cc", "-std=gnu11", "-O1", "-w") + args)


def build_tests(out):
    """The tests see the true header, and are compiled once."""
    for name in TESTS:
        cc("-I" + os.path.join(ROOT, "userspace"), "-c",
           os.path.join(ROOT, "tests", "unit", name + ".c"),
           "-o", os.path.join(out, name + ".o"))


def objects(tree, out, names):
    os.makedirs(out, exist_ok=True)
    for name in names:
        cc("-I" + tree, "-c", os.path.join(tree, "mmu", name),
           "-o", os.path.join(out, name + ".o"))


def affected(tree, changed):
    """The sources to compile: a header is in all that include it."""
    if not changed.endswith(".h"):
        return [changed]
    found = []
    for name in sorted(os.listdir(os.path.join(tree, "mmu"))):
        with open(os.path.join(tree, "mmu", name)) as f:
            if '#include "%s"' % changed in f.read():
                found += affected(tree, name)
    return sorted(set(found))


def build_model(tree, out, changed):
    """Compiles what the change is in; returns all objects of the model."""
    new = affected(tree, changed)
    objects(tree, os.path.join(out, "new"), new)
    return [os.path.join(out, "new" if f in new else "base", f + ".o")
            for f in os.listdir(os.path.join(tree, "mmu"))
            if f.endswith(".c")]


def killer(out, model):
    """The first test that fails, or None."""
    for name in TESTS:
        program = os.path.join(out, name)
        cc(program + ".o", *model, "-o", program, *LIBS)
        try:
            status = subprocess.call([program], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, timeout=300)
        except subprocess.TimeoutExpired:
            status = -1
        if status:
            return name
    return None


def plant(mutant, work):
    name, path, old, new = mutant
    text = source(path)
    if text.count(old) != 1:
        return "cannot be planted"
    tree = os.path.join(work, "userspace")
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(os.path.join(ROOT, "userspace", "mmu"),
                    os.path.join(tree, "mmu"))
    with open(os.path.join(tree, "mmu", path), "w") as f:
        f.write(text.replace(old, new))
    return killer(work, build_model(tree, work, path))


def main():
    args = sys.argv[1:]
    verbose = "-v" in args
    words = [a for a in args if a != "-v"]
    chosen = [m for m in MUTANTS if not words or any(w in m[0] for w in words)]
    bad = 0
    with tempfile.TemporaryDirectory() as work:
        build_tests(work)
        base = os.path.join(ROOT, "userspace")
        objects(base, os.path.join(work, "base"),
                [f for f in os.listdir(os.path.join(base, "mmu"))
                 if f.endswith(".c")])
        for mutant in chosen:
            by = plant(mutant, work)
            if by is None or by == "cannot be planted":
                bad += 1
                print("SURVIVED" if by is None else "STALE", mutant[0],
                      flush=True)
            elif verbose:
                print("killed", mutant[0], "by", by, flush=True)
    print("%d mutants, %d killed" % (len(chosen), len(chosen) - bad))
    return 1 if bad or not chosen else 0


if __name__ == "__main__":
    TESTS = os.environ.get(
        "MMU_TESTS", "test_mmu_walk test_mmu_rights test_mmu_names "
        "test_mmu_x86_32 test_mmu_pae test_mmu_props test_mmu_enum_ia32 "
        "test_mmu_enum").split()
    LIBS = subprocess.check_output(
        ["pkg-config", "--cflags", "--libs", "check"], text=True).split()
    sys.exit(main())
