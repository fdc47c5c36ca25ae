/* SPDX-License-Identifier: GPL-2.0 */
/* The few instructions that the judge has executed at EL1, and the way back. */

/* One page, mapped for EL1 alone: vectors, which call EL2, and accesses. */
	.text
	.balign	4096
	.globl	el1_page
el1_page:
	.rept	16
	.balign	128
	hvc	#2
	.endr

	.balign	2048
	ldrb	w1, [x0]		/* 0x800 */
	hvc	#1
	.balign	16
	strb	w1, [x0]		/* 0x810 */
	hvc	#1
	.balign	16
	ldtrb	w1, [x0]		/* 0x820 */
	hvc	#1
	.balign	16
	sttrb	w1, [x0]		/* 0x830 */
	hvc	#1
	.balign	4096

/*
 * run_el1(elr, spsr, x0, x1): leaves EL2 and comes back by an HVC; its ESR_EL2.
 */
	.globl	run_el1
run_el1:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	msr	elr_el2, x0
	msr	spsr_el2, x1
	mov	x0, x2
	mov	x1, x3
	/* nothing of the last case may be left in a TLB */
	dsb	sy
	tlbi	vmalle1
	dsb	sy
	isb
	eret

	.globl	from_el1
from_el1:
	mrs	x0, esr_el2
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
