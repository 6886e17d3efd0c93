/*
 * Jobs, seen from outside.
 *
 * They are started with an environment that is always the same: its size moves the stack, and what
 * libraries read from it changes what they do.
 */
#include "jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interrupt.h"

enum { PATH_SIZE = 512, LINES_SIZE = 16 * BENCH_MOST_LINES };

typedef struct running {
    pid_t pid; /* 0: none */
    bench_job *job;
} running;

static const char *const measures[] = {"instructions", "memory"};

bool bench_can_count(char *why, size_t why_size)
{
#ifdef BENCH_WITH_CALLGRIND
    if (access("/usr/bin/valgrind", X_OK) == 0) {
        return true;
    }
    snprintf(why, why_size, "valgrind is not installed");
#else
    snprintf(why, why_size, "this was built without valgrind's header");
#endif
    return false;
}

bool bench_measure_named(const char *name, bench_measure *out)
{
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        if (strcmp(name, measures[i]) == 0) {
            *out = (bench_measure)i;
            return true;
        }
    }
    return false;
}

static void write_lines(const bench_lines *lines, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < lines->count && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%s:%zu", i > 0 ? "," : "",
                                 bench_work_key(lines->at[i].work), lines->at[i].n);
    }
}

static void name_files(const bench_job *jobs, const bench_job *job, const char *folder, char *out,
                       char *complaints)
{
    snprintf(out, PATH_SIZE, "%s/job-%03zu.out", folder, (size_t)(job - jobs));
    snprintf(complaints, PATH_SIZE, "%s/job-%03zu.err", folder, (size_t)(job - jobs));
}

/* Callgrind writes one more file when the process ends, of nothing. */
static void remove_last_dump(const bench_job *job, pid_t pid)
{
    char path[PATH_SIZE];

    if (job->profiles) {
        snprintf(path, sizeof path, "%s/counts.%ld", job->profiles, (long)pid);
        unlink(path);
    }
}

/* Starts a program whose output goes to files. @return 0 or an errno */
static int spawn(const char *const *arguments, const char *out, const char *complaints, pid_t *pid)
{
    char *const environment[] = {"LC_ALL=C", "PATH=/usr/bin:/bin", "HOME=/", NULL};
    posix_spawn_file_actions_t actions;
    int failure;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, complaints, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    failure = posix_spawn(pid, arguments[0], &actions, NULL, (char *const *)(uintptr_t)arguments,
                          environment);
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

static bool start(running *slot, const bench_job *jobs, bench_job *job, const char *folder,
                  char *why, size_t why_size)
{
    char self[PATH_SIZE], lines[LINES_SIZE], dumps[PATH_SIZE], option[PATH_SIZE + 40],
        out[PATH_SIZE], complaints[PATH_SIZE];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);

    if (size < 0) {
        snprintf(why, why_size, "cannot find this program: %s", strerror(errno));
        return false;
    }
    self[size] = '\0';
    write_lines(job->lines, lines, sizeof lines);
    name_files(jobs, job, folder, out, complaints);
    snprintf(dumps, sizeof dumps, "%s/counts", job->profiles ? job->profiles : folder);
    snprintf(option, sizeof option, "--callgrind-out-file=%s.%%p", dumps);
    const char *const arguments[] = {
        /* clang-format off */
        "/usr/bin/valgrind", "--tool=callgrind", "--collect-atstart=no", "-q", option,
        self, "--job", measures[job->measure], "--column", job->who->name, "--url", job->url,
        "--events", job->events, "--work", lines, "--dumps", dumps,
        job->profiles ? "--profiles" : NULL, job->profiles, NULL,
        /* clang-format on */
    };
    bool counts = job->measure == BENCH_INSTRUCTIONS;
    int failure = spawn(counts ? arguments : arguments + 5, out, complaints, &slot->pid);
    if (failure != 0) {
        snprintf(why, why_size, "cannot start %s: %s", counts ? arguments[0] : self,
                 strerror(failure));
        slot->pid = 0;
        return false;
    }
    slot->job = job;
    return true;
}

/* The values that it printed, or what it complained of. */
static bool read_values(const bench_job *jobs, bench_job *job, int status, const char *folder,
                        char *why, size_t why_size)
{
    char out[PATH_SIZE], complaints[PATH_SIZE], line[256] = "";
    size_t read = 0;

    name_files(jobs, job, folder, out, complaints);
    FILE *file = fopen(out, "r");
    while (file && read < job->lines->count && fscanf(file, "%lf", &job->values[read]) == 1) {
        read++;
    }
    if (file) {
        fclose(file);
    }
    file = fopen(complaints, "r");
    if (!file || !fgets(line, sizeof line, file)) {
        snprintf(line, sizeof line, "it ended with status %d", status);
    }
    if (file) {
        fclose(file);
    }
    unlink(out);
    unlink(complaints);
    if (status == 0 && read == job->lines->count) {
        return true;
    }
    line[strcspn(line, "\n")] = '\0';
    snprintf(why, why_size, "%s of %s cannot be measured: %s", measures[job->measure],
             job->who->name, line);
    return false;
}

/* Waits for one of them to end. */
static bool await(running *slots, size_t count, const bench_job *jobs, const char *folder,
                  char *why, size_t why_size)
{
    int status = 0;
    pid_t pid = waitpid(-1, &status, 0);

    if (pid < 0) {
        snprintf(why, why_size, "%s", errno == EINTR ? "interrupted" : strerror(errno));
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (slots[i].pid == pid) {
            slots[i].pid = 0;
            remove_last_dump(slots[i].job, pid);
            return read_values(jobs, slots[i].job, status, folder, why, why_size);
        }
    }
    return true;
}

static bool is_free(const running *slot)
{
    return slot->pid == 0;
}

static void end(running *slots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_free(&slots[i])) {
            kill(slots[i].pid, SIGKILL);
            waitpid(slots[i].pid, NULL, 0);
        }
    }
}

/* The next job that has not begun and whose database nobody works in; NULL: there is none. */
static bench_job *next_job(bench_job *jobs, size_t count, const running *slots, size_t slot_count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_ready = !jobs[i].has_begun;
        for (size_t k = 0; is_ready && k < slot_count; k++) {
            is_ready = is_free(&slots[k]) || strcmp(slots[k].job->url, jobs[i].url) != 0;
        }
        if (is_ready) {
            return &jobs[i];
        }
    }
    return NULL;
}

/* Starts as many as can be. @return how many run; 0 on failure too */
static size_t fill_slots(running *slots, size_t slot_count, bench_job *jobs, size_t count,
                         const char *folder, char *why, size_t why_size)
{
    size_t busy = 0;

    for (size_t i = 0; i < slot_count; i++) {
        bench_job *job = is_free(&slots[i]) ? next_job(jobs, count, slots, slot_count) : NULL;
        if (job) {
            job->has_begun = true;
            if (!start(&slots[i], jobs, job, folder, why, why_size)) {
                return 0;
            }
        }
        busy += !is_free(&slots[i]);
    }
    return busy;
}

bool bench_jobs_run(bench_job *jobs, size_t count, size_t at_once, const char *folder, char *why,
                    size_t why_size)
{
    running slots[8] = {0};
    size_t slot_count = at_once < 8 ? at_once : 8;
    bool is_good = true;

    why[0] = '\0';
    while (is_good && fill_slots(slots, slot_count, jobs, count, folder, why, why_size) > 0) {
        is_good = await(slots, slot_count, jobs, folder, why, why_size);
        if (bench_interrupted()) {
            snprintf(why, why_size, "interrupted");
            is_good = false;
        }
    }
    end(slots, slot_count);
    return is_good && why[0] == '\0';
}
