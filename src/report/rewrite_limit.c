/*
 * What lets only some rows of a result through, as the engines write it: LIMIT count [OFFSET skip],
 * LIMIT skip, count, [OFFSET skip ROWS] FETCH FIRST [count] ROWS ONLY, and OFFSET before LIMIT. How
 * many rows that are is known of literals and of values that were not hidden.
 */
#include <stdlib.h>
#include <string.h>

#include "report/rewrite_private.h"

/* A number that is written or was bound; -1 if it is not known. */
static int64_t number_at(const rowan__rewrite *r, size_t piece)
{
    const rowan__piece *at = &r->parts.at[piece];
    char text[24] = "";

    if (at->kind == ROWAN__TOKEN_PLACEHOLDER) {
        const rowan_value *value =
            at->param < r->first->param_count ? &r->first->params[at->param] : NULL;
        bool is_known = value != NULL && value->type == ROWAN_TYPE_INT64 && !value->is_null;
        return is_known && value->as.integer >= 0 ? value->as.integer : -1;
    }
    if (at->kind != ROWAN__TOKEN_NUMBER || at->size >= sizeof text - 4) {
        return -1;
    }
    memcpy(text, r->parts.sql + at->offset, at->size);
    return strspn(text, "0123456789") == at->size ? strtoll(text, NULL, 10) : -1;
}

static bool is_value(const rowan__rewrite *r, size_t piece)
{
    return piece < r->parts.count && rowan__piece_is_value(&r->parts.at[piece]);
}

static void take_count(rowan__rewrite *r, size_t piece)
{
    r->limit.count = piece;
    r->limit.most = number_at(r, piece);
}

/* LIMIT, from its word on. @return behind it; the piece itself if it is of another form */
static size_t read_limit(rowan__rewrite *r, size_t at)
{
    if (!is_value(r, at + 1)) {
        return at;
    }
    if (rowan__piece_is(&r->parts, at + 2, ",") && is_value(r, at + 3)) {
        r->limit.skips = number_at(r, at + 1);
        take_count(r, at + 3);
        return at + 4;
    }
    take_count(r, at + 1);
    return at + 2;
}

static bool is_rows(const rowan__parts *parts, size_t piece)
{
    return rowan__piece_is(parts, piece, "ROW") || rowan__piece_is(parts, piece, "ROWS");
}

/* FETCH FIRST, as read_limit(). */
static size_t read_fetch(rowan__rewrite *r, size_t at)
{
    const rowan__parts *parts = &r->parts;
    size_t next = at + 2;

    if (!(rowan__piece_is(parts, at + 1, "FIRST") || rowan__piece_is(parts, at + 1, "NEXT"))) {
        return at;
    }
    r->limit.most = 1;
    if (is_value(r, next)) {
        take_count(r, next);
        next++;
    }
    return is_rows(parts, next) && rowan__piece_is(parts, next + 1, "ONLY") ? next + 2 : at;
}

void rowan__read_limit(rowan__rewrite *r)
{
    const rowan__parts *parts = &r->parts;
    size_t at = parts->limit;

    r->limit = (rowan__rewrite_limit){.most = INT64_MAX};
    for (size_t next = at; at < parts->count; at = next) {
        if (rowan__piece_is(parts, at, "LIMIT")) {
            next = read_limit(r, at);
        } else if (rowan__piece_is(parts, at, "FETCH")) {
            next = read_fetch(r, at);
        } else if (rowan__piece_is(parts, at, "OFFSET") && is_value(r, at + 1)) {
            r->limit.skips = number_at(r, at + 1);
            next = at + 2 + is_rows(parts, at + 2);
        }
        if (next == at) {
            return;
        }
    }
    r->limit.is_read = true;
}
