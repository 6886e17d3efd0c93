/*
 * What must not change what is found in a trace: other values, other spelling, noise between the
 * statements, another order, another scope beside it. And advice that is taken is not taken back.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/print.h"
#include "support/fault.h"
#include "support/suite.h"

enum { FEW = 6, SOME = 12, MANY = 60 };

/* How a trace is written; all zero is the plain way. */
typedef struct variant {
    const char *name;
    bool other_values, quoted, commented, spaced, with_literals;
    bool with_noise;   /* a statement of its own text after each */
    bool from_the_end; /* what a loop does, it does backwards */
    bool beside;       /* the same in another scope, turn by turn */
} variant;

static const variant plain = {.name = "plain"};

static const variant variants[] = {
    {.name = "other values", .other_values = true},
    {.name = "quoted names", .quoted = true},
    {.name = "comments", .commented = true},
    {.name = "white space and case", .spaced = true},
    {.name = "literals", .with_literals = true},
    {.name = "noise", .with_noise = true},
    {.name = "backwards", .from_the_end = true},
    {.name = "two scopes", .beside = true},
    {.name = "all but literals",
     .other_values = true,
     .quoted = true,
     .commented = true,
     .spaced = true,
     .with_noise = true,
     .from_the_end = true,
     .beside = true},
};

static char path[64];
static FILE *file;
static unsigned sequence;
static const variant *way;

static size_t value(size_t i)
{
    return way->other_values ? 900001 + 31 * i : 1000 + 7 * i;
}

/* A text as the variant spells it. Names are between ` and `, values are `$`. */
static void write_sql(const char *sql, const size_t *values)
{
    unsigned number = 0;

    fputs("\"sql\":\"", file);
    if (way->commented) {
        fprintf(file, "/* request %u */ ", sequence);
    }
    for (; *sql != '\0'; sql++) {
        if (*sql == '`') {
            fputs(way->quoted ? "\\\"" : "", file);
        } else if (*sql == '$' && way->with_literals) {
            fprintf(file, "%zu", values[number++]);
        } else if (*sql == '$') {
            fprintf(file, "$%u", ++number);
        } else if (*sql == ' ' && way->spaced) {
            fputs(" \\n\\t ", file);
        } else if (*sql >= 'A' && *sql <= 'Z' && way->spaced) {
            fputc(*sql + ('a' - 'A'), file);
        } else {
            fputc(*sql, file);
        }
    }
    fputs(way->commented ? " -- the end\"" : "\"", file);
}

static void write_once(const char *scope, const char *sql, const size_t *values, size_t count,
                       const char *more)
{
    sequence++;
    fprintf(file,
            "{\"seq\":%u,\"scope\":\"%s\",\"callsite\":\"app.c:%zu f\",\"t_us\":100,\"ts_us\":%u,"
            "\"dialect\":\"postgresql\",\"conn\":\"%s\",",
            sequence, scope, strlen(sql), sequence * 1000, scope);
    write_sql(sql, values);
    fputs(",\"params\":[", file);
    for (size_t i = 0; i < count && !way->with_literals; i++) {
        fprintf(file, "%s%zu", i > 0 ? "," : "", values[i]);
    }
    fprintf(file, "]%s}\n", more);
    if (way->with_noise) {
        sequence++;
        fprintf(file,
                "{\"seq\":%u,\"scope\":\"%s\",\"sql\":\"SELECT a%u FROM noise%u\",\"t_us\":1,"
                "\"ts_us\":%u,\"dialect\":\"postgresql\",\"conn\":\"%s\"}\n",
                sequence, scope, sequence, sequence, sequence * 1000, scope);
    }
}

/* `more` is what else the line says, and begins with a comma. */
static void statement(const char *sql, const size_t *values, size_t count, const char *more)
{
    write_once("GET /", sql, values, count, more);
    if (way->beside) {
        write_once("GET /other", sql, values, count, more);
    }
}

/* Rows of one column, values from the first on. */
static void rows_of(const char *sql, const char *column, size_t count)
{
    static char more[4096];
    size_t size = (size_t)sprintf(more, ",\"cols\":[\"%s\"],\"rows\":[", column);

    for (size_t i = 0; i < count; i++) {
        size += (size_t)sprintf(more + size, "%s[%zu]", i > 0 ? "," : "", value(i));
    }
    sprintf(more + size, "]");
    statement(sql, NULL, 0, more);
}

static void for_each(const char *sql, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t key = value(way->from_the_end ? count - 1 - i : i);
        statement(sql, &key, 1, "");
    }
}

/* --- Situations. --- */

static void lazy_children(size_t count)
{
    rows_of("SELECT `id` FROM `post`", "id", count);
    for_each("SELECT `body` FROM `note` WHERE `post_id` = $", count);
}

static void counted_children(size_t count)
{
    rows_of("SELECT `id` FROM `post`", "id", count);
    for_each("SELECT count(*) FROM `note` WHERE `post_id` = $", count);
}

static void repeated(size_t count)
{
    size_t same = value(3);

    for (size_t i = 0; i < count; i++) {
        statement("SELECT `name` FROM `setting` WHERE `id` = $", &same, 1, "");
    }
}

static void inserted(size_t count)
{
    for_each("INSERT INTO `note` (`post_id`) VALUES ($)", count);
}

static void deleted(size_t count)
{
    for_each("DELETE FROM `note` WHERE `post_id` = $", count);
}

static void updated(size_t count)
{
    for_each("UPDATE `note` SET `read` = 1 WHERE `post_id` = $", count);
}

/* A list of nodes, each below the one before. */
static void walked(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char more[96];
        size_t key = value(i);
        sprintf(more, ",\"cols\":[\"id\"],\"rows\":[[%zu]]", value(i + 1));
        statement("SELECT `id` FROM `node` WHERE `parent_id` = $", &key, 1, more);
    }
}

static void batched(size_t count)
{
    size_t values[3] = {value(0), value(1), value(2)};

    rows_of("SELECT `id` FROM `post`", "id", count);
    statement("SELECT `body` FROM `note` WHERE `post_id` IN ($, $, $)", values, 3, "");
}

static const struct situation {
    const char *name, *kind; /* of its only finding, NULL: it has none */
    void (*write)(size_t count);
} situations[] = {
    {"lazy children", "n_plus_one", lazy_children},
    {"counted children", "n_plus_one", counted_children},
    {"the same again", "duplicate_query", repeated},
    {"inserts one by one", "write_loop", inserted},
    {"deletes one by one", "write_loop", deleted},
    {"updates one by one", "write_loop", updated},
    {"a walk", "recursive_walk", walked},
    {"a batch", NULL, batched},
};

enum { SITUATIONS = sizeof situations / sizeof situations[0] };

/* --- What is found. --- */

static void begin(const variant *as)
{
    way = as;
    strcpy(path, "/tmp/rowan-trace-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    file = fdopen(fd, "w");
    ck_assert_ptr_nonnull(file);
    sequence = 0;
}

/* Findings of one scope, a line each; every scope has to have the same. */
static void found(char *out, size_t size, size_t scopes)
{
    const rowan__complaint none = {NULL, NULL};
    const rowan__rules rules = rowan__rules_of(NULL);
    rowan__trace trace;
    rowan__analysis analysis;
    rowan_error error;
    size_t used = 0, first = 0, others = 0;

    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(rowan__trace_read(&trace, &fault_allocator, path, &none, &error), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_init(&analysis, &fault_allocator, &rules), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_add(&analysis, &trace), ROWAN_OK);
    out[0] = '\0';
    for (size_t i = 0; i < analysis.count; i++) {
        const rowan__trace_finding *one = &analysis.at[i];
        ck_assert_ptr_nonnull(one->scope);
        if (strcmp(one->scope, "GET /") != 0) {
            others++;
            continue;
        }
        first++;
        used += (size_t)snprintf(out + used, size - used, "%s %s %s%s %llu of %llu, %zu, %s.%s\n",
                                 one->kind, one->is_confirmed ? "confirmed" : "likely",
                                 rowan__action_name(one->action),
                                 one->parent_seq != 0 ? " with parent" : "",
                                 (unsigned long long)one->distinct, (unsigned long long)one->count,
                                 one->seq_count, one->parent_column ? one->parent_column : "-",
                                 one->child_column ? one->child_column : "-");
        ck_assert_uint_lt(used, size);
    }
    ck_assert_uint_eq(others, scopes > 1 ? first : 0);
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    unlink(path);
}

static void look(const struct situation *at, const variant *as, size_t count, char *out,
                 size_t size)
{
    begin(as);
    at->write(count);
    found(out, size, as->beside ? 2 : 1);
}

START_TEST(every_situation_is_what_it_is)
{
    const struct situation *at = &situations[_i];
    char lines[1024];

    look(at, &plain, SOME, lines, sizeof lines);
    if (at->kind == NULL) {
        ck_assert_str_eq(lines, "");
    } else {
        ck_assert_msg(strncmp(lines, at->kind, strlen(at->kind)) == 0, "%s: %s", at->name, lines);
        ck_assert_ptr_eq(strchr(lines, '\n') + 1, lines + strlen(lines));
    }
}
END_TEST

START_TEST(spelling_values_order_and_company_change_nothing)
{
    const struct situation *at = &situations[_i];
    static const size_t counts[] = {FEW, SOME, MANY};
    char before[1024], after[1024];

    for (size_t n = 0; n < sizeof counts / sizeof counts[0]; n++) {
        look(at, &plain, counts[n], before, sizeof before);
        for (size_t k = 0; k < sizeof variants / sizeof variants[0]; k++) {
            look(at, &variants[k], counts[n], after, sizeof after);
            ck_assert_msg(strcmp(before, after) == 0, "%s of %zu, %s:\n%sbut plain:\n%s", at->name,
                          counts[n], variants[k].name, after, before);
        }
    }
}
END_TEST

/* Twice as much is the same with twice the count. */
START_TEST(more_of_it_is_found_as_more_of_it)
{
    const struct situation *at = &situations[_i];
    char lines[1024], before[128] = "";

    for (size_t count = FEW; count <= 8 * FEW && at->kind != NULL; count *= 2) {
        char what[3][32], now[128];
        unsigned long long of = 0;
        look(at, &plain, count, lines, sizeof lines);
        const char *number = strstr(lines, " of ");
        ck_assert_msg(number != NULL, "%s of %zu", at->name, count);
        ck_assert_int_eq(sscanf(number, " of %llu", &of), 1);
        ck_assert_uint_eq(of, count);
        ck_assert_int_eq(sscanf(lines, "%31s %31s %31s", what[0], what[1], what[2]), 3);
        snprintf(now, sizeof now, "%s %s %s", what[0], what[1], what[2]);
        ck_assert(before[0] == '\0' || strcmp(before, now) == 0);
        memcpy(before, now, sizeof before);
    }
}
END_TEST

/* --- Advice. --- */

/* One statement for all, of which `touched` owners were read. */
static void eager_children(size_t owners, size_t touched)
{
    char more[128];
    size_t values[3] = {value(0), value(1), value(2)};

    rows_of("SELECT `id` FROM `post`", "id", owners);
    snprintf(more, sizeof more,
             ",\"nrows\":%zu,\"eager\":{\"assoc\":\"notes\",\"parent_seq\":1,\"owners\":%zu,"
             "\"touched\":%zu}",
             owners, owners, touched);
    statement("SELECT `body` FROM `note` WHERE `post_id` IN ($, $, $)", values, 3, more);
}

/* Whether loading at once or one by one: for no number of rows read are both advised against. */
START_TEST(loading_at_once_and_one_by_one_are_never_both_wrong)
{
    char lazy[1024], eager[1024];
    size_t told = 0;

    for (size_t owners = 1; owners <= MANY; owners = owners * 2 + 1) {
        for (size_t touched = 0; touched <= owners; touched++) {
            begin(&plain);
            rows_of("SELECT `id` FROM `post`", "id", owners);
            for_each("SELECT `body` FROM `note` WHERE `post_id` = $", touched);
            found(lazy, sizeof lazy, 1);
            begin(&plain);
            eager_children(owners, touched);
            found(eager, sizeof eager, 1);
            ck_assert_msg(lazy[0] == '\0' || eager[0] == '\0', "%zu of %zu:\n%s%s", touched, owners,
                          lazy, eager);
            told += lazy[0] != '\0' || eager[0] != '\0' ? 1 : 0;
        }
    }
    ck_assert_uint_gt(told, 0);
}
END_TEST

/* What each advice makes of its situation has nothing left to say. */
START_TEST(advice_that_is_taken_is_the_end_of_it)
{
    size_t values[3];
    char lines[1024];

    begin(&plain); /* batch_in */
    eager_children(SOME, SOME);
    found(lines, sizeof lines, 1);
    ck_assert_str_eq(lines, "");

    begin(&plain); /* group_by_count */
    rows_of("SELECT `id` FROM `post`", "id", SOME);
    values[0] = value(0), values[1] = value(1), values[2] = value(2);
    statement("SELECT `post_id`, count(*) FROM `note` WHERE `post_id` IN ($, $, $) GROUP BY 1",
              values, 3, "");
    found(lines, sizeof lines, 1);
    ck_assert_str_eq(lines, "");

    begin(&plain); /* hoist */
    statement("SELECT `name` FROM `setting` WHERE `id` = $", values, 1, "");
    found(lines, sizeof lines, 1);
    ck_assert_str_eq(lines, "");

    begin(&plain); /* multi_row_write */
    statement("INSERT INTO `note` (`post_id`) VALUES ($), ($), ($)", values, 3, "");
    statement("DELETE FROM `note` WHERE `post_id` IN ($, $, $)", values, 3, "");
    found(lines, sizeof lines, 1);
    ck_assert_str_eq(lines, "");

    begin(&plain); /* remove_eager_load */
    rows_of("SELECT `id` FROM `post`", "id", SOME);
    found(lines, sizeof lines, 1);
    ck_assert_str_eq(lines, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("traces, changed in what does not matter");
    TCase *same = tcase_create("same");
    TCase *advice = tcase_create("advice");

    tcase_set_timeout(same, 120);
    tcase_set_timeout(advice, 120);
    tcase_add_loop_test(same, every_situation_is_what_it_is, 0, SITUATIONS);
    tcase_add_loop_test(same, spelling_values_order_and_company_change_nothing, 0, SITUATIONS);
    tcase_add_loop_test(same, more_of_it_is_found_as_more_of_it, 0, SITUATIONS);
    tcase_add_test(advice, loading_at_once_and_one_by_one_are_never_both_wrong);
    tcase_add_test(advice, advice_that_is_taken_is_the_end_of_it);
    suite_add_tcase(suite, same);
    suite_add_tcase(suite, advice);
    return suite_run(suite);
}
