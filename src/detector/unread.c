/*
 * What was fetched and not read. Of a cursor it is known which columns the program asked for and
 * how far it went, of a stream of structs the latter only; of whole results nothing, and then
 * nothing is said. A column must stay unread in all executions of a statement, and in those of
 * earlier scopes. Even so another row may need it, one that did not come: so what is found of
 * columns is likely and never confirmed, and what is advised holds in either case.
 */
#include "detector/unread.h"

#include <inttypes.h>
#include <string.h>

#include "detector/detector_private.h"
#include "detector/durations.h"

enum {
    FEWEST_ROWS = 5,    /* that were read, for their columns to count */
    FEWEST_UNREAD = 100 /* rows: a stream fetches some ahead */
};

/* --- Of one statement. --- */

static void take_columns(rowan__taken *taken, const rowan_reads *reads)
{
    /* Of more columns it is not known which were read. */
    taken->column_count = reads->column_count <= ROWAN__TAKEN_COLUMNS ? reads->column_count : 0;
    for (size_t i = 0; i < taken->column_count; i++) {
        taken->names[i] = reads->result[i].name;
    }
}

void rowan__taken_add(rowan__taken *taken, const rowan_reads *reads, uint64_t rows)
{
    if (taken->executions == 0) {
        take_columns(taken, reads);
    } else if (taken->column_count != reads->column_count) {
        taken->column_count = 0; /* `*` stands for other columns than before */
    }
    taken->executions++;
    taken->columns |= reads->columns;
    taken->read += reads->rows;
    taken->fetched += rows > reads->rows ? rows : reads->rows;
}

/* Whether each column takes part in what rows there are, read or not. */
static bool needs_all_columns(const char *folded)
{
    return strstr(folded, "select distinct") != NULL || strstr(folded, " union ") != NULL ||
           strstr(folded, " group by ") != NULL;
}

static uint64_t all_columns(const rowan__taken *taken)
{
    return taken->column_count < ROWAN__TAKEN_COLUMNS ? ((uint64_t)1 << taken->column_count) - 1
                                                      : UINT64_MAX;
}

bool rowan__taken_lacks_columns(const rowan__taken *taken, uint64_t count, const rowan__fold *fold,
                                const char *folded)
{
    uint64_t all = all_columns(taken), read = taken->columns & all;

    return taken->executions == count && taken->read >= FEWEST_ROWS && read != 0 &&
           ((read | taken->elsewhere) & all) != all && fold->verb == ROWAN__VERB_SELECT &&
           !needs_all_columns(folded);
}

/* The names of columns. @return how many */
static size_t add_names(rowan__text *out, const rowan__taken *taken, uint64_t columns)
{
    size_t count = 0;

    for (size_t i = 0; i < taken->column_count; i++) {
        if ((columns >> i & 1) != 0) {
            rowan__text_str(out, count > 0 ? ", " : "");
            rowan__text_str(out, taken->names[i] != NULL ? taken->names[i] : "?");
            count++;
        }
    }
    return count;
}

static size_t count_columns(const rowan__taken *taken, uint64_t columns)
{
    size_t count = 0;

    for (size_t i = 0; i < taken->column_count; i++) {
        count += columns >> i & 1;
    }
    return count;
}

void rowan__taken_evidence(const rowan__taken *taken, rowan__text *out)
{
    uint64_t read = taken->columns | taken->elsewhere;

    rowan__text_format(out, "%zu of %zu columns were read in %" PRIu64 " rows: never ",
                       count_columns(taken, read), taken->column_count, taken->read);
    add_names(out, taken, ~read);
}

void rowan__taken_suggestion(const rowan__taken *taken, rowan__text *out)
{
    uint64_t read = taken->columns | taken->elsewhere;

    rowan__text_str(out, "name in the select list what is read: ");
    add_names(out, taken, read);
    rowan__text_str(out, "; and of ");
    add_names(out, taken, ~read);
    rowan__text_str(out, " what rows unlike these need");
}

/* --- Of a group. --- */

static rowan__taken *make_reads(rowan__watch *watch, const rowan__group *group)
{
    rowan__taken *made = rowan__arena_new(&watch->arena, 1, sizeof *made, _Alignof(rowan__taken));

    if (made != NULL && watch->durations != NULL) {
        made->elsewhere = rowan__durations_columns(watch->durations, group->fold->id);
    }
    return made;
}

static void keep_names(rowan__watch *watch, rowan__taken *taken)
{
    for (size_t i = 0; i < taken->column_count; i++) {
        const char *name = taken->names[i];
        taken->names[i] =
            name != NULL ? rowan__arena_text(&watch->arena, name, strnlen(name, ROWAN__WATCH_NAME))
                         : NULL;
    }
}

void rowan__unread_note(rowan__watch *watch, rowan__group *group, const rowan_event *event)
{
    if (group->reads == NULL) {
        group->reads = make_reads(watch, group);
    }
    if (group->reads != NULL) {
        rowan__taken_add(group->reads, event->reads, event->rows);
        if (group->reads->executions == 1) {
            keep_names(watch, group->reads);
        }
    }
}

uint64_t rowan__unread_known(const rowan__group *group)
{
    return group->reads != NULL && group->reads->executions == group->count ? group->reads->columns
                                                                            : UINT64_MAX;
}

bool rowan__unread_columns(const rowan__group *group)
{
    return group->reads != NULL &&
           rowan__taken_lacks_columns(group->reads, group->count, group->fold, group->folded);
}

bool rowan__unread_rows(const rowan__group *group)
{
    const rowan__taken *reads = group->reads;

    return reads != NULL && reads->executions == group->count &&
           reads->fetched - reads->read >= FEWEST_UNREAD && reads->read * 2 <= reads->fetched;
}

void rowan__unread_evidence(rowan__text *out, const rowan__group *group, rowan_finding_kind kind)
{
    const rowan__taken *reads = group->reads;

    if (kind == ROWAN_UNREAD_COLUMNS) {
        rowan__taken_evidence(reads, out);
        return;
    }
    rowan__text_format(out,
                       "%" PRIu64 " of %" PRIu64 " rows were fetched and not read, in %" PRIu64
                       " execution%s",
                       reads->fetched - reads->read, reads->fetched, reads->executions,
                       reads->executions == 1 ? "" : "s");
}

void rowan__unread_suggestion(rowan__text *out, const rowan__group *group, rowan_finding_kind kind)
{
    if (kind == ROWAN_UNREAD_COLUMNS) {
        rowan__taken_suggestion(group->reads, out);
        return;
    }
    rowan__text_str(out, "say in the statement how many rows are wanted: LIMIT, or a condition for "
                         "what the loop looks for");
}
