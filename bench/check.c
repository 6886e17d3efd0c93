/*
 * Whether all contestants do the same work: what they loaded, and what the tables have afterwards,
 * is compared row by row, on all engines with the first contestant on the first engine.
 */
#include "check.h"

#include <stdio.h>

#include "between.h"

void bench_check_init(bench_check *check)
{
    *check = (bench_check){0};
    bench_sum_init(&check->expected);
    bench_sum_init(&check->found);
}

void bench_check_fini(bench_check *check)
{
    bench_sum_fini(&check->expected);
    bench_sum_fini(&check->found);
}

static bool run(bench_runner *runner, const bench_task *task, bench_sum *sum, char *why,
                size_t why_size)
{
    const char *url = runner->place.url;

    bench_sum_clear(sum);
    if (!bench_ready_first(url, task->work, why, why_size)) {
        return false;
    }
    if (!bench_runner_prepare(runner, task) || !bench_runner_run(runner, task)) {
        snprintf(why, why_size, "%s on %s fails at %s n=%zu: %s", runner->who->name,
                 runner->place.engine, bench_work_key(task->work), task->n, runner->why);
        return false;
    }
    runner->who->fold(runner->state, task, sum);
    bench_runner_clear(runner, task);
    return bench_left(url, task, sum, why, why_size);
}

static void describe(const bench_check *check, const bench_runner *runner, const bench_task *task,
                     size_t row, char *why, size_t why_size)
{
    char expected[200], found[200];

    bench_sum_row_text(&check->expected, row, expected, sizeof expected);
    bench_sum_row_text(&check->found, row, found, sizeof found);
    snprintf(why, why_size,
             "%s on %s differs from %s at %s n=%zu in row %zu:\n  %s\ninstead of\n  %s",
             runner->who->name, runner->place.engine, check->of, bench_work_key(task->work),
             task->n, row, found, expected);
}

bool bench_check_run(bench_check *check, bench_runner *runner, const bench_task *task, bool falsify,
                     char *why, size_t why_size)
{
    bench_sum *sum = check->is_known ? &check->found : &check->expected;

    if (!run(runner, task, sum, why, why_size)) {
        return false;
    }
    if (falsify && sum->text.size > 2) {
        sum->text.data[sum->text.size - 3] ^= 1;
    }
    if (sum->text.failed) {
        snprintf(why, why_size, "out of memory");
        return false;
    }
    if (!check->is_known) {
        check->is_known = true;
        snprintf(check->of, sizeof check->of, "%s on %s", runner->who->name, runner->place.engine);
        return true;
    }
    size_t row = bench_sum_differs(&check->expected, sum);
    if (row > 0) {
        describe(check, runner, task, row, why, why_size);
    }
    return row == 0;
}
