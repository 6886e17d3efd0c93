#include "support/traced.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/fault.h"

struct traced traced;

void traced_begin(void)
{
    strcpy(traced.path, "/tmp/rowan-trace-XXXXXX");
    int fd = mkstemp(traced.path);
    ck_assert_int_ge(fd, 0);
    traced.file = fdopen(fd, "w");
    ck_assert_ptr_nonnull(traced.file);
    traced.complaints = traced.sequence = 0;
}

void traced_line(const char *text)
{
    fprintf(traced.file, "%s\n", text);
}

void traced_statement(const char *sql, const char *params, const char *more)
{
    traced.sequence++;
    fprintf(traced.file,
            "{\"seq\":%u,\"sql\":\"%s\",\"params\":%s,\"callsite\":\"app.c:%zu f\",\"t_us\":100,"
            "\"ts_us\":%u,\"dialect\":\"postgresql\"%s}\n",
            traced.sequence, sql, params, strlen(sql), traced.sequence * 1000, more);
}

void traced_parent(size_t rows, const char *more)
{
    char text[4096] = ",\"cols\":[\"id\"],\"rows\":[";
    size_t size = strlen(text);

    for (size_t i = 0; i < rows; i++) {
        size += (size_t)sprintf(text + size, "%s[%zu]", i > 0 ? "," : "", 1000 + 7 * i);
    }
    sprintf(text + size, "]%s", more);
    traced_statement("SELECT id FROM post ORDER BY id", "[]", text);
}

void traced_child(size_t i, const char *more)
{
    char params[32];

    sprintf(params, "[%zu]", 1000 + 7 * i);
    traced_statement("SELECT body FROM note WHERE post_id = $1", params, more);
}

static void complain(void *context, const char *where, size_t number, const char *why)
{
    (void)context;
    ck_assert_str_eq(where, traced.path);
    ck_assert_uint_gt(strlen(why), 0);
    traced.complaints++;
    traced.last_complaint = number;
}

rowan_status traced_read_and_analyze(void)
{
    const rowan__complaint complaint = {complain, NULL};
    const rowan__rules rules = rowan__rules_of(NULL);
    rowan_error error;
    rowan_status status =
        rowan__trace_read(&traced.trace, &fault_allocator, traced.path, &complaint, &error);

    traced.analysis = (rowan__analysis){.allocator = &fault_allocator};
    if (status == ROWAN_OK) {
        status = rowan__analysis_init(&traced.analysis, &fault_allocator, &rules);
    }
    return status == ROWAN_OK ? rowan__analysis_add(&traced.analysis, &traced.trace) : status;
}

void traced_release(void)
{
    rowan__analysis_fini(&traced.analysis);
    rowan__trace_fini(&traced.trace);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

void traced_analyze(void)
{
    fclose(traced.file);
    ck_assert_int_eq(traced_read_and_analyze(), ROWAN_OK);
}

void traced_end(void)
{
    traced_release();
    unlink(traced.path);
}

void traced_finds_nothing(const char *what)
{
    traced_analyze();
    ck_assert_msg(traced.analysis.count == 0, "%s: %s", what,
                  traced.analysis.count > 0 ? traced.analysis.at[0].evidence : "");
    traced_end();
}

const rowan__trace_finding *traced_only(const char *kind)
{
    traced_analyze();
    ck_assert_uint_eq(traced.analysis.count, 1);
    ck_assert_str_eq(traced.analysis.at[0].kind, kind);
    return &traced.analysis.at[0];
}
