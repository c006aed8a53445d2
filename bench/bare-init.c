/* The one-line init of a bare boot: load the modules, say so, stop. What fathom's start is measured against. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

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
	puts("bare boot: up");
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
