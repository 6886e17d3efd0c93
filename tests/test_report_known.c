/* How a finding stands to what was known before: a baseline, and an allow-list. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/baseline.h"
#include "support/fault.h"
#include "support/suite.h"
#include "support/traced.h"

#define TODAY "2025-06-15"

/* The file of the turn, and what came of it. */
static char path[] = "/tmp/rowan-known-XXXXXX";
static rowan__known known;
static rowan_error error;

static void write_known(const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

/* A trace with one loop, of 8 turns from "show.c:9 one". */
static void begin(void)
{
    strcpy(path, "/tmp/rowan-known-XXXXXX");
    close(mkstemp(path));
    traced_begin();
    traced_parent(8, ",\"scope\":\"a\"");
    for (size_t i = 0; i < 8; i++) {
        traced_child(i, ",\"scope\":\"a\",\"callsite\":\"show.c:9 one\"");
    }
    const rowan__trace_finding *finding = traced_only("n_plus_one");
    ck_assert_uint_eq(finding->count, 8);
    ck_assert_str_eq(finding->callsite, "show.c:9 one");
    known = (rowan__known){0};
}

static void end(void)
{
    rowan__known_fini(&known, &fault_allocator);
    traced_end();
    unlink(path);
}

static rowan__trace_finding *loop(void)
{
    return &traced.analysis.at[0];
}

/* Forgets what the last turn found out. */
static void again(void)
{
    rowan__known_fini(&known, &fault_allocator);
    known = (rowan__known){0};
    loop()->allowed = NULL;
    loop()->standing = ROWAN__STANDING_NEW;
    loop()->count_before = 0;
}

/* A line with the loop's id for %s. */
static const char *with_id(const char *format)
{
    static char line[400];
    char id[20];

    snprintf(id, sizeof id, "%016" PRIx64, loop()->fingerprint_id);
    const char *at = strstr(format, "ID");
    snprintf(line, sizeof line, "%.*s%s%s", at ? (int)(at - format) : 0, format, at ? id : "",
             at ? at + 2 : format);
    return line;
}

static rowan_status apply(const char *text)
{
    write_known(text);
    return rowan__allow_list_apply(&traced.analysis, path, TODAY, &known, &error);
}

static rowan_status compare(const char *text)
{
    write_known(text);
    return rowan__baseline_compare(&traced.analysis, path, &known, &error);
}

/* --- The allow-list. --- */

#define STALE "nothing that is found matches the entry: take it out"
#define EXPIRED "the entry has expired"

static const struct entry {
    const char *line;
    const char *reason; /* for which the loop is allowed then, or NULL */
    const char *stale;  /* what is said of the entry, or NULL */
} entries[] = {
    {"ID * 2025-06-16 ten rows at most", "ten rows at most", NULL},
    {"ID * 2025-06-15 to the end of today", "to the end of today", NULL},
    {"ID * 2025-06-14 yesterday", NULL, EXPIRED},
    {"ID * 2024-12-31 last year", NULL, EXPIRED},
    {"ID * 9999-12-31 for ever", "for ever", NULL},
    {"ID show.c:9 2025-12-31 why", "why", NULL},
    {"ID show.c:9 2025-01-31 both", NULL, EXPIRED},
    {"ID show.c: 2025-12-31 a part of it", NULL, STALE},
    {"ID show.c 2025-12-31 its file only", NULL, STALE},
    {"ID show.c:90 2025-12-31 another line", NULL, STALE},
    {"ID how.c:9 2025-12-31 the end of it", NULL, STALE},
    {"ID other.c:1 2025-12-31 elsewhere", NULL, STALE},
    {"ID shop.c:9 2025-12-31 a file of as many letters", NULL, STALE},
    {"0123456789abcdef * 2025-12-31 another statement", NULL, STALE},
    {"  \tID\t*  2025-12-31\t  blanks  between", "blanks  between", NULL},
    {"ID * 2025-12-31 why # and a comment", "why ", NULL},
    {"ID * 2025-12-31 why\r", "why", NULL},
    {"# ID * 2025-12-31 why", NULL, NULL},
    {"", NULL, NULL},
    {" \t ", NULL, NULL},
};

START_TEST(an_entry_allows_what_it_names_until_its_last_day)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        const struct entry *e = &entries[i];
        char wanted[400];
        again();
        ck_assert_msg(apply(with_id(e->line)) == ROWAN_OK, "%s: %s", e->line, error.message);
        ck_assert_msg((loop()->allowed != NULL) == (e->reason != NULL), "%s", e->line);
        ck_assert_msg(e->reason == NULL || strcmp(loop()->allowed, e->reason) == 0, "%s: %s",
                      e->line, loop()->allowed);
        ck_assert_msg(rowan__is_news(loop()) == (e->reason == NULL), "%s", e->line);
        ck_assert_msg(known.stale_count == (e->stale != NULL), "%s", e->line);
        if (e->stale != NULL) {
            snprintf(wanted, sizeof wanted, "%s:1: %s", path, e->stale);
            ck_assert_str_eq(known.stale[0], wanted);
        }
    }
}
END_TEST

/* Of a site that is not known only * can be said. */
START_TEST(a_finding_without_a_site_is_allowed_everywhere_only)
{
    loop()->callsite = NULL;
    ck_assert_int_eq(apply(with_id("ID show.c:9 2025-12-31 why")), ROWAN_OK);
    ck_assert_ptr_null(loop()->allowed);
    ck_assert_int_eq(apply(with_id("ID * 2025-12-31 why")), ROWAN_OK);
    ck_assert_str_eq(loop()->allowed, "why");
    loop()->callsite = "show.c:9"; /* no function behind it */
    again();
    ck_assert_int_eq(apply(with_id("ID show.c:9 2025-12-31 why")), ROWAN_OK);
    ck_assert_str_eq(loop()->allowed, "why");
}
END_TEST

START_TEST(what_is_no_entry_is_refused_with_its_line)
{
    static const char *const lines[] = {
        "nonsense",
        "ID",
        "ID *",
        "ID * 2025-12-31",
        "ID * 2025-12-31 # why",
        "ID * 2025-02-29 no leap year",
        "ID * 2025-13-01 why",
        "ID * 31.12.2025 why",
        "ID * 2025-12-31T00:00 why",
        "ID 2025-12-31 no site",
        "IDa * 2025-12-31 17 digits",
        "123456789abcdef * 2025-12-31 15 digits",
        "0123456789abcdeg * 2025-12-31 no digit",
        "0x23456789abcdef * 2025-12-31 a prefix",
        "-123456789abcdef * 2025-12-31 a sign",
        "+123456789abcdef * 2025-12-31 a sign",
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[600], wanted[400];
        again();
        snprintf(text, sizeof text, "# first\n\n%s\n", with_id(lines[i]));
        ck_assert_msg(apply(text) == ROWAN_SYNTAX, "%s", lines[i]);
        snprintf(wanted, sizeof wanted, "%s:3: an entry is a fingerprint, a call site or *, ",
                 path);
        ck_assert_msg(strncmp(error.message, wanted, strlen(wanted)) == 0, "%s", error.message);
        ck_assert_ptr_null(loop()->allowed);
    }
}
END_TEST

/* All lines count, each for itself; a list may have more of them than the first room. */
START_TEST(every_line_is_an_entry)
{
    char text[8000];
    size_t size = 0;

    for (int i = 0; i < 40; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size,
                                 "00000000000000%02x * 2025-12-31 why\n", i);
    }
    snprintf(text + size, sizeof text - size, "%s", with_id("ID * 2025-12-31 the last, unended"));
    ck_assert_int_eq(apply(text), ROWAN_OK);
    ck_assert_uint_eq(known.stale_count, 40);
    for (size_t i = 0; i < 40; i++) {
        char wanted[400];
        snprintf(wanted, sizeof wanted, "%s:%zu: %s", path, i + 1, STALE);
        ck_assert_str_eq(known.stale[i], wanted);
    }
    ck_assert_str_eq(loop()->allowed, "the last, unended");
}
END_TEST

/* --- The baseline. --- */

/* A line of the loop as it was, with a count; NAME is that of the trace. */
static const char *baseline_line(const char *trace, const char *kind, const char *id, int count)
{
    static char line[600];

    snprintf(
        line, sizeof line,
        "{\"trace\":\"%s\",\"kind\":\"%s\",\"fingerprint_id\":\"%s\",\"fingerprint\":\"folded\","
        "\"count\":%d}\n",
        trace ? trace : traced.trace.name, kind ? kind : "n_plus_one", id ? id : with_id("ID"),
        count);
    return line;
}

START_TEST(a_finding_is_known_until_it_gets_worse)
{
    static const struct {
        int before;
        rowan__standing standing;
    } turns[] = {{1, ROWAN__STANDING_WORSE},
                 {7, ROWAN__STANDING_WORSE},
                 {8, ROWAN__STANDING_KNOWN},
                 {9, ROWAN__STANDING_KNOWN}};

    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        again();
        ck_assert(rowan__is_news(loop()));
        ck_assert_int_eq(compare(baseline_line(NULL, NULL, NULL, turns[i].before)), ROWAN_OK);
        ck_assert_int_eq(loop()->standing, turns[i].standing);
        ck_assert_uint_eq(loop()->count_before, (unsigned)turns[i].before);
        ck_assert_uint_eq(known.fixed_count, 0);
        ck_assert(rowan__is_news(loop()) == (turns[i].standing == ROWAN__STANDING_WORSE));
    }
}
END_TEST

/* Of several scopes that had the same the worst counts, wherever it stands. */
START_TEST(the_worst_of_several_counts)
{
    static const int orders[][3] = {{3, 8, 5}, {8, 3, 5}, {3, 5, 8}};

    for (size_t i = 0; i < 3; i++) {
        char text[1800] = "";
        again();
        for (size_t k = 0; k < 3; k++) {
            strcat(text, baseline_line(NULL, NULL, NULL, orders[i][k]));
        }
        ck_assert_int_eq(compare(text), ROWAN_OK);
        ck_assert_uint_eq(loop()->count_before, 8);
        ck_assert_int_eq(loop()->standing, ROWAN__STANDING_KNOWN);
    }
}
END_TEST

/* Another trace, kind or statement is another finding, which is gone. */
START_TEST(what_is_gone_is_fixed_and_the_rest_is_new)
{
    char text[1800] = "";

    strcat(text, baseline_line("other", NULL, NULL, 9));
    strcat(text, baseline_line(NULL, "duplicate_query", NULL, 9));
    strcat(text, "{\"kind\":\"dropped\",\"trace\":null,\"statements\":7}\n");
    strcat(text, baseline_line(NULL, NULL, "0123456789abcdef", 9));
    strcat(text, "{}\n");
    ck_assert_int_eq(compare(text), ROWAN_OK);
    ck_assert_int_eq(loop()->standing, ROWAN__STANDING_NEW);
    ck_assert(rowan__is_news(loop()));
    ck_assert_uint_eq(known.fixed_count, 4);
    ck_assert_str_eq(known.fixed[0].trace, "other");
    ck_assert_str_eq(known.fixed[0].fingerprint, "folded");
    ck_assert_str_eq(known.fixed[1].kind, "duplicate_query");
    ck_assert_str_eq(known.fixed[2].kind, "n_plus_one");
    ck_assert_str_eq(known.fixed[3].trace, "");
    ck_assert_str_eq(known.fixed[3].kind, "");
    ck_assert_str_eq(known.fixed[3].fingerprint, "");
    again();
    ck_assert_int_eq(compare(""), ROWAN_OK); /* of a run without findings */
    ck_assert_int_eq(loop()->standing, ROWAN__STANDING_NEW);
    ck_assert_uint_eq(known.fixed_count, 0);
}
END_TEST

START_TEST(what_is_no_report_is_refused_with_its_line)
{
    static const char *const lines[] = {"nonsense", "[]", "\"n_plus_one\"", "7",
                                        "",         "{",  "{} {}",          "{\"kind\":\"\xff\"}"};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[900], wanted[400];
        again();
        snprintf(text, sizeof text, "%s%s\n", baseline_line(NULL, NULL, NULL, 8), lines[i]);
        ck_assert_msg(compare(text) == ROWAN_SYNTAX, "%s", lines[i]);
        snprintf(wanted, sizeof wanted, "%s:2: this is no line of `rowan analyze --format json`",
                 path);
        ck_assert_str_eq(error.message, wanted);
    }
}
END_TEST

/* --- Both. --- */

START_TEST(a_file_that_cannot_be_read_is_named)
{
    static const char *const paths[] = {"/tmp/rowan-there-is-none", "/tmp"};
    static const char *const why[] = {"No such file or directory", "Is a directory"};

    for (size_t i = 0; i < 2; i++) {
        char wanted[200];
        snprintf(wanted, sizeof wanted, "cannot read %s: %s", paths[i], why[i]);
        ck_assert_int_eq(rowan__baseline_compare(&traced.analysis, paths[i], &known, &error),
                         ROWAN_IO);
        ck_assert_str_eq(error.message, wanted);
        memset(&error, 0, sizeof error);
        ck_assert_int_eq(rowan__allow_list_apply(&traced.analysis, paths[i], TODAY, &known, &error),
                         ROWAN_IO);
        ck_assert_str_eq(error.message, wanted);
    }
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    char allowed[4000] = "", before[4000] = "";
    unsigned failed = 0;

    for (int i = 0; i < 12; i++) {
        char id[20];
        snprintf(id, sizeof id, "%016x", i);
        strcat(before, baseline_line(NULL, NULL, id, 3));
        snprintf(allowed + strlen(allowed), 100, "%s * 2025-12-31 %040d\n", id, i);
    }
    for (unsigned nth = 1;; nth++) {
        again();
        fault_arm(nth);
        rowan_status status = compare(before);
        status = status == ROWAN_OK ? apply(allowed) : status;
        bool fired = fault_fired();
        fault_arm(0);
        ck_assert_int_eq(status, fired ? ROWAN_NOMEM : ROWAN_OK);
        if (!fired) {
            break;
        }
        ck_assert_str_eq(error.message, "out of memory");
        failed++;
    }
    ck_assert_uint_gt(failed, 1);
    ck_assert_uint_eq(known.fixed_count, 12);
    ck_assert_uint_eq(known.stale_count, 12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("known before");
    TCase *allow = tcase_create("allow-list");
    TCase *baseline = tcase_create("baseline");
    TCase *both = tcase_create("both");

    tcase_add_checked_fixture(allow, begin, end);
    tcase_add_checked_fixture(baseline, begin, end);
    tcase_add_checked_fixture(both, begin, end);
    tcase_add_test(allow, an_entry_allows_what_it_names_until_its_last_day);
    tcase_add_test(allow, a_finding_without_a_site_is_allowed_everywhere_only);
    tcase_add_test(allow, what_is_no_entry_is_refused_with_its_line);
    tcase_add_test(allow, every_line_is_an_entry);
    tcase_add_test(baseline, a_finding_is_known_until_it_gets_worse);
    tcase_add_test(baseline, the_worst_of_several_counts);
    tcase_add_test(baseline, what_is_gone_is_fixed_and_the_rest_is_new);
    tcase_add_test(baseline, what_is_no_report_is_refused_with_its_line);
    tcase_add_test(both, a_file_that_cannot_be_read_is_named);
    tcase_add_test(both, every_allocation_may_fail);
    suite_add_tcase(suite, allow);
    suite_add_tcase(suite, baseline);
    suite_add_tcase(suite, both);
    return suite_run(suite);
}
