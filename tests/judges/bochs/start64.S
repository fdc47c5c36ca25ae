/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry into IA-32e mode (from the boot sector: 32-bit, flat, no paging), traps,
 * and the snippets that do the one instruction under test: in 64-bit mode, and
 * in compatibility mode.
 */
#define KERNEL_CODE	0x08
#define USER_DATA	0x43
#define TRAP_WORDS	19

	.section .start, "ax"
	.code32
	.globl	start
start:
	movl	$stack_top, %esp
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	xorl	%eax, %eax
	cld
	rep stosb
	/* 64 MiB in pages of 2 MiB, as they are, for all levels */
	movl	$boot_tables + 0x1007, boot_tables
	movl	$boot_tables + 0x2007, boot_tables + 0x1000
	movl	$boot_tables + 0x2000, %edi
	movl	$0x87, %eax
	movl	$32, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b
	movl	$0x20, %eax			/* PAE */
	movl	%eax, %cr4
	movl	$boot_tables, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax			/* LME */
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	lgdtl	first_gdt_pointer
	ljmpl	$KERNEL_CODE, $2f
	.code64
2:	call	guest_main
	/* The end, for QEMU (isa-debug-exit), then for Bochs (magic_break). */
	movb	$0, %al
	outb	%al, $0xf4
	xchgw	%bx, %bx
3:	hlt
	jmp	3b

	.balign	8
first_gdt:
	.quad	0, 0x00af9b000000ffff
first_gdt_pointer:
	.word	. - first_gdt - 1
	.long	first_gdt

	.text
/* void run_at(const struct call *call) */
	.globl	run_at
run_at:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, saved_sp
	pushq	32(%rdi)
	pushq	24(%rdi)
	pushq	16(%rdi)
	pushq	8(%rdi)
	pushq	0(%rdi)
	/* not FS and GS: those have bases, which the caller sets */
	movl	$USER_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movq	40(%rdi), %rax
	movq	48(%rdi), %rcx
	movq	56(%rdi), %rdx
	movq	64(%rdi), %rbx
	movq	72(%rdi), %rsi
	movq	80(%rdi), %rdi
	iretq

/* All traps end here, on a stack of their own. */
trapped:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rbx
	pushq	%rsp
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	movl	%ds, %eax
	pushq	%rax
	movl	%es, %eax
	pushq	%rax
	movl	%fs, %eax
	pushq	%rax
	movl	%gs, %eax
	pushq	%rax
	cld
	movq	%rsp, %rsi
	movl	$trap, %edi
	movl	$TRAP_WORDS, %ecx
	rep movsq
	movq	saved_sp, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

#include "../gates.h"

/* Where code at any level and of any width ends. */
	.globl	done
	.balign	16
done:	int	$0x80

/*
 * Loads. RAX: selector. RDX: the operand in memory, an m16:32. RSI: SS as it was
 * loaded. Their bytes mean the same in both modes where the macro is used twice.
 */
	.macro	mover width, reg
	.balign	4
mov\width\()_\reg:
	movw	%ax, %\reg
	int	$0x80
	.endm
	.macro	both_widths width
	.irp	r, es, ds, fs, gs
	mover	\width, \r
	.endr
	.balign	4
mov\width\()_ss:
	movw	%ax, %ss
	movl	%ss, %esi
	int	$0x80
	.endm

	both_widths 64
	.irp	r, fs, gs
	.balign	4
pop64_\r:
	pushq	%rax
	popq	%\r
	int	$0x80
	.balign	4
lxs64_\r:
	l\r	(%rdx), %edi
	int	$0x80
	.endr
	.balign	4
lxs64_ss:
	lss	(%rdx), %edi
	movl	%ss, %esi
	int	$0x80

	.code32
	both_widths 32
	.irp	r, es, ds, fs, gs
	.balign	4
pop32_\r:
	pushl	%eax
	popl	%\r
	int	$0x80
	.balign	4
lxs32_\r:
	l\r	(%edx), %edi
	int	$0x80
	.endr
	.balign	4
pop32_ss:
	pushl	%eax
	popl	%ss
	movl	%ss, %esi
	int	$0x80
	.balign	4
lxs32_ss:
	lss	(%edx), %edi
	movl	%ss, %esi
	int	$0x80
	.code64

	.section .rodata
	.balign	4
	.globl	loaders
/* [64-bit, compatibility][way][register in the order of enum mmu_segreg]; 0: there is none */
loaders:
	.long	mov64_es, 0, mov64_ss, mov64_ds, mov64_fs, mov64_gs
	.long	0, 0, 0, 0, pop64_fs, pop64_gs
	.long	0, 0, lxs64_ss, 0, lxs64_fs, lxs64_gs
	.long	mov32_es, 0, mov32_ss, mov32_ds, mov32_fs, mov32_gs
	.long	pop32_es, 0, pop32_ss, pop32_ds, pop32_fs, pop32_gs
	.long	lxs32_es, 0, lxs32_ss, lxs32_ds, lxs32_fs, lxs32_gs
	.text

/* RDX: m16:32, m16:64, or the frame that is returned with */
	.globl	do_ljmpl, do_ljmpq, do_lretl, do_lretq, do_lret_es, do_lldt, do_ltr
do_ljmpl:			/* in both modes */
	.byte	0xff, 0x2a
do_ljmpq:
	.byte	0x48, 0xff, 0x2a
do_lretl:			/* in both modes */
	movl	%edx, %esp
	.byte	0xcb
do_lretq:
	movl	%edx, %esp
	lretq
/* RAX: what ES, DS, FS and GS hold before */
do_lret_es:
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ds
	movl	%edx, %esp
	lretq
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
 * Accesses of 1, 2, 4 and 8 bytes at (RDX) through a register. What is read comes
 * back in RBX, what is written is in it. In 64-bit mode SS is meant by RBP alone;
 * in compatibility mode the register is loaded from AX first.
 */
	.macro	move64 name, prefix, op:vararg
	.balign	16
\name:
	movq	%rdx, %rbp
	.ifnc	\prefix, none
	.byte	\prefix
	.endif
	\op
	int	$0x80
	.endm
	.macro	accessor64 reg, base, prefix
	move64	rd1_\reg, \prefix, movb (\base), %bl
	move64	rd2_\reg, \prefix, movw (\base), %bx
	move64	rd4_\reg, \prefix, movl (\base), %ebx
	move64	rd8_\reg, \prefix, movq (\base), %rbx
	move64	wr1_\reg, \prefix, movb %bl, (\base)
	move64	wr2_\reg, \prefix, movw %bx, (\base)
	move64	wr4_\reg, \prefix, movl %ebx, (\base)
	move64	wr8_\reg, \prefix, movq %rbx, (\base)
	.endm

	accessor64 es, %rdx, 0x26
	accessor64 cs, %rdx, 0x2e
	accessor64 ss, %rbp, none
	accessor64 ds, %rdx, 0x3e
	accessor64 fs, %rdx, 0x64
	accessor64 gs, %rdx, 0x65

	.code32
	.macro	move32 name, reg, op:vararg
	.balign	16
\name:
	movw	%ax, %\reg
	\op
	int	$0x80
	.endm
	.macro	accessor32 reg
	move32	rd1c_\reg, \reg, movb %\reg:(%edx), %bl
	move32	rd2c_\reg, \reg, movw %\reg:(%edx), %bx
	move32	rd4c_\reg, \reg, movl %\reg:(%edx), %ebx
	move32	wr1c_\reg, \reg, movb %bl, %\reg:(%edx)
	move32	wr2c_\reg, \reg, movw %bx, %\reg:(%edx)
	move32	wr4c_\reg, \reg, movl %ebx, %\reg:(%edx)
	.endm
	.irp	r, es, ss, ds, fs, gs
	accessor32 \r
	.endr
	.code64

	.section .rodata
	.balign	4
	.globl	accessors, compat_accessors
/* [register][write][log2 of the size] */
accessors:
	.irp	r, es, cs, ss, ds, fs, gs
	.long	rd1_\r, rd2_\r, rd4_\r, rd8_\r
	.long	wr1_\r, wr2_\r, wr4_\r, wr8_\r
	.endr
compat_accessors:
	.long	rd1c_es, rd2c_es, rd4c_es, 0, wr1c_es, wr2c_es, wr4c_es, 0
	.long	0, 0, 0, 0, 0, 0, 0, 0
	.irp	r, ss, ds, fs, gs
	.long	rd1c_\r, rd2c_\r, rd4c_\r, 0, wr1c_\r, wr2c_\r, wr4c_\r, 0
	.endr

	.bss
	.balign	4096
	.globl	boot_tables
boot_tables:
	.skip	0x3000
saved_sp:
	.skip	16
	.skip	16384
stack_top:
	.section .note.GNU-stack, "", @progbits
