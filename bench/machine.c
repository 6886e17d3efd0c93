/* What the benchmark ran on. */
#include "machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

static void read_processor(char *out)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];

    snprintf(out, BENCH_MACHINE_TEXT, "unknown processor");
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (colon && strncmp(line, "model name", 10) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(out, BENCH_MACHINE_TEXT, "%.100s", colon + 2);
            break;
        }
    }
    if (file) {
        fclose(file);
    }
}

void bench_machine_read(bench_machine *machine)
{
    struct utsname name;
    time_t now = time(NULL);
    struct tm utc;

    read_processor(machine->processor);
    snprintf(machine->system, sizeof machine->system, "unknown system");
    if (uname(&name) == 0) {
        snprintf(machine->system, sizeof machine->system, "%.40s %.60s", name.sysname,
                 name.release);
    }
#if defined(__clang__)
    snprintf(machine->compiler, sizeof machine->compiler, "clang %s", __clang_version__);
#else
    snprintf(machine->compiler, sizeof machine->compiler, "gcc %s", __VERSION__);
#endif
    machine->date[0] = '\0';
    if (gmtime_r(&now, &utc)) {
        strftime(machine->date, sizeof machine->date, "%Y-%m-%d %H:%M UTC", &utc);
    }
}
