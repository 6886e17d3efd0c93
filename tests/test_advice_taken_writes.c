/*
 * Writes in a loop, and the same at once as the advice says, in each pattern: see support/taken.h.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/engine.h"
#include "support/library.h"
#include "support/suite.h"
#include "support/taken.h"

enum { OTHERS = 20000 };

static library_book *read_books(size_t *count)
{
    rowan_rows rows;

    taken_ok(rowan_record_all(taken.scope, &(rowan_query){.from = &library_book_table}, &rows));
    *count = rows.count;
    return rows.at;
}

static void plant_flat(void)
{
    taken_plant(0);
}

/* --- Inserts. --- */

static library_category fresh[TAKEN_MOST];
static char names[TAKEN_MOST][32];

/* Without taken.keys: those are the database's. */
static const library_category *make_fresh(void)
{
    for (size_t i = 0; i < taken.size; i++) {
        snprintf(names[i], sizeof names[i], "new %zu", i);
        fresh[i] = (library_category){.name = names[i]};
    }
    return fresh;
}

static void insert_raw(void)
{
    for (size_t i = 0; i < taken.size; i++) {
        taken_run("INSERT INTO category (id, name) VALUES (?, ?)",
                  ROWAN_PARAMS(ROWAN_V(OTHERS + (int64_t)i), ROWAN_V("new")));
    }
}

static void insert_raw_at_once(void)
{
    static rowan_value values[2 * TAKEN_MOST];

    for (size_t i = 0; i < taken.size; i++) {
        values[2 * i] = rowan_v_int64(OTHERS + (int64_t)i);
        values[2 * i + 1] = rowan_v_text("new");
    }
    taken_ok(rowan_raw_run_many(taken.scope, "INSERT INTO category (id, name) VALUES (?, ?)",
                                values, taken.size, NULL));
}

static void insert_built(void)
{
    for (size_t i = 0; i < taken.size; i++) {
        const rowan_insert one = {
            .into = &library_category_table, .rows = make_fresh() + i, .row_count = 1};
        taken_ok(rowan_query_insert(taken.scope, &one, NULL, NULL));
    }
}

static void insert_built_at_once(void)
{
    const rowan_insert all = {
        .into = &library_category_table, .rows = make_fresh(), .row_count = taken.size};

    taken_ok(rowan_query_insert(taken.scope, &all, NULL, NULL));
}

static void insert_records(void)
{
    for (size_t i = 0; i < taken.size; i++) {
        taken_ok(rowan_record_insert(taken.scope, &library_category_table, make_fresh() + i, NULL));
    }
}

static void insert_records_at_once(void)
{
    taken_ok(rowan_record_insert_all(taken.scope, &library_category_table, make_fresh(), taken.size,
                                     NULL));
}

static void insert_by_session(bool each)
{
    rowan_session *session;
    void *row;

    taken_ok(rowan_session_begin(taken.scope, &session));
    for (size_t i = 0; i < taken.size; i++) {
        taken_ok(rowan_session_new(session, &library_category_table, &row));
        *(library_category *)row = make_fresh()[i];
        if (each) {
            taken_ok(rowan_session_flush(session));
        }
    }
    taken_ok(rowan_session_flush(session));
    rowan_session_end(session);
}

static void insert_and_flush_each(void)
{
    insert_by_session(true);
}

static void insert_and_flush(void)
{
    insert_by_session(false);
}

/* --- Updates and deletes. --- */

static void update_raw(void)
{
    for (size_t i = 0; i < taken.size; i++) {
        taken_run("UPDATE book SET price_cents = ? WHERE id = ?",
                  ROWAN_PARAMS(ROWAN_V((int64_t)i), ROWAN_V(LIBRARY_FIRST + (int64_t)i)));
    }
}

static void update_raw_at_once(void)
{
    static rowan_value values[2 * TAKEN_MOST];

    for (size_t i = 0; i < taken.size; i++) {
        values[2 * i] = rowan_v_int64((int64_t)i);
        values[2 * i + 1] = rowan_v_int64(LIBRARY_FIRST + (int64_t)i);
    }
    taken_ok(rowan_raw_run_many(taken.scope, "UPDATE book SET price_cents = ? WHERE id = ?", values,
                                taken.size, NULL));
}

static void update_built(void)
{
    for (size_t i = 0; i < taken.size; i++) {
        const rowan_update one = {
            .table = &library_book_table,
            .set = ROWAN_SET(ROWAN_TO(BOOK.in_print, false)),
            .where = ROWAN_EQ(BOOK.id, LIBRARY_FIRST + (int64_t)i),
        };
        taken_ok(rowan_query_update(taken.scope, &one, NULL, NULL));
    }
}

static void first_keys(void)
{
    for (size_t i = 0; i < taken.size; i++) {
        taken.keys[i] = rowan_v_int64(LIBRARY_FIRST + (int64_t)i);
    }
}

static void update_built_at_once(void)
{
    first_keys();
    const rowan_update all = {
        .table = &library_book_table,
        .set = ROWAN_SET(ROWAN_TO(BOOK.in_print, false)),
        .where = ROWAN_IN_VALUES(BOOK.id, taken.keys, taken.size),
    };
    taken_ok(rowan_query_update(taken.scope, &all, NULL, NULL));
}

static void change(bool at_once)
{
    size_t count;
    library_book *books = read_books(&count);
    void *rows[TAKEN_MOST];

    for (size_t i = 0; i < count; i++) {
        books[i].price_cents += 5;
        rows[i] = &books[i];
        if (!at_once) {
            taken_ok(rowan_record_save(taken.scope, &books[i]));
        }
    }
    if (at_once) {
        taken_ok(rowan_record_save_all(taken.scope, rows, count));
    }
}

static void save_each(void)
{
    change(false);
}

static void save_all(void)
{
    change(true);
}

static void change_by_session(bool each, bool removes)
{
    rowan_session *session;
    rowan_refs refs;

    taken_ok(rowan_session_begin(taken.scope, &session));
    taken_ok(rowan_session_all(session, &(rowan_query){.from = &library_category_table}, &refs));
    for (size_t i = 0; i < refs.count; i++) {
        if (removes) {
            taken_ok(rowan_session_remove(session, refs.at[i]));
        } else {
            ((library_category *)refs.at[i])->name = "other";
        }
        if (each) {
            taken_ok(rowan_session_flush(session));
        }
    }
    taken_ok(rowan_session_flush(session));
    rowan_session_end(session);
}

static void flush_each_update(void)
{
    change_by_session(true, false);
}

static void flush_updates(void)
{
    change_by_session(false, false);
}

static void flush_each_delete(void)
{
    change_by_session(true, true);
}

static void flush_deletes(void)
{
    change_by_session(false, true);
}

static void delete_raw(void)
{
    for (size_t i = 0; i < taken.size; i++) {
        taken_run("DELETE FROM category WHERE id = ?",
                  ROWAN_PARAMS(ROWAN_V(TAKEN_NODE + (int64_t)i)));
    }
}

static void delete_raw_at_once(void)
{
    for (size_t i = 0; i < taken.size; i++) {
        taken.keys[i] = rowan_v_int64(TAKEN_NODE + (int64_t)i);
    }
    taken_run("DELETE FROM category WHERE id IN (?)",
              ROWAN_PARAMS(rowan_v_list(taken.keys, taken.size)));
}

static void delete_records(void)
{
    rowan_rows rows;

    taken_ok(rowan_record_all(taken.scope, &(rowan_query){.from = &library_category_table}, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        taken_ok(rowan_record_delete(taken.scope, (library_category *)rows.at + i));
    }
}

static void delete_by_one_query(void)
{
    rowan_rows rows;

    taken_ok(rowan_record_all(taken.scope, &(rowan_query){.from = &library_category_table}, &rows));
    taken_keys(rows.at, rows.count, sizeof(library_category));
    const rowan_delete all = {.from = &library_category_table,
                              .where = ROWAN_IN_VALUES(CATEGORY.id, taken.keys, taken.key_count)};
    taken_ok(rowan_query_delete(taken.scope, &all, NULL, NULL));
}

/* --- All of them. --- */

static const taken_advice advice[] = {
    {"raw inserts", "write_loop", taken_plant_nothing, insert_raw, insert_raw_at_once, UINT64_MAX,
     3},
    {"inserts of the builder", "write_loop", taken_plant_nothing, insert_built,
     insert_built_at_once, 1, 0},
    {"inserts of records", "write_loop", taken_plant_nothing, insert_records,
     insert_records_at_once, 1, 0},
    {"inserts of a session", "write_loop", taken_plant_nothing, insert_and_flush_each,
     insert_and_flush, 3, 0},
    {"raw updates", "write_loop", taken_plant_nothing, update_raw, update_raw_at_once, UINT64_MAX,
     3},
    {"updates of the builder", "write_loop", taken_plant_nothing, update_built,
     update_built_at_once, 1, 0},
    {"changed records", "write_loop", taken_plant_nothing, save_each, save_all, UINT64_MAX, 5},
    {"changes in a session", "write_loop", plant_flat, flush_each_update, flush_updates, UINT64_MAX,
     5},
    {"raw deletes", "write_loop", plant_flat, delete_raw, delete_raw_at_once, 1, 0},
    {"deleted records", "write_loop", plant_flat, delete_records, delete_by_one_query, 2, 0},
    {"removals from a session", "write_loop", plant_flat, flush_each_delete, flush_deletes,
     UINT64_MAX, 5},
};

enum { ADVICE = sizeof advice / sizeof advice[0] };

START_TEST(writes_at_once_are_the_end_of_writes_in_a_loop)
{
    taken_check(&advice[_i % ADVICE], (size_t)_i / ADVICE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("advice that is taken: writes");
    TCase *taken_writes = tcase_create("writes");

    tcase_set_timeout(taken_writes, 120);
    tcase_add_loop_test(taken_writes, writes_at_once_are_the_end_of_writes_in_a_loop, 0,
                        (int)engine_count() * ADVICE);
    suite_add_tcase(suite, taken_writes);
    return suite_run(suite);
}
