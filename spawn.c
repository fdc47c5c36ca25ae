#include <stdio.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/wait.h>
static uint64_t now(void){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec*1000000000ull+t.tv_nsec;}
int main(int c,char**v){for(int i=0;i<3;i++){uint64_t a=now();pid_t p=fork();if(!p){int n=open("/dev/null",O_WRONLY);dup2(n,1);execvp(v[1],v+1);_exit(1);}int st;waitpid(p,&st,0);printf("%s %s: %llu status %d\n",v[1],v[2]?v[2]:"",(unsigned long long)(now()-a),st);}return 0;}
