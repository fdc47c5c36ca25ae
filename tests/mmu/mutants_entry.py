#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Plant one error at a time in the names of entries' bits and in the way from
names to entries: their unit tests must notice.

usage: mutants_entry.py [-v] [word ...]     only the mutants whose name has a word

The machinery is that of mutants.py. Exit status: 0 all killed, 1 a mutant
survived or could not be planted.
"""
import os
import subprocess
import sys

import mutants

FIELDS, ENCODE, NAMES = "fields.c", "encode.c", "names.c"

# name, file, text (must occur exactly once), replacement
MUTANTS = [
    # the rows
    ("rw and us swapped", FIELDS, 'FLAG(1, "RW"', 'FLAG(2, "RW"'),
    ("pwt is bit 4", FIELDS, 'FLAG(3, "PWT", pat', 'FLAG(4, "PWT", pat'),
    ("a has another name", FIELDS, '"A", "not accessed", "accessed")\n#define',
     '"ACC", "not accessed", "accessed")\n#define'),
    ("d is bit 5", FIELDS, 'FLAG(6, "D"', 'FLAG(5, "D"'),
    ("g is bit 9", FIELDS, 'FLAG_IF(NEED_PGE, 8, "G"', 'FLAG_IF(NEED_PGE, 9, "G"'),
    ("g without pge", FIELDS, "FLAG_IF(NEED_PGE, 8", "FLAG_IF(NEED_NOTHING, 8"),
    ("key is 61:58", FIELDS, '.name = "key", .lsb = 59', '.name = "key", .lsb = 58'),
    ("key without pke", FIELDS, ".type = MMU_FIELD_NUMBER, .need = NEED_KEYS",
     ".type = MMU_FIELD_NUMBER, .need = NEED_NOTHING"),
    ("keys need pke", FIELDS, "regs->cr4 & (BIT(22) | BIT(24))", "regs->cr4 & BIT(22)"),
    ("nx is bit 62", FIELDS, 'FLAG(63, "NX"', 'FLAG(62, "NX"'),
    ("pat of a 2m page in bit 7", FIELDS,
     'x86_2m[] = {\n\tROWS_LEAF, ROW_PS(NEED_NOTHING), ROW_G, ROW_PAT(12)',
     'x86_2m[] = {\n\tROWS_LEAF, ROW_PS(NEED_NOTHING), ROW_G, ROW_PAT(13)'),
    ("pat of a pte in bit 12", FIELDS,
     "x86_pte[] = {\n\tROWS_LEAF, ROW_PAT(7)", "x86_pte[] = {\n\tROWS_LEAF, ROW_PAT(9)"),
    ("2m page from bit 20", FIELDS,
     "ROW_PAT(12), ADDRESS(51, 21, 21, TO_PAGE),\n\tROW_KEY",
     "ROW_PAT(12), ADDRESS(51, 20, 20, TO_PAGE),\n\tROW_KEY"),
    ("1g page from bit 29", FIELDS, "ADDRESS(51, 30, 30", "ADDRESS(51, 29, 29"),
    ("pse-36 from bit 33", FIELDS, "ADDRESS(20, 13, 32", "ADDRESS(20, 13, 33"),
    ("pse-36 of 9 bits", FIELDS, "ADDRESS(20, 13, 32", "ADDRESS(21, 13, 32"),
    ("keys in pae", FIELDS,
     "x86_pte_pae[] = {\n\tROWS_LEAF, ROW_PAT(7), ROW_G, ADDRESS(51, 12, 12, TO_PAGE),",
     "x86_pte_pae[] = {\n\tROWS_LEAF, ROW_PAT(7), ROW_G, ADDRESS(51, 12, 12, TO_PAGE), ROW_KEY,"),
    ("pdpte of pae is a table's", FIELDS, "if (mode == MMU_MODE_X86_PAE && level == 3)",
     "if (mode == MMU_MODE_X86_PAE && level == 4)"),
    ("ps matters without pse", FIELDS, "ROWS_TABLE, ROW_PS(NEED_PSE)",
     "ROWS_TABLE, ROW_PS(NEED_NOTHING)"),
    ("af is bit 11", FIELDS, 'FLAG(10, "AF"', 'FLAG(11, "AF"'),
    ("el0 and ro swapped", FIELDS, 'FLAG(7, "RO"', 'FLAG(6, "RO"'),
    ("pxn and uxn swapped", FIELDS, 'FLAG(53, "PXN"', 'FLAG(54, "PXN"'),
    ("attr of two bits", FIELDS, 'NUMBER(4, 2, "attr"', 'NUMBER(3, 2, "attr"'),
    ("sh from bit 7", FIELDS, '.name = "sh", .lsb = 8', '.name = "sh", .lsb = 7'),
    ("dbm without hd", FIELDS, "return f->arm64.hd;", "return true;"),
    ("dbm never", FIELDS, "return f->arm64.hd;", "return false;"),
    ("contiguous at every level", FIELDS, "return f->arm64.contiguous;", "return true;"),
    ("aptable bits swapped", FIELDS, 'NEED_NO_HPD, 61, "APTable0"', 'NEED_NO_HPD, 61, "APTable1"'),
    ("uxntable is pxntable", FIELDS, 'NEED_NO_HPD, 60, "UXNTable"', 'NEED_NO_HPD, 58, "UXNTable"'),
    ("ns is secure", FIELDS, 'FLAG_IF(NEED_SECURE, 5', 'FLAG_IF(NEED_NOTHING, 5'),
    # formats
    ("always no leaf", FIELDS, "bool leaf = level == 1 || (", "bool leaf = level == 1 || (false && "),
    ("ps alone makes a leaf", FIELDS,
     "((raw & X86_PS) && maps(regs, level, X86_P | X86_PS))", "((raw & X86_PS) && level <= 3)"),
    ("lpa not looked at", FIELDS, "if (a->lpa)", "if (0)"),
    ("ds not looked at", FIELDS, "if (a->ds) {", "if (0) {"),
    ("oa 51:48 from 47", FIELDS, "add_address(f, 15, 12, 48", "add_address(f, 15, 12, 47"),
    ("oa 51:50 from 48", FIELDS, "add_address(f, 9, 8, 50", "add_address(f, 9, 8, 48"),
    ("table aligned to its reach", FIELDS,
     "table ? a->granule : a->shift, table ? a->granule : a->shift",
     "a->shift, a->shift"),
    ("sh of tables", FIELDS, "\t\tif (rows != arm_table)\n\t\t\tf->rows", "\t\t\tf->rows"),
    ("blocks at any level", FIELDS, "return leaf ? arm_block : arm_reserved",
     "return arm_block"),
    ("nothing is reserved", FIELDS, "\treturn bad | (more & X86_PS);", "\treturn 0;"),
    ("ps never reserved", FIELDS, "return bad | (more & X86_PS);", "return bad;"),
    ("addresses never too large", FIELDS, "\tif (arm64)\n\t\treturn bad;",
     "\tif (arm64)\n\t\treturn 0;"),
    ("reserved bits not cut", FIELDS, "(is_whole(row) || alike(f.reserved, bit))", "1"),
    ("numbers cut into bits", FIELDS, "(is_whole(row) || alike(f.reserved, bit))", "!is_whole(row)"),
    ("address not put in its place", FIELDS, "field->value <<= field->to;", ";"),
    ("part of an address where the whole begins", FIELDS,
     "field->to = row->to + field->lsb - row->lsb;", "field->to = row->to;"),
    ("absent entries have fields", FIELDS,
     "f->invalid ? x86_absent : x86_rows", "0 ? x86_absent : x86_rows"),
    # the probe
    ("the wrong level is asked", FIELDS, "probe.before = (int)at - pae;", "probe.before = (int)at;"),
    ("no pdpte is refused", FIELDS, "*kind = status == MMU_FAULT_GP ? MMU_STEP_RESERVED :", "*kind ="),
    ("64k tables at 4k", FIELDS, "probe.table = 0x10003", "probe.table = 0x1003"),
    # words
    ("address given twice", ENCODE, "\t\t\taddressed = true;\n", ""),
    ("part of the address", ENCODE, "addressed ? 0 : whole_address(fields, count)",
     "addressed ? 0 : field.value"),
    ("hex digits to 9", ENCODE, '"0123456789abcdef"', '"0123456789ABCDEF"'),
    ("key in hex", ENCODE, "put_number(&w, field->value, 10);", "put_number(&w, field->value, 16);"),
    ("nothing is nothing", ENCODE, 'if (!text.length)\n\t\tmmu_text_word(&text, "-");', ""),
    ("high and low swapped", ENCODE, "field->lsb + field->width - 1, 10", "field->lsb, 10"),
    # encoding
    ("too much fits", ENCODE, "if (value > bits >> low)", "if (0)"),
    ("a word wins over an earlier one", ENCODE, "if (e->done & bits)", "if (0)"),
    ("an address wins", ENCODE, "if (e->done & all)", "if (0)"),
    ("old bits stay", ENCODE, "e->raw = (e->raw & ~bits) | value << low;", "e->raw |= value << low;"),
    ("old address stays", ENCODE, "(raw & ~(bits << f->lsb)) |", "raw |"),
    ("any number begins", ENCODE, "return e->raw > BITS(e->bits - 1, 0) ?", "return 0 ?"),
    ("unaligned is too large", ENCODE,
     "left & ~(UINT64_MAX << lowest) ? MMU_ENCODE_UNALIGNED :", "0 ? MMU_ENCODE_UNALIGNED :"),
    ("unaligned addresses are cut", ENCODE, "\tif (left)\n", "\tif (left >> 52)\n"),
    ("names before the format", ENCODE, "start ? 0 : first ? 1 : 2", "start ? 0 : 1"),
    ("start last", ENCODE, "start ? 0 : first ? 1 : 2", "start ? 2 : first ? 0 : 1"),
    ("positions beyond the entry", ENCODE, "if (high >= e->bits)", "if (high >= 64)"),
    ("positions the wrong way round", ENCODE, " || low > high)", ")"),
    ("pfn of 4k always", ENCODE, "t->value << geo.page_shift", "t->value << 12"),
    ("pfn overflows", ENCODE, "if (t->value > UINT64_MAX >> geo.page_shift)", "if (0)"),
    ("numbers overflow", ENCODE, "if (*value > (UINT64_MAX - digit(**at)) / base)", "if (0)"),
    ("rest of a number forgiven", ENCODE, "&t->value) && !*at ?", "&t->value) ?"),
    ("a flag's value not looked at", ENCODE, "f->lsb + f->width - 1, f->lsb, t->value",
     "f->lsb + f->width - 1, f->lsb, 1"),
    ("numbers need no value", ENCODE, "if (f->type == MMU_FIELD_NUMBER && !t->valued)", "if (0)"),
    ("addresses need no value", ENCODE, "\tif (!t->valued)\n\t\treturn MMU_ENCODE_NO_VALUE;\n\tfor",
     "\tfor"),
    ("no pkey", ENCODE, 'named(t, "pkey")', 'named(t, "pkez")'),
    ("no xd", ENCODE, 'named(t, "XD")', 'named(t, "XE")'),
    ("case matters", FIELDS, "\t\tif (x - 'A' <= 'Z' - 'A')\n\t\t\tx += 'a' - 'A';\n", ""),
    ("beginnings of names", FIELDS, "return !b[length];", "return true;"),
    ("other names are unknown", ENCODE, "? MMU_ENCODE_NOT_HERE :\n\t\t\t\t\t\t\t\t    MMU_ENCODE_UNKNOWN",
     "? MMU_ENCODE_UNKNOWN :\n\t\t\t\t\t\t\t\t    MMU_ENCODE_UNKNOWN"),
    ("types take values", ENCODE, "\tif (t->valued)\n\t\treturn MMU_ENCODE_BAD_VALUE;\n", ""),
    ("names of an absent entry", ENCODE, "\tif (!(raw & 1))\n", "\tif (0)\n"),
    ("the refused word not told", ENCODE, "*which = i;", "*which = 0;"),
    # memory attributes
    ("device types in another order", NAMES, "devices[inner >> 2]", "devices[3 - (inner >> 2)]"),
    ("inner and outer swapped", NAMES, "unsigned int outer = attr >> 4, inner = attr & 15;",
     "unsigned int inner = attr >> 4, outer = attr & 15;"),
    ("read and write allocation swapped", NAMES, "if (half & 2)", "if (half & 1)"),
    ("unpredictable is normal", NAMES, "} else if (!outer || !inner) {", "} else if (!outer) {"),
    ("no tags", NAMES, "case 0xf0:", "case 0xf1:"),
    ("device as it says", NAMES, "bool device = !(attr >> 4)", "bool device = 0"),
    ("nc as it says", NAMES, "uncached = attr == 0x44 ||", "uncached ="),
]


def main():
    # a process per test is not needed: the first failure is enough
    os.environ.setdefault("CK_FORK", "no")
    mutants.MUTANTS = MUTANTS
    mutants.TESTS = os.environ.get("MMU_TESTS", "test_mmu_entry test_mmu_names").split()
    mutants.LIBS = subprocess.check_output(
        ["pkg-config", "--cflags", "--libs", "check"], text=True).split()
    return mutants.main()


if __name__ == "__main__":
    sys.exit(main())
