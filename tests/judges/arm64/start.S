/* SPDX-License-Identifier: GPL-2.0 */
/* Start code of the arm64 judge: EL2, MMU off, one processor. */
	.section .text.start, "ax"
	.globl _start
_start:
	ldr	x0, =stack_top
	mov	sp, x0
	ldr	x0, =vectors
	msr	vbar_el2, x0
	/* EL1 is AArch64; no stage 2, no host extension, nothing trapped */
	mov	x0, #(1 << 31)
	msr	hcr_el2, x0
	isb
	bl	judge_main
	b	judge_exit

/* judge_exit(status): SYS_EXIT_EXTENDED, ADP_Stopped_ApplicationExit */
	.globl	judge_exit
judge_exit:
	sub	sp, sp, #16
	mov	x1, #0x26
	movk	x1, #2, lsl #16
	stp	x1, x0, [sp]
	mov	x1, sp
	mov	w0, #0x20
	hlt	#0xf000
	b	.

/* semihost(operation, argument) */
	.globl	semihost
semihost:
	hlt	#0xf000
	ret

/*
 * One exception is expected at EL2: AT takes an external abort of its walk as a
 * Data Abort, instead of reporting it in PAR_EL1. It is noted and stepped over.
 */
	.macro	vector, number
	.balign	128
	mov	x0, #\number
	b	unexpected
	.endm

	.balign	2048
vectors:
	vector	0
	vector	1
	vector	2
	vector	3
	.balign	128
	b	synchronous
	vector	5
	vector	6
	vector	7
	.balign	128
	b	from_el1
	vector	9
	vector	10
	vector	11
	vector	12
	vector	13
	vector	14
	vector	15

	.bss
	.balign	8
	.globl	at_abort
at_abort:
	.skip	8

	.text
synchronous:
	stp	x0, x1, [sp, #-16]!
	mrs	x0, esr_el2
	lsr	x1, x0, #26
	cmp	x1, #0x25
	b.ne	1f
	ldr	x1, =at_abort
	str	x0, [x1]
	mrs	x0, elr_el2
	add	x0, x0, #4
	msr	elr_el2, x0
	ldp	x0, x1, [sp], #16
	eret
1:	mov	x0, #4
unexpected:
	mrs	x1, esr_el2
	mrs	x2, elr_el2
	mrs	x3, far_el2
	b	judge_unexpected
