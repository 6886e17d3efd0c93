/*
 * The decision guide.
 *
 * Every sentence is made from the run's own figures. Sums are over the use cases that ran; a factor
 * is the middle one of all use cases and engines, so that one odd case does not speak for the rest.
 */
#include "cli/compare/guide.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

enum { MOST_ENTRIES = 12 };

/* Up to this factor to raw SQL the patterns are as fast as one another, for the purpose of
 * choosing. */
static const double close_factor = 1.5;

const char *const pattern_names[PATTERN_COUNT] = {"raw SQL", "query builder", "Active Record",
                                                  "Data Mapper"};

const char *engine_title(const char *engine)
{
    if (strcmp(engine, "sqlite") == 0) {
        return "SQLite";
    }
    return strcmp(engine, "postgresql") == 0 ? "PostgreSQL" : "MariaDB";
}

static int64_t total_ns(const measurement *cell)
{
    return cell->times.pattern_ns + cell->times.driver_ns + cell->times.database_ns;
}

static bool usable(const measurement *cell)
{
    return cell->ran && cell->status == ROWAN_OK && total_ns(cell) > 0;
}

static void add(guide *self, const char *heading, rowan__text *text)
{
    if (self->count < MOST_ENTRIES && text->size > 0 && !text->failed) {
        self->at[self->count].heading = strdup(heading);
        self->at[self->count].text = strdup(text->data);
        self->count++;
    }
    rowan__text_clear(text);
}

/* --- What the tempting way costs. --- */

/* The cell whose tempting way sends the most statements for each one of its good way. */
typedef struct worst_case {
    const measurement *good, *tempting;
    size_t engine, use_case, pattern;
    double factor;
} worst_case;

static void consider(const results *from, size_t engine, size_t use_case, size_t pattern,
                     worst_case *worst)
{
    const measurement *good = results_cell(from, engine, use_case, pattern, WAY_GOOD);
    const measurement *tempting = results_cell(from, engine, use_case, pattern, WAY_TEMPTING);

    if (!usable(good) || !usable(tempting) || good->counts.statements == 0) {
        return;
    }
    double factor = (double)tempting->counts.statements / (double)good->counts.statements;
    if (factor > worst->factor) {
        *worst = (worst_case){good, tempting, engine, use_case, pattern, factor};
    }
}

static void say_worst(const results *from, guide *self, rowan__text *text)
{
    worst_case worst = {.factor = 1};

    for (size_t engine = 0; engine < from->engine_count; engine++) {
        for (size_t i = 0; i < from->case_count * PATTERN_COUNT; i++) {
            consider(from, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, &worst);
        }
    }
    if (!worst.good) {
        return;
    }
    rowan__text_format(
        text,
        "The widest gap of this run is in \"%s\" with %s on %s: the tempting way sends %llu "
        "statements, the good way %llu, and takes %.1f times as long. The pattern is the same; "
        "only the way relations are loaded, or rows are written, differs.",
        from->cases[worst.use_case]->title, pattern_names[worst.pattern],
        engine_title(from->engines[worst.engine].engine),
        (unsigned long long)worst.tempting->counts.statements,
        (unsigned long long)worst.good->counts.statements,
        (double)total_ns(worst.tempting) / (double)total_ns(worst.good));
    add(self, "Look at the statements first", text);
}

/* --- What the patterns cost among themselves. --- */

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The middle factor of a pattern's good ways to those of raw SQL. 0: nothing to compare. */
static double middle_factor(const results *from, size_t pattern)
{
    double *factors = calloc(from->engine_count * from->case_count + 1, sizeof *factors);
    size_t count = 0;

    for (size_t engine = 0; factors && engine < from->engine_count; engine++) {
        for (size_t use_case = 0; use_case < from->case_count; use_case++) {
            const measurement *raw = results_cell(from, engine, use_case, 0, WAY_GOOD);
            const measurement *cell = results_cell(from, engine, use_case, pattern, WAY_GOOD);
            if (usable(raw) && usable(cell)) {
                factors[count++] = (double)total_ns(cell) / (double)total_ns(raw);
            }
        }
    }
    double middle = 0;
    if (count > 0) {
        qsort(factors, count, sizeof *factors, compare_doubles);
        middle = factors[count / 2];
    }
    free(factors);
    return middle;
}

static void say_factors(const results *from, guide *self, rowan__text *text)
{
    bool are_close = true;

    rowan__text_str(text, "Done the good way, against raw SQL the middle use case takes ");
    for (size_t pattern = 1; pattern < PATTERN_COUNT; pattern++) {
        double factor = middle_factor(from, pattern);
        if (factor == 0) {
            rowan__text_clear(text);
            return;
        }
        are_close = are_close && factor <= close_factor;
        rowan__text_format(text, "%s%.2f times as long with %s",
                           pattern == 1   ? ""
                           : pattern == 3 ? " and "
                                          : ", ",
                           factor, pattern_names[pattern]);
    }
    rowan__text_str(text, are_close ? ". So choose by how the code reads and who has to know what, "
                                      "not by speed."
                                    : ". So choose by how the code reads and who has to know what; "
                                      "where the difference matters, take another pattern for that "
                                      "one use case: they work side by side in one transaction.");
    add(self, "Then choose by reading", text);
}

/* --- Where the time is. --- */

static void say_layers(const results *from, guide *self, rowan__text *text)
{
    for (size_t engine = 0; engine < from->engine_count; engine++) {
        double pattern = 0, driver = 0, database = 0;
        for (size_t i = 0; i < from->case_count * PATTERN_COUNT; i++) {
            const measurement *cell =
                results_cell(from, engine, i / PATTERN_COUNT, i % PATTERN_COUNT, WAY_GOOD);
            if (usable(cell)) {
                pattern += (double)cell->times.pattern_ns;
                driver += (double)cell->times.driver_ns;
                database += (double)cell->times.database_ns;
            }
        }
        double all = pattern + driver + database;
        if (all > 0) {
            rowan__text_format(
                text,
                "%sOn %s the good ways spend %.0f %% of their time in the database, %.0f %% in the "
                "driver and %.0f %% in the pattern.",
                text->size ? " " : "", engine_title(from->engines[engine].engine),
                100 * database / all, 100 * driver / all, 100 * pattern / all);
        }
    }
    add(self, "Where the time is", text);
}

/* --- Lines. --- */

static unsigned lines_of(const results *from, size_t pattern, size_t *counted)
{
    unsigned sum = 0;

    *counted = 0;
    for (size_t use_case = 0; use_case < from->case_count; use_case++) {
        unsigned lines;
        char *source = results_source(from->cases[use_case], pattern, WAY_GOOD, &lines);
        sum += lines;
        *counted += source != NULL;
        free(source);
    }
    return sum;
}

static void say_lines(const results *from, guide *self, rowan__text *text)
{
    rowan__text_str(text, "A use case of this run takes ");
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        size_t counted;
        unsigned lines = lines_of(from, pattern, &counted);
        if (counted == 0) {
            rowan__text_clear(text);
            return;
        }
        rowan__text_format(text, "%s%.0f lines with %s",
                           pattern == 0   ? ""
                           : pattern == 3 ? " and "
                                          : ", ",
                           (double)lines / (double)counted, pattern_names[pattern]);
    }
    rowan__text_str(text, " on average, what it reports included.");
    add(self, "How much code", text);
}

/* --- When which. --- */

/* The use case where a pattern's good way is shortest against the mean of the other three. */
static size_t shortest_against_others(const results *from, size_t pattern, unsigned *own,
                                      unsigned *others)
{
    size_t best = from->case_count;
    double best_ratio = 0;

    for (size_t use_case = 0; use_case < from->case_count; use_case++) {
        unsigned lines[PATTERN_COUNT], sum = 0;
        for (size_t p = 0; p < PATTERN_COUNT; p++) {
            free(results_source(from->cases[use_case], p, WAY_GOOD, &lines[p]));
            sum += p == pattern ? 0 : lines[p];
        }
        double ratio = lines[pattern] > 0 ? (double)sum / 3 / (double)lines[pattern] : 0;
        if (ratio > best_ratio) {
            best_ratio = ratio;
            best = use_case;
            *own = lines[pattern];
            *others = (sum + 1) / 3;
        }
    }
    return best;
}

static const struct advice {
    const char *heading, *when;
} advice[PATTERN_COUNT] = {
    {"When raw SQL", "When the statement is the point: reports, window functions, what one engine "
                     "does best."},
    {"When the query builder", "When the statement depends on the request: filters that may be "
                               "absent, sorting, paging, several engines."},
    {"When Active Record", "When one row at a time is looked at and changed, and its relations are "
                           "walked."},
    {"When Data Mapper", "When a change spans many rows and must be written as a whole, in the "
                         "right order."},
};

static void say_where_short(const char *title, unsigned own, unsigned others, rowan__text *text)
{
    if (own >= others) {
        rowan__text_str(text, " In this run its code is nowhere shorter than the others'.");
        return;
    }
    rowan__text_format(text,
                       " In this run its code is shortest, against the others, in \"%s\": %u lines "
                       "where they take %u.",
                       title, own, others);
}

static void say_when(const results *from, guide *self, rowan__text *text)
{
    for (size_t pattern = 0; pattern < PATTERN_COUNT; pattern++) {
        unsigned own = 0, others = 0;
        size_t use_case = shortest_against_others(from, pattern, &own, &others);
        if (use_case < from->case_count) {
            rowan__text_str(text, advice[pattern].when);
            say_where_short(from->cases[use_case]->title, own, others, text);
            add(self, advice[pattern].heading, text);
        }
    }
}

guide *guide_new(const results *from)
{
    guide *self = calloc(1, sizeof *self);
    rowan__text text;

    if (!self || !(self->at = calloc(MOST_ENTRIES, sizeof *self->at))) {
        free(self);
        return NULL;
    }
    rowan__text_init(&text, &rowan__default_allocator);
    say_worst(from, self, &text);
    say_factors(from, self, &text);
    say_layers(from, self, &text);
    say_lines(from, self, &text);
    say_when(from, self, &text);
    rowan__text_fini(&text);
    return self;
}

void guide_free(guide *self)
{
    if (!self) {
        return;
    }
    for (size_t i = 0; i < self->count; i++) {
        free(self->at[i].heading);
        free(self->at[i].text);
    }
    free(self->at);
    free(self);
}
