/* Statements that were sent again and again with the same values: are the rows the same, too? */
#include "verify/verify_private.h"

enum { MOST_TURNS = 1000 };

/* What one turn reads. */
typedef struct turn {
    rowan__kept rows;
} turn;

static rowan_status take_row(void *context, const rowan_cursor *cursor)
{
    turn *t = context;

    return rowan__kept_add(&t->rows, 0, cursor, NULL, rowan_cursor_column_count(cursor));
}

static rowan_status compare(rowan__trial *trial, const rowan__bound *bound, uint64_t turns)
{
    const rowan_allocator *allocator = trial->verify->analysis->allocator;
    turn first = {.rows = {.allocator = allocator}}, other = first;
    rowan__proof *proof = &trial->finding->proof;
    rowan_status status =
        rowan__trial_run(trial, false, bound->sql, bound->params, take_row, &first, NULL);

    rowan__kept_sort(&first.rows);
    for (uint64_t i = 0; i < turns && status == ROWAN_OK; i++) {
        int64_t before_ns = proof->before_ns;
        other.rows.count = 0;
        status = rowan__trial_run(trial, false, bound->sql, bound->params, take_row, &other,
                                  &proof->before_ns);
        proof->after_ns = i == 0 ? proof->before_ns - before_ns : proof->after_ns;
        rowan__kept_sort(&other.rows);
        if (status == ROWAN_OK && !rowan__kept_equal(&first.rows, &other.rows)) {
            status = rowan__trial_withdraw(
                trial, "its rows differ from one execution to the next, though nothing is written");
        }
    }
    if (status == ROWAN_OK) {
        proof->state = ROWAN__PROVEN_EQUAL;
        proof->before = turns;
        proof->after = 1;
        proof->rows = first.rows.count;
    }
    rowan__kept_fini(&first.rows);
    rowan__kept_fini(&other.rows);
    return status;
}

rowan_status rowan__verify_duplicate(rowan__verify *verify, rowan__trace_finding *finding)
{
    const rowan__traced *statement = rowan__trace_numbered(finding->trace, finding->seqs[0]);
    rowan__trial trial;
    rowan__parts parts;
    rowan__bound bound;
    rowan_status status = rowan__trial_begin(&trial, verify, finding, false);

    if (status == ROWAN_OK) {
        status = rowan__recorded_bind(&trial, statement, NULL, &bound);
    }
    if (status == ROWAN_OK && !rowan__parts_read(&parts, &trial.arena, statement->dialect,
                                                 statement->sql, statement->sql_size)) {
        status = ROWAN_NOMEM;
    }
    if (status == ROWAN_OK && !rowan__is_plain_read(statement->dialect, &parts)) {
        status = rowan__trial_refuse(&trial, ROWAN__VERIFY_NO_READ);
    }
    if (status == ROWAN_OK) {
        status = compare(&trial, &bound, finding->count < MOST_TURNS ? finding->count : MOST_TURNS);
    }
    rowan__trial_end(&trial);
    return status == ROWAN_NOMEM ? ROWAN_NOMEM : ROWAN_OK;
}
