/*
 * Programs whose locale writes 1,5: what goes to an engine, into a trace and to who reads it has a
 * point all the same. The locale is made here, since a machine need not have any such.
 */
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rowan/verify.h>

#include "base/real.h"
#include "detector/trace_write.h"
#include "report/analysis.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/suite.h"

enum { ROWS = 8 };

static char path[64];
static rowan_trace *sink;
static rowan_db *db;
static rowan_scope *scope;

/* A locale that has nothing of its own but a sign; from here on locales are looked for there. */
static void make_locale(char folder[])
{
    char command[512], file[128];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/definition", folder);
    FILE *out = fopen(file, "w");
    fputs("LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \"\"\ngrouping -1\nEND LC_NUMERIC\n",
          out);
    fclose(out);
    snprintf(command, sizeof command, "localedef -c --no-archive -i %s %s/other >%s/said 2>&1",
             file, folder, folder);
    (void)!system(command); /* complains of what the locale does not have */
    setenv("LOCPATH", folder, 1);
}

static void remove_locale(const char *folder)
{
    char command[128];

    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void speak(void)
{
    char folder[] = "/tmp/rowan-locale-XXXXXX", written[16];

    make_locale(folder);
    ck_assert_msg(setlocale(LC_NUMERIC, "other") != NULL, "localedef made no locale");
    remove_locale(folder);
    snprintf(written, sizeof written, "%.1f", 1.5);
    ck_assert_str_eq(written, "1,5");
}

/* --- Reals. --- */

START_TEST(a_real_has_a_point)
{
    static const struct {
        const char *format;
        double real;
        const char *written;
    } cases[] = {
        {"%.17g", 0.1, "0.10000000000000001"},
        {"%.3f", 1234567.5, "1234567.500"},
        {"%.3f", -0.25, "-0.250"},
        {"%.17g", 5, "5"},
        {"%.17g", 0, "0"},
        {"%.17g", 1e300, "1.0000000000000001e+300"},
        {"%.17g", 1e100, "1e+100"},
        {"%.17g", -2.5e-9, "-2.5000000000000001e-09"},
        {"%.17g", 4.9406564584124654e-324, "4.9406564584124654e-324"},
        {"%.17g", -1.7976931348623157e308, "-1.7976931348623157e+308"},
        {"%g", 1.0 / 0.0, "inf"},
    };
    char text[ROWAN__REAL_TEXT];

    speak();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(text, sizeof text, cases[i].format, cases[i].real);
        ck_assert_ptr_eq(rowan__real_point(text), text);
        ck_assert_str_eq(text, cases[i].written);
        if (strcmp(cases[i].format, "%.17g") == 0) {
            ck_assert(rowan__real_read(text) == cases[i].real);
        }
    }
}
END_TEST

START_TEST(a_sign_may_have_several_bytes)
{
    char arabic[] = "-12\xd9\xab"
                    "5e+07",
         last[] = "1\xd9\xab";

    ck_assert_str_eq(rowan__real_point(arabic), "-12.5e+07");
    ck_assert_str_eq(rowan__real_point(last), "1.");
}
END_TEST

START_TEST(a_point_is_read)
{
    static const struct {
        const char *text;
        double real;
    } cases[] = {
        {"1.5", 1.5},
        {"-0.25e2 AND a.b = 1.5", -25},
        {"7 AND t.a", 7},
        {"", 0},
        {".5", 0.5},
        {"12.", 12},
        {"none.5", 0},
        {"1.5.5", 1.5},
        {"1234567.125", 1234567.125},
        /* what stands too far behind is not looked for */
        {"42                                                               t.a", 42},
    };

    speak();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(rowan__real_read(cases[i].text) == cases[i].real, "%s", cases[i].text);
    }
}
END_TEST

/* --- Programs. --- */

static void begin(size_t engine)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_trace_options recorded = ROWAN_TRACE_OPTIONS_INIT;
    rowan_subscriber *subscribers[1];

    speak();
    strcpy(path, "/tmp/rowan-locale-XXXXXX");
    close(mkstemp(path));
    recorded.values = true;
    ck_assert_int_eq(rowan_trace_open(path, &recorded, &sink, NULL), ROWAN_OK);
    subscribers[0] = rowan_trace_subscriber(sink);
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    db = library_open(engine, &options);
    engine_script(db,
                  "CREATE TABLE measured (id @ref NOT NULL PRIMARY KEY, size @double NOT NULL)");
    scope = library_scope(db);
    for (int i = 0; i < ROWS; i++) {
        library_ok(scope, rowan_raw_run(scope, "INSERT INTO measured (id, size) VALUES (?, ?)",
                                        ROWAN_PARAMS(ROWAN_V(100 + i), ROWAN_V(i + 0.25)), NULL));
    }
}

static void end(void)
{
    rowan_scope_end(scope);
    engine_close(db);
    ck_assert_int_eq(rowan_trace_close(sink, NULL), ROWAN_OK);
}

static void complain(void *context, const char *where, size_t line, const char *why)
{
    (void)context;
    ck_abort_msg("%s:%zu: %s", where, line, why);
}

static int64_t count_of(const char *sql, rowan_params params)
{
    rowan_cursor *cursor;
    int64_t count = 0;

    library_ok(scope, rowan_raw_open(scope, sql, params, &cursor));
    while (rowan_cursor_next(cursor) == ROWAN_OK) {
        count++;
    }
    rowan_cursor_close(cursor);
    return count;
}

START_TEST(an_engine_is_sent_the_reals_that_were_meant)
{
    rowan_value sizes[] = {rowan_v_double(1.25), rowan_v_double(2.25), rowan_v_double(2),
                           rowan_v_double(7.25)};

    begin((size_t)_i);
    ck_assert_int_eq(
        count_of("SELECT id FROM measured WHERE size > ?", ROWAN_PARAMS(ROWAN_V(3.25))), 4);
    ck_assert_int_eq(
        count_of("SELECT id FROM measured WHERE size IN (?)", ROWAN_PARAMS(rowan_v_list(sizes, 4))),
        3);
    end();
    unlink(path);
}
END_TEST

START_TEST(a_trace_can_be_read_and_has_its_times_and_values)
{
    const rowan__complaint complaint = {complain, NULL};
    rowan__trace trace;
    size_t seen = 0;
    int64_t took_ns = 0;

    begin((size_t)_i);
    end();
    ck_assert_int_eq(rowan__trace_read(&trace, &fault_allocator, path, &complaint, NULL), ROWAN_OK);
    for (size_t i = 0; i < trace.count; i++) {
        const rowan__traced *at = &trace.at[i];
        ck_assert_int_ge(at->start_ns, 0);
        ck_assert(i == 0 || at->start_ns >= trace.at[i - 1].start_ns);
        took_ns += at->elapsed_ns;
        if (strncmp(at->sql, "INSERT INTO measured", 20) == 0) {
            ck_assert_uint_eq(at->param_count, 2);
            ck_assert_double_eq(at->params[1].as.real, (double)seen + 0.25);
            seen++;
        }
    }
    ck_assert_uint_eq(seen, ROWS);
    ck_assert_int_gt(took_ns, 0);
    rowan__trace_fini(&trace);
    unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("locale");
    TCase *tc = tcase_create("locale");
    int engines = (int)engine_count();

    tcase_add_test(tc, a_real_has_a_point);
    tcase_add_test(tc, a_point_is_read);
    tcase_add_test(tc, a_sign_may_have_several_bytes);
    tcase_add_loop_test(tc, an_engine_is_sent_the_reals_that_were_meant, 0, engines);
    tcase_add_loop_test(tc, a_trace_can_be_read_and_has_its_times_and_values, 0, engines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
