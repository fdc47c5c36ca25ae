/* SPDX-License-Identifier: GPL-2.0 */
/* Entry, traps, and the snippets that do the one instruction under test. */
#define KERNEL_DATA	0x10
#define USER_DATA	0x43
#define TRAP_WORDS	19

	.section .start, "ax"
	.globl	start
start:
	movl	$stack_top, %esp
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	cld
	rep stosb
	call	guest_main
	/* The end, for QEMU (isa-debug-exit), then for Bochs (magic_break). */
	movb	$0, %al
	outb	%al, $0xf4
	xchgw	%bx, %bx
1:	hlt
	jmp	1b

	.text
/* void run_at(const struct call *call) */
	.globl	run_at
run_at:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, saved_esp
	movl	20(%esp), %ebp
	testl	$3, 4(%ebp)
	jz	1f
	pushl	16(%ebp)
	pushl	12(%ebp)
1:	pushl	8(%ebp)
	pushl	4(%ebp)
	pushl	0(%ebp)
	movl	$USER_DATA, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movl	20(%ebp), %eax
	movl	24(%ebp), %ecx
	movl	28(%ebp), %edx
	movl	32(%ebp), %ebx
	movl	36(%ebp), %esi
	movl	40(%ebp), %edi
	iret

/* All traps end here; the frame is copied before it can be overwritten. */
trapped:
	pushal
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushl	%gs
	movl	$KERNEL_DATA, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	cld
	movl	%esp, %esi
	movl	$trap, %edi
	movl	$TRAP_WORDS, %ecx
	rep movsl
	movl	saved_esp, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

#include "../gates.h"

/* Where code at any level, of 16 or 32 bits, ends. */
	.globl	done
	.balign	16
done:	int	$0x80

/*
 * Loads. AX: selector. ECX: what restores SS. EDX: the operand in memory, an
 * m16:32, whose upper word is also what POP takes. ESI: SS as it was loaded.
 */
	.macro	loader reg
	.balign	4
mov_\reg:
	movw	%ax, %\reg
	int	$0x80
	.balign	4
pop_\reg:
	pushl	%eax
	popl	%\reg
	int	$0x80
	.balign	4
lxs_\reg:
	l\reg	(%edx), %edi
	int	$0x80
	.endm

	loader	es
	loader	ds
	loader	fs
	loader	gs
mov_ss:	movw	%ax, %ss
	movl	%ss, %esi
	movw	%cx, %ss
	int	$0x80
pop_ss:	pushl	%eax
	popl	%ss
	movl	%ss, %esi
	movw	%cx, %ss
	int	$0x80
lxs_ss:	movl	%esp, %ebx
	lss	(%edx), %esp
	movl	%ss, %esi
	movw	%cx, %ss
	movl	%ebx, %esp
	int	$0x80

	.section .rodata
	.balign	4
	.globl	loaders
/* [way][register in the order of enum mmu_segreg; CS is absent] */
loaders:
	.long	mov_es, 0, mov_ss, mov_ds, mov_fs, mov_gs
	.long	pop_es, 0, pop_ss, pop_ds, pop_fs, pop_gs
	.long	lxs_es, 0, lxs_ss, lxs_ds, lxs_fs, lxs_gs
	.text

/* EDX: m16:32 */
	.globl	do_ljmp, do_lret, do_lret_es, do_lldt, do_ltr
do_ljmp:
	ljmp	*(%edx)
/* EDX: the frame that is returned with */
do_lret:
	movl	%edx, %esp
	lret
/* EAX: what ES, DS, FS and GS hold before */
do_lret_es:
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ds
	movl	%edx, %esp
	lret
do_lldt:
	lldt	%ax
	int	$0x80
do_ltr:	ltr	%ax
	int	$0x80
	.globl	do_int81, do_int82
do_int81:
	int	$0x81
do_int82:
	int	$0x82

/*
 * Accesses of 1, 2, 4 and 8 bytes at (EDX) through a register loaded from AX.
 * What is read comes back in EBX and ESI, what is written is in them. CS: the
 * snippet itself is run in the segment under test. It moves: no jumps.
 */
	.macro	accessor reg
	.balign	16
rd1_\reg:
	.ifnc	\reg, cs
	movw	%ax, %\reg
	.endif
	movb	%\reg:(%edx), %bl
	int	$0x80
	.balign	16
rd2_\reg:
	.ifnc	\reg, cs
	movw	%ax, %\reg
	.endif
	movw	%\reg:(%edx), %bx
	int	$0x80
	.balign	16
rd4_\reg:
	.ifnc	\reg, cs
	movw	%ax, %\reg
	.endif
	movl	%\reg:(%edx), %ebx
	int	$0x80
	.balign	16
rd8_\reg:
	.ifnc	\reg, cs
	movw	%ax, %\reg
	.endif
	fildll	%\reg:(%edx)
	int	$0x80
	.balign	16
wr1_\reg:
	.ifnc	\reg, cs
	movw	%ax, %\reg
	.endif
	movb	%bl, %\reg:(%edx)
	int	$0x80
	.balign	16
wr2_\reg:
	.ifnc	\reg, cs
	movw	%ax, %\reg
	.endif
	movw	%bx, %\reg:(%edx)
	int	$0x80
	.balign	16
wr4_\reg:
	.ifnc	\reg, cs
	movw	%ax, %\reg
	.endif
	movl	%ebx, %\reg:(%edx)
	int	$0x80
	.balign	16
wr8_\reg:
	.ifnc	\reg, cs
	movw	%ax, %\reg
	.endif
	fistpll	%\reg:(%edx)
	int	$0x80
	.endm

	.irp	r, es, cs, ss, ds, fs, gs
	accessor \r
	.endr

/* Instructions of 1 to 7 bytes at the end of a code segment. */
	.globl	fetched
	.balign	16
fetched:
	nop
	.byte	0x0f, 0x1f, 0x80, 0, 0, 0, 0	/* nop, 7 bytes */
	int	$0x80

	.section .rodata
	.globl	accessors
/* [register][write][log2 of the size] */
accessors:
	.irp	r, es, cs, ss, ds, fs, gs
	.long	rd1_\r, rd2_\r, rd4_\r, rd8_\r
	.long	wr1_\r, wr2_\r, wr4_\r, wr8_\r
	.endr

	.bss
	.balign	16
	.globl	saved_esp
saved_esp:
	.skip	16
	.skip	16384
stack_top:
	.section .note.GNU-stack, "", @progbits
