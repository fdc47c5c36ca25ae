#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/mman.h>
#include <linux/mmscope.h>
static uint64_t now(void){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec*1000000000ull+t.tv_nsec;}
static unsigned char buf[1<<20];
int main(void){
 memset(buf,1,sizeof buf);
 char *own=mmap(0,4096,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); *own=1; uint64_t e; int p=open("/proc/self/pagemap",O_RDONLY); pread(p,&e,8,(uintptr_t)own/4096*8); e&=(1ull<<55)-1;
 for(int k=0;k<2;k++){ struct mms_request r={.size=sizeof r,.flags=MMS_FREQ_MAPS|MMS_FREQ_OWNERS,.start=e,.end=e+1};
 uint64_t t[12]; int n=0; t[n++]=now(); int fd=open("/sys/kernel/debug/mmscope/stream/frame",O_RDWR); t[n++]=now(); write(fd,&r,sizeof r); t[n++]=now(); ssize_t g; do{g=read(fd,buf,sizeof buf); t[n++]=now();}while(g>0&&n<10); close(fd); t[n++]=now();
 for(int i=1;i<n;i++)printf("%llu ",(unsigned long long)(t[i]-t[i-1])); printf("\n");}
 uint64_t a=now(); getppid(); uint64_t b=now(); printf("syscall %llu\n",(unsigned long long)(b-a));
 a=now(); int fd=open("/sys/kernel/debug/mmscope/status",O_RDONLY); b=now(); printf("open status %llu\n",(unsigned long long)(b-a)); (void)fd;
 return 0;}
