#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Plant one error at a time in segmentation and in the TLB model: their unit
tests must notice. (mutants.py does the same for the page-table walks.)

usage: mutants_segment_tlb.py [-v] [word ...]    only those whose name has a word

Exit status: 0 all killed, 1 a mutant survived or could not be planted.
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SEG, TLB = "segment", "tlb"

# name, file, text (must occur exactly once), replacement
MUTANTS = [
    # decoding
    ("rpl of one bit", SEG, "#define SEL_RPL		3u", "#define SEL_RPL		1u"),
    ("error code without ti", SEG,
     "refuse(res, status, selector & (SEL_INDEX | SEL_TI), why)",
     "refuse(res, status, selector & SEL_INDEX, why)"),
    ("error code with rpl", SEG,
     "refuse(res, status, selector & (SEL_INDEX | SEL_TI), why)",
     "refuse(res, status, selector, why)"),
    ("ldt index 0 is null", SEG, "!(selector & (SEL_INDEX | SEL_TI))",
     "!(selector & SEL_INDEX)"),
    ("null by value", SEG, "!(selector & (SEL_INDEX | SEL_TI))", "!selector"),
    ("16-bit kinds in ia-32e", SEG,
     "if (lma && type < 8 && type != 2)", "if (0)"),
    ("no ldt in ia-32e", SEG, "if (lma && type < 8 && type != 2)",
     "if (lma && type < 8)"),
    ("g fills zeros", SEG, "(limit << 12) | 0xfff", "(limit << 12)"),
    ("g ignored", SEG, "if (raw & DESC_G)", "if (0)"),
    ("limit of 16 bits", SEG, "((raw >> 32) & 0xf0000)", "0"),
    ("limit 19:16 from elsewhere", SEG, "((raw >> 32) & 0xf0000)",
     "((raw >> 31) & 0xf0000)"),
    ("base of 24 bits", SEG, "((raw >> 32) & 0xff000000)", "0"),
    ("base 23:16 lost", SEG, "((raw >> 16) & 0xffffff)",
     "((raw >> 16) & 0xffff)"),
    ("upper base lost", SEG, "desc->base |= raw_high << 32", "(void)0"),
    ("upper base of data too", SEG, "if (base64 && !desc->s)",
     "if (base64)"),
    ("dpl of one bit", SEG, "(raw >> 45) & 3", "(raw >> 45) & 1"),
    ("dpl shifted", SEG, "(raw >> 45) & 3", "(raw >> 44) & 3"),
    ("p is s", SEG, "DESC_P		BIT(47)", "DESC_P		BIT(44)"),
    ("l and d exchanged", SEG, "desc->l = raw & DESC_L",
     "desc->l = raw & DESC_DB"),
    ("d is l", SEG, "desc->db = raw & DESC_DB", "desc->db = raw & DESC_L"),
    ("avl is l", SEG, "DESC_AVL	BIT(52)", "DESC_AVL	BIT(53)"),
    ("code is readable", SEG, "data || (code && (type & TYPE_W))",
     "data || code"),
    ("w makes data readable", SEG, "data || (code && (type & TYPE_W))",
     "(data || code) && (type & TYPE_W)"),
    ("code is writable", SEG, "desc->writable = data &&",
     "desc->writable = desc->s &&"),
    ("code expands down", SEG, "desc->expand_down = data &&",
     "desc->expand_down = desc->s &&"),
    ("data conforms", SEG, "desc->conforming = code &&",
     "desc->conforming = desc->s &&"),
    ("system segments have a", SEG, "desc->s && (type & TYPE_A)",
     "(type & TYPE_A)"),
    ("ldt is never wide", SEG, "|| (lma && type == 2))", ")"),
    # modes
    ("vm in ia-32e", SEG, "(!regs->pe || regs->vm)", "(!regs->pe)"),
    ("ia-32e without pe", SEG, "(!regs->pe || regs->vm)", "(regs->vm)"),
    ("cpl 4", SEG, "regs->cpl > 3 ||", ""),
    ("v86 modelled", SEG, "if (regs->vm)\n\t\treturn MMU_SEG_MODE_V86;\n", ""),
    ("real mode modelled", SEG,
     "mode == MMU_SEG_MODE_REAL || mode == MMU_SEG_MODE_V86",
     "mode == MMU_SEG_MODE_V86"),
    ("l outside ia-32e", SEG, "if (!regs->lma)\n\t\treturn "
     "MMU_SEG_MODE_PROTECTED;\n", ""),
    ("cs need not be valid", SEG, "!cs->valid || ", ""),
    ("cs may be data", SEG,
     "!cs->valid || cs->desc.kind != MMU_DESC_CODE", "!cs->valid"),
    # tables
    ("first byte inside the table", SEG, "offset + (bytes - 1) <= limit",
     "offset <= limit"),
    ("table ends one byte early", SEG, "offset + (bytes - 1) <= limit",
     "offset + bytes <= limit"),
    ("table ends one byte late", SEG, "offset + (bytes - 1) <= limit",
     "offset + (bytes - 2) <= limit"),
    ("ldt without ldtr", SEG, "if (!regs->ldtr.valid)\n\t\t\treturn false;",
     ""),
    ("ldt with the limit of the gdt", SEG,
     "limit = regs->ldtr.desc.limit;", ""),
    ("ldt at the gdt", SEG, "base = regs->ldtr.desc.base;", ""),
    ("table does not wrap", SEG, "if (!regs->lma)\n\t\t*la &= LOW32;\n", ""),
    ("table wraps in ia-32e", SEG, "if (!regs->lma)\n\t\t*la &= LOW32;\n",
     "*la &= LOW32;\n"),
    ("table not canonical", SEG, "if (regs->lma && !(canonical(",
     "if (0 && !(canonical("),
    ("last byte of the entry not canonical", SEG,
     "canonical(regs, step->entry_la + bytes - 1)", "true"),
    ("first byte of the entry alone", SEG,
     "if (regs->lma && !(canonical(regs, step->entry_la) &&",
     "if (regs->lma && !("),
    ("la57 ignored", SEG, "regs->la57 ? 56 : 47", "47"),
    ("canonical above bit 48", SEG, "regs->la57 ? 56 : 47",
     "regs->la57 ? 57 : 48"),
    ("reader's error lost", SEG,
     "\tif (res->read_error) {\n\t\trefuse(res, MMU_SEG_ERR_MEMORY, 0, "
     "MMU_SEG_WHY_NONE);\n\t\treturn NULL;\n\t}\n", ""),
    ("second half not read", SEG, "if (!err && step->bytes == 16)", "if (0)"),
    ("second half read at the first", SEG, "step->entry_la + 8, &step",
     "step->entry_la, &step"),
    ("marks of a failed step kept", SEG,
     "\tfor (i = 0; i < res->nsteps; i++)\n\t\tres->steps[i].must_set = 0;\n",
     ""),
    ("stack of a failure kept", SEG,
     "\tres->linear = 0;\n\tclear_segment(&res->stack);\n\tfor",
     "\tres->linear = 0;\n\tfor"),
    ("linear address of a failure kept", SEG,
     "\tres->why = why;\n\tres->linear = 0;\n", "\tres->why = why;\n"),
    ("a not set", SEG, "step->must_set = DESC_A & ~step->raw;", ""),
    ("a set again", SEG, "DESC_A & ~step->raw", "DESC_A"),
    ("a not in the register", SEG, "seg->desc.accessed = true;", ""),
    ("a not in the register's type", SEG, "seg->desc.type |= TYPE_A;", ""),
    # loads of data registers
    ("execute-only code is data", SEG, "if (!desc->readable)",
     "if (!desc->s)"),
    ("privileges bind conforming code", SEG, "if (!desc->conforming &&\n\t    "
     "(rpl_of", "if (1 &&\n\t    (rpl_of"),
    ("rpl ignored", SEG, "(rpl_of(selector) > desc->dpl || regs->cpl > "
     "desc->dpl)", "(regs->cpl > desc->dpl)"),
    ("cpl ignored", SEG, "(rpl_of(selector) > desc->dpl || regs->cpl > "
     "desc->dpl)", "(rpl_of(selector) > desc->dpl)"),
    ("both rpl and cpl", SEG, "desc->dpl || regs->cpl", "desc->dpl && regs->cpl"),
    ("dpl equal refused", SEG, "|| regs->cpl > desc->dpl))",
     "|| regs->cpl >= desc->dpl))"),
    ("amd's null always", SEG, "regs->lma && regs->null_keeps_base &&",
     "regs->lma &&"),
    ("null keeps every base", SEG,
     "\n\t    (reg == MMU_FS || reg == MMU_GS))\n\t\tres->loaded", "\n\t    1)\n\t\tres->loaded"),
    ("null loses its rpl", SEG,
     "{\n\tres->loaded.selector = selector;\n\tif (regs->lma",
     "{\n\tif (regs->lma"),
    # loads of ss
    ("null ss at level 3", SEG, "!rules.null_ok || rules.cpl == 3 ||",
     "!rules.null_ok ||"),
    ("null ss with any rpl", SEG, "rules.cpl == 3 ||\n\t\t    "
     "rpl_of(selector) != rules.cpl)", "rules.cpl == 3)"),
    ("null ss never", SEG, "if (!rules.null_ok || rules.cpl", "if (1 || rules.cpl"),
    ("null ss in compatibility mode", SEG,
     ".null_ok = mmu_seg_mode(regs) == MMU_SEG_MODE_64BIT",
     ".null_ok = regs->lma"),
    ("rpl of ss ignored", SEG,
     "\tif (rpl_of(selector) != rules.cpl)\n\t\treturn refuse_selector(",
     "\tif (0)\n\t\treturn refuse_selector("),
    ("ss read-only", SEG, "if (!step->desc.writable)",
     "if (step->desc.kind != MMU_DESC_DATA)"),
    ("dpl of ss ignored", SEG, "if (step->desc.dpl != rules.cpl)", "if (0)"),
    ("dpl of ss above", SEG, "if (step->desc.dpl != rules.cpl)",
     "if (step->desc.dpl > rules.cpl)"),
    ("absent ss is #np", SEG,
     "if (!step->desc.present)\n\t\treturn refuse_selector(res, MMU_SEG_FAULT_SS",
     "if (!step->desc.present)\n\t\treturn refuse_selector(res, MMU_SEG_FAULT_NP"),
    ("absent ss loaded", SEG, "if (!step->desc.present)\n\t\treturn "
     "refuse_selector(res, MMU_SEG_FAULT_SS", "if (0)\n\t\treturn "
     "refuse_selector(res, MMU_SEG_FAULT_SS"),
    ("mov to cs", SEG, "else if (reg == MMU_CS)", "else if (0)"),
    ("inner stack is #gp", SEG, ".cpl = cpl, .bad = MMU_SEG_FAULT_TS",
     ".cpl = cpl, .bad = MMU_SEG_FAULT_GP"),
    ("inner stack of cpl", SEG, ".cpl = cpl, .bad = MMU_SEG_FAULT_TS",
     ".cpl = regs->cpl, .bad = MMU_SEG_FAULT_TS"),
    ("inner stack outward", SEG, "if (cpl >= regs->cpl)",
     "if (cpl > regs->cpl)"),
    ("inner stack read in ia-32e", SEG, "else if (regs->lma)\n\t\tres->loaded",
     "else if (0)\n\t\tres->loaded"),
    ("inner stack leaves cpl", SEG,
     "if (res->status == MMU_SEG_OK)\n\t\tres->cpl = cpl;\n", ""),
    # transfers
    ("offset not checked", SEG,
     "if (!long_mode && outside(&step->desc, offset, 1))", "if (0)"),
    ("offset's limit in 64-bit code", SEG,
     "if (!long_mode && outside(&step->desc, offset, 1))",
     "if (outside(&step->desc, offset, 1))"),
    ("target not canonical", SEG, "if (long_mode && !canonical(regs, offset))",
     "if (0)"),
    ("target with a base in 64-bit code", SEG,
     "long_mode ? offset : (step->desc.base + offset) & LOW32",
     "(step->desc.base + offset) & (long_mode ? UINT64_MAX : LOW32)"),
    ("target does not wrap", SEG,
     "(step->desc.base + offset) & LOW32;\n\treturn true",
     "(step->desc.base + offset);\n\treturn true"),
    ("l and d together", SEG, "return regs->lma && desc->l && desc->db;",
     "return false;"),
    ("l and d in protected mode", SEG,
     "return regs->lma && desc->l && desc->db;",
     "return desc->l && desc->db;"),
    ("task switch in ia-32e", SEG, "return !regs->lma;\n\tdefault",
     "return true;\n\tdefault"),
    ("no task switches", SEG, "return !regs->lma;\n\tdefault",
     "return false;\n\tdefault"),
    ("conforming of any level", SEG, "return desc->dpl <= regs->cpl;",
     "return true;"),
    ("conforming of the same level", SEG, "return desc->dpl <= regs->cpl;",
     "return desc->dpl == regs->cpl;"),
    ("rpl of a jump ignored", SEG,
     "return rpl_of(selector) <= regs->cpl && desc->dpl == regs->cpl;",
     "return desc->dpl == regs->cpl;"),
    ("jump inward", SEG,
     "return rpl_of(selector) <= regs->cpl && desc->dpl == regs->cpl;",
     "return rpl_of(selector) <= regs->cpl && desc->dpl <= regs->cpl;"),
    ("cs keeps its rpl", SEG,
     "(uint16_t)((selector & ~SEL_RPL) | regs->cpl)", "selector"),
    ("return inward", SEG, "else if (rpl < regs->cpl ||", "else if ("),
    ("return to conforming above", SEG, "desc->conforming ? desc->dpl > rpl :",
     "desc->conforming ? false :"),
    ("return to another dpl", SEG, ": desc->dpl != rpl))",
     ": desc->dpl > rpl))"),
    ("absent return is #gp", SEG, "why == MMU_SEG_WHY_ABSENT ? MMU_SEG_FAULT_NP :",
     "why == MMU_SEG_WHY_ABSENT ? MMU_SEG_FAULT_GP :"),
    ("absent return taken", SEG, "else if (!desc->present)\n\t\twhy", "else if (0)\n\t\twhy"),
    ("return's l and d", SEG, "\telse if (long_and_d(regs, desc))\n\t\twhy = "
     "MMU_SEG_WHY_LONG_D;\n", ""),
    ("ss of a return ignored", SEG,
     "bool outward = rules.cpl > regs->cpl;", "bool outward = false;"),
    ("ss of every return", SEG, "bool outward = rules.cpl > regs->cpl;",
     "bool outward = true;"),
    ("return's null ss in compatibility mode", SEG,
     "rules.null_ok = regs->lma && code->desc.l;",
     "rules.null_ok = regs->lma;"),
    ("return's null ss never", SEG,
     "rules.null_ok = regs->lma && code->desc.l;", ""),
    ("offset before ss", SEG,
     "\tif (outward && !load_stack(regs, mem, stack, rules, &res->stack, res))\n"
     "\t\treturn res->status;\n\tif (!enter(regs, code, offset, res))\n"
     "\t\treturn res->status;\n",
     "\tif (!enter(regs, code, offset, res))\n\t\treturn res->status;\n"
     "\tif (outward && !load_stack(regs, mem, stack, rules, &res->stack, res))\n"
     "\t\treturn res->status;\n"),
    ("return leaves cpl", SEG, "\tres->cpl = rules.cpl;\n", ""),
    ("conforming does not survive", SEG, "!seg->valid || seg->desc.conforming ||",
     "!seg->valid ||"),
    ("equal dpl does not survive", SEG, "seg->desc.dpl >= cpl",
     "seg->desc.dpl > cpl"),
    # ldtr, tr
    ("upper type ignored", SEG, "|| (step->raw_high & HIGH_TYPE)", ""),
    ("upper type elsewhere", SEG, "(UINT64_C(0x1f) << 40)",
     "(UINT64_C(0x1f) << 8)"),
    ("upper type of four bits", SEG, "(UINT64_C(0x1f) << 40)",
     "(UINT64_C(0xf) << 40)"),
    ("base not canonical", SEG,
     "else if (wide && !canonical(regs, step->desc.base))", "else if (0)"),
    ("base before presence", SEG,
     "\telse if (!step->desc.present)\n\t\twhy = MMU_SEG_WHY_ABSENT;\n"
     "\telse if (wide && !canonical(regs, step->desc.base))\n"
     "\t\twhy = MMU_SEG_WHY_CANONICAL;\n",
     "\telse if (wide && !canonical(regs, step->desc.base))\n"
     "\t\twhy = MMU_SEG_WHY_CANONICAL;\n"
     "\telse if (!step->desc.present)\n\t\twhy = MMU_SEG_WHY_ABSENT;\n"),
    ("16 bytes in compatibility mode", SEG,
     "bool wide = mmu_seg_mode(regs) == MMU_SEG_MODE_64BIT;",
     "bool wide = regs->lma;"),
    ("8 bytes always", SEG,
     "bool wide = mmu_seg_mode(regs) == MMU_SEG_MODE_64BIT;",
     "bool wide = false;"),
    ("ldtr from the ldt", SEG,
     "\tif (selector & SEL_TI) {\n\t\trefuse_selector(res, MMU_SEG_FAULT_GP",
     "\tif (0) {\n\t\trefuse_selector(res, MMU_SEG_FAULT_GP"),
    ("any system type", SEG, "if (step->desc.kind != kind ||", "if ("),
    ("absent system segment", SEG,
     "\telse if (!step->desc.present)\n\t\twhy = MMU_SEG_WHY_ABSENT;\n"
     "\telse if (wide", "\telse if (wide"),
    ("busy not set", SEG, "step->must_set = DESC_BUSY;", ""),
    ("busy not in tr", SEG, "res->loaded.desc.type |= 2;", ""),
    ("tr holds an available tss", SEG,
     "res->loaded.desc.kind = MMU_DESC_TSS_BUSY;", ""),
    # accesses
    ("expand-down: limit itself", SEG, "return offset <= desc->limit ||",
     "return offset < desc->limit ||"),
    ("expand-down: no upper bound", SEG,
     "last > (desc->db ? LOW32 : 0xffff);", "false;"),
    ("expand-down: b ignored", SEG, "(desc->db ? LOW32 : 0xffff)", "LOW32"),
    ("expand-down: b inverted", SEG, "(desc->db ? LOW32 : 0xffff)",
     "(desc->db ? 0xffff : LOW32)"),
    ("first byte decides", SEG, "uint64_t last = offset + (size - 1);",
     "uint64_t last = offset;"),
    ("one byte too many", SEG, "uint64_t last = offset + (size - 1);",
     "uint64_t last = offset + size;"),
    ("last byte wraps", SEG, "uint64_t last = offset + (size - 1);",
     "uint64_t last = (uint32_t)(offset + (size - 1));"),
    ("ds is based in 64-bit mode", SEG,
     "if (reg == MMU_FS || reg == MMU_GS)\n\t\tbase", "if (1)\n\t\tbase"),
    ("fs is not based", SEG, "if (reg == MMU_FS || reg == MMU_GS)\n\t\tbase",
     "if (reg == MMU_GS)\n\t\tbase"),
    ("last byte not canonical", SEG,
     "canonical(regs, res->linear + (size - 1))", "true"),
    ("first byte not canonical", SEG, "canonical(regs, res->linear) &&", ""),
    ("#gp for the stack in 64-bit mode", SEG,
     "reg == MMU_SS ? MMU_SEG_FAULT_SS : MMU_SEG_FAULT_GP",
     "MMU_SEG_FAULT_GP"),
    ("writes to read-only", SEG, "kind == MMU_SEG_WRITE && !desc->writable",
     "kind == MMU_SEG_WRITE && !desc->readable"),
    ("reads of execute-only", SEG, "kind == MMU_SEG_READ && !desc->readable",
     "0"),
    ("fetch of execute-only refused", SEG,
     "kind == MMU_SEG_READ && !desc->readable",
     "kind != MMU_SEG_WRITE && !desc->readable"),
    ("#gp for the stack", SEG, "stack ? MMU_SEG_FAULT_SS : MMU_SEG_FAULT_GP",
     "MMU_SEG_FAULT_GP"),
    ("no wrap of the linear address", SEG,
     "uint64_t linear = (desc->base + offset) & LOW32;",
     "uint64_t linear = desc->base + offset;"),
    ("use of null", SEG, "\tif (!seg->valid)\n\t\treturn refuse(", "\tif (0)\n\t\treturn refuse("),
    ("use of a system segment", SEG, "if (!desc->s)\n\t\treturn", "if (0)\n\t\treturn"),
    ("nothing is left open", SEG,
     "!desc->expand_down && desc->limit == LOW32", "false"),
    ("expand-down is left open", SEG,
     "!desc->expand_down && desc->limit == LOW32", "desc->limit == LOW32"),
    ("too much is left open", SEG,
     "!desc->expand_down && desc->limit == LOW32", "!desc->expand_down"),
    ("offset of 64 bits", SEG, "(uint32_t)offset, size, res);",
     "(uint32_t)(offset >> 8), size, res);"),
    ("fetch through ds", SEG, "(kind == MMU_SEG_FETCH && reg != MMU_CS))", "0)"),
    ("size 0", SEG, "size == 0 ||", ""),
    # what invalidates what
    ("switch keeps", TLB, "return !op->keep && of_asid(item, op->asid);",
     "return false;"),
    ("keep ignored", TLB, "return !op->keep && of_asid(item, op->asid);",
     "return of_asid(item, op->asid);"),
    ("switch empties every asid", TLB,
     "return !op->keep && of_asid(item, op->asid);",
     "return !op->keep && !item->global;"),
    ("switch drops global", TLB, "return !op->keep && of_asid(item, op->asid);",
     "return !op->keep && item->asid == op->asid;"),
    ("invlpg spares global", TLB,
     "covers(item, op->va) && (item->global || item->asid == current)",
     "covers(item, op->va) && of_asid(item, current)"),
    ("invlpg of every asid", TLB,
     "covers(item, op->va) && (item->global || item->asid == current)",
     "covers(item, op->va)"),
    ("invlpg of every page", TLB,
     "covers(item, op->va) && (item->global || item->asid == current)",
     "(item->global || item->asid == current)"),
    ("invlpg by address in the structure caches", TLB,
     "\tif (item->table)\n\t\treturn item->asid == current;\n", ""),
    ("invlpg spares the structure caches", TLB,
     "\tif (item->table)\n\t\treturn item->asid == current;\n",
     "\tif (item->table)\n\t\treturn false;\n"),
    ("invlpg empties the structure caches of all", TLB,
     "\tif (item->table)\n\t\treturn item->asid == current;\n",
     "\tif (item->table)\n\t\treturn true;\n"),
    ("tlbi last level ignored", TLB, "|| (item->table && op->last_level)", ""),
    ("tlbi va spares global", TLB,
     "return any_asid || item->global || item->asid == op->asid;",
     "return any_asid || item->asid == op->asid;"),
    ("tlbi va of every asid", TLB, "return tlbi_va(op, item, false);",
     "return tlbi_va(op, item, true);"),
    ("tlbi vaa of one asid", TLB, "return tlbi_va(op, item, true);",
     "return tlbi_va(op, item, false);"),
    ("invpcid address of every page", TLB,
     "return covers(item, op->va) && of_asid(item, op->asid);",
     "return of_asid(item, op->asid);"),
    ("invpcid address of the current pcid", TLB,
     "return covers(item, op->va) && of_asid(item, op->asid);",
     "return covers(item, op->va) && of_asid(item, current);"),
    ("invpcid context drops global", TLB,
     "case MMU_TLB_TLBI_ASID:\n\t\treturn of_asid(item, op->asid);",
     "case MMU_TLB_TLBI_ASID:\n\t\treturn item->asid == op->asid;"),
    ("invpcid all spares global", TLB,
     "case MMU_TLB_TLBI_ALL:\n\t\treturn true;",
     "case MMU_TLB_TLBI_ALL:\n\t\treturn !item->global;"),
    ("invpcid type 3 drops global", TLB, "return !item->global;\n\tcase",
     "return true;\n\tcase"),
    ("#pf drops global", TLB,
     "return covers(item, op->va) && of_asid(item, current);",
     "return covers(item, op->va) && (item->global || item->asid == current);"),
    ("#pf drops nothing", TLB,
     "return covers(item, op->va) && of_asid(item, current);",
     "return false;"),
    ("of_asid takes global", TLB,
     "return !item->global && item->asid == asid;",
     "return item->asid == asid;"),
    # the replay
    ("pages of one byte less", TLB, "(UINT64_C(1) << shift) - 1;",
     "(UINT64_C(1) << shift) - 2;"),
    ("rights of the leaf alone", TLB, ".rights = rights & entry.rights,",
     ".rights = entry.rights,"),
    ("global without pge", TLB, "entry.global && r->pge", "entry.global"),
    ("no structure caches", TLB, "if (!from.table || from.asid != r->asid)",
     "if (1)"),
    ("structure caches of every asid", TLB,
     "if (!from.table || from.asid != r->asid)", "if (!from.table)"),
    ("no fault by a stale table", TLB,
     "\t\t\tadd(r, &found);\n\t\telse\n\t\t\tr->absent = true;\n",
     "\t\t\tadd(r, &found);\n"),
    ("no fault from the root", TLB,
     "\t\tadd(r, &found);\n\telse\n\t\tr->absent = true;\n\tfor",
     "\t\tadd(r, &found);\n\tfor"),
    ("fault remembered", TLB, "\tr->absent = false;\n\tif (!r->root)",
     "\tif (!r->root)"),
    ("pge not looked at", TLB, "if (op->pge != r->pge ||", "if ("),
    ("pge falling alone", TLB, "if (op->pge != r->pge ||",
     "if ((r->pge && !op->pge) ||"),
    ("pcide not looked at", TLB, "|| (r->pcide && !op->pcide))", ")"),
    ("current flag ignored", TLB, "else if (op->current)", "else if (0)"),
    ("pge kept", TLB, "\tr->pge = op->pge;\n", ""),
    ("asid kept without pcide", TLB,
     "if (!op->pcide)\n\t\tr->asid = 0;\n", ""),
    ("other processors too", TLB, "if (op.cpu != r->cpu && !op.broadcast)",
     "if (0)"),
    ("broadcast ignored", TLB, "if (op.cpu != r->cpu && !op.broadcast)",
     "if (op.cpu != r->cpu)"),
    ("asids without pcide", TLB, "\t\top.asid = 0;\n", ""),
    ("bit 63 without pcide", TLB, "\t\top.keep = false;\n", ""),
    ("root kept", TLB, "\t\tr->root = op.table;\n", ""),
    ("asid kept", TLB, "\t\tr->asid = op.asid;\n\t}\n}", "\t}\n}"),
    ("oldest write counts", TLB, "for (i = r->done; i-- > 0;) {",
     "for (i = 0; i < r->done; i++) {"),
    ("index ignored", TLB, "op->table == table &&\n\t\t    op->index == index",
     "op->table == table"),
    ("future writes seen", TLB, "for (i = r->done; i-- > 0;) {",
     "for (i = r->trace->count; i-- > 0;) {"),
    ("answers of every asid", TLB,
     "if (item.table || !(item.global || item.asid == r->asid))",
     "if (item.table)"),
    ("answers not global", TLB,
     "if (item.table || !(item.global || item.asid == r->asid))",
     "if (item.table || item.asid != r->asid)"),
    ("never fresh", TLB, "walked && same_answer(&item, &fresh)", "false"),
    ("always fresh", TLB, "walked && same_answer(&item, &fresh)", "true"),
    ("fault never fresh", TLB, "{ .fresh = !walked }", "{ .fresh = false }"),
    ("room overrun", TLB, "\tif (r->count == r->max)\n\t\tr->error = -ENOSPC;\n"
     "\telse\n\t\tr->items[r->count++] = fresh;",
     "\tr->items[r->count++] = fresh;"),
    ("global kept apart by asid", TLB,
     "(a->global || a->asid == b->asid)", "(a->asid == b->asid)"),
    ("table at the last level", TLB, "if (level == 1 || !entry.target)",
     "if (!entry.target)"),
    ("rootless answers", TLB, "if (!r.error && !r.root)", "if (0)"),
    # the simulator
    ("lru upside down", TLB, "set[i].stamp < victim->stamp",
     "set[i].stamp > victim->stamp"),
    ("hits do not count as use", TLB, "\t\tslot->stamp = sim->clock;\n", ""),
    ("free place not taken", TLB, "if (!set[i].used || set[i].stamp <",
     "if (set[i].stamp <"),
    ("level 2 does not fill level 1", TLB,
     "\t\tfill_level(sim, 1, &item);\n\t\treturn 2;", "\t\treturn 2;"),
    ("miss does not fill level 2", TLB,
     "\tfill_level(sim, 1, &item);\n\tfill_level(sim, 2, &item);\n",
     "\tfill_level(sim, 1, &item);\n"),
    ("all pages in all arrays", TLB,
     "if (sim->arrays[i].level == level &&\n\t\t    (sim->arrays[i].shifts >> "
     "page->shift & 1))\n\t\t\ttake_in",
     "if (sim->arrays[i].level == level)\n\t\t\ttake_in"),
    ("asid not compared", TLB,
     "(item->global || item->asid == sim->asid)", "1"),
    ("sets shared", TLB, "((va >> shift) & (array->sets - 1))", "0"),
    ("arrays overlap", TLB,
     "slots += (size_t)sim->arrays[i].sets * sim->arrays[i].ways;\n\treturn "
     "slots + ", "slots += 0;\n\treturn slots + "),
    ("reach in pages", TLB, "return entries << shift;", "return entries;"),
    ("reach of all levels", TLB,
     "if (sim->arrays[i].level == level &&\n\t\t    (sim->arrays[i].shifts >> "
     "shift & 1))", "if (sim->arrays[i].shifts >> shift & 1)"),
    ("sim keeps its asid", TLB, "\t\tsim->asid = op->asid;\n", "\t\t;\n"),
    ("sim invalidates nothing", TLB,
     "op, sim->asid, &sim->slots[i].item))",
     "op, sim->asid, &sim->slots[i].item) && 0)"),
    ("any number of sets", TLB,
     "(array->sets & (array->sets - 1))", "0"),
]


# Test cases of each program, the quick ones first.
CASES = {SEG: ["manual", "classes"], TLB: ["allowed", "simulator", "chance"]}


def cc(*args):
    subprocess.check_call(("cc", "-std=gnu11", "-w") + args)


def source(name):
    with open(os.path.join(ROOT, "userspace", "mmu", name + ".c")) as f:
        return f.read()


def build_tests(out):
    for name in (SEG, TLB):
        cc("-O1", "-I" + os.path.join(ROOT, "userspace"), "-c",
           os.path.join(ROOT, "tests", "unit", "test_mmu_%s.c" % name),
           "-o", os.path.join(out, "test_%s.o" % name))


def plant(mutant, out):
    """"killed", "SURVIVED", or "STALE" if it cannot be planted."""
    _, name, old, new = mutant
    text = source(name)
    if text.count(old) != 1:
        return "STALE"
    path = os.path.join(out, "mutant.c")
    with open(path, "w") as f:
        f.write(text.replace(old, new))
    test = os.path.join(out, "test")
    cc("-I" + os.path.join(ROOT, "userspace", "mmu"), path,
       os.path.join(out, "test_%s.o" % name), "-o", test, *LIBS)
    for case in CASES[name]:
        try:
            status = subprocess.call([test], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, timeout=300,
                                     env=dict(os.environ, CK_RUN_CASE=case))
        except subprocess.TimeoutExpired:
            status = -1
        if status:
            return "killed"
    return "SURVIVED"


def main():
    args = sys.argv[1:]
    words = [a for a in args if a != "-v"]
    chosen = [m for m in MUTANTS if not words or any(w in m[0] for w in words)]
    bad = 0
    with tempfile.TemporaryDirectory() as out:
        build_tests(out)
        for mutant in chosen:
            fate = plant(mutant, out)
            if fate != "killed":
                bad += 1
            if fate != "killed" or "-v" in args:
                print(fate, mutant[1], mutant[0], flush=True)
    print("%d mutants, %d killed" % (len(chosen), len(chosen) - bad))
    return 1 if bad or not chosen else 0


if __name__ == "__main__":
    LIBS = subprocess.check_output(
        ["pkg-config", "--cflags", "--libs", "check"], text=True).split()
    sys.exit(main())
