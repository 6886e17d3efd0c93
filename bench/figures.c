/* Figures as a person reads them. */
#include "figures.h"

#include <stdio.h>

/* Three digits that count. */
static int digits_behind(double value)
{
    return value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
}

const char *bench_time_text(double ns, char out[BENCH_FIGURE])
{
    static const struct {
        double from, unit;
        const char *name;
    } units[] = {{1e9, 1e9, "s"}, {1e6, 1e6, "ms"}, {1e3, 1e3, "µs"}, {0, 1, "ns"}};
    size_t i = 0;

    out[0] = '\0';
    if (ns > 0) {
        while (ns < units[i].from * 0.9995) {
            i++;
        }
        double value = ns / units[i].unit;
        snprintf(out, BENCH_FIGURE, "%.*f %s", digits_behind(value), value, units[i].name);
    }
    return out;
}

const char *bench_count_text(double count, char out[BENCH_FIGURE])
{
    out[0] = '\0';
    if (count >= 999500) {
        snprintf(out, BENCH_FIGURE, "%.*f M", digits_behind(count / 1e6), count / 1e6);
    } else if (count >= 999.5) {
        long whole = (long)(count + 0.5);
        snprintf(out, BENCH_FIGURE, "%ld,%03ld", whole / 1000, whole % 1000);
    } else if (count > 0) {
        snprintf(out, BENCH_FIGURE, "%.0f", count);
    }
    return out;
}

const char *bench_memory_text(double bytes, char out[BENCH_FIGURE])
{
    if (bytes >= 1024 * 1024) {
        snprintf(out, BENCH_FIGURE, "%.2f MiB", bytes / (1024 * 1024));
    } else {
        snprintf(out, BENCH_FIGURE, "%.0f KiB", bytes / 1024);
    }
    return out;
}
