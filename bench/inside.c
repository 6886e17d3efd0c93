/*
 * A job, seen from inside: under callgrind it counts the instructions of runs, else it lets them
 * make memory resident.
 *
 * Each line that is counted is a process of its own: what the lines before have left of a heap
 * costs or spares up to a twentieth of one. It is run until all is warm: statements are prepared,
 * memory is there, pages are in their caches. The runs that are counted have the same keys, so that
 * they find what the first ones left. A run of BENCH_UPDATE has new ones, because a name that is
 * there already would be no change.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "between.h"
#include "contestants.h"
#include "jobs.h"
#include "runner.h"

#ifdef BENCH_WITH_CALLGRIND
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#define CALLGRIND_DUMP_STATS
#endif

enum { MOST_RUNS = 64 };

/* How often a line is run to count it: the mean of many where they differ by their keys. */
static size_t runs_of(bench_line line)
{
    switch (line.work) {
    case BENCH_TREE:
    case BENCH_TREE_LAZY:
    case BENCH_BULK:
    case BENCH_STREAM:
        return 1;
    case BENCH_SAVE:
    case BENCH_UPDATE:
        return 8;
    default:
        return line.n <= 10 ? MOST_RUNS : line.n <= 100 ? 16 : 2;
    }
}

static bool run(bench_runner *runner, const bench_task *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!bench_runner_run(runner, &tasks[i])) {
            return false;
        }
        bench_runner_clear(runner, &tasks[i]);
    }
    return true;
}

typedef struct inside {
    bench_measure measure;
    const char *dumps; /* how the names of callgrind's files begin */
    unsigned dump_count;
    const char *profiles; /* folder to keep them in, or NULL */
    bench_inputs inputs;
} inside;

/* "sqlite-W1-100-query-builder", where someone wants to see where the instructions are. */
static void keep_profile(const inside *self, const char *path, const bench_runner *runner,
                         bench_line line)
{
    char name[600];
    int size = snprintf(name, sizeof name, "%s/%s-%s-%zu-", self->profiles, runner->place.engine,
                        bench_work_key(line.work), line.n);

    snprintf(name + size, sizeof name - (size_t)size, "%s.callgrind", runner->who->name);
    for (char *c = name + size; *c; c++) {
        *c = *c == ' ' ? '-' : *c;
    }
    rename(path, name);
}

/* The counts of callgrind's last file, whose name is that of the job's folder and process, and its
 * number. Writing it begins them anew. (Asking callgrind to forget them would lose the functions.)
 */
static double read_count(inside *self, const bench_runner *runner, bench_line of)
{
    char path[600], line[256];
    double count = -1;

    snprintf(path, sizeof path, "%s.%ld.%u", self->dumps, (long)getpid(), ++self->dump_count);
    FILE *file = fopen(path, "r");
    while (file && count < 0 && fgets(line, sizeof line, file)) {
        if (strncmp(line, "summary:", 8) == 0 || strncmp(line, "totals:", 7) == 0) {
            count = strtod(strchr(line, ':') + 1, NULL);
        }
    }
    if (file) {
        fclose(file);
    }
    if (self->profiles) {
        keep_profile(self, path, runner, of);
    } else {
        unlink(path);
    }
    return count;
}

static bool count_runs(inside *self, bench_runner *runner, bench_line line, double *value)
{
    bench_task tasks[2 * MOST_RUNS];
    size_t runs = runs_of(line);
    bool is_good;

    for (size_t i = 0; i < 2 * runs; i++) {
        tasks[i] = bench_task_of(&self->inputs, line, line.work == BENCH_UPDATE ? i : i % runs);
    }
    if (!bench_ready_first(runner->place.url, line.work, runner->why, sizeof runner->why) ||
        !bench_runner_prepare(runner, tasks) || !run(runner, tasks, runs)) {
        return false;
    }
    CALLGRIND_TOGGLE_COLLECT;
    is_good = run(runner, tasks + runs, runs);
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS;
    *value = read_count(self, runner, line) / (double)runs;
    if (is_good && *value < 0) {
        snprintf(runner->why, sizeof runner->why, "callgrind wrote no counts");
    }
    return is_good && *value >= 0;
}

/* The most that was resident since the program was started, in bytes. */
static double read_peak(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    double peak = 0;

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

static bool fill_memory(inside *self, bench_runner *runner, bench_line line, double *value)
{
    bench_task task = bench_task_of(&self->inputs, line, 0);
    bool is_good = bench_runner_prepare(runner, &task) && run(runner, &task, 1);

    *value = read_peak();
    return is_good;
}

static bool do_line(inside *self, const bench_contestant *who, const char *url, bench_line line)
{
    bench_runner runner;
    double value = 0;
    bool is_good = bench_runner_open(&runner, who, url);

    if (is_good) {
        is_good = self->measure == BENCH_INSTRUCTIONS ? count_runs(self, &runner, line, &value)
                                                      : fill_memory(self, &runner, line, &value);
    }
    if (is_good) {
        printf("%.1f\n", value);
    } else {
        fprintf(stderr, "%s\n", runner.why);
    }
    bench_runner_close(&runner);
    return is_good;
}

/* The same in a process that ends with it, and with this one. */
static bool do_line_apart(inside *self, const bench_contestant *who, const char *url,
                          bench_line line)
{
    char dump[600];
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        bool is_good = do_line(self, who, url, line);
        fflush(NULL);
        _exit(is_good ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0) {
        perror("fork");
        return false;
    }
    snprintf(dump, sizeof dump, "%s.%ld", self->dumps, (long)pid);
    unlink(dump); /* callgrind writes one more file when a process ends, of nothing */
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static size_t most_newcomers(const bench_lines *lines)
{
    size_t most = 1;

    for (size_t i = 0; i < lines->count; i++) {
        if (bench_work_inserts(lines->at[i].work) && lines->at[i].n > most) {
            most = lines->at[i].n;
        }
    }
    return most;
}

int bench_job_inside(bench_measure measure, const bench_contestant *who, const char *url,
                     const char *events, const char *dumps, const char *profiles,
                     const bench_lines *lines)
{
    inside self = {.measure = measure, .dumps = dumps, .profiles = profiles};
    bool is_good = bench_inputs_init(&self.inputs, most_newcomers(lines));

    if (!is_good) {
        fprintf(stderr, "out of memory\n");
    }
    for (size_t i = 0; is_good && i < lines->count; i++) {
        bench_line line = lines->at[i];
        const char *place = line.work == BENCH_STREAM ? events : url;
        if (!who->can(line.work)) {
            printf("0\n");
        } else if (measure == BENCH_INSTRUCTIONS) {
            is_good = do_line_apart(&self, who, place, line);
        } else {
            is_good = do_line(&self, who, place, line);
        }
        fflush(stdout);
    }
    bench_inputs_fini(&self.inputs);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
