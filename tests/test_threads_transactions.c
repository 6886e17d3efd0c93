/*
 * Transactions on many threads that are in one another's way, by every pattern, while another
 * thread cancels statements at random and deadlines pass: whatever is undone and begun again, no
 * money is made or lost, the ledger says of each account what it has, and every statement is
 * counted once. Run under ThreadSanitizer.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/suite.h"

enum { THREADS = 4, TRANSFERS = 20, ACCOUNTS = 4, BEGINNING = 1000, MOST_TRIES = 60 };

typedef struct account {
    int64_t id;
    int64_t balance;
    int32_t version;
} account;

typedef struct entry {
    int64_t id;
    int64_t from_id, to_id, amount;
} entry;

static const rowan_table account_table, entry_table;
static const rowan_column account_columns[] = {
    ROWAN_COLUMN(account_table, account, id, ROWAN_PRIMARY),
    ROWAN_COLUMN(account_table, account, balance, 0),
    ROWAN_COLUMN(account_table, account, version, ROWAN_VERSION),
};
static const rowan_column entry_columns[] = {
    ROWAN_COLUMN(entry_table, entry, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_COLUMN(entry_table, entry, from_id, 0),
    ROWAN_COLUMN(entry_table, entry, to_id, 0),
    ROWAN_COLUMN(entry_table, entry, amount, 0),
};
static const rowan_column *const account_key[] = {&account_columns[0]};
static const rowan_column *const entry_key[] = {&entry_columns[0]};
static const rowan_table account_table = {.name = "account",
                                          .columns = account_columns,
                                          .column_count = 3,
                                          .primary = account_key,
                                          .primary_count = 1,
                                          .version = &account_columns[2],
                                          .row_size = sizeof(account),
                                          .row_align = _Alignof(account)};
static const rowan_table entry_table = {.name = "entry",
                                        .columns = entry_columns,
                                        .column_count = 4,
                                        .primary = entry_key,
                                        .primary_count = 1,
                                        .row_size = sizeof(entry),
                                        .row_align = _Alignof(entry)};
static const rowan_int_column ACCOUNT_ID = {&account_columns[0], NULL};
static const rowan_int_column ACCOUNT_BALANCE = {&account_columns[1], NULL};

static rowan_db *db;
static atomic_uint done, again, odd;
static atomic_ullong sent;
static atomic_bool is_over;

/* The scope that a thread works in, for whoever wants to cancel it. */
static struct slot {
    pthread_mutex_t lock;
    rowan_scope *scope;
} slots[THREADS];

/* One transfer of a thread's. */
typedef struct transfer {
    rowan_scope *scope;
    int64_t from, to, amount;
} transfer;

static unsigned below(unsigned *seed, unsigned n)
{
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % n;
}

/* --- A transfer by each pattern, in a transaction that is open. --- */

static rowan_status move_raw(const transfer *t)
{
    static const char sql[] = "UPDATE account SET balance = balance + :by, version = version + 1 "
                              "WHERE id = :id";
    rowan_status status =
        rowan_raw_run(t->scope, sql, PARAMS(NAMED("by", -t->amount), NAMED("id", t->from)), NULL);

    if (status == ROWAN_OK) {
        status =
            rowan_raw_run(t->scope, sql, PARAMS(NAMED("by", t->amount), NAMED("id", t->to)), NULL);
    }
    return status == ROWAN_OK
               ? rowan_raw_run(t->scope,
                               "INSERT INTO entry (from_id, to_id, amount) VALUES (?, ?, ?)",
                               PARAMS(V(t->from), V(t->to), V(t->amount)), NULL)
               : status;
}

static rowan_status add_built(const transfer *t, int64_t id, int64_t amount)
{
    return rowan_query_update(
        t->scope,
        &(rowan_update){.table = &account_table,
                        .set = SET(TO(ACCOUNT_BALANCE, ADD(ACCOUNT_BALANCE, amount))),
                        .where = EQ(ACCOUNT_ID, id)},
        NULL, NULL);
}

static rowan_status move_built(const transfer *t)
{
    const entry row = {0, t->from, t->to, t->amount};
    rowan_status status = add_built(t, t->from, -t->amount);

    status = status == ROWAN_OK ? add_built(t, t->to, t->amount) : status;
    return status == ROWAN_OK
               ? rowan_query_insert(
                     t->scope, &(rowan_insert){.into = &entry_table, .rows = &row, .row_count = 1},
                     NULL, NULL)
               : status;
}

static rowan_status move_records(const transfer *t)
{
    const entry row = {0, t->from, t->to, t->amount};
    account *from, *to;
    rowan_status status = rowan_record_find(t->scope, &account_table, KEY(t->from), (void **)&from);

    if (status == ROWAN_OK) {
        status = rowan_record_find(t->scope, &account_table, KEY(t->to), (void **)&to);
    }
    if (status == ROWAN_OK) {
        void *const both[] = {from, to};
        from->balance -= t->amount;
        to->balance += t->amount;
        status = rowan_record_save_all(t->scope, both, 2);
    }
    return status == ROWAN_OK ? rowan_record_insert(t->scope, &entry_table, &row, NULL) : status;
}

static rowan_status move_session(const transfer *t)
{
    account *from, *to;
    entry *row;
    rowan_session *session;
    rowan_status status = rowan_session_begin(t->scope, &session);

    if (status != ROWAN_OK) {
        return status;
    }
    status = rowan_session_find(session, &account_table, KEY(t->from), (void **)&from);
    if (status == ROWAN_OK) {
        status = rowan_session_find(session, &account_table, KEY(t->to), (void **)&to);
    }
    if (status == ROWAN_OK) {
        status = rowan_session_new(session, &entry_table, (void **)&row);
    }
    if (status == ROWAN_OK) {
        from->balance -= t->amount;
        to->balance += t->amount;
        *row = (entry){0, t->from, t->to, t->amount};
        status = rowan_session_flush(session);
    }
    rowan_session_end(session);
    return status;
}

static rowan_status (*const moves[])(const transfer *t) = {move_raw, move_built, move_records,
                                                           move_session};

/* A savepoint whose work is undone, before the transfer that counts. */
static rowan_status move(const transfer *t, unsigned how, bool twice)
{
    rowan_status status = rowan_begin(t->scope, NULL);

    if (status == ROWAN_OK && twice) {
        status = rowan_begin(t->scope, NULL);
        if (status == ROWAN_OK) {
            status = move_raw(t);
        }
        if (status == ROWAN_OK) {
            status = rowan_rollback(t->scope);
        }
    }
    if (status == ROWAN_OK) {
        status = moves[how](t);
    }
    return status == ROWAN_OK ? rowan_commit(t->scope) : status;
}

/* --- Threads. --- */

static bool is_expected(rowan_status status)
{
    return status == ROWAN_OK || status == ROWAN_CONFLICT || status == ROWAN_TIMEOUT ||
           status == ROWAN_CANCELLED || status == ROWAN_STALE || status == ROWAN_BUSY;
}

static void enter(struct slot *slot, rowan_scope *scope)
{
    pthread_mutex_lock(&slot->lock);
    slot->scope = scope;
    pthread_mutex_unlock(&slot->lock);
}

static void leave(struct slot *slot, rowan_scope *scope)
{
    enter(slot, NULL);
    rowan_scope_deadline(scope, 0);
    while (rowan_transaction_depth(scope) > 0 && rowan_rollback(scope) == ROWAN_OK) {
    }
    rowan_counts counts = rowan_scope_counts(scope);
    if (rowan_transaction_depth(scope) != 0) {
        fprintf(stderr, "rollback: %s (%s)\n", rowan_scope_error(scope)->message,
                rowan_scope_error(scope)->engine_message);
        atomic_fetch_add(&odd, 1);
    }
    atomic_fetch_add(&sent, counts.statements - counts.setups);
    rowan_scope_end(scope);
}

/* One transfer, in scopes of its own until it is done. */
static void insist(struct slot *slot, unsigned *seed)
{
    transfer t = {.from = 1 + (int64_t)below(seed, ACCOUNTS),
                  .amount = 1 + (int64_t)below(seed, 9)};
    unsigned how = below(seed, 4);
    rowan_status status = ROWAN_BUSY;

    t.to = 1 + (t.from + (int64_t)below(seed, ACCOUNTS - 1)) % ACCOUNTS;
    for (unsigned tries = 0; status != ROWAN_OK && tries < MOST_TRIES; tries++) {
        if (rowan_scope_begin(db, "transfer", &t.scope, NULL) != ROWAN_OK) {
            atomic_fetch_add(&odd, 1);
            return;
        }
        enter(slot, t.scope);
        rowan_scope_deadline(t.scope, below(seed, 5) == 0 ? 1 + below(seed, 10) : 20000);
        status = move(&t, how, below(seed, 3) == 0);
        if (!is_expected(status)) {
            fprintf(stderr, "transfer: %s: %s\n", rowan_status_name(status),
                    rowan_scope_error(t.scope)->message);
            atomic_fetch_add(&odd, 1);
        }
        leave(slot, t.scope);
        atomic_fetch_add(&again, status != ROWAN_OK);
    }
    atomic_fetch_add(&done, status == ROWAN_OK);
}

static void *work(void *argument)
{
    struct slot *slot = argument;
    unsigned seed = (unsigned)(slot - slots) * 7919 + 1;

    for (int i = 0; i < TRANSFERS; i++) {
        insist(slot, &seed);
    }
    return NULL;
}

static void *interfere(void *unused)
{
    const struct timespec pause = {0, 4000000};
    unsigned seed = 42;

    (void)unused;
    while (!atomic_load(&is_over)) {
        struct slot *slot = &slots[below(&seed, THREADS)];
        pthread_mutex_lock(&slot->lock);
        if (slot->scope != NULL) {
            rowan_error error;
            if (rowan_scope_cancel(slot->scope, &error) != ROWAN_OK) {
                fprintf(stderr, "cancel: %s (%s)\n", error.message, error.engine_message);
                atomic_fetch_add(&odd, 1);
            }
        }
        pthread_mutex_unlock(&slot->lock);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* --- What is left. --- */

static int64_t number(rowan_scope *scope, const char *sql)
{
    rowan_cursor *cursor;
    int64_t found = -1;

    ck_assert_int_eq(rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_next(cursor), ROWAN_OK);
    ck_assert_int_eq(rowan_cursor_int64(cursor, 0, &found), ROWAN_OK);
    rowan_cursor_close(cursor);
    return found;
}

static void check_books(const char *url)
{
    rowan_db *other = engine_open_url(url, NULL);
    rowan_scope *scope;

    ck_assert_int_eq(rowan_scope_begin(other, "check", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(number(scope, "SELECT count(*) FROM account"), ACCOUNTS);
    ck_assert_int_eq(number(scope, "SELECT count(*) FROM entry"), (int64_t)atomic_load(&done));
    /* Accounts whose balance is not what their entries make of what they began with. */
    ck_assert_int_eq(
        number(scope, "SELECT count(*) FROM account a WHERE a.balance <> 1000"
                      " + COALESCE((SELECT sum(e.amount) FROM entry e WHERE e.to_id = a.id), 0)"
                      " - COALESCE((SELECT sum(e.amount) FROM entry e WHERE e.from_id = a.id), 0)"),
        0);
    ck_assert_int_eq(number(scope, "SELECT count(*) FROM account a WHERE a.version <> 1"
                                   " + (SELECT count(*) FROM entry e"
                                   " WHERE e.to_id = a.id OR e.from_id = a.id)"),
                     0);
    rowan_scope_end(scope);
    rowan_close(other);
}

static void prepare(const char *url)
{
    rowan_options options = ROWAN_OPTIONS_INIT;

    options.max_open = THREADS - 1;
    options.wait_ms = 20000;
    options.busy_ms = 3000;
    db = engine_open_url(url, &options);
    engine_script(db, "CREATE TABLE account (id @int64 NOT NULL PRIMARY KEY, balance @int64 NOT "
                      "NULL, version @int32 NOT NULL);"
                      "CREATE TABLE entry (id @key, from_id @int64 NOT NULL, to_id @int64 NOT "
                      "NULL, amount @int64 NOT NULL);"
                      "INSERT INTO account (id, balance, version) VALUES (1, 1000, 1), "
                      "(2, 1000, 1), (3, 1000, 1), (4, 1000, 1);");
    atomic_store(&done, 0);
    atomic_store(&again, 0);
    atomic_store(&odd, 0);
    atomic_store(&sent, 0);
    atomic_store(&is_over, false);
}

START_TEST(transfers_are_made_once_whatever_comes_between)
{
    const char *url = engine_url_new((size_t)_i);
    pthread_t threads[THREADS], canceller;

    prepare(url);
    rowan_counts before = rowan_db_counts(db);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_mutex_init(&slots[i].lock, NULL);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &slots[i]), 0);
    }
    ck_assert_int_eq(pthread_create(&canceller, NULL, interfere, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    atomic_store(&is_over, true);
    pthread_join(canceller, NULL);
    ck_assert_uint_eq(atomic_load(&odd), 0);
    ck_assert(atomic_load(&again) > 0 || engine_is((size_t)_i, "sqlite")); /* quick enough */
    check_books(url);
    ck_assert_uint_ge(atomic_load(&done), THREADS * TRANSFERS * 3 / 4);
    rowan_counts after = rowan_db_counts(db);
    ck_assert_uint_eq((after.statements - after.setups) - (before.statements - before.setups),
                      atomic_load(&sent));
    rowan_close(db);
    engine_url_drop(url);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transactions on many threads");
    TCase *tc = tcase_create("transactions");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, transfers_are_made_once_whatever_comes_between, 0, (int)engine_count());
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
