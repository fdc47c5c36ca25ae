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
LONG, FRONT = "x86_long.c", "mmu.c"

# name, file, text (must occur exactly once), replacement
MUTANTS = [
    ("rsvd without p", LONG, "MMU_PF_P | MMU_PF_RSVD;\n\treturn MMU_FAULT",
     "MMU_PF_RSVD;\n\treturn MMU_FAULT"),
    ("rsvd without p after the access", LONG,
     "MMU_PF_P | MMU_PF_RSVD : 0", "MMU_PF_RSVD : 0"),
    ("rw of the leaf alone", LONG, "writable = all &", "writable = leaf &"),
    ("rw of any level", LONG, "writable = all &", "writable = any &"),
    ("us of the leaf alone", LONG, "user = all &", "user = leaf &"),
    ("us of any level", LONG, "user = all &", "user = any &"),
    ("nx of the leaf alone", LONG, "!(any & ENTRY_NX)", "!(leaf & ENTRY_NX)"),
    ("nx of all levels", LONG, "!(any & ENTRY_NX)", "!(all & ENTRY_NX)"),
    ("nx ignored without nxe", LONG, "reserved |= ENTRY_NX", "reserved |= 0"),
    ("nx always reserved", LONG, "if (!(regs->efer & EFER_NXE))", "if (1)"),
    ("i/d always", LONG, "access->kind == MMU_FETCH &&\n\t    ((",
     "access->kind == MMU_FETCH &&\n\t    (1 || ("),
    ("i/d with smep only", LONG,
     "((regs->cr4 & CR4_SMEP) || (regs->efer & EFER_NXE))",
     "(regs->cr4 & CR4_SMEP)"),
    ("i/d with nxe only", LONG,
     "((regs->cr4 & CR4_SMEP) || (regs->efer & EFER_NXE))",
     "(regs->efer & EFER_NXE)"),
    ("ps accepted in pml4e", LONG, "return ENTRY_PS | (regs->upper",
     "return 0 | (regs->upper"),
    ("pml4e rule from pml5e on", LONG, "if (level >= LEVEL_PML4E)",
     "if (level > LEVEL_PML4E)"),
    ("g reserved on intel", LONG, "regs->upper_g_reserved ? ENTRY_G : 0",
     "1 ? ENTRY_G : 0"),
    ("g ignored on amd", LONG, "regs->upper_g_reserved ? ENTRY_G : 0",
     "0 ? ENTRY_G : 0"),
    ("1g pages always", LONG, "(raw & ENTRY_PS) && regs->page1gb",
     "(raw & ENTRY_PS)"),
    ("1g pages never", LONG, "(raw & ENTRY_PS) && regs->page1gb", "0"),
    ("ps ignored without 1g pages", LONG,
     "unsupported. */\n\treturn ENTRY_PS", "unsupported. */\n\treturn 0"),
    ("large pages: bit 13 free", LONG, "BITS(level_shift(level) - 1, 13)",
     "BITS(level_shift(level) - 1, 14)"),
    ("large pages: bit 12 reserved", LONG, "BITS(level_shift(level) - 1, 13)",
     "BITS(level_shift(level) - 1, 12)"),
    ("large pages: top bit free", LONG, "BITS(level_shift(level) - 1, 13)",
     "BITS(level_shift(level) - 2, 13)"),
    ("1g page with the low bits of 2m", LONG,
     "BITS(level_shift(level) - 1, 13)", "BITS(20, 13)"),
    ("pat bit 7 in large pages", LONG,
     "level == LEVEL_PTE ? ENTRY_PAT_4K : ENTRY_PAT_LARGE", "ENTRY_PAT_4K"),
    ("pat bit 12 in small pages", LONG,
     "level == LEVEL_PTE ? ENTRY_PAT_4K : ENTRY_PAT_LARGE",
     "ENTRY_PAT_LARGE"),
    ("pcd is pwt", LONG, "(raw & ENTRY_PCD) ? 2u", "(raw & ENTRY_PCD) ? 1u"),
    ("pat value 2 accepted", LONG, "type == 2 || ", ""),
    ("pat value 9 accepted", LONG, "|| type > 7", "|| type > 9"),
    ("maxphyaddr is 52", LONG, "if (regs->maxphyaddr < PA_BITS_MAX)",
     "if (0)"),
    ("bit 52 reserved", LONG, "BITS(PA_BITS_MAX - 1, regs->maxphyaddr)",
     "BITS(PA_BITS_MAX, regs->maxphyaddr)"),
    ("first reserved bit free", LONG,
     "BITS(PA_BITS_MAX - 1, regs->maxphyaddr)",
     "BITS(PA_BITS_MAX - 1, regs->maxphyaddr) & "
     "~BIT(regs->maxphyaddr)"),
    ("frame cut at 51 bits less one", LONG,
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT)",
     "frame = BITS(regs->maxphyaddr - 2, PAGE_SHIFT)"),
    ("frame cut at bit 13", LONG,
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT)",
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT + 1)"),
    ("frame with the low bits", LONG,
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT)",
     "frame = BITS(regs->maxphyaddr - 1, PAGE_SHIFT - 1)"),
    ("offset of 4k in every page", LONG, "(res->va & BITS(shift - 1, 0))",
     "(res->va & BITS(PAGE_SHIFT - 1, 0))"),
    ("nine index bits less one", LONG, "INDEX_MASK	0x1ff",
     "INDEX_MASK	0xff"),
    ("global without pge", LONG, "&& (regs->cr4 & CR4_PGE)", ""),
    ("global of any level", LONG, "global = (leaf & ENTRY_G)",
     "global = (any & ENTRY_G)"),
    ("key of any level", LONG, "pkey = (leaf >>", "pkey = (any >>"),
    ("key without pke", LONG, "if (regs->cr4 & (CR4_PKE | CR4_PKS))",
     "if (1)"),
    ("key of three bits", LONG, "KEY_MASK	15u", "KEY_MASK	7u"),
    ("key from bit 58", LONG, "KEY_SHIFT	59", "KEY_SHIFT	58"),
    ("keys bind fetches", LONG, "if (!enabled || access->kind == MMU_FETCH)",
     "if (!enabled)"),
    ("keys bind supervisor pages", LONG,
     "(page->user ? CR4_PKE : CR4_PKS)", "CR4_PKE"),
    ("pkru for supervisor pages", LONG, "page->user ? regs->pkru : regs->pkrs",
     "regs->pkru"),
    ("pkrs asked for user accesses", LONG,
     "if (user_mode(access) && !page->user)\n\t\treturn false;\n", ""),
    ("ad and wd exchanged", LONG, "(2 * page->pkey) & 1",
     "(2 * page->pkey) & 2"),
    ("wd binds reads", LONG, "write_disable && access->kind == MMU_WRITE &&",
     "write_disable &&"),
    ("wd binds supervisor without wp", LONG,
     "(user_mode(access) || (regs->cr0 & CR0_WP));", "1;"),
    ("wd never binds supervisor", LONG,
     "(user_mode(access) || (regs->cr0 & CR0_WP));", "user_mode(access);"),
    ("pk not reported with other reasons", LONG,
     "if (res->denied & MMU_DENY_PKEY)", "if (res->denied == MMU_DENY_PKEY)"),
    ("users read supervisor pages", LONG, "if (user && !page->user)",
     "if (user && !page->user && access->kind != MMU_READ)"),
    ("wp binds nobody", LONG, "(user || (regs->cr0 & CR0_WP)))", "user)"),
    ("wp always", LONG, "(user || (regs->cr0 & CR0_WP)))", "1)"),
    ("wp off frees users too", LONG, "(user || (regs->cr0 & CR0_WP)))",
     "(regs->cr0 & CR0_WP))"),
    ("nx binds users only", LONG, "if (fetch && !page->executable)",
     "if (fetch && user && !page->executable)"),
    ("smep always", LONG, "page->user && (regs->cr4 & CR4_SMEP)",
     "page->user"),
    ("smep by smap", LONG, "page->user && (regs->cr4 & CR4_SMEP)",
     "page->user && (regs->cr4 & CR4_SMAP)"),
    ("smep binds users", LONG, "if (fetch && !user && page->user",
     "if (fetch && page->user"),
    ("smap binds fetches", LONG, "if (!fetch && !user && page->user",
     "if (!user && page->user"),
    ("smap for supervisor pages", LONG, "if (!fetch && !user && page->user",
     "if (!fetch && !user"),
    ("ac excuses implicit accesses", LONG,
     "(access->implicit || !(regs->rflags & RFLAGS_AC))",
     "!(regs->rflags & RFLAGS_AC)"),
    ("ac excuses nothing", LONG,
     "(access->implicit || !(regs->rflags & RFLAGS_AC))", "1"),
    ("implicit access is no fault of smap", LONG,
     "(access->implicit || !(regs->rflags & RFLAGS_AC))",
     "(!access->implicit && !(regs->rflags & RFLAGS_AC))"),
    ("implicit access at cpl 3 is a user's", LONG,
     "return access->user && !access->implicit", "return access->user"),
    ("p missing for refused accesses", LONG,
     "res->error_code = MMU_PF_P | access_code",
     "res->error_code = 0 | access_code"),
    ("reserved bits of absent entries", LONG,
     "if (!(raw & ENTRY_P))\n\t\treturn MMU_STEP_NOT_PRESENT",
     "if (!(raw & (ENTRY_P | BIT(51))))\n\t\treturn MMU_STEP_NOT_PRESENT"),
    ("d set by reads", LONG, "if (leaf && success && write)",
     "if (leaf && success)"),
    ("d set by refused writes", LONG, "if (leaf && success && write)",
     "if (leaf && write)"),
    ("d set in tables", LONG, "if (leaf && success && write)",
     "if (success && write)"),
    ("a not set in tables", LONG, "if (leaf || step->kind == MMU_STEP_TABLE)",
     "if (leaf)"),
    ("a must be set on a fault", LONG, "success ? step->may_set : 0",
     "step->may_set"),
    ("a reported though set", LONG, "step->may_set = bits & ~step->raw",
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
    ("#ss for fetches", LONG, "access->stack && access->kind != MMU_FETCH ?",
     "access->stack ?"),
    ("#gp for stacks", LONG, "access->stack && access->kind != MMU_FETCH ?",
     "0 ?"),
    ("pcid is address", LONG, "table = regs->cr3 & frame",
     "table = regs->cr3"),
    ("five levels walked as four", LONG,
     "regs->mode == MMU_MODE_X86_5LEVEL ? 5 : 4;\n}", "4;\n}"),
    ("la57 not compared", LONG,
     "if (la57 != (regs->mode == MMU_MODE_X86_5LEVEL))", "if (0)"),
    ("wide cr3 accepted", LONG, "!(regs->cr3 & ~CR3_LAM", "!(0 & ~CR3_LAM"),
    ("lam refused", LONG, "regs->cr3 & ~CR3_LAM & ~BITS",
     "regs->cr3 & ~BITS"),
    ("paging not asked for", LONG, "!(regs->cr0 & CR0_PG) ||", ""),
    ("lma not asked for", LONG, "efer = EFER_LME | EFER_LMA", "efer = EFER_LME"),
    ("reader's error lost", LONG,
     "if (kind == MMU_STEP_UNREADABLE)\n\t\treturn MMU_ERR_MEMORY;\n", ""),
    ("a page of an upper level is a pte", LONG,
     "case LEVEL_PDE:\n\t\treturn raw & ENTRY_PS",
     "case LEVEL_PDE:\n\t\treturn false"),
    ("denying level from the leaf", LONG,
     "first_level(res, ENTRY_RW, false)", "1"),
    ("code of the last access kept", LONG, "\tres->error_code = 0;\n", ""),
    ("level of the last walk kept", FRONT, "\tres->fail_level = 0;\n", ""),
    ("steps of the last walk kept", LONG, "\t\tstep->must_set = 0;\n", ""),
    ("reserved bits of the last walk kept", FRONT,
     "\tres->reserved_bits = 0;\n", ""),
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


def build_model(tree, out):
    mmu = os.path.join(tree, "mmu")
    model = os.path.join(out, "model.o")
    cc("-I" + tree, "-r", "-o", model,
       *[os.path.join(mmu, f) for f in os.listdir(mmu) if f[-2:] == ".c"])
    for name in TESTS:
        cc(os.path.join(out, name + ".o"), model,
           "-o", os.path.join(out, name), *LIBS)


def killer(out):
    """The first test that fails, or None."""
    for name in TESTS:
        try:
            status = subprocess.call([os.path.join(out, name)],
                                     stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, timeout=120)
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
    build_model(tree, work)
    return killer(work)


def main():
    args = sys.argv[1:]
    verbose = "-v" in args
    words = [a for a in args if a != "-v"]
    chosen = [m for m in MUTANTS if not words or any(w in m[0] for w in words)]
    bad = 0
    with tempfile.TemporaryDirectory() as work:
        build_tests(work)
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
        "test_mmu_props test_mmu_enum").split()
    LIBS = subprocess.check_output(
        ["pkg-config", "--cflags", "--libs", "check"], text=True).split()
    sys.exit(main())
