/*
 * What a finding says: the figures in one sentence, and what to write instead, in the words of
 * the pattern that the caller used.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "detector/detector_private.h"
#include "detector/transactions.h"

const char *rowan_finding_kind_name(rowan_finding_kind kind)
{
    switch (kind) {
    case ROWAN_N_PLUS_ONE:
        return "n_plus_one";
    case ROWAN_DUPLICATE_QUERY:
        return "duplicate_query";
    case ROWAN_WRITE_LOOP:
        return "write_loop";
    case ROWAN_RECURSIVE_WALK:
        return "recursive_walk";
    case ROWAN_SLOW_QUERY:
        return "slow_query";
    case ROWAN_LONG_TRANSACTION:
        return "long_transaction";
    case ROWAN_IDLE_IN_TRANSACTION:
        return "idle_in_transaction";
    case ROWAN_UNREAD_COLUMNS:
        return "unread_columns";
    case ROWAN_UNREAD_ROWS:
        return "unread_rows";
    case ROWAN_UNUSED_EAGER_LOAD:
        return "unused_eager_load";
    }
    return "unknown";
}

const char *rowan__slot_column(rowan__watch *watch, const rowan__group *group,
                               const rowan__slot *slot)
{
    if (slot == NULL || slot->column_size == 0 ||
        slot->column + slot->column_size > ROWAN__WATCH_TEXT) {
        return NULL;
    }
    return rowan__arena_text(&watch->told, group->sql + slot->column, slot->column_size);
}

/* --- Evidence. --- */

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

/** "11.2 ms of the scope's 19.8 ms (57 %)"; nothing without clocks. */
static void add_time(rowan__text *text, const rowan__watch *watch, const rowan__group *group)
{
    if (watch->busy_ns > 0) {
        rowan__text_format(text, ", %.1f ms of the scope's %.1f ms (%d %%)", ms(group->total_ns),
                           ms(watch->busy_ns), (int)(100 * group->total_ns / watch->busy_ns));
    }
}

/**
 * What the network takes of a group: its quickest execution is about a round trip, unless several
 * shared one, and one statement in place of all makes one.
 */
static void add_round_trips(rowan__text *text, const rowan__watch *watch, const rowan__group *group)
{
    rowan__series series = {0};
    bool has_server = strcmp(watch->engine != NULL ? watch->engine : "", "sqlite") != 0;

    if (!has_server || group->round_trips < 2 || group->round_trips < group->count) {
        return;
    }
    rowan__series_add_timing(&series, &group->timing);
    int64_t trip_ns = rowan__sketch_quantile(&series.sketch, 0);
    if (trip_ns > 0) {
        rowan__text_format(text,
                           ", about %.1f ms of it for %" PRIu64
                           " round trips that one statement does without",
                           ms(trip_ns * (int64_t)(group->round_trips - 1)), group->round_trips - 1);
    }
}

static void add_origin(rowan__text *text, const rowan__watch *watch, const rowan__verdict *verdict,
                       const char *column)
{
    const rowan__candidate *candidate = verdict->candidate;
    const rowan__source *source = &watch->provenance.sources[candidate->source];
    bool in_order = candidate->exact > 1 && candidate->ordered == candidate->exact;

    rowan__text_format(text,
                       ": %" PRIu32 " of %" PRIu32 " values of %s are values of %s in the rows of ",
                       candidate->votes, verdict->group->followed,
                       column != NULL ? column : "a parameter", source->name);
    if (verdict->kind == ROWAN_RECURSIVE_WALK) {
        rowan__text_str(text, "the same statement");
    } else {
        rowan__text_format(text, "statement %" PRIu64, source->first_sequence);
    }
    rowan__text_str(text, in_order ? ", in the same order" : "");
}

void rowan__dropped_text(const rowan_dropped *dropped, rowan__text *out)
{
    const char *between = "for want of memory ";

    if (dropped->statements > 0) {
        rowan__text_format(out, "%s%" PRIu64 " statements were counted and not told apart", between,
                           dropped->statements);
        between = ", ";
    }
    if (dropped->values > 0) {
        rowan__text_format(out, "%svalues or durations of %" PRIu64 " executions were not compared",
                           between, dropped->values);
        between = ", ";
    }
    if (dropped->rows > 0) {
        rowan__text_format(out, "%s%" PRIu64 " rows of results were not remembered whole", between,
                           dropped->rows);
    }
}

/** What was not seen, so that silence is not taken for health. */
static void add_dropped(rowan__text *text, const rowan__watch *watch)
{
    rowan_dropped dropped = rowan__watch_dropped(watch);

    if (rowan__is_dropped(&dropped)) {
        rowan__text_str(text, "; ");
        rowan__dropped_text(&dropped, text);
    }
}

static uint64_t slow_ones(const rowan__watch *watch, const rowan__verdict *verdict)
{
    return rowan__timing_from(&verdict->group->timing, verdict->slowness.from_ns, watch->slow_ns);
}

static void add_durations(rowan__text *text, const rowan__watch *watch,
                          const rowan__verdict *verdict)
{
    rowan__series series;

    rowan__group_series(watch, verdict->group, &series);
    rowan__slow_evidence(text, &verdict->slowness, slow_ones(watch, verdict),
                         verdict->group->timing.count, &series);
}

static void write_evidence(rowan__text *text, const rowan__watch *watch,
                           const rowan__verdict *verdict, const char *column)
{
    const rowan__group *group = verdict->group;

    switch (verdict->kind) {
    case ROWAN_N_PLUS_ONE:
    case ROWAN_RECURSIVE_WALK:
        rowan__text_format(text, "%" PRIu64 " executions with %zu different values", group->count,
                           group->vector_count);
        add_time(text, watch, group);
        add_round_trips(text, watch, group);
        if (verdict->candidate != NULL) {
            add_origin(text, watch, verdict, column);
        } else {
            rowan__text_format(text,
                               ": %" PRIu64 " of them from one place; where the values come from "
                               "was not seen",
                               group->same_site);
        }
        break;
    case ROWAN_DUPLICATE_QUERY:
        rowan__text_format(text,
                           "%" PRIu64 " executions with the same values, %" PRIu64
                           " in a row with the same result and nothing written between them",
                           group->count, group->longest_run);
        add_time(text, watch, group);
        add_round_trips(text, watch, group);
        break;
    case ROWAN_WRITE_LOOP:
        rowan__text_format(text,
                           "%" PRIu64 " executions with %zu different values, of one row each",
                           group->count, group->vector_count);
        add_time(text, watch, group);
        add_round_trips(text, watch, group);
        if (verdict->reader != NULL) {
            rowan__text_format(text, ", and the table is read between them, %" PRIu64 " times",
                               verdict->reader->count);
        }
        break;
    case ROWAN_SLOW_QUERY:
        add_durations(text, watch, verdict);
        add_time(text, watch, group);
        break;
    case ROWAN_UNREAD_COLUMNS:
    case ROWAN_UNREAD_ROWS:
        rowan__unread_evidence(text, group, verdict->kind);
        add_time(text, watch, group);
        break;
    case ROWAN_UNUSED_EAGER_LOAD:
        rowan__unused_evidence(text, verdict->fetch->fetched->relation->name,
                               verdict->fetch->fetched->owners, verdict->fetch->fetched->rows);
        if (!verdict->fetch->is_joined) {
            add_time(text, watch, group);
        }
        break;
    case ROWAN_LONG_TRANSACTION:
    case ROWAN_IDLE_IN_TRANSACTION:
        break; /* of no group */
    }
}

/* --- Suggestions. --- */

/** A name in capitals, as generated column handles are called. */
static void add_capitals(rowan__text *text, const char *name)
{
    for (; *name != '\0'; name++) {
        rowan__text_char(text, *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name);
    }
}

/** "&book_publisher_relation", as it is generated. */
static void add_relation(rowan__text *text, const char *from, const char *relation)
{
    rowan__text_format(text, "&%s_%s_relation", from != NULL ? from : "row", relation);
}

static void add_column_handle(rowan__text *text, const rowan__group *group, const char *column)
{
    add_capitals(text, group->table != NULL ? group->table : "table");
    rowan__text_format(text, ".%s", column != NULL ? column : "key");
}

/** Whether rows of different values meet in a statement, so that a list is not all that it needs.
 */
static bool needs_more(const rowan__group *group)
{
    static const char *const words[] = {" limit ?",    " fetch ",  " offset ?", " union ",
                                        " intersect ", " except ", "(select ",  " over ("};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strstr(group->folded, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/** The statement with IN (?) for `column = ?`, as far as it is found. */
static void add_in_form(rowan__text *text, const rowan__group *group, const char *column)
{
    const char *found = column != NULL && !needs_more(group) ? strstr(group->folded, column) : NULL;
    size_t size = column != NULL ? strlen(column) : 0;

    while (found != NULL && strncmp(found + size, " = ?", 4) != 0) {
        found = strstr(found + size, column);
    }
    if (found == NULL) {
        rowan__text_str(text, ", and tell its rows apart by ");
        rowan__text_str(text, column != NULL ? column : "the value");
        return;
    }
    rowan__text_str(text, ": ");
    rowan__text_add(text, group->folded, (size_t)(found - group->folded) + size);
    rowan__text_str(text, " IN (?)");
    rowan__text_str(text, found + size + 4);
}

static void suggest_raw(rowan__text *text, const rowan__group *group, const char *column)
{
    rowan__text_str(text, group->pattern == ROWAN_PATTERN_RAW
                              ? "send one statement for all values, bound as rowan_v_list()"
                              : "send one statement for all values");
    add_in_form(text, group, column);
    if (group->fold->is_aggregate && column != NULL && !needs_more(group)) {
        rowan__text_format(text, " GROUP BY %s, with %s in the select list", column, column);
    }
}

static void suggest_batch(rowan__text *text, const rowan__group *group, const char *column)
{
    switch (group->pattern) {
    case ROWAN_PATTERN_ACTIVE_RECORD:
        if (group->relation != NULL) {
            rowan__text_str(text, "add .fetch = ROWAN_FETCH(ROWAN_RELATED(");
            add_relation(text, group->relation_from, group->relation);
            rowan__text_str(text, ")) to the query that loads the rows, or use ROWAN_LAZY_PEERS");
            return;
        }
        rowan__text_str(text, "load the rows with one query: .where = ROWAN_IN_VALUES(");
        add_column_handle(text, group, column);
        rowan__text_str(text, ", values, count)");
        return;
    case ROWAN_PATTERN_DATA_MAPPER:
        if (group->relation != NULL) {
            rowan__text_str(text, "load it for all rows at once: rowan_session_load(session, rows, "
                                  "ROWAN_FETCH(ROWAN_RELATED(");
            add_relation(text, group->relation_from, group->relation);
            rowan__text_str(text, ")))");
            return;
        }
        rowan__text_str(text,
                        "load the rows with one rowan_session_all(): .where = ROWAN_IN_VALUES(");
        add_column_handle(text, group, column);
        rowan__text_str(text, ", values, count)");
        return;
    case ROWAN_PATTERN_QUERY_BUILDER:
        rowan__text_str(text, "ask once for all values: .where = ROWAN_IN_VALUES(");
        add_column_handle(text, group, column);
        rowan__text_str(text, group->fold->is_aggregate ? ", values, count), with .group_by"
                                                        : ", values, count)");
        return;
    case ROWAN_PATTERN_NONE:
    case ROWAN_PATTERN_RAW:
        suggest_raw(text, group, column);
        return;
    }
}

static const char *write_call(const rowan__group *group)
{
    bool inserts = group->fold->verb == ROWAN__VERB_INSERT;

    switch (group->pattern) {
    case ROWAN_PATTERN_ACTIVE_RECORD:
        return inserts ? "insert all rows with one rowan_record_insert_all()"
               : group->fold->verb == ROWAN__VERB_UPDATE
                   ? "save all rows with one rowan_record_save_all()"
                   : "delete with one rowan_delete whose .where is ROWAN_IN_VALUES";
    case ROWAN_PATTERN_DATA_MAPPER:
        return "change all rows first and call rowan_session_flush() once";
    case ROWAN_PATTERN_QUERY_BUILDER:
        return inserts ? "give one rowan_insert all rows: .rows and .row_count"
                       : "write all rows with one statement: .where = ROWAN_IN_VALUES(...)";
    case ROWAN_PATTERN_NONE:
        return inserts ? "send all rows with one INSERT of many rows, or in bulk"
                       : "write all rows with one statement, or send them as one batch";
    case ROWAN_PATTERN_RAW:
        break;
    }
    return inserts ? "send all rows with one rowan_raw_run_many(), or VALUES with many rows"
                   : "send all values with one rowan_raw_run_many()";
}

static void write_suggestion(rowan__text *text, const rowan__verdict *verdict, const char *column)
{
    const rowan__group *group = verdict->group;

    switch (verdict->kind) {
    case ROWAN_N_PLUS_ONE:
        suggest_batch(text, group, column);
        if (strncmp(group->folded, "select count(", 13) == 0) {
            rowan__text_str(text, "; if it is read far more often than it changes, a counter_cache "
                                  "does: a column of the parent's table that is counted up");
        }
        break;
    case ROWAN_DUPLICATE_QUERY:
        rowan__text_str(text, "keep the result of the first execution and use it again");
        break;
    case ROWAN_WRITE_LOOP:
        rowan__text_str(text, write_call(group));
        if (verdict->reader != NULL) {
            rowan__text_str(text, "; an upsert makes reading before each write unnecessary");
        }
        break;
    case ROWAN_RECURSIVE_WALK:
        rowan__text_format(text, "read the whole tree with one WITH RECURSIVE that joins on %s",
                           column != NULL ? column : "the key");
        break;
    case ROWAN_SLOW_QUERY:
        rowan__text_str(text, verdict->slowness.is_skewed
                                  ? "look at the values of the slow executions: most are quick, "
                                    "so an index is there or not needed"
                                  : "look at its plan with EXPLAIN: is a table read whole, or "
                                    "sorted, for few rows?");
        break;
    case ROWAN_UNREAD_COLUMNS:
    case ROWAN_UNREAD_ROWS:
        rowan__unread_suggestion(text, group, verdict->kind);
        break;
    case ROWAN_UNUSED_EAGER_LOAD:
        rowan__text_str(text, "leave ROWAN_RELATED(");
        add_relation(text, verdict->fetch->fetched->relation->from->name,
                     verdict->fetch->fetched->relation->name);
        rowan__text_str(text, ") out of the fetch plan");
        break;
    case ROWAN_LONG_TRANSACTION:
    case ROWAN_IDLE_IN_TRANSACTION:
        break; /* of no group */
    }
}

/* --- Filling. --- */

static void fill_parent(const rowan__watch *watch, const rowan__verdict *verdict,
                        rowan_finding *out)
{
    const rowan__source *source;
    const rowan__group *parent;

    if (verdict->candidate == NULL) {
        return;
    }
    source = &watch->provenance.sources[verdict->candidate->source];
    parent = watch->groups[source->group];
    out->parent_sql = parent->sql;
    out->parent_column = source->name;
    out->parent_sequence = source->first_sequence;
    out->parent_site = parent->site;
}

/** A copy of what was written, in the watch's memory; NULL if memory ran out. */
static const char *keep(rowan__watch *watch, rowan__text *text)
{
    const char *kept =
        text->failed ? NULL : rowan__arena_text(&watch->told, rowan__text_string(text), text->size);

    rowan__text_clear(text);
    return kept;
}

/** What is the load's own, not that of all executions of the statement. */
static void fill_fetch(const rowan__verdict *verdict, rowan_finding *out)
{
    const rowan__watched_fetch *fetch = verdict->fetch;
    uint64_t share = fetch->is_joined || verdict->group->count == 0 ? 0 : fetch->statements;

    out->table = fetch->fetched->relation->to->name;
    out->relation = fetch->fetched->relation->name;
    out->first_sequence = fetch->sequence;
    out->count = out->distinct = fetch->statements;
    out->round_trips = share > 0 ? verdict->group->round_trips * share / verdict->group->count : 0;
    out->total_ns = share > 0 ? (int64_t)((double)verdict->group->total_ns * (double)share /
                                          (double)verdict->group->count)
                              : 0;
    out->site = fetch->fetched->site;
}

rowan_status rowan__finding_fill(rowan__watch *watch, const rowan__verdict *verdict,
                                 rowan_finding *out)
{
    const rowan__group *group = verdict->group;
    const char *column = rowan__slot_column(watch, group, verdict->slot);
    rowan__text text;

    *out = (rowan_finding){
        .kind = verdict->kind,
        .confidence = verdict->confidence,
        .fingerprint_id = group->fold->id,
        .fingerprint = group->folded,
        .sql = group->sql,
        .pattern = group->pattern,
        .table = group->table,
        .relation = group->relation,
        .child_column = column,
        .first_sequence = group->first_sequence,
        .count = group->count,
        .distinct = group->vector_count,
        .round_trips = group->round_trips,
        .total_ns = group->total_ns,
        .site = group->site,
    };
    if (verdict->kind == ROWAN_SLOW_QUERY) {
        out->count = out->distinct = slow_ones(watch, verdict);
    }
    if (verdict->fetch != NULL) {
        fill_fetch(verdict, out);
    }
    fill_parent(watch, verdict, out);
    rowan__text_init(&text, watch->source);
    write_evidence(&text, watch, verdict, column);
    add_dropped(&text, watch);
    out->evidence = keep(watch, &text);
    write_suggestion(&text, verdict, column);
    out->suggestion = keep(watch, &text);
    rowan__text_fini(&text);
    return out->evidence != NULL && out->suggestion != NULL ? ROWAN_OK : ROWAN_NOMEM;
}

/** What a BEGIN folds to, in the watch's memory. */
static bool fold_begin(rowan__watch *watch, const char *sql, rowan_finding *out)
{
    char folded[256];
    rowan__fold fold;

    rowan__fold_statement(watch->reading, watch->engine, sql, strlen(sql), folded, sizeof folded,
                          &fold);
    out->sql = sql;
    out->fingerprint_id = fold.id;
    out->fingerprint = rowan__arena_text(&watch->told, folded, strlen(folded));
    return out->fingerprint != NULL;
}

rowan_status rowan__finding_fill_transactions(rowan__watch *watch, const rowan__transactions *found,
                                              rowan_finding *out)
{
    bool is_idle = found->kind == ROWAN_IDLE_IN_TRANSACTION;
    rowan__text text;

    *out = (rowan_finding){
        .kind = found->kind,
        .confidence = ROWAN_CONFIRMED,
        .first_sequence = found->begin.sequence,
        .count = found->count,
        .distinct = found->count,
        .total_ns = is_idle ? found->idle_ns : found->open_ns,
        .site = found->begin.site,
        .suggestion = rowan__transactions_suggestion(found),
    };
    if (is_idle) {
        out->parent_sql = found->before_gap.sql;
        out->parent_sequence = found->before_gap.sequence;
        out->parent_site = found->before_gap.site;
    }
    rowan__text_init(&text, watch->source);
    rowan__transactions_evidence(found, &text);
    out->evidence = keep(watch, &text);
    rowan__text_fini(&text);
    return out->evidence != NULL &&
                   fold_begin(watch, found->begin.sql != NULL ? found->begin.sql : "BEGIN", out)
               ? ROWAN_OK
               : ROWAN_NOMEM;
}

/* --- As text. --- */

/** Writes into what is left of a buffer and counts what the whole needs. */
typedef struct printer {
    char *buffer;
    size_t size, needed;
} printer;

static void print(printer *p, const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;

    if (length > 0 && p->needed < p->size) {
        size_t room = p->size - p->needed - 1;
        size_t part = length < room ? length : room;
        memcpy(p->buffer + p->needed, text, part);
        p->buffer[p->needed + part] = '\0';
    }
    p->needed += length;
}

static void print_site(printer *p, const char *label, const rowan_site *site)
{
    char line[24];

    print(p, label);
    if (site->file == NULL) {
        print(p, "call site unknown\n");
        return;
    }
    snprintf(line, sizeof line, ":%d", site->line);
    print(p, site->file);
    print(p, line);
    if (site->function != NULL) {
        print(p, " in ");
        print(p, site->function);
    }
    print(p, "\n");
}

static const char *title(rowan_finding_kind kind)
{
    switch (kind) {
    case ROWAN_N_PLUS_ONE:
        return "N+1";
    case ROWAN_DUPLICATE_QUERY:
        return "duplicate query";
    case ROWAN_WRITE_LOOP:
        return "writes in a loop";
    case ROWAN_RECURSIVE_WALK:
        return "recursive walk";
    case ROWAN_SLOW_QUERY:
        return "slow query";
    case ROWAN_LONG_TRANSACTION:
        return "long transaction";
    case ROWAN_IDLE_IN_TRANSACTION:
        return "idle in a transaction";
    case ROWAN_UNREAD_COLUMNS:
        return "columns nobody read";
    case ROWAN_UNREAD_ROWS:
        return "rows nobody read";
    case ROWAN_UNUSED_EAGER_LOAD:
        return "unused eager load";
    }
    return "finding";
}

size_t rowan_finding_text(const rowan_finding *finding, char *buffer, size_t size)
{
    printer p = {buffer, size, 0};
    char figures[64];

    if (size > 0) {
        buffer[0] = '\0';
    }
    if (finding == NULL) {
        return 0;
    }
    print(&p, title(finding->kind));
    print(&p, finding->confidence == ROWAN_CONFIRMED ? " confirmed: " : " likely: ");
    snprintf(figures, sizeof figures, "%" PRIu64 " x ", finding->count);
    print(&p, figures);
    print(&p, finding->fingerprint);
    print(&p, "\n  evidence: ");
    print(&p, finding->evidence);
    print_site(&p, "\n  sent from: ", &finding->site);
    if (finding->parent_sql != NULL && finding->kind != ROWAN_RECURSIVE_WALK) {
        bool is_wait = finding->kind == ROWAN_IDLE_IN_TRANSACTION;
        print(&p, is_wait ? "  waited behind: " : "  values from: ");
        print(&p, finding->parent_sql);
        print_site(&p, is_wait ? "\n  sent at: " : "\n  read at: ", &finding->parent_site);
    }
    print(&p, "  instead: ");
    print(&p, finding->suggestion);
    print(&p, "\n");
    return p.needed;
}
