/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Boot sector of the judge's disk: reads SECTORS sectors after itself to
 * 0x10000, enters protected mode and runs the program at 1 MiB.
 *
 * The first of the sectors is the configuration (guest.h), which stays where it
 * was read; the program follows it.
 */
#define BUFFER		0x10000
#define PROGRAM		0x100000
#define CHUNK		64		/* sectors per BIOS call */

	.code16
	.globl _start
_start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0x7c00, %sp
	ljmp	$0, $1f
1:	movb	%dl, drive
2:	movw	$packet, %si
	movb	drive, %dl
	movb	$0x42, %ah		/* extended read */
	int	$0x13
	jc	fail
	addw	$CHUNK * 32, packet_segment
	addl	$CHUNK, packet_lba
	subw	$CHUNK, left
	ja	2b

	inb	$0x92, %al		/* A20 */
	orb	$2, %al
	andb	$0xfe, %al
	outb	%al, $0x92
	cli
	lgdtl	gdt_pointer
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	$8, $protected
fail:	movb	$'!', %al
	outb	%al, $0xe9
	hlt
	jmp	fail

	.code32
protected:
	movw	$16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$0x7c00, %esp
	cld
	movl	$BUFFER + 512, %esi
	movl	$PROGRAM, %edi
	movl	$SECTORS * 128, %ecx
	rep movsl
	movl	$PROGRAM, %eax
	jmp	*%eax

	.balign 8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt
drive:	.byte	0
	.balign 2
left:	.word	SECTORS
	.balign 4
packet:	.byte	16, 0
	.word	CHUNK
	.word	0
packet_segment:
	.word	BUFFER / 16
packet_lba:
	.quad	1

	.org	_start + 510
	.word	0xaa55
