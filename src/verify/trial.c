/*
 * A trial: one scope and one transaction, so that all that is compared is of one moment, and
 * nothing of it stays. Reads run in a transaction that may only read; SQLite has none, there the
 * connection is told to refuse writes for as long. MariaDB's clock goes on in a transaction: it is
 * stopped, or columns that keep the time of a change would differ in whatever is compared. A
 * statement that fails may have ended the transaction, so a trial ends with it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "verify/verify_private.h"

/* Of one result: with more rows it is no test's database. The clock is looked at now and then. */
enum { MOST_ROWS = 1000000, ROWS_A_LOOK = 256 };

static bool is_sqlite(const rowan__trial *trial)
{
    return strcmp(rowan_db_engine(trial->verify->db), "sqlite") == 0;
}

static bool is_mariadb(const rowan__trial *trial)
{
    return strcmp(rowan_db_engine(trial->verify->db), "mariadb") == 0;
}

enum { DEADLINES = 12 }; /* that a trial may take as a whole */

static unsigned deadline_of(const rowan__trial *trial)
{
    unsigned ms = trial->verify->deadline_ms;

    return ms != 0 ? ms : ROWAN__VERIFY_DEADLINE_MS;
}

static void allow(rowan__trial *trial)
{
    rowan_scope_deadline(trial->scope, deadline_of(trial));
}

static rowan_status mark(rowan__trial *trial, rowan__proven state, const char *format, va_list args)
{
    rowan__proof *proof = &trial->finding->proof;
    char why[512];

    vsnprintf(why, sizeof why, format, args);
    proof->state = state;
    proof->why = rowan__arena_text(&trial->verify->analysis->arena, why, strlen(why));
    return proof->why != NULL ? ROWAN_UNEXPECTED : ROWAN_NOMEM;
}

rowan_status rowan__trial_refuse(rowan__trial *trial, const char *format, ...)
{
    rowan_status status;
    va_list args;

    va_start(args, format);
    status = mark(trial, ROWAN__PROVEN_UNVERIFIED, format, args);
    va_end(args);
    return status;
}

rowan_status rowan__trial_withdraw(rowan__trial *trial, const char *format, ...)
{
    rowan_status status;
    va_list args;

    va_start(args, format);
    status = mark(trial, ROWAN__PROVEN_WITHDRAWN, format, args);
    va_end(args);
    return status;
}

/* What failed is the advice, unless the database was not there to try it. */
static rowan_status fail(rowan__trial *trial, bool is_advice, const rowan_error *error)
{
    bool was_tried = error->connection_usable && error->status != ROWAN_CANCELLED &&
                     error->status != ROWAN_MISUSE; /* which is not the database's word */

    if (error->status == ROWAN_NOMEM) {
        return ROWAN_NOMEM;
    }
    return is_advice && was_tried
               ? rowan__trial_withdraw(trial, "the database refuses it with %s: %s",
                                       rowan_status_name(error->status), error->message)
               : rowan__trial_refuse(trial, "the database refused with %s: %s",
                                     rowan_status_name(error->status), error->message);
}

rowan_status rowan__trial_fail(rowan__trial *trial, bool is_advice)
{
    return fail(trial, is_advice, rowan_scope_error(trial->scope));
}

static rowan_status begin_transaction(rowan__trial *trial, bool writes)
{
    const rowan_transaction_options options = {
        .isolation = is_sqlite(trial) ? ROWAN_ISOLATION_DEFAULT : ROWAN_REPEATABLE_READ,
        .read_only = !writes,
    };
    rowan_status status = ROWAN_OK;

    allow(trial);
    if (is_mariadb(trial)) {
        trial->give_back = "SET timestamp = DEFAULT";
        status = rowan_raw_run(trial->scope, "SET timestamp = unix_timestamp(now(6))",
                               ROWAN_NO_PARAMS, NULL);
    } else if (!writes && is_sqlite(trial)) {
        trial->give_back = "PRAGMA query_only = 0";
        status = rowan_raw_run(trial->scope, "PRAGMA query_only = 1", ROWAN_NO_PARAMS, NULL);
    }
    return status == ROWAN_OK ? rowan_begin(trial->scope, &options) : status;
}

rowan_status rowan__trial_begin(rowan__trial *trial, rowan__verify *verify,
                                rowan__trace_finding *finding, bool writes)
{
    rowan_error error = {0};
    const char *engine = rowan_db_engine(verify->db);

    *trial = (rowan__trial){.verify = verify, .finding = finding, .began_ns = rowan__now_ns()};
    rowan__arena_init(&trial->arena, verify->analysis->allocator);
    if (strcmp(finding->dialect, engine) != 0) {
        return rowan__trial_refuse(trial, "the trace is of %s, and the database is %s",
                                   finding->dialect[0] != '\0' ? finding->dialect : "no known kind",
                                   engine);
    }
    if (rowan_scope_begin(verify->db, ROWAN__VERIFY_SCOPE, &trial->scope, &error) != ROWAN_OK) {
        return fail(trial, false, &error);
    }
    if (begin_transaction(trial, writes) != ROWAN_OK) {
        return fail(trial, false, rowan_scope_error(trial->scope));
    }
    return ROWAN_OK;
}

/* A connection goes back to its pool as it came, also when memory is short: that may pass. */
static void take_back(rowan__trial *trial)
{
    enum { ATTEMPTS = 3 };

    for (int i = 0; trial->give_back != NULL && i < ATTEMPTS; i++) {
        if (rowan_raw_run(trial->scope, trial->give_back, ROWAN_NO_PARAMS, NULL) == ROWAN_OK) {
            trial->give_back = NULL;
        }
    }
}

void rowan__trial_end(rowan__trial *trial)
{
    if (trial->scope != NULL) {
        rowan_scope_deadline(trial->scope, 0);
        if (rowan_transaction_depth(trial->scope) > 0) {
            (void)!rowan_rollback(trial->scope);
        }
        take_back(trial);
        rowan_scope_end(trial->scope);
    }
    rowan__arena_fini(&trial->arena);
}

/* Whether there is time left for one more statement. */
static rowan_status check_time(rowan__trial *trial)
{
    int64_t most_ms = (int64_t)deadline_of(trial) * DEADLINES;

    return (rowan__now_ns() - trial->began_ns) / 1000000 < most_ms
               ? ROWAN_OK
               : rowan__trial_refuse(trial, "it takes more than %" PRId64 " ms in all", most_ms);
}

/*
 * Ends a result that is too long. A stream that is closed early in a transaction may be read to its
 * end, and this one may have none, so the server is told to stop, and what is on its way is read.
 */
static rowan_status stop(rowan__trial *trial, rowan_cursor *cursor, bool is_advice, const char *why)
{
    rowan_status status = ROWAN_OK;

    (void)!rowan_scope_cancel(trial->scope, NULL);
    while (status == ROWAN_OK) {
        status = rowan_cursor_next(cursor);
    }
    return is_advice ? rowan__trial_withdraw(trial, "%s", why)
                     : rowan__trial_refuse(trial, "%s", why);
}

static rowan_status read_rows(rowan__trial *trial, rowan_cursor *cursor, bool is_advice,
                              rowan__take_row take, void *context)
{
    int64_t last_ns = rowan__now_ns() + (int64_t)deadline_of(trial) * 1000000;
    rowan_status status;
    size_t count = 0;

    while ((status = rowan_cursor_next(cursor)) == ROWAN_OK) {
        status = take != NULL ? take(context, cursor) : ROWAN_OK;
        if (status != ROWAN_OK) {
            return status;
        }
        if (++count == MOST_ROWS) {
            return stop(trial, cursor, is_advice, "a result has a million rows and more");
        }
        if (count % ROWS_A_LOOK == 0 && rowan__now_ns() > last_ns) {
            return stop(trial, cursor, is_advice, "a result has no end before the deadline");
        }
    }
    return status;
}

rowan_status rowan__trial_run(rowan__trial *trial, bool is_advice, const char *sql,
                              rowan_params params, rowan__take_row take, void *context,
                              int64_t *elapsed_ns)
{
    int64_t began_ns = rowan__now_ns();
    rowan_cursor *cursor = NULL;
    rowan_mark mark = rowan_scope_mark(trial->scope);
    rowan_status status = check_time(trial);
    bool failed;

    if (status != ROWAN_OK) {
        return status;
    }
    allow(trial);
    status = rowan_raw_open(trial->scope, sql, params, &cursor);
    failed = status != ROWAN_OK;
    if (!failed) {
        status = read_rows(trial, cursor, is_advice, take, context);
        failed = status != ROWAN_DONE && rowan_scope_error(trial->scope)->status == status;
        rowan_cursor_close(cursor);
    }
    if (failed) {
        return fail(trial, is_advice, rowan_scope_error(trial->scope));
    }
    if (elapsed_ns != NULL) {
        *elapsed_ns += rowan__now_ns() - began_ns;
    }
    if (status == ROWAN_DONE) {
        status = rowan_scope_rewind(trial->scope, mark);
    }
    return status;
}

rowan_status rowan__trial_change(rowan__trial *trial, bool is_advice, const char *sql,
                                 rowan_params params, int64_t *elapsed_ns)
{
    int64_t began_ns = rowan__now_ns();
    rowan_status status = check_time(trial);

    if (status != ROWAN_OK) {
        return status;
    }
    allow(trial);
    status = rowan_raw_run(trial->scope, sql, params, NULL);
    *elapsed_ns += rowan__now_ns() - began_ns;
    return status == ROWAN_OK ? ROWAN_OK : rowan__trial_fail(trial, is_advice);
}
