/*
 * Traces that were cut, mixed, damaged and made up: every one is read, analysed and written out in
 * every format, and what is JSON stays JSON. The same damage in every run.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/print.h"
#include "support/fault.h"
#include "support/suite.h"

enum { TRACES = 600, LONGEST = 64 * 1024 };

static const char *const pieces[] = {
    "null",
    "-1",
    "1e999",
    "18446744073709551616",
    "[]",
    "{}",
    "\"\"",
    "\\u0000",
    "\\ud800",
    "\xff",
    "'",
    "\\\"",
    "$$",
    "/*",
    "--",
    "$1",
    "$99999999999",
    "SELECT ",
    " IN (",
    "))))))))))))))))",
    "((((((((((((((((((((((((((((((((",
    "\n",
    "/*traceparent='00-",
    "SET search_path TO ",
    ",\"eager\":{\"owners\":9,\"touched\":0}",
    "<script>&]]>",
};

static uint64_t state;

static size_t below(size_t limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return limit == 0 ? 0 : (size_t)(state % limit);
}

/* A trace with something of every kind in it. */
static size_t write_sound(char *out)
{
    size_t size = (size_t)sprintf(
        out, "{\"seq\":1,\"scope\":\"GET /\",\"sql\":\"SELECT id FROM post\",\"params\":[],"
             "\"cols\":[\"id\"],\"rows\":[[1],[2],[3],[4],[5],[6],[7],[8]],\"t_us\":40,"
             "\"ts_us\":1,\"dialect\":\"postgresql\",\"conn\":1,\"callsite\":\"a.c:1 f\"}\n");

    for (int i = 1; i <= 8; i++) {
        size += (size_t)sprintf(
            out + size,
            "{\"seq\":%d,\"scope\":\"GET /\",\"sql\":\"SELECT body FROM note WHERE post_id = "
            "$1\",\"params\":[%d],\"cols\":[\"body\"],\"rows\":[[\"#ab\"]],\"t_us\":%d,"
            "\"ts_us\":%d,\"dialect\":\"postgresql\",\"conn\":1}\n"
            "{\"seq\":%d,\"sql\":\"INSERT INTO note (post_id, body) VALUES (%d, 'a<b')\","
            "\"params\":[],\"nrows\":0,\"t_us\":9,\"ts_us\":%d,\"dialect\":\"mariadb\"}\n",
            1 + i, i, i == 8 ? 900000 : 30, 100 * i, 100 + i, i, 5000 + i);
    }
    size += (size_t)sprintf(
        out + size, "{\"seq\":200,\"sql\":\"SELECT * FROM tag WHERE post_id IN (1,2)\",\"params\":"
                    "[],\"nrows\":4,\"dialect\":\"sqlite\",\"eager\":{\"assoc\":\"tags\","
                    "\"parent_seq\":1,\"owners\":2,\"touched\":0}}\n");
    return size;
}

/* Puts bytes in at a place; what does not fit is left out. */
static size_t insert(char *text, size_t size, size_t at, const char *what, size_t count)
{
    if (size + count > LONGEST) {
        return size;
    }
    memmove(text + at + count, text + at, size - at);
    memcpy(text + at, what, count);
    return size + count;
}

static size_t damage(char *text, size_t size)
{
    char copy[512];
    size_t at = below(size + 1), count;

    switch (below(4)) {
    case 0: {
        const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
        return insert(text, size, at, piece, strlen(piece));
    }
    case 1: /* something is missing */
        count = below(60);
        count = count < size - at ? count : size - at;
        memmove(text + at, text + at + count, size - at - count);
        return size - count;
    case 2: /* a byte is another */
        if (at < size) {
            text[at] = (char)below(256);
        }
        return size;
    default: /* a part of it is somewhere else, too */
        count = below(sizeof copy);
        count = count < size - at ? count : size - at;
        memcpy(copy, text + at, count);
        return insert(text, size, below(size + 1), copy, count);
    }
}

static void ignore(void *context, const char *where, size_t number, const char *why)
{
    (void)context;
    ck_assert_ptr_nonnull(where);
    ck_assert_uint_gt(number, 0);
    ck_assert_uint_gt(strlen(why), 0);
}

/* Every line, or the whole, has to be JSON. */
static void check_json(const char *text, bool by_line)
{
    const char *end;

    for (const char *at = text; *at != '\0'; at = *end == '\0' ? end : end + 1) {
        json_error_t error;
        end = by_line ? at + strcspn(at, "\n") : at + strlen(at);
        json_t *read = json_loadb(at, (size_t)(end - at), JSON_ALLOW_NUL, &error);
        ck_assert_msg(read != NULL, "%s", error.text);
        json_decref(read);
    }
}

static void print_everything(const rowan__analysis *analysis)
{
    static bool (*const printers[])(const rowan__analysis *, FILE *) = {
        rowan__print_json, rowan__print_sarif,      rowan__print_chrome,
        rowan__print_otlp, rowan__print_prometheus, rowan__print_html};
    enum { LINES = 1, WHOLE = 4 }; /* the first LINES are JSON by line, up to WHOLE as a whole */

    for (size_t i = 0; i < sizeof printers / sizeof printers[0]; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *file = open_memstream(&text, &size);
        ck_assert_ptr_nonnull(file);
        ck_assert(printers[i](analysis, file));
        ck_assert_int_eq(fclose(file), 0);
        if (i < WHOLE) {
            check_json(text, i < LINES);
        }
        free(text);
    }
    FILE *file = fopen("/dev/null", "w");
    ck_assert_ptr_nonnull(file);
    rowan__print_text(analysis, true, file);
    rowan__print_junit(analysis, file);
    rowan__print_silence(analysis, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void read_analyze_and_print(const char *text, size_t size, size_t *findings)
{
    const rowan__complaint complaint = {ignore, NULL};
    const rowan__rules rules = rowan__rules_of(NULL);
    char path[] = "/tmp/rowan-trace-XXXXXX";
    rowan__trace trace;
    rowan__analysis analysis;
    rowan_error error;
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, size), (ssize_t)size);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(rowan__trace_read(&trace, &fault_allocator, path, &complaint, &error),
                     ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_init(&analysis, &fault_allocator, &rules), ROWAN_OK);
    ck_assert_int_eq(rowan__analysis_add(&analysis, &trace), ROWAN_OK);
    print_everything(&analysis);
    *findings += analysis.count;
    rowan__analysis_fini(&analysis);
    rowan__trace_fini(&trace);
    ck_assert_uint_eq(fault_out_bytes(), 0);
    unlink(path);
}

START_TEST(damaged_traces_are_read_and_written_out_as_far_as_they_go)
{
    char *text = malloc(LONGEST);
    size_t findings = 0;

    ck_assert_ptr_nonnull(text);
    state = UINT64_C(88172645463325252) + (uint64_t)_i;
    read_analyze_and_print(text, write_sound(text), &findings);
    ck_assert_uint_ge(findings, 3);
    for (int i = 0; i < TRACES; i++) {
        size_t size = write_sound(text);
        for (size_t left = 1 + below(30); left > 0; left--) {
            size = damage(text, size);
        }
        read_analyze_and_print(text, size, &findings);
    }
    ck_assert_uint_gt(findings, TRACES); /* most of what is left is still found */
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hostile traces");
    TCase *damaged = tcase_create("damaged");

    tcase_set_timeout(damaged, 300);
    tcase_add_loop_test(damaged, damaged_traces_are_read_and_written_out_as_far_as_they_go, 0, 4);
    suite_add_tcase(suite, damaged);
    return suite_run(suite);
}
