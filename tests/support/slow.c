#include "support/slow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "support/engine.h"

enum { MOST_LINES = 16384 };

static char lines[MOST_LINES];
static size_t written;
static unsigned sequence;
static bool is_analyzed;
static char placed[2048]; /* the last text with the engine's placeholders */

static const char *engine(void)
{
    return engine_name(recorded.engine);
}

bool slow_is_on(const char *name)
{
    return engine_is(recorded.engine, name);
}

/* --- The database: items with owners. Of a hundred items one is rare, and one is not removed. ---
 */

static void fill_items(rowan_scope *scope, int items)
{
    rowan_value *values = calloc((size_t)items * 6, sizeof *values);
    static char codes[SLOW_ITEMS][24];

    ck_assert_ptr_nonnull(values);
    for (int i = 0; i < items; i++) {
        snprintf(codes[i], sizeof codes[i], "Code %05d", i * 7919 % items);
        values[6 * i] = ROWAN_V(i + 1);
        values[6 * i + 1] = ROWAN_V(i * 31 % SLOW_OWNERS + 1);
        values[6 * i + 2] = ROWAN_V((const char *)codes[i]);
        values[6 * i + 3] = ROWAN_V(i % 100 == 7 ? "rare" : "common");
        values[6 * i + 4] = ROWAN_V(i * 17 % 5000);
        values[6 * i + 5] = i % 100 == 3 ? rowan_v_null() : ROWAN_V(i % 1000);
    }
    ck_assert_int_eq(rowan_raw_run_many(scope,
                                        "INSERT INTO item (id, owner_id, code, kind, amount, "
                                        "removed) VALUES (?, ?, ?, ?, ?, ?)",
                                        values, (size_t)items, NULL),
                     ROWAN_OK);
    free(values);
}

static void fill_owners(rowan_scope *scope)
{
    rowan_value *values = calloc(SLOW_OWNERS * 2, sizeof *values);

    ck_assert_ptr_nonnull(values);
    for (int i = 0; i < SLOW_OWNERS; i++) {
        values[2 * i] = ROWAN_V(i + 1);
        values[2 * i + 1] = ROWAN_V(i % 750);
    }
    ck_assert_int_eq(rowan_raw_run_many(scope, "INSERT INTO owner (id, region) VALUES (?, ?)",
                                        values, SLOW_OWNERS, NULL),
                     ROWAN_OK);
    free(values);
}

void slow_fill(const char *url, int items)
{
    rowan_db *db = engine_open_url(url, NULL);
    rowan_scope *scope;

    engine_script(db, "CREATE TABLE owner (id @ref NOT NULL PRIMARY KEY, region @int32 NOT NULL);"
                      "CREATE TABLE item (id @ref NOT NULL PRIMARY KEY, owner_id @ref NOT NULL,"
                      " code @text(40) NOT NULL, kind @text(10) NOT NULL, amount @int32 NOT NULL,"
                      " removed @int32)");
    ck_assert_int_eq(rowan_scope_begin(db, "fill", &scope, NULL), ROWAN_OK);
    ck_assert_int_eq(rowan_begin(scope, NULL), ROWAN_OK);
    fill_items(scope, items);
    fill_owners(scope);
    ck_assert_int_eq(rowan_commit(scope), ROWAN_OK);
    rowan_scope_end(scope);
    rowan_close(db);
    if (slow_is_on("postgresql")) {
        engine_send(url, "ANALYZE item, owner");
    }
}

void slow_begin(int number, int items)
{
    recorded_begin(number, true);
    written = sequence = 0;
    lines[0] = '\0';
    is_analyzed = false;
    slow_fill(recorded.url, items);
}

/* --- The trace. --- */

/* Placeholders as the engine has them. */
const char *slow_place(const char *sql)
{
    size_t size = 0;
    unsigned number = 0;

    for (; *sql != '\0'; sql++) {
        if (*sql == '?' && slow_is_on("postgresql")) {
            size += (size_t)snprintf(placed + size, sizeof placed - size, "$%u", ++number);
        } else {
            placed[size++] = *sql;
        }
    }
    placed[size] = '\0';
    return placed;
}

void slow_tell(const char *sql, const char *params, unsigned us)
{
    sequence++;
    written += (size_t)snprintf(lines + written, sizeof lines - written,
                                "{\"seq\":%u,\"scope\":\"a\",\"sql\":\"%s\",\"params\":%s,"
                                "\"t_us\":%u,\"ts_us\":%u,\"dialect\":\"%s\",\"pattern\":\"raw\","
                                "\"callsite\":\"a.c:%u f\"}\n",
                                sequence, slow_place(sql), params, us, sequence * 1000000, engine(),
                                sequence);
    ck_assert_uint_lt(written, sizeof lines);
}

void slow_analyze(void)
{
    if (is_analyzed) {
        recorded_again(lines);
    } else {
        recorded_analyze_lines(lines);
    }
    is_analyzed = true;
}

/* --- What came of it. --- */

const char *slow_describe(const rowan__trace_finding *finding)
{
    static char text[2048];
    char line[ROWAN__PROOF_LINE];

    rowan__proof_write(&finding->proof, line, sizeof line);
    snprintf(text, sizeof text, "%s: %s\n%s\n%s", engine(), finding->sql, finding->suggestion,
             line);
    return text;
}

/* Quotes as the engine has them. */
const char *slow_quoted(const char *sql)
{
    static char text[1024];
    size_t size = strlen(sql);

    ck_assert_uint_lt(size, sizeof text);
    memcpy(text, sql, size + 1);
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"' && slow_is_on("mariadb")) {
            text[i] = '`';
        }
    }
    return text;
}

void slow_expect_cheaper(const rowan__trace_finding *finding, const char *sql)
{
    const rowan__index_proof *index = finding->proof.index;

    ck_assert_msg(finding->proof.state == ROWAN__PROVEN_CHEAPER, "%s", slow_describe(finding));
    ck_assert_ptr_nonnull(index);
    ck_assert_msg(index->after <= index->before / 2, "%s", slow_describe(finding));
    ck_assert_msg(index->size_bytes > 0, "%s", slow_describe(finding));
    ck_assert_str_eq(index->sql, finding->suggestion);
    if (sql != NULL) {
        ck_assert_msg(strcmp(finding->suggestion, slow_quoted(sql)) == 0, "%s\nexpected %s",
                      slow_describe(finding), slow_quoted(sql));
    }
}

void slow_expect_none(const rowan__trace_finding *finding, const char *why)
{
    ck_assert_msg(finding->proof.state == ROWAN__PROVEN_WITHDRAWN, "%s", slow_describe(finding));
    ck_assert_ptr_null(finding->proof.index);
    ck_assert_msg(strstr(finding->suggestion, "CREATE INDEX") == NULL, "%s",
                  slow_describe(finding));
    ck_assert_msg(why == NULL || strstr(finding->proof.why, why) != NULL, "%s",
                  slow_describe(finding));
}
