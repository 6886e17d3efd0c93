/*
 * W8.
 *
 * The clock starts before a program does and stops at its first line, which it prints when it has a
 * row. It then waits, so that the most memory that it had can be read while it lives: what the
 * kernel says of a process that has ended includes what this one had when it made the other.
 */
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "interrupt.h"
#include "rounds.h"

enum { PATH_SIZE = 512 };

static const struct {
    const char *file, *name, *library;
} programs[] = {
    {"best", "best", ""},
    {"raw_sqlite_only", "raw", "SQLite only"},
    {"querybuilder_sqlite_only", "query builder", "SQLite only"},
    {"datamapper_sqlite_only", "data mapper", "SQLite only"},
    {"activerecord_sqlite_only", "active record", "SQLite only"},
    {"raw", "raw", "all engines"},
    {"querybuilder", "query builder", "all engines"},
    {"datamapper", "data mapper", "all engines"},
    {"activerecord", "active record", "all engines"},
};
enum { PROGRAM_COUNT = sizeof programs / sizeof programs[0] };

typedef struct series {
    char path[PATH_SIZE];
    double ns[BENCH_MOST_ROUNDS], memory[BENCH_MOST_ROUNDS];
} series;

/* build/bench/bench → build/bench/start/NAME */
static bool find_program(const char *name, char *out)
{
    ssize_t size = readlink("/proc/self/exe", out, PATH_SIZE / 2);

    if (size < 0) {
        return false;
    }
    out[size] = '\0';
    char *slash = strrchr(out, '/');
    snprintf(slash ? slash : out, PATH_SIZE / 2, "/start/%s", name);
    return access(out, X_OK) == 0;
}

static double peak_of(pid_t pid)
{
    char path[64], line[256];
    double peak = 0;

    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            peak = strtod(line + 6, NULL) * 1024;
        }
    }
    if (file) {
        fclose(file);
    }
    return peak;
}

static int start(const char *program, const char *file, int in, int out, int other_in,
                 int other_out, pid_t *pid)
{
    char *const arguments[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)file, NULL};
    char *const environment[] = {"LC_ALL=C", "PATH=/usr/bin:/bin", NULL};
    posix_spawn_file_actions_t actions;
    int failure;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_addclose(&actions, other_in);
    posix_spawn_file_actions_addclose(&actions, other_out);
    failure = posix_spawn(pid, program, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

/* Starts a program once. @return the time to its first row; negative: it failed */
static double run_once(const char *program, const char *file, double *memory)
{
    int to[2], from[2], status = -1;
    double ns = -1;
    char c;
    pid_t pid;

    if (pipe(to) != 0) {
        return -1;
    }
    if (pipe(from) != 0) {
        close(to[0]);
        close(to[1]);
        return -1;
    }
    int64_t begin = rowan__now_ns();
    bool is_started = start(program, file, to[0], from[1], to[1], from[0], &pid) == 0;
    close(to[0]);
    close(from[1]);
    if (is_started && read(from[0], &c, 1) == 1) {
        ns = (double)(rowan__now_ns() - begin);
        *memory = peak_of(pid);
    }
    close(to[1]);
    close(from[0]);
    if (is_started) {
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    return status == 0 ? ns : -1;
}

static void keep(bench_results *results, series *all, size_t rounds)
{
    for (size_t i = 0; i < PROGRAM_COUNT; i++) {
        if (all[i].path[0]) {
            results->starts[results->start_count++] = (bench_start){
                .name = programs[i].name,
                .library = programs[i].library,
                .ns = bench_quantile(all[i].ns, rounds, 0.5),
                .low_ns = bench_quantile(all[i].ns, rounds, 0.25),
                .high_ns = bench_quantile(all[i].ns, rounds, 0.75),
                .memory = bench_quantile(all[i].memory, rounds, 0.5),
            };
        }
    }
}

/* The first round warms up: its figures are overwritten by the next. */
static bool run_rounds(series *all, const char *file, size_t rounds, char *why, size_t why_size)
{
    for (size_t round = 0; round <= rounds; round++) {
        for (size_t i = 0; i < PROGRAM_COUNT; i++) {
            size_t at = round == 0 ? 0 : round - 1;
            if (bench_interrupted()) {
                snprintf(why, why_size, "interrupted");
                return false;
            }
            if (all[i].path[0]) {
                all[i].ns[at] = run_once(all[i].path, file, &all[i].memory[at]);
                if (all[i].ns[at] < 0) {
                    snprintf(why, why_size, "%s %s failed", all[i].path, file);
                    return false;
                }
            }
        }
    }
    return true;
}

bool bench_starts(bench_results *results, const char *url, size_t rounds, char *why,
                  size_t why_size)
{
    series *all = calloc(PROGRAM_COUNT, sizeof *all);
    bool is_good;

    if (!all) {
        snprintf(why, why_size, "out of memory");
        return false;
    }
    for (size_t i = 0; i < PROGRAM_COUNT; i++) {
        if (!find_program(programs[i].file, all[i].path)) {
            all[i].path[0] = '\0';
        }
    }
    is_good = run_rounds(all, url + strlen("sqlite:"), rounds, why, why_size);
    if (is_good) {
        keep(results, all, rounds);
    }
    free(all);
    return is_good;
}
