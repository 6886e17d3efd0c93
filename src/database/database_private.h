/* What the files of this room share. */
#ifndef ROWAN_DATABASE_PRIVATE_H
#define ROWAN_DATABASE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/ticker.h"
#include "database/block.h"
#include "database/execute.h"
#include "database/known.h"
#include "database/open.h"
#include "driver/driver.h"

enum {
    ROWAN__MAX_SUBSCRIBERS = 8,
    ROWAN__TURN_PLACES = 16 /* a power of two */
};

/* --- cache.c: prepared statements of one connection, least recently used dropped first. --- */

typedef struct rowan__cached {
    uint64_t hash;
    char *sql;
    size_t sql_size;
    rowan__prepared *prepared;
    rowan__layout **layouts; /* one for each shape that its rows were read into */
    size_t layout_count, layout_capacity;
    const rowan__layout *layout; /* the one that served last */
    unsigned pins;               /* in use: not dropped */
    rowan__known *known;         /* the shapes that have this text */
    struct rowan__cached *newer, *older;
    struct rowan__cached *next; /* in its bucket */
} rowan__cached;

typedef struct rowan__cache {
    const rowan_allocator *allocator;
    const rowan__driver *driver;
    rowan__cached **buckets; /* bucket_count of them, a power of two */
    size_t bucket_count;
    rowan__cached *newest, *oldest;
    size_t count, limit;
} rowan__cache;

bool rowan__cache_init(rowan__cache *cache, const rowan_allocator *allocator,
                       const rowan__driver *driver, size_t limit);
void rowan__cache_fini(rowan__cache *cache);
/** The statement with this text, now the newest; NULL if there is none. */
rowan__cached *rowan__cache_get(rowan__cache *cache, const char *sql, size_t size, uint64_t *hash);
/** Makes a statement the newest. */
void rowan__cache_renew(rowan__cache *cache, rowan__cached *cached);
/** Adopts a prepared statement under its text; NULL if out of memory: it is then unprepared. */
rowan__cached *rowan__cache_put(rowan__cache *cache, const char *sql, size_t size, uint64_t hash,
                                rowan__prepared *prepared);
/** Takes a statement out and unprepares it. It must not be pinned. */
void rowan__cache_drop(rowan__cache *cache, rowan__cached *cached);
/**
 * The layout for rows of a shape (NULL: dynamic), made on first use. A statement whose columns do
 * not suit the shape is dropped, unless it is pinned: they may be those that the schema had when it
 * was prepared, of which the engine would say so only if it were run.
 */
rowan_status rowan__cached_layout(rowan__cache *cache, rowan__cached *cached,
                                  const rowan_table *shape, const rowan__layout **out,
                                  rowan_error *error);

/* --- known.c: statements of one connection by their shape. --- */

enum { ROWAN__HINTS = 64 };

/** What a text at that address, or another key made of it, was last found as; without an address,
 * what a line of the program last sent. */
typedef struct rowan__hint {
    const void *text;
    rowan__known *known;
} rowan__hint;

typedef struct rowan__memory {
    const rowan_allocator *allocator;
    rowan__known **buckets; /* bucket_count of them, a power of two */
    size_t bucket_count;
    rowan__known *hand; /* the circle: behind it is what may be forgotten next */
    size_t count, limit;
    bool is_held; /* nothing is forgotten just now, so that there may be more than the limit */
    rowan__hint hints[ROWAN__HINTS];
} rowan__memory;

bool rowan__memory_init(rowan__memory *memory, const rowan_allocator *allocator, size_t limit);
void rowan__memory_fini(rowan__memory *memory);
/** From here on the statement is found prepared by its shape. */
void rowan__known_prepared(rowan__known *known, rowan__cached *cached);
/** A prepared statement goes: no shape has it any longer. */
void rowan__known_unprepared(rowan__cached *cached);

/* --- pool.c: connections. --- */

typedef struct rowan__link {
    rowan__connection *connection;
    rowan__cache cache;
    rowan__memory memory;
    rowan__ticker ticker; /* for the times of statements */
    uint64_t id;
    bool broken;
    struct rowan__link *next; /* idle list */
} rowan__link;

/** Who holds a connection, for the message of a time-out. */
typedef struct rowan__holder {
    const rowan_scope *scope;
    rowan_site site;
    int64_t since_ns;
} rowan__holder;

rowan_status rowan__pool_acquire(rowan_db *db, const rowan_scope *scope, rowan__link **out,
                                 rowan_error *error);
/** Gives a connection back; a broken one is closed. */
void rowan__pool_release(rowan_db *db, const rowan_scope *scope, rowan__link *link);
/** Closes the idle connections. */
void rowan__pool_fini(rowan_db *db);

/* --- scope.c, database.c --- */

typedef struct rowan__saved_mark {
    rowan__arena_mark arena;
    uint64_t block_order;
    uint64_t serial;
} rowan__saved_mark;

/** Blocks by the address of their rows. */
typedef struct rowan__block_index {
    rowan__block **at;
    size_t count, capacity;
    size_t sorted; /* so many are; the others follow in the order of their making */
    uint64_t next_order;
    uint64_t first_order; /* of the oldest, if there is one */
    rowan__block *newest; /* the one made last; NULL if there is none any more */
    size_t found; /* where a row was last found: mostly the next one is there or in the block
                     behind */
} rowan__block_index;

enum { ROWAN__MOST_TAGS = 16 };

/** A tag of a scope. */
typedef struct rowan__tag {
    char *key, *value; /* one piece of memory */
    size_t size;       /* of it, in bytes */
} rowan__tag;

struct rowan_scope {
    rowan_db *db;
    rowan__link *link;         /* NULL until the first statement */
    pthread_mutex_t link_lock; /* held while `link` changes, and during a cancel */
    atomic_bool running;
    char *name;
    uint64_t id;
    rowan__arena arena;
    rowan_error error;
    rowan_counts counts;
    uint64_t sequence;
    unsigned depth;         /* of transactions and savepoints */
    bool transaction_lost;  /* the engine rolled back: only the matching calls are still
                               due */
    rowan_stream *stream;   /* the open one */
    rowan_event event;      /* of its statements, one after another; also the scope's own place
                               for its site, and for the reads of a stream that is closed */
    rowan_turns *turns[ROWAN__TURN_PLACES]; /* by the statement's hash; NULL: none */
    int64_t turned_ns;      /* what all turns took */
    rowan_fetched *fetched; /* the newest relation that a plan loaded; NULL: none */
    const rowan_fetched *const *fetched_each; /* by each call of the group; NULL: the event knows */
    void *session;
    int64_t deadline_ns;
    int64_t entered_ns; /* since when the pattern has been at work */
    rowan__text scratch;
    rowan_value *params; /* of the statement that is rendered */
    size_t param_capacity;
    rowan__block_index blocks;
    rowan__saved_mark *marks;
    size_t mark_count, mark_capacity;
    uint64_t next_mark;
    void *slots[ROWAN__MAX_SUBSCRIBERS];
    rowan__tag *tags; /* room for ROWAN__MOST_TAGS; NULL before the first */
    size_t tag_count;
};

struct rowan_db {
    rowan_allocator allocator;
    const rowan__driver *driver;
    char *url_text;
    rowan__url url;
    rowan__open_options open;
    unsigned max_open, wait_ms;
    size_t statement_cache;
    rowan_lazy lazy;
    unsigned comments; /* sum of rowan_comment */
    rowan_subscriber *subscribers[ROWAN__MAX_SUBSCRIBERS];
    size_t subscriber_count;
    const rowan_subscriber *turn_taker; /* the one that turns are put aside for; NULL: none */
    bool wants_times, wants_layers, wants_rows;
    rowan_subscriber *attached; /* NULL: none */
    void (*detach)(rowan_subscriber *subscriber);

    pthread_mutex_t lock; /* for everything below */
    pthread_cond_t freed;
    rowan__link *idle;
    unsigned open_count;
    rowan__holder *holders; /* max_open of them */
    size_t scope_count;
    rowan_counts counts; /* of scopes that ended, and of session set-up */
    bool closing;
};

/** Frees a database whose last scope has ended. */
void rowan__db_free(rowan_db *db);

/* --- comment.c --- */

/** Frees a scope's tags. */
void rowan__tags_fini(rowan_scope *scope);

/* --- execute.c --- */

/** The rows of a sink, as they are lent to subscribers. */
static inline rowan_batch rowan__batch_of(const rowan__sink *sink)
{
    return (rowan_batch){
        .columns = sink->layout->cells,
        .column_count = sink->layout->count,
        .rows = sink->rows,
        .row_size = sink->layout->row_size,
        .row_count = sink->count,
        .is_dynamic = sink->layout->shape == NULL,
    };
}

/** Runs the session's settings of a new connection: counted for the database, outside any scope. */
rowan_status rowan__link_setup(rowan_db *db, rowan__link *link, rowan_error *error);

/** Sends an event to every subscriber. @param batch  its rows, for those who want them; or NULL */
void rowan__emit(const rowan_db *db, rowan_event *event, const rowan_batch *batch);

/**
 * What must hold before anything is sent on a scope: no stream open, transaction not lost, a
 * connection.
 */
rowan_status rowan__scope_ready(rowan_scope *scope);

/**
 * Takes note that an operation failed: its error becomes the scope's; the connection may be
 * broken.
 */
rowan_status rowan__scope_failed(rowan_scope *scope, const rowan__operation *operation);

/**
 * What preparing an operation took, kept apart because the driver writes the operation's own
 * figures.
 */
typedef struct rowan__preparation {
    rowan__cached *cached; /* pinned; NULL if sent directly or not prepared */
    uint64_t round_trips;
    int64_t elapsed_ns;
} rowan__preparation;

/**
 * Prepares a call's operation; the cached statement is pinned.
 *
 * @param sink   is made, for rows in the arena, if the call wants rows
 */
rowan_status rowan__operation_prepare(rowan_scope *scope, const rowan__call *call,
                                      rowan__operation *operation, rowan__sink *sink,
                                      rowan__arena *arena, rowan__preparation *preparation);

/** Adds what preparing took to an operation's figures, once it was run or could not be. */
void rowan__operation_add(const rowan_scope *scope, rowan__operation *operation,
                          const rowan__preparation *preparation);

/** Hands operations to the driver. @return the time it took; 0 if nobody wants times. */
int64_t rowan__send(rowan_scope *scope, rowan__operation *operations, size_t count,
                    int64_t *start_ns);

/** Counts an operation that has ended and emits its event. */
void rowan__operation_ended(rowan_scope *scope, const rowan__call *call,
                            const rowan__operation *operation, const rowan__sink *sink,
                            uint64_t sequence, int64_t start_ns, int64_t elapsed_ns);

/* --- block.c --- */

void rowan__block_index_init(rowan__block_index *index);
void rowan__block_index_fini(rowan__block_index *index, const rowan_allocator *allocator);
/** Forgets the blocks made since `order`. */
void rowan__block_index_rewind(rowan__block_index *index, uint64_t order);

#endif
