/* A contestant at work on a database. */
#include "runner.h"

#include <stdio.h>

#include "database.h"

bool bench_runner_open(bench_runner *self, const bench_contestant *who, const char *url)
{
    *self = (bench_runner){.who = who};
    if (!bench_place_of(url, &self->place, self->parts, sizeof self->parts)) {
        snprintf(self->why, sizeof self->why,
                 "the URL does not name all that a client needs: a user, a password, a socket");
        return false;
    }
    self->state = who->open(&self->place, self->why, sizeof self->why);
    return self->state != NULL;
}

void bench_runner_close(bench_runner *self)
{
    if (self->state) {
        self->who->close(self->state);
        self->state = NULL;
    }
}

static bool note(bench_runner *self, bool is_good)
{
    if (!is_good) {
        snprintf(self->why, sizeof self->why, "%s", self->who->why(self->state));
    }
    return is_good;
}

bool bench_runner_prepare(bench_runner *self, const bench_task *task)
{
    return note(self, !self->who->prepare || self->who->prepare(self->state, task));
}

bool bench_runner_run(bench_runner *self, const bench_task *task)
{
    return note(self, self->who->run(self->state, task));
}

void bench_runner_clear(bench_runner *self, const bench_task *task)
{
    self->who->clear(self->state, task);
}
