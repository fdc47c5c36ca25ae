/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the gates of the judges' interrupt tables lead, for start*.S: 16 bytes for
 * each exception, then those of INT 0x80. They put a word that stands for an error
 * code where the processor puts none, then the vector, and go on at "trapped".
 */
	.macro	gate vector, has_code=0
	.balign	16
	.if	!\has_code
	push	$0
	.endif
	push	$\vector
	jmp	trapped
	.endm

	.globl	gates
	.balign	16
gates:
	.irp	v, 0, 1, 2, 3, 4, 5, 6, 7
	gate	\v
	.endr
	gate	8, 1
	gate	9
	.irp	v, 10, 11, 12, 13, 14
	gate	\v, 1
	.endr
	gate	15
	gate	16
	gate	17, 1
	.irp	v, 18, 19, 20
	gate	\v
	.endr
	gate	21, 1
	.irp	v, 22, 23, 24, 25, 26, 27, 28
	gate	\v
	.endr
	gate	29, 1
	gate	30, 1
	gate	31
	gate	0x80
