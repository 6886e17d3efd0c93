/*
 * Connections: opened when a scope needs one, kept when it ends, at most `max_open`. Who waits too
 * long is told who holds them.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "database/database_private.h"

static void link_free(rowan_db *db, rowan__link *link)
{
    rowan__cache_fini(&link->cache);
    rowan__memory_fini(&link->memory);
    if (link->connection) {
        db->driver->close(link->connection);
    }
    rowan__free(&db->allocator, link, 1, sizeof *link);
}

/* Each text may have several shapes: values of other types, a condition written in another way. */
static bool link_init(rowan_db *db, rowan__link *link)
{
    return rowan__cache_init(&link->cache, &db->allocator, db->driver, db->statement_cache) &&
           rowan__memory_init(&link->memory, &db->allocator, 2 * db->statement_cache);
}

static rowan_status link_open(rowan_db *db, rowan__link **out, rowan_error *error)
{
    static atomic_uint_fast64_t last_id;
    rowan__link *link = rowan__new(&db->allocator, 1, sizeof *link);

    *out = NULL;
    if (!link) {
        return rowan__fail_nomem(error);
    }
    if (!link_init(db, link)) {
        link_free(db, link);
        return rowan__fail_nomem(error);
    }
    link->id = atomic_fetch_add(&last_id, 1) + 1;
    rowan_status status =
        db->driver->open(&db->allocator, &db->url, &db->open, &link->connection, error);
    if (status == ROWAN_OK) {
        status = rowan__link_setup(db, link, error);
    }
    if (status != ROWAN_OK) {
        link_free(db, link);
        return status;
    }
    *out = link;
    return ROWAN_OK;
}

/* The holders, oldest first as far as the message has room. Called under the lock. */
static rowan_status timed_out(const rowan_db *db, rowan_error *error)
{
    char who[160] = "";
    size_t used = 0;
    int64_t now = rowan__now_ns();

    for (unsigned i = 0; i < db->max_open && used < sizeof who - 1; i++) {
        const rowan__holder *holder = &db->holders[i];
        if (!holder->scope) {
            continue;
        }
        const char *file = holder->site.file ? strrchr(holder->site.file, '/') : NULL;
        int size = snprintf(who + used, sizeof who - used, "%s\"%.40s\" (%s:%d, %.1f s)",
                            used ? ", " : "", holder->scope->name,
                            file                ? file + 1
                            : holder->site.file ? holder->site.file
                                                : "?",
                            holder->site.line, (double)(now - holder->since_ns) / 1e9);
        used = size < 0 ? used : used + (size_t)size;
    }
    return rowan__fail(error, ROWAN_TIMEOUT, "no connection became free in %u ms; held by %s",
                       db->wait_ms, who);
}

/* Waits until a connection is idle or one more may be opened. Called under the lock. */
static bool wait_for_room(rowan_db *db)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += db->wait_ms / 1000;
    until.tv_nsec += (long)(db->wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (!db->idle && db->open_count >= db->max_open) {
        if (pthread_cond_timedwait(&db->freed, &db->lock, &until) == ETIMEDOUT) {
            return db->idle || db->open_count < db->max_open;
        }
    }
    return true;
}

/* Notes who holds a connection, or with a NULL `to` that nobody does. Called under the lock. */
static void set_holder(rowan_db *db, const rowan_scope *from, const rowan_scope *to)
{
    for (unsigned i = 0; i < db->max_open; i++) {
        if (db->holders[i].scope == from) {
            db->holders[i].scope = to;
            if (to) {
                db->holders[i].site = to->event.site;
                db->holders[i].since_ns = rowan__now_ns();
            }
            return;
        }
    }
}

/* One connection fewer: somebody may open another. */
static void forget(rowan_db *db, const rowan_scope *scope)
{
    pthread_mutex_lock(&db->lock);
    db->open_count--;
    if (scope) {
        set_holder(db, scope, NULL);
    }
    pthread_cond_signal(&db->freed);
    pthread_mutex_unlock(&db->lock);
}

rowan_status rowan__pool_acquire(rowan_db *db, const rowan_scope *scope, rowan__link **out,
                                 rowan_error *error)
{
    rowan__link *link;

    *out = NULL;
    for (;;) {
        pthread_mutex_lock(&db->lock);
        if (!wait_for_room(db)) {
            rowan_status status = timed_out(db, error);
            pthread_mutex_unlock(&db->lock);
            return status;
        }
        link = db->idle;
        if (link) {
            db->idle = link->next;
        } else {
            db->open_count++;
        }
        if (scope) {
            set_holder(db, NULL, scope);
        }
        pthread_mutex_unlock(&db->lock);
        if (!link) {
            rowan_status status = link_open(db, out, error);
            if (status != ROWAN_OK) {
                forget(db, scope);
            }
            return status;
        }
        if (db->driver->alive(link->connection)) {
            *out = link;
            return ROWAN_OK;
        }
        link_free(db, link);
        forget(db, scope);
    }
}

void rowan__pool_release(rowan_db *db, const rowan_scope *scope, rowan__link *link)
{
    if (link->broken) {
        link_free(db, link);
        forget(db, scope);
        return;
    }
    pthread_mutex_lock(&db->lock);
    link->next = db->idle;
    db->idle = link;
    if (scope) {
        set_holder(db, scope, NULL);
    }
    pthread_cond_signal(&db->freed);
    pthread_mutex_unlock(&db->lock);
}

void rowan__pool_fini(rowan_db *db)
{
    while (db->idle) {
        rowan__link *link = db->idle;
        db->idle = link->next;
        link_free(db, link);
    }
}
