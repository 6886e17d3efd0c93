/*
 * What was fetched and not read. Of a cursor it is known which columns the program asked for and
 * how far it went, of a stream of structs the latter only; of whole results nothing, and then
 * nothing is said. A column must stay unread in all executions of a statement.
 */
#include <inttypes.h>
#include <string.h>

#include "detector/detector_private.h"

enum {
    FEWEST_ROWS = 5,    /* that were read, for their columns to count */
    FEWEST_UNREAD = 100 /* rows: a stream fetches some ahead */
};

/* What is kept of a group's reads. */
struct rowan__group_reads {
    uint64_t executions;
    uint64_t columns;       /* bit by bit, that were ever read */
    uint64_t read, fetched; /* rows */
    size_t column_count;
    const char *names[ROWAN__WATCH_COLUMNS]; /* NULL: not known */
};

static struct rowan__group_reads *make_reads(rowan__watch *watch, const rowan_reads *reads)
{
    struct rowan__group_reads *made =
        rowan__arena_new(&watch->arena, 1, sizeof *made, _Alignof(struct rowan__group_reads));

    if (made == NULL) {
        return NULL;
    }
    /* Of more columns it is not known which were read. */
    made->column_count = reads->column_count <= ROWAN__WATCH_COLUMNS ? reads->column_count : 0;
    for (size_t i = 0; i < made->column_count; i++) {
        const char *name = reads->result[i].name;
        made->names[i] =
            name != NULL ? rowan__arena_text(&watch->arena, name, strnlen(name, ROWAN__WATCH_NAME))
                         : NULL;
    }
    return made;
}

void rowan__unread_note(rowan__watch *watch, rowan__group *group, const rowan_event *event)
{
    const rowan_reads *reads = event->reads;

    if (group->reads == NULL) {
        group->reads = make_reads(watch, reads);
    }
    if (group->reads != NULL) {
        group->reads->executions++;
        group->reads->columns |= reads->columns;
        group->reads->read += reads->rows;
        group->reads->fetched += event->rows > reads->rows ? event->rows : reads->rows;
    }
}

/* Whether each column takes part in what rows there are, read or not. */
static bool needs_all_columns(const rowan__group *group)
{
    return strstr(group->folded, "select distinct") != NULL ||
           strstr(group->folded, " union ") != NULL || strstr(group->folded, " group by ") != NULL;
}

bool rowan__unread_columns(const rowan__group *group)
{
    const struct rowan__group_reads *reads = group->reads;
    uint64_t all;

    if (reads == NULL || reads->executions != group->count || reads->read < FEWEST_ROWS ||
        reads->column_count == 0 || group->fold->verb != ROWAN__VERB_SELECT ||
        needs_all_columns(group)) {
        return false;
    }
    all = reads->column_count < 64 ? ((uint64_t)1 << reads->column_count) - 1 : UINT64_MAX;
    return (reads->columns & all) != 0 && (reads->columns & all) != all;
}

bool rowan__unread_rows(const rowan__group *group)
{
    const struct rowan__group_reads *reads = group->reads;

    return reads != NULL && reads->executions == group->count &&
           reads->fetched - reads->read >= FEWEST_UNREAD && reads->read * 2 <= reads->fetched;
}

/* The names of the columns that were read, or of the others. @return how many */
static size_t add_names(rowan__text *out, const struct rowan__group_reads *reads, bool were_read)
{
    size_t count = 0;

    for (size_t i = 0; i < reads->column_count; i++) {
        if ((reads->columns >> i & 1) == were_read) {
            rowan__text_str(out, count > 0 ? ", " : "");
            rowan__text_str(out, reads->names[i] != NULL ? reads->names[i] : "?");
            count++;
        }
    }
    return count;
}

static size_t read_columns(const struct rowan__group_reads *reads)
{
    size_t count = 0;

    for (size_t i = 0; i < reads->column_count; i++) {
        count += reads->columns >> i & 1;
    }
    return count;
}

void rowan__unread_evidence(rowan__text *out, const rowan__group *group, rowan_finding_kind kind)
{
    const struct rowan__group_reads *reads = group->reads;

    if (kind == ROWAN_UNREAD_ROWS) {
        rowan__text_format(out,
                           "%" PRIu64 " of %" PRIu64 " rows were fetched and not read, in %" PRIu64
                           " execution%s",
                           reads->fetched - reads->read, reads->fetched, reads->executions,
                           reads->executions == 1 ? "" : "s");
        return;
    }
    rowan__text_format(out, "%zu of %zu columns were read in %" PRIu64 " rows: never ",
                       read_columns(reads), reads->column_count, reads->read);
    add_names(out, reads, false);
}

void rowan__unread_suggestion(rowan__text *out, const rowan__group *group, rowan_finding_kind kind)
{
    if (kind == ROWAN_UNREAD_ROWS) {
        rowan__text_str(out, "say in the statement how many rows are wanted: LIMIT, or a condition "
                             "for what the loop looks for");
        return;
    }
    rowan__text_str(out, "name in the select list what is read: ");
    add_names(out, group->reads, true);
}
