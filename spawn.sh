spawn mmscope --version; spawn mmscope frame 0x1000; strace -c true 2>/dev/null; spawn mmscope zones
