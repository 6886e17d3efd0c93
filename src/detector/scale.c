/*
 * Whether what a block sends grows with what it works on. Totals cannot tell: one statement may
 * grow while another shrinks. So executions are counted by fingerprint, at three sizes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "detector/detector_private.h"

enum { SIZES = 3 };

static const unsigned sizes[SIZES] = {2, 4, 8};

/* How often a fingerprint was executed at each size. */
typedef struct executions {
    uint64_t id;
    uint64_t counts[SIZES];
} executions;

typedef struct scale {
    const rowan_allocator *allocator; /* the detector's; NULL: no block has sent anything */
    executions *at;
    size_t count, capacity;
} scale;

static executions *find(scale *self, uint64_t id)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->at[i].id == id) {
            return &self->at[i];
        }
    }
    if (!rowan__grow(self->allocator, (void **)&self->at, &self->capacity, self->count,
                     sizeof *self->at)) {
        return NULL;
    }
    self->at[self->count] = (executions){.id = id};
    return &self->at[self->count++];
}

static rowan_status count(scale *self, const rowan__watch *watch, size_t size)
{
    if (watch->dropped_statements > 0) {
        return ROWAN_NOMEM;
    }
    self->allocator = watch->source;
    for (size_t i = 0; i < watch->group_count; i++) {
        executions *found = find(self, watch->groups[i]->fold->id);
        if (found == NULL) {
            return ROWAN_NOMEM;
        }
        found->counts[size] += watch->groups[i]->count;
    }
    return ROWAN_OK;
}

/* --- The verdict, while the scope of the greatest size is open. --- */

static uint64_t growth_of(const executions *e)
{
    uint64_t least = e->counts[0] < e->counts[1] ? e->counts[0] : e->counts[1];

    return e->counts[SIZES - 1] > least ? e->counts[SIZES - 1] - least : 0;
}

static const executions *most_grown(const scale *self)
{
    const executions *most = NULL;

    for (size_t i = 0; i < self->count; i++) {
        uint64_t growth = growth_of(&self->at[i]);
        most = growth > (most != NULL ? growth_of(most) : 0) ? &self->at[i] : most;
    }
    return most;
}

static const char *text_of(const rowan__watch *watch, uint64_t id)
{
    for (size_t i = 0; i < watch->group_count; i++) {
        if (watch->groups[i]->fold->id == id) {
            return watch->groups[i]->folded;
        }
    }
    return "";
}

/* Where its values came from, folded, so that no value is told; nothing if that is not known. */
static void write_parent(rowan__watch *watch, uint64_t id, char *out, size_t size)
{
    rowan_findings findings;
    char folded[64];

    *out = '\0';
    if (rowan__watch_findings(watch, &findings) != ROWAN_OK) {
        return;
    }
    for (size_t i = 0; i < findings.count; i++) {
        const rowan_finding *finding = &findings.at[i];
        if (finding->fingerprint_id == id && finding->parent_column != NULL) {
            rowan_fingerprint(watch->engine, finding->parent_sql, strlen(finding->parent_sql),
                              folded, sizeof folded, NULL);
            snprintf(out, size, "; values from %.40s of %s", finding->parent_column, folded);
        }
    }
}

static rowan_status judge(const scale *self, rowan__watch *watch, rowan_error *error)
{
    const executions *most = most_grown(self);
    char parent[128];

    if (most == NULL) {
        return ROWAN_OK;
    }
    write_parent(watch, most->id, parent, sizeof parent);
    return rowan__fail(error, ROWAN_UNEXPECTED,
                       "a statement grows: %" PRIu64 ", %" PRIu64 " and %" PRIu64
                       " executions at n = %u, %u and %u of %.90s%s",
                       most->counts[0], most->counts[1], most->counts[2], sizes[0], sizes[1],
                       sizes[2], text_of(watch, most->id), parent);
}

/* --- Runs. --- */

static rowan_status run(scale *self, rowan_db *db, size_t size, rowan_scale_block block,
                        void *context, rowan_error *error)
{
    char name[32];
    rowan_scope *scope;

    snprintf(name, sizeof name, "n = %u", sizes[size]);
    rowan_status status = rowan_scope_begin(db, name, &scope, error);
    if (status != ROWAN_OK) {
        return status;
    }
    const rowan_subscriber *subscriber = rowan_scope_subscriber(scope, rowan__detector_on_event);
    void **slot = subscriber != NULL ? rowan_scope_slot(scope, subscriber) : NULL;
    if (slot == NULL) {
        status = rowan__fail(error, ROWAN_MISUSE,
                             "the database has no detector: open it without options.no_detector");
    } else if ((status = block(scope, sizes[size], context)) != ROWAN_OK) {
        *error = *rowan_scope_error(scope);
    } else if (*slot != NULL && count(self, *slot, size) != ROWAN_OK) {
        status = rowan__fail_nomem(error);
    } else if (*slot != NULL && size == SIZES - 1) {
        status = judge(self, *slot, error);
    }
    rowan_scope_end(scope);
    return status;
}

rowan_status rowan_expect_no_growth(rowan_db *db, rowan_scale_block block, void *context,
                                    rowan_error *error)
{
    scale self = {0};
    rowan_error ignored;
    rowan_status status = ROWAN_OK;

    if (db == NULL || block == NULL) {
        return rowan__fail(error, ROWAN_MISUSE, "the database or the block of work is NULL");
    }
    for (size_t i = 0; i < SIZES && status == ROWAN_OK; i++) {
        status = run(&self, db, i, block, context, error != NULL ? error : &ignored);
    }
    rowan__free(self.allocator, self.at, self.capacity, sizeof *self.at);
    return status;
}
