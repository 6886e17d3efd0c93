/*
 * Schemas that were made up go all the way: tables, introspection, models, compilers of C and C++,
 * and a program that takes rows through the four patterns. The models of one schema must be the
 * same bytes on every engine.
 *
 * ROWAN_TEST_SEED chooses other schemas than the usual ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/engine.h"
#include "support/modelled.h"
#include "support/random_schema.h"
#include "support/suite.h"

enum { EQUAL_SCHEMAS = 30, COMPILED_SCHEMAS = 4 };

static unsigned long long seed_of(int number)
{
    const char *base = getenv("ROWAN_TEST_SEED");
    unsigned long long thousands = base != NULL ? strtoull(base, NULL, 10) : 1;

    return thousands * 1000 + (unsigned)number;
}

/* Fails with the first line in which two texts differ. */
static void check_equal(const char *expected, const char *got, const char *engine, int number,
                        const char *sql)
{
    size_t line = 0;

    for (size_t i = 0; expected[i] == got[i]; i++) {
        if (expected[i] == '\0') {
            return;
        }
        line = expected[i] == '\n' ? i + 1 : line;
    }
    ck_abort_msg("seed %llu on %s:\n%.*s\ninstead of\n%.*s\n%s", seed_of(number), engine,
                 (int)strcspn(got + line, "\n"), got + line, (int)strcspn(expected + line, "\n"),
                 expected + line, sql);
}

START_TEST(made_up_schemas_have_the_same_models_on_every_engine)
{
    char *sql = random_schema(seed_of(_i));
    char *first[3] = {NULL, NULL, NULL};

    for (size_t e = 0; e < engine_count(); e++) {
        rowan_db *db = engine_open(e, NULL);
        modelled m;

        engine_script(db, sql);
        modelled_init_good(&m, db, NULL);
        const char *texts[3] = {rowan__text_string(&m.written.rows),
                                rowan__text_string(&m.written.header),
                                rowan__text_string(&m.written.source)};
        for (size_t i = 0; i < 3; i++) {
            if (first[i] == NULL) {
                first[i] = strdup(texts[i]);
            }
            check_equal(first[i], texts[i], engine_name(e), _i, sql);
        }
        modelled_fini(&m);
        engine_close(db);
    }
    for (size_t i = 0; i < 3; i++) {
        free(first[i]);
    }
    free(sql);
}
END_TEST

static void run(const char *command)
{
    ck_assert_msg(system(command) == 0, "failed: %s", command);
}

/* Whether every table that a table refers to is listed. */
static bool is_ready(const rowan__model *model, const rowan__table_model *table, const bool *listed)
{
    for (size_t r = 0; r < table->relation_count; r++) {
        size_t to = table->relations[r].to;

        if (table->relations[r].kind == ROWAN_BELONGS_TO && &model->tables[to] != table &&
            !listed[to]) {
            return false;
        }
    }
    return true;
}

/* A typed function and a typed condition of each table, to be compiled and called. */
static void write_typed_call(FILE *file, const rowan__table_model *t)
{
    fprintf(
        file,
        "    {\n        %s_rows rows;\n"
        "        const rowan_query query = {.from = &%s_table, .where = ROWAN_IS_NULL(%s.%s)};\n"
        "        rowan_status status = %s_query_all(scope, &query, &rows);\n"
        "        if (status == ROWAN_OK) {\n            status = %s_all(scope, &query,"
        " &rows);\n        }\n"
        "        if (status != ROWAN_OK) {\n            return status;\n        }\n    }\n",
        t->type, t->type, t->handles, t->columns[0].member, t->type, t->type);
}

/* tables.h: the list of the tables, those first that others refer to, and typed calls. */
static void write_tables(const char *folder, const rowan__model *model)
{
    bool listed[32] = {false};
    size_t count = 0;
    char path[200];
    FILE *file;

    snprintf(path, sizeof path, "%s/tables.h", folder);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "#include \"shop.h\"\n\nstatic const rowan_table *const all_tables[] = {\n");
    while (count < model->table_count) {
        for (size_t t = 0; t < model->table_count; t++) {
            if (!listed[t] && is_ready(model, &model->tables[t], listed)) {
                fprintf(file, "    &%s_table,\n", model->tables[t].type);
                listed[t] = true;
                count++;
            }
        }
    }
    fprintf(file, "    NULL,\n};\n\nstatic rowan_status typed_calls(rowan_scope *scope)\n{\n");
    for (size_t t = 0; t < model->table_count; t++) {
        write_typed_call(file, &model->tables[t]);
    }
    fprintf(file, "    return ROWAN_OK;\n}\n");
    ck_assert_int_eq(fclose(file), 0);
}

#define STRICT                                                                                     \
    "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I" ROWAN_SOURCE_DIR "/include"

static void compile(const char *folder)
{
    char command[1500];

    snprintf(command, sizeof command, "cd %s && cc -std=c11 " STRICT " -c shop.c -o shop.o",
             folder);
    run(command);
    snprintf(command, sizeof command,
             "cd %s && c++ -x c++ -std=c++17 " STRICT " -fsyntax-only shop.c && "
             "echo '#include \"shop_rows.h\"' | cc -x c -std=c11 " STRICT " -I. -fsyntax-only -",
             folder);
    run(command);
    snprintf(command, sizeof command,
             "cd %s && cc -std=c11 -Wall -Wextra -Werror " ROWAN_TEST_CFLAGS " -I" ROWAN_SOURCE_DIR
             "/include -I. " ROWAN_SOURCE_DIR
             "/tests/generated/roundtrip.c shop.o -o roundtrip " ROWAN_BINARY_DIR
             "/librowan.so -Wl,-rpath," ROWAN_BINARY_DIR,
             folder);
    run(command);
}

START_TEST(made_up_schemas_go_through_the_four_patterns)
{
    char folder[] = "/tmp/rowan-random-XXXXXX", command[1000];
    char *sql = random_schema(seed_of(_i));

    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (size_t e = 0; e < engine_count(); e++) {
        const char *url = engine_url_new(e);
        rowan_db *db = engine_open_url(url, NULL);
        modelled m;

        engine_script(db, sql);
        modelled_init_good(&m, db, NULL);
        if (e == 0) {
            ck_assert_int_eq(rowan__written_save(&m.written, folder, "shop", &m.error), ROWAN_OK);
            write_tables(folder, &m.model);
            compile(folder);
        }
        modelled_fini(&m);
        rowan_close(db);
        snprintf(command, sizeof command, "%s/roundtrip '%s'", folder, url);
        ck_assert_msg(system(command) == 0, "seed %llu on %s:\n%s", seed_of(_i), engine_name(e),
                      sql);
        engine_url_drop(url);
    }
    snprintf(command, sizeof command, "rm -r %s", folder);
    run(command);
    free(sql);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_random");
    TCase *tc = tcase_create("model_random");

    (void)engine_count();
    tcase_set_timeout(tc, 180);
    tcase_add_loop_test(tc, made_up_schemas_have_the_same_models_on_every_engine, 0, EQUAL_SCHEMAS);
    tcase_add_loop_test(tc, made_up_schemas_go_through_the_four_patterns, 0, COMPILED_SCHEMAS);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
