/*
 * Row steps of SQLite's plans. A plan's line is a loop in the one before it: what it visits is
 * multiplied, by what sqlite_stat1 says of the index that it names. The planner takes a bound for a
 * quarter, and a value for an average one; what is known of their values from a sample goes before
 * that, because an index that finds most of a table is none that serves. An index that is made for
 * one statement is sorted first.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "verify/index_private.h"

enum { MOST_NAMED = 8, MOST_DEPTH = 32 };

/* SQLite's own guesses, of an index without statistics and of one made for the statement. */
static const double least_share = 0.001; /* that a sample tells of bounds */
static const double found_unknown = 10, found_automatic = 20;

/* What is known while a plan is walked through. */
typedef struct walk {
    const rowan__plan_line *lines;
    size_t count;
    const rowan__index_reading *reading;
    const rowan__plan_statistics *statistics;
    size_t statistics_count;
    struct {
        const char *name;
        size_t size;
        double rows;
    } named[MOST_NAMED]; /* sub-selects whose rows were kept */
    size_t named_count;
    double total;
} walk;

double rowan__steps_sorted(double rows)
{
    return rows > 1 ? rows * log2(rows) : 0;
}

/* From the root of a tree of rows to one of them. */
static double descent(double rows)
{
    return rows > 1 ? log2(rows) / 2 : 0;
}

static bool begins(const char *text, const char *words)
{
    return strncmp(text, words, strlen(words)) == 0;
}

/* --- One line. --- */

/* The rows of what a line names. */
static double rows_named(const walk *w, const char *name, size_t size)
{
    for (size_t i = w->named_count; i-- > 0;) {
        if (w->named[i].size == size && strncmp(w->named[i].name, name, size) == 0) {
            return w->named[i].rows;
        }
    }
    for (size_t i = 0; i < w->reading->source_count; i++) {
        const rowan__index_source *source = &w->reading->sources[i];
        if (source->table != NULL && strlen(source->alias) == size &&
            strncasecmp(source->alias, name, size) == 0) {
            return source->table->rows > 1 ? source->table->rows : 1;
        }
    }
    return 1;
}

/* A number of an index's statistics: 0 are its rows. Negative: not known. */
static double statistic(const walk *w, const char *index, size_t size, size_t number)
{
    for (size_t i = 0; i < w->statistics_count; i++) {
        const rowan__plan_statistics *s = &w->statistics[i];
        if (strlen(s->index) == size && strncmp(s->index, index, size) == 0) {
            const char *at = s->stat;
            double value = -1;
            for (size_t k = 0; k <= number && at != NULL && *at != '\0'; k++) {
                char *end;
                value = strtod(at, &end);
                at = end > at ? end : NULL;
                if (k < number && (at == NULL || *at == '\0')) {
                    return -1;
                }
            }
            return value;
        }
    }
    return -1;
}

static size_t count_of(const char *text, const char *sign)
{
    size_t count = 0;

    for (text = strstr(text, sign); text != NULL; text = strstr(text + 1, sign)) {
        count++;
    }
    return count;
}

/* What a line says about the index that it uses. */
typedef struct access {
    const char *index; /* NULL: none that has a name */
    size_t index_size;
    bool is_automatic, is_rowid, is_covering;
    size_t equal, ranges;
} access;

static access read_access(const char *detail)
{
    const char *using = strstr(detail, " USING "), *open = strrchr(detail, '(');
    access a = {0};

    if (using == NULL) {
        return a;
    }
    a.is_automatic = strstr(using, "AUTOMATIC") != NULL;
    a.is_covering = strstr(using, "COVERING") != NULL;
    a.is_rowid = strstr(using, "INTEGER PRIMARY KEY") != NULL;
    a.index = strstr(using, "INDEX ");
    if (a.index != NULL && !a.is_automatic) {
        a.index += strlen("INDEX ");
        a.index_size = strcspn(a.index, " ");
    } else {
        a.index = NULL;
    }
    if (open != NULL && open > using) {
        a.equal = count_of(open, "=?") - count_of(open, ">=?") - count_of(open, "<=?");
        a.ranges = count_of(open, ">") + count_of(open, "<");
    }
    return a;
}

/* A name in a plan, such as a table's. */
typedef struct span {
    const char *text;
    size_t size;
} span;

/* Whether a term is about a table that a plan calls so. */
static bool is_of(const walk *w, const rowan__index_term *term, span name)
{
    for (size_t i = 0; i < w->reading->source_count; i++) {
        const rowan__index_source *source = &w->reading->sources[i];
        if (source->table != NULL && source->table == term->table &&
            strlen(source->alias) == name.size &&
            strncasecmp(source->alias, name.text, name.size) == 0) {
            return term->qualifier == NULL || strcasecmp(term->qualifier, source->alias) == 0;
        }
    }
    return false;
}

/* Whether an index serves a comparison of that column with that sign. */
static bool serves(const char *detail, const rowan__index_term *term, char sign)
{
    char text[80];

    snprintf(text, sizeof text, "%.70s%c", term->expression != NULL ? "<expr>" : term->column,
             sign);
    return strstr(detail, text) != NULL;
}

static bool is_served_range(const char *detail, const rowan__index_term *term)
{
    return serves(detail, term, '>') || serves(detail, term, '<');
}

/* What the ranges of one column leave together: of two bounds, what both of them leave. */
static double left_by_column(const walk *w, span name, const rowan__index_term *first)
{
    double left = 0, bounds = 0;

    for (size_t i = 0; i < w->reading->term_count; i++) {
        const rowan__index_term *term = &w->reading->terms[i];
        if (term->role == first->role && term->own_share > 0 && is_of(w, term, name) &&
            strcasecmp(term->column, first->column) == 0) {
            left += term->own_share;
            bounds++;
        }
    }
    left -= bounds - 1;
    return left > least_share ? left : least_share;
}

/* Whether no term before this one is a range of the same column. */
static bool is_first_range(const walk *w, span name, const rowan__index_term *term)
{
    for (const rowan__index_term *t = w->reading->terms; t < term; t++) {
        if (t->role == term->role && t->own_share > 0 && is_of(w, t, name) &&
            strcasecmp(t->column, term->column) == 0) {
            return false;
        }
    }
    return true;
}

/*
 * What is left of rows by the ranges that an index serves: by their own values where those are
 * known, else a quarter for each bound.
 */
static double left_by_ranges(const walk *w, span name, const char *detail, const access *a)
{
    double left = 1;
    bool is_known = false;

    for (size_t i = 0; i < w->reading->term_count; i++) {
        const rowan__index_term *term = &w->reading->terms[i];
        if (term->own_share > 0 && is_of(w, term, name) && is_served_range(detail, term) &&
            is_first_range(w, name, term)) {
            left *= left_by_column(w, name, term);
            is_known = true;
        }
    }
    for (size_t i = 0; i < a->ranges && !is_known; i++) {
        left /= 4;
    }
    return left;
}

/* The rows that one key finds: on the average, or as many as its own value does if those are more.
 */
static double found_by_key(const walk *w, span name, const char *detail, double average,
                           double rows)
{
    double found = average;

    for (size_t i = 0; i < w->reading->term_count; i++) {
        const rowan__index_term *term = &w->reading->terms[i];
        if (term->role == ROWAN__INDEX_EQUAL && is_of(w, term, name) && serves(detail, term, '=') &&
            term->own_share * rows > found) {
            found = term->own_share * rows;
        }
    }
    return found;
}

static double rows_found(walk *w, const access *a, span name, const char *detail, double rows,
                         double runs)
{
    double found = rows;

    if (a->is_automatic) {
        w->total += rows + rowan__steps_sorted(rows) * (runs > 1 ? 1 : runs);
        return rows < found_automatic ? rows : found_automatic;
    }
    if (a->is_rowid && a->equal > 0) {
        return 1;
    }
    if (a->index != NULL) {
        double known = statistic(w, a->index, a->index_size, a->equal);
        found = known >= 0 ? known : a->equal > 0 ? found_unknown : rows;
    }
    if (a->equal == 1) {
        found = found_by_key(w, name, detail, found, rows);
    }
    found *= left_by_ranges(w, name, detail, a);
    return found > 1 ? found : 1;
}

/* The part of a table's rows that its conditions leave, beside those that an index served. */
static double share_left(const walk *w, span name, const char *detail)
{
    double share = 1;

    for (size_t i = 0; i < w->reading->term_count; i++) {
        const rowan__index_term *term = &w->reading->terms[i];
        bool is_range = term->role == ROWAN__INDEX_RANGE;
        double part = term->own_share > 0 ? term->own_share : term->share;
        if (part <= 0 || !is_of(w, term, name) || serves(detail, term, '=') ||
            is_served_range(detail, term)) {
            continue;
        }
        if (!is_range) {
            share *= part;
        } else if (is_first_range(w, name, term)) {
            share *= left_by_column(w, name, term);
        }
    }
    return share;
}

/* A loop over a table: how often its body runs, if the loop itself runs so often. */
static double visit_loop(walk *w, const char *detail, double runs)
{
    const char *text = strchr(detail, ' ') + 1;
    const span name = {text, strcspn(text, " ")};
    double rows = rows_named(w, name.text, name.size);
    const access a = read_access(detail);
    bool is_search = begins(detail, "SEARCH ") || a.index != NULL;
    double found = is_search ? rows_found(w, &a, name, detail, rows, runs) : rows;
    double left = runs * found * share_left(w, name, detail);

    w->total += runs * found * (a.index != NULL && !a.is_covering ? 1 + descent(rows) : 1);
    w->total += begins(detail, "SEARCH ") ? runs * descent(rows) : 0;
    return left > 1 ? left : 1;
}

/* --- The walk. --- */

static double visit(walk *w, int64_t parent, double runs, unsigned depth);

static void keep_rows(walk *w, const char *name, double rows)
{
    if (w->named_count < MOST_NAMED) {
        w->named[w->named_count].name = name;
        w->named[w->named_count].size = strcspn(name, " ");
        w->named[w->named_count++].rows = rows;
    }
}

/* The sides of an OR, each by an index of its own. */
static double visit_sides(walk *w, int64_t parent, double runs, unsigned depth)
{
    double rows = 0;

    for (size_t i = 0; i < w->count; i++) {
        if (w->lines[i].parent == parent) {
            rows += visit(w, w->lines[i].id, runs, depth);
        }
    }
    return rows;
}

/* @return how often the lines behind this one run */
static double visit_line(walk *w, const rowan__plan_line *line, double runs, unsigned depth)
{
    const char *detail = line->detail;

    if (begins(detail, "SCAN ") || begins(detail, "SEARCH ")) {
        return visit_loop(w, detail, runs);
    }
    if (begins(detail, "USE TEMP B-TREE")) {
        w->total += rowan__steps_sorted(runs);
        return runs;
    }
    if (begins(detail, "MULTI-INDEX OR")) {
        return visit_sides(w, line->id, runs, depth);
    }
    if (begins(detail, "CO-ROUTINE ") || begins(detail, "MATERIALIZE ")) {
        keep_rows(w, strchr(detail, ' ') + 1, visit(w, line->id, 1, depth));
        return runs;
    }
    (void)visit(w, line->id, begins(detail, "CORRELATED ") ? runs : 1, depth);
    return runs;
}

static double visit(walk *w, int64_t parent, double runs, unsigned depth)
{
    for (size_t i = 0; i < w->count && depth < MOST_DEPTH; i++) {
        if (w->lines[i].parent == parent) {
            runs = visit_line(w, &w->lines[i], runs, depth + 1);
        }
    }
    return runs;
}

/* Rows that are sorted have all to be there before the first one is. */
static bool sorts(const walk *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->lines[i].parent == 0 && begins(w->lines[i].detail, "USE TEMP B-TREE")) {
            return true;
        }
    }
    return false;
}

double rowan__steps_of_lines(const rowan__plan_line *lines, size_t count, double limit,
                             const rowan__index_reading *reading,
                             const rowan__plan_statistics *statistics, size_t statistics_count)
{
    walk w = {.lines = lines,
              .count = count,
              .reading = reading,
              .statistics = statistics,
              .statistics_count = statistics_count};
    double rows = visit(&w, 0, 1, 0);

    return limit > 0 && rows > limit && !sorts(&w) ? w.total * limit / rows : w.total;
}
