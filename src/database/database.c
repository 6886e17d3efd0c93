/* Databases: what is the same for all scopes and connections. */
#include <time.h>

#include "base/alloc.h"
#include "database/database_private.h"

enum {
    DEFAULT_MAX_OPEN = 8,
    DEFAULT_WAIT_MS = 5000,
    DEFAULT_CONNECT_MS = 10000,
    DEFAULT_BUSY_MS = 5000,
    DEFAULT_STATEMENT_CACHE = 256
};

static const rowan_options default_options = ROWAN_OPTIONS_INIT;

static unsigned or_default(unsigned given, unsigned otherwise)
{
    return given ? given : otherwise;
}

/* The caller's options, as far as the caller's version of the struct goes. */
static rowan_status read_options(const rowan_options *given, rowan_options *out, rowan_error *error)
{
    *out = default_options;
    if (!given) {
        return ROWAN_OK;
    }
    if (given->size < offsetof(rowan_options, max_open) || given->size > sizeof *out) {
        return rowan__fail(error, ROWAN_MISUSE,
                           "rowan_options.size is %zu: begin with ROWAN_OPTIONS_INIT", given->size);
    }
    memcpy(out, given, given->size);
    if (out->subscriber_count > ROWAN__MAX_SUBSCRIBERS - 1) {
        return rowan__fail(error, ROWAN_MISUSE, "at most %d subscribers",
                           ROWAN__MAX_SUBSCRIBERS - 1);
    }
    if ((unsigned)out->lazy > ROWAN_LAZY_FORBID) {
        return rowan__fail(error, ROWAN_MISUSE, "there is no lazy policy %d", (int)out->lazy);
    }
    if (out->comments > (ROWAN_COMMENT_ACTION | ROWAN_COMMENT_SITE | ROWAN_COMMENT_TAGS)) {
        return rowan__fail(error, ROWAN_MISUSE, "there is no comment %u", out->comments);
    }
    return ROWAN_OK;
}

static void subscribe(rowan_db *db, rowan_subscriber *subscriber)
{
    db->subscribers[db->subscriber_count++] = subscriber;
    db->wants_layers = db->wants_layers || subscriber->wants_layers;
    db->wants_times = db->wants_times || subscriber->wants_times || subscriber->wants_layers;
    db->wants_rows = db->wants_rows || subscriber->wants_rows;
    if (subscriber->wants_turns && !subscriber->wants_layers && !db->turn_taker) {
        db->turn_taker = subscriber;
    }
}

static void apply_options(rowan_db *db, const rowan_options *options)
{
    db->max_open = or_default(options->max_open, DEFAULT_MAX_OPEN);
    if (db->driver->is_single && db->driver->is_single(&db->url)) {
        db->max_open = 1;
    }
    db->wait_ms = or_default(options->wait_ms, DEFAULT_WAIT_MS);
    db->open.connect_ms = or_default(options->connect_ms, DEFAULT_CONNECT_MS);
    db->open.busy_ms = or_default(options->busy_ms, DEFAULT_BUSY_MS);
    db->open.read_only = options->read_only;
    db->statement_cache = or_default(options->statement_cache, DEFAULT_STATEMENT_CACHE);
    db->comments = options->comments;
    db->lazy = options->lazy ? options->lazy : ROWAN_LAZY_PEERS;
    for (size_t i = 0; i < options->subscriber_count; i++) {
        subscribe(db, options->subscribers[i]);
    }
}

static bool init_locks(rowan_db *db)
{
    pthread_condattr_t monotonic;

    if (pthread_condattr_init(&monotonic) != 0) {
        return false;
    }
    bool made = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&db->freed, &monotonic) == 0;
    pthread_condattr_destroy(&monotonic);
    if (made && pthread_mutex_init(&db->lock, NULL) != 0) {
        pthread_cond_destroy(&db->freed);
        made = false;
    }
    return made;
}

void rowan__db_free(rowan_db *db)
{
    rowan_allocator allocator = db->allocator;

    rowan__pool_fini(db);
    if (db->attached) {
        db->detach(db->attached);
    }
    rowan__free(&allocator, db->holders, db->max_open, sizeof *db->holders);
    rowan__free(&allocator, db->url_text, db->url_text ? strlen(db->url_text) + 1 : 0, 1);
    pthread_cond_destroy(&db->freed);
    pthread_mutex_destroy(&db->lock);
    rowan__free(&allocator, db, 1, sizeof *db);
}

/* The struct with its own copies; no connection yet. */
static rowan_status db_new(const rowan__driver *driver, const rowan__url *url,
                           const rowan_options *options, rowan_db **out, rowan_error *error)
{
    const rowan_allocator *allocator =
        options->allocator ? options->allocator : &rowan__default_allocator;
    size_t url_size = strlen(url->whole) + 1;
    rowan_db *db = rowan__new(allocator, 1, sizeof *db);

    *out = NULL;
    if (!db || !init_locks(db)) {
        rowan__free(allocator, db, 1, sizeof *db);
        return rowan__fail_nomem(error);
    }
    db->allocator = *allocator;
    db->driver = driver;
    db->url_text = rowan__new(allocator, url_size, 1);
    if (db->url_text) {
        memcpy(db->url_text, url->whole, url_size);
        db->url = (rowan__url){db->url_text, db->url_text + (url->rest - url->whole)};
        apply_options(db, options);
        db->holders = rowan__new(allocator, db->max_open, sizeof *db->holders);
    }
    if (!db->holders) {
        rowan__db_free(db);
        return rowan__fail_nomem(error);
    }
    *out = db;
    return ROWAN_OK;
}

static rowan_status attach(rowan_db *db, const rowan_options *options, rowan__attachment attachment,
                           rowan_error *error)
{
    if (!attachment.make) {
        return ROWAN_OK;
    }
    rowan_status status = attachment.make(&db->allocator, options, &db->attached, error);
    if (status != ROWAN_OK) {
        return status;
    }
    db->detach = attachment.release;
    if (db->attached) {
        subscribe(db, db->attached);
    }
    return ROWAN_OK;
}

rowan_status rowan__db_open(const char *url, const rowan_options *options,
                            rowan__attachment attachment, rowan_db **out, rowan_error *error)
{
    const rowan__driver *driver;
    rowan__url parts;
    rowan_options filled;
    rowan_db *db = NULL;
    rowan__link *link;

    if (!out) {
        return rowan__fail(error, ROWAN_MISUSE, "the place for the database is NULL");
    }
    *out = NULL;
    rowan_status status = read_options(options, &filled, error);
    if (status == ROWAN_OK) {
        status = rowan__driver_find(url, &driver, &parts, error);
    }
    if (status == ROWAN_OK) {
        status = db_new(driver, &parts, &filled, &db, error);
    }
    if (status != ROWAN_OK) {
        return status;
    }
    status = attach(db, &filled, attachment, error);
    if (status == ROWAN_OK) {
        status = rowan__pool_acquire(db, NULL, &link, error);
    }
    if (status != ROWAN_OK) {
        rowan__db_free(db);
        return status;
    }
    rowan__pool_release(db, NULL, link);
    *out = db;
    return ROWAN_OK;
}

void rowan_close(rowan_db *db)
{
    if (!db) {
        return;
    }
    pthread_mutex_lock(&db->lock);
    db->closing = true;
    bool last = db->scope_count == 0;
    pthread_mutex_unlock(&db->lock);
    if (last) {
        rowan__db_free(db);
    }
}

const char *rowan_db_engine(const rowan_db *db)
{
    return db ? db->driver->dialect->engine : NULL;
}

rowan_counts rowan_db_counts(rowan_db *db)
{
    if (!db) {
        return (rowan_counts){0};
    }
    pthread_mutex_lock(&db->lock);
    rowan_counts counts = db->counts;
    pthread_mutex_unlock(&db->lock);
    return counts;
}
