/*
 * The init of a bare boot: load the modules, say so, stop. What fathom's start is measured against. With STACK_TRACER=1 on
 * the kernel's command line, which is in init's environment then, it switches the stack tracer on before it says so.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void trace_stacks(void)
{
	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	int fd = open("/proc/sys/kernel/stack_tracer_enabled", O_WRONLY | O_CLOEXEC);
	if (write(fd, "1", 1) != 1) {
		puts("cannot switch the stack tracer on");
		for (;;)
			pause();
	}
	close(fd);
}

int main(void)
{
	char name[256], path[300];
	FILE *order = fopen("/modules/order", "r");
	while (order && fgets(name, sizeof name, order)) {
		name[strcspn(name, "\n")] = 0;
		snprintf(path, sizeof path, "/modules/%s", name);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (syscall(SYS_finit_module, fd, "", 0) != 0)
			printf("cannot load %s\n", path);
		close(fd);
	}
	if (getenv("STACK_TRACER"))
		trace_stacks();
	puts("bare boot: up");
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
