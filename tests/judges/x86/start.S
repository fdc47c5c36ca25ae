/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entry (from the boot sector: 32-bit, flat, no paging), traps, and the snippets
 * that make the one access under test. For 32-bit and, in long mode, for 64-bit.
 */
#define CODE0		0x08
#define DATA0		0x10
#define USER_CODE	0x1b
#define USER_DATA	0x23
#define VECTOR_DONE	0x80

#define CONFIG_LA57	0x10004		/* struct config, see judge.h */

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
#ifdef __x86_64__
	/* Tables to begin with: 64 MiB in pages of 2 MiB */
	movl	$boot_tables + 0x1007, boot_tables
	movl	$boot_tables + 0x2007, boot_tables + 0x1000
	movl	$boot_tables + 0x3007, boot_tables + 0x2000
	movl	$boot_tables + 0x3000, %edi
	movl	$0x87, %eax
	movl	$32, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b
	movl	$boot_tables, %edx
	movl	$0x20, %eax			/* PAE */
	cmpl	$0, CONFIG_LA57
	jne	2f
	addl	$0x1000, %edx
	jmp	3f
2:	orl	$0x1000, %eax			/* LA57 */
3:	movl	%eax, %cr4
	movl	%edx, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax			/* LME */
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
#endif
	lgdtl	gdt_pointer
	ljmpl	$CODE0, $4f
#ifdef __x86_64__
	.code64
#endif
4:	movl	$USER_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	$DATA0, %eax
	movl	%eax, %ss
	call	guest_main
end:	/* The end, for QEMU (isa-debug-exit), then for Bochs (magic_break). */
	movb	$0, %al
	outb	%al, $0xf4
	xchgw	%bx, %bx
5:	hlt
	jmp	5b

	.data
	.balign	16
	.globl	gdt, gdt_pointer
gdt:	.quad	0
#ifdef __x86_64__
	.quad	0x00af9b000000ffff, 0x00cf93000000ffff, 0x00affb000000ffff, 0x00cff3000000ffff
#else
	.quad	0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cffb000000ffff, 0x00cff3000000ffff
#endif
	.quad	0, 0			/* TSS */
	.quad	0, 0			/* LDT */
gdt_end:
	.quad	0
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt, 0

#ifdef __x86_64__
#define W(n)	(8 * (n))
#define AX	%rax
#define BX	%rbx
#define BP	%rbp
#define SP	%rsp
#define C	%rdi
#define PUSHF	pushfq
#define POPF	popfq
#define IRET	iretq
#else
#define W(n)	(4 * (n))
#define AX	%eax
#define BX	%ebx
#define BP	%ebp
#define SP	%esp
#define C	%edi
#define PUSHF	pushfl
#define POPF	popfl
#define IRET	iretl
#endif

/* struct call: ip, flags, va, value, user; then what came of it, struct trap */
	.text
/* void go(const struct call *call) */
	.globl	go
go:
	push	BP
	push	BX
#ifdef __x86_64__
	push	%r12
	push	%r13
	push	%r14
	push	%r15
#else
	push	%esi
	push	%edi
	movl	20(%esp), %edi
#endif
	mov	SP, saved_sp
	mov	W(2)(C), BX
	mov	BX, BP
	mov	W(3)(C), %ecx
	cmpl	$0, W(4)(C)
	jne	1f
	push	W(1)(C)
	POPF
	xorl	%eax, %eax
	jmp	*W(0)(C)
1:	push	$USER_DATA
	push	$0
	push	W(1)(C)
	push	$USER_CODE
	push	W(0)(C)
	xorl	%eax, %eax
	IRET

/* Where the snippets of the kernel end. */
finished:
	movl	%eax, trap_value
	movl	$VECTOR_DONE, trap_vector
leave:
	mov	saved_sp, SP
	movl	$0, saved_sp
#ifdef __x86_64__
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
#else
	pop	%edi
	pop	%esi
#endif
	pop	BX
	pop	BP
	ret

/* All traps: vector and error code are on the stack. */
trapped:
	movl	%eax, trap_value
	pop	AX
	movl	%eax, trap_vector
	pop	AX
	movl	%eax, trap_error
	pop	AX
	mov	AX, trap_ip
	mov	%cr2, AX
	mov	AX, trap_cr2
	cmpl	$0, saved_sp
	jne	leave
	/* a fault of the judge itself: there is no way back */
	mov	$stack_top, SP
	call	guest_lost
	jmp	end

#include "../gates.h"

/*
 * The accesses, 16 bytes each, in the order of enum kind. BX and BP: the address.
 * CX: what is written, or the selector. AX: what was read, 0 before.
 */
	.macro	snippets end:vararg
	.balign	16
	movl	(BX), %eax
	\end
	.balign	16
	movl	%ecx, (BX)
	\end
	/* a fetch needs none */
	.balign	16
	ud2
	.balign	16
	movl	(BP), %eax
	\end
	.balign	16
	movl	%ecx, (BP)
	\end
	.balign	16
	lsl	%ecx, %eax
	\end
	.balign	16
	movl	%ecx, %fs
	\end
	.endm

	.globl	kernel_snippets, load_cr3
	.balign	16
kernel_snippets:
	snippets jmp finished
load_cr3:
	mov	BX, %cr3
	jmp	finished

/* A page of its own, which code at CPL 3 can fetch. */
	.section .user, "ax"
	.globl	user_snippets
user_snippets:
	snippets int $VECTOR_DONE
	.balign	4096, 0xcc

	.bss
	.balign	4096
boot_tables:
	.skip	0x4000
	.skip	16384
stack_top:
saved_sp:
	.skip	8
	.globl	trap_vector, trap_error, trap_value, trap_ip, trap_cr2
trap_vector:
	.skip	4
trap_error:
	.skip	4
trap_value:
	.skip	8
trap_ip:
	.skip	8
trap_cr2:
	.skip	8
	.section .note.GNU-stack, "", @progbits
