/*
 * Faults.
 *
 * The fault driver's connections and prepared statements wrap those of the real driver; an
 * operation carries the wrapped statement while the real driver has it.
 */
#include "support/fault.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "database/database_private.h"

/* --- Memory --- */

static struct {
    atomic_uint left; /* allocations until the one that fails; 0: none does */
    atomic_bool fired;
    atomic_size_t out_bytes;
    atomic_uint made;
} memory;

static void *fault_allocate(void *context, size_t size, size_t alignment)
{
    void *block = NULL;

    (void)context;
    if (atomic_load(&memory.left) > 0 && atomic_fetch_sub(&memory.left, 1) == 1) {
        atomic_store(&memory.fired, true);
        return NULL;
    }
    if (posix_memalign(&block, alignment < sizeof(void *) ? sizeof(void *) : alignment, size) !=
        0) {
        return NULL;
    }
    atomic_fetch_add(&memory.out_bytes, size);
    atomic_fetch_add(&memory.made, 1);
    return block;
}

static void fault_release(void *context, void *block, size_t size)
{
    (void)context;
    atomic_fetch_sub(&memory.out_bytes, size);
    free(block);
}

const rowan_allocator fault_allocator = {fault_allocate, fault_release, NULL};

void fault_arm(unsigned nth)
{
    atomic_store(&memory.fired, false);
    atomic_store(&memory.left, nth);
}

bool fault_fired(void)
{
    return atomic_load(&memory.fired);
}

size_t fault_out_bytes(void)
{
    return atomic_load(&memory.out_bytes);
}

unsigned fault_allocations(void)
{
    return atomic_load(&memory.made);
}

/* --- The driver --- */

typedef struct fault_connection {
    rowan__connection base;
    rowan__connection *real;
    bool broken;
} fault_connection;

typedef struct fault_prepared {
    rowan__prepared base;
    rowan__prepared *real;
} fault_prepared;

/* What a call is to do. */
typedef enum fault_verdict { GO_ON, FAIL, LOSE } fault_verdict;

static fault_plan plan;
static atomic_uint calls;

void fault_plan_set(fault_plan new_plan)
{
    plan = new_plan;
    atomic_store(&calls, 0);
}

unsigned fault_calls(void)
{
    return atomic_load(&calls);
}

static rowan_status fail_lost(rowan_error *error, rowan_transaction_fate fate)
{
    rowan__fail(error, ROWAN_LOST, "the connection to the server broke");
    if (error) {
        error->connection_usable = false;
        error->fate = fate;
        error->retry = ROWAN_RETRY_RECONNECT;
    }
    return ROWAN_LOST;
}

/* Counts a call and says what becomes of it. */
static fault_verdict judge(fault_connection *connection, rowan_error *error)
{
    struct timespec latency = {plan.latency_ms / 1000, (long)(plan.latency_ms % 1000) * 1000000};
    unsigned call = atomic_fetch_add(&calls, 1) + 1;

    if (plan.latency_ms > 0) {
        nanosleep(&latency, NULL);
    }
    if (connection->broken || call == plan.cut_call) {
        connection->broken = true;
        fail_lost(error, ROWAN_FATE_ROLLED_BACK);
        return FAIL;
    }
    if (call == plan.fail_call) {
        rowan__fail(error, plan.fail_status, "a fault of the test");
        return FAIL;
    }
    return call == plan.lose_call ? LOSE : GO_ON;
}

static void close_wrapped(rowan__connection *base)
{
    fault_connection *connection = (fault_connection *)base;

    connection->real->driver->close(connection->real);
    rowan__free(base->allocator, connection, 1, sizeof *connection);
}

static rowan_status setup_wrapped(rowan__connection *base, const rowan__open_options *options,
                                  const rowan__runner *runner)
{
    fault_connection *connection = (fault_connection *)base;

    return connection->real->driver->setup(connection->real, options, runner);
}

static bool alive_wrapped(rowan__connection *base)
{
    fault_connection *connection = (fault_connection *)base;

    return !connection->broken && connection->real->driver->alive(connection->real);
}

static rowan_status cancel_wrapped(rowan__connection *base, rowan_error *error)
{
    fault_connection *connection = (fault_connection *)base;

    return connection->real->driver->cancel(connection->real, error);
}

static void unprepare_wrapped(rowan__prepared *base)
{
    fault_prepared *prepared = (fault_prepared *)base;

    if (prepared) {
        rowan__connection *connection = base->connection;
        prepared->real->connection->driver->unprepare(prepared->real);
        rowan__free(connection->allocator, prepared, 1, sizeof *prepared);
    }
}

static rowan_status prepare_wrapped(rowan__connection *base, const char *sql, size_t size,
                                    rowan__prepared **out, rowan_error *error)
{
    fault_connection *connection = (fault_connection *)base;
    rowan_error lost = {0};
    fault_verdict verdict = judge(connection, &lost);

    *out = NULL;
    if (verdict != GO_ON) {
        connection->broken = connection->broken || verdict == LOSE;
        if (verdict == LOSE) {
            fail_lost(&lost, ROWAN_FATE_ROLLED_BACK);
        }
        *error = lost;
        return lost.status;
    }
    fault_prepared *prepared = rowan__new(base->allocator, 1, sizeof *prepared);
    if (!prepared) {
        return rowan__fail_nomem(error);
    }
    connection->real->deadline_ns = base->deadline_ns;
    rowan_status status =
        connection->real->driver->prepare(connection->real, sql, size, &prepared->real, error);
    base->round_trips = connection->real->round_trips;
    if (status != ROWAN_OK) {
        rowan__free(base->allocator, prepared, 1, sizeof *prepared);
        return status;
    }
    prepared->base = *prepared->real;
    prepared->base.connection = base;
    *out = &prepared->base;
    return ROWAN_OK;
}

static rowan_status bind_wrapped(rowan__prepared *base, rowan__layout *layout, rowan_error *error)
{
    rowan__prepared *real = ((fault_prepared *)base)->real;

    return real->connection->driver->bind(real, layout, error);
}

/* Puts the real statements into operations, or the wrapped ones back. */
static void swap_prepared(rowan__operation *operations, rowan__prepared **kept, size_t count,
                          bool to_real)
{
    for (size_t i = 0; i < count; i++) {
        if (to_real) {
            kept[i] = operations[i].prepared;
            operations[i].prepared = kept[i] ? ((fault_prepared *)kept[i])->real : NULL;
        } else {
            operations[i].prepared = kept[i];
        }
    }
}

static void run_wrapped(rowan__connection *base, rowan__operation *operations, size_t count)
{
    fault_connection *connection = (fault_connection *)base;
    rowan_error error = {0};
    fault_verdict verdict = judge(connection, &error);

    if (verdict == FAIL) {
        operations[0].status = error.status;
        operations[0].error = error;
        rowan__operations_skip(operations, 1, count);
        return;
    }
    rowan__prepared **kept =
        rowan__new(&rowan__default_allocator, count, sizeof(rowan__prepared *));
    ck_assert_ptr_nonnull(kept);
    swap_prepared(operations, kept, count, true);
    connection->real->driver->run(connection->real, operations, count);
    swap_prepared(operations, kept, count, false);
    rowan__free(&rowan__default_allocator, kept, count, sizeof(rowan__prepared *));
    base->round_trips = connection->real->round_trips;
    if (verdict == LOSE) {
        connection->broken = true;
        operations[0].status = fail_lost(&operations[0].error, ROWAN_FATE_UNKNOWN);
        rowan__operations_skip(operations, 1, count);
    }
}

static rowan_status fetch_wrapped(rowan__connection *base, rowan__operation *operation)
{
    fault_connection *connection = (fault_connection *)base;
    rowan_error error = {0};
    rowan__prepared *kept;

    if (judge(connection, &error) != GO_ON) {
        operation->status =
            error.status != ROWAN_OK ? error.status : fail_lost(&error, ROWAN_FATE_ROLLED_BACK);
        operation->error = error;
        connection->broken = connection->broken || error.status == ROWAN_LOST;
        return operation->status;
    }
    swap_prepared(operation, &kept, 1, true);
    rowan_status status = connection->real->driver->fetch(connection->real, operation);
    swap_prepared(operation, &kept, 1, false);
    base->round_trips = connection->real->round_trips;
    return status;
}

static void finish_wrapped(rowan__connection *base, rowan__operation *operation)
{
    fault_connection *connection = (fault_connection *)base;
    rowan__prepared *kept;

    swap_prepared(operation, &kept, 1, true);
    connection->real->driver->finish(connection->real, operation);
    swap_prepared(operation, &kept, 1, false);
}

/* One fault driver for each engine; `real` is what it stands before. */
typedef struct fault_twin {
    rowan__driver driver;
    const rowan__driver *real;
} fault_twin;

static fault_twin twins[3];

static rowan_status open_wrapped(const fault_twin *twin, const rowan_allocator *allocator,
                                 const rowan__url *url, const rowan__open_options *options,
                                 rowan__connection **out, rowan_error *error)
{
    *out = NULL;
    if (plan.refuse_open) {
        return rowan__fail(error, ROWAN_CONNECT, "the server cannot be reached");
    }
    fault_connection *connection = rowan__new(allocator, 1, sizeof *connection);
    if (!connection) {
        return rowan__fail_nomem(error);
    }
    rowan_status status = twin->real->open(allocator, url, options, &connection->real, error);
    if (status != ROWAN_OK) {
        rowan__free(allocator, connection, 1, sizeof *connection);
        return status;
    }
    connection->base = (rowan__connection){.driver = &twin->driver, .allocator = allocator};
    *out = &connection->base;
    return ROWAN_OK;
}

/* A function of the table gets no word of which table it is in: one for each twin. */
static rowan_status open_first(const rowan_allocator *allocator, const rowan__url *url,
                               const rowan__open_options *options, rowan__connection **out,
                               rowan_error *error)
{
    return open_wrapped(&twins[0], allocator, url, options, out, error);
}

static rowan_status open_second(const rowan_allocator *allocator, const rowan__url *url,
                                const rowan__open_options *options, rowan__connection **out,
                                rowan_error *error)
{
    return open_wrapped(&twins[1], allocator, url, options, out, error);
}

static rowan_status open_third(const rowan_allocator *allocator, const rowan__url *url,
                               const rowan__open_options *options, rowan__connection **out,
                               rowan_error *error)
{
    return open_wrapped(&twins[2], allocator, url, options, out, error);
}

const rowan__driver *fault_driver(const rowan__driver *real)
{
    rowan_status (*const opens[])(const rowan_allocator *, const rowan__url *,
                                  const rowan__open_options *, rowan__connection **,
                                  rowan_error *) = {open_first, open_second, open_third};
    size_t i = 0;

    while (i < sizeof twins / sizeof twins[0] && twins[i].real && twins[i].real != real) {
        i++;
    }
    ck_assert_uint_lt(i, sizeof twins / sizeof twins[0]);
    twins[i].real = real;
    twins[i].driver = (rowan__driver){
        .scheme = real->scheme,
        .dialect = real->dialect,
        .open = opens[i],
        .setup = setup_wrapped,
        .close = close_wrapped,
        .alive = alive_wrapped,
        .prepare = prepare_wrapped,
        .unprepare = unprepare_wrapped,
        .bind = bind_wrapped,
        .run = run_wrapped,
        .fetch = fetch_wrapped,
        .finish = finish_wrapped,
        .cancel = cancel_wrapped,
        .introspect = real->introspect,
    };
    return &twins[i].driver;
}

void fault_close_idle(rowan_db *db)
{
    for (const rowan__link *link = db->idle; link; link = link->next) {
        db->open_count--;
    }
    rowan__pool_fini(db);
}

void fault_install(rowan_db *db)
{
    fault_close_idle(db);
    db->driver = fault_driver(db->driver);
}
