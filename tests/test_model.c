/* From tables to models: relations, names, types and hints, the same on every engine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/modelled.h"
#include "support/suite.h"

static rowan_db *db;
static modelled m;

/* A fresh database of the engine with these tables. */
static void open_with(int engine, const char *sql)
{
    db = engine_open((size_t)engine, NULL);
    engine_script(db, sql);
}

static void close_all(void)
{
    modelled_fini(&m);
    engine_close(db);
}

static void check_equals_file(const rowan__text *text, const char *name)
{
    char path[500];
    char *expected;

    snprintf(path, sizeof path, "%s/bookshop_model/%s", ROWAN_BINARY_DIR, name);
    expected = modelled_file(path);
    ck_assert_msg(strcmp(rowan__text_string(text), expected) == 0, "%s differs", name);
    free(expected);
}

START_TEST(the_bookshop_has_the_models_of_the_build_on_every_engine)
{
    char *hints = modelled_file(ROWAN_SOURCE_DIR "/schemas/bookshop/hints");
    rowan__written written;

    db = engine_bookshop((size_t)_i, NULL);
    modelled_init_good(&m, db, hints);
    ck_assert_uint_eq(m.model.table_count, 12);
    ck_assert_uint_eq(m.model.note_count, 0);
    ck_assert_int_eq(rowan__write_model(&m.model, "bookshop", &written, &m.error), ROWAN_OK);
    check_equals_file(&written.rows, "bookshop_rows.h");
    check_equals_file(&written.header, "bookshop.h");
    check_equals_file(&written.source, "bookshop.c");
    rowan__written_fini(&written);
    free(hints);
    close_all();
}
END_TEST

/* Tables, and the relations that they have. */
static const struct {
    const char *tables;
    const char *hints;
    const char *relations;
} related[] = {
    /* One foreign key, not unique and unique; a key that is not called id. */
    {"CREATE TABLE firm (code @text(9) NOT NULL PRIMARY KEY);"
     "CREATE TABLE person (id @key, firm_id @text(9), FOREIGN KEY (firm_id) REFERENCES firm"
     " (code));"
     "CREATE TABLE badge (id @key, holder @ref NOT NULL UNIQUE,"
     " FOREIGN KEY (holder) REFERENCES person (id));",
     NULL,
     "badge.holder belongs to person: holder = id\n"
     "firm.people has many person: code = firm_id\n"
     "person.badge has one badge: id = holder\n"
     "person.firm belongs to firm: firm_id = code\n"},
    /* Two foreign keys to one table. */
    {"CREATE TABLE member (id @key);"
     "CREATE TABLE message (id @key, sender_id @ref NOT NULL, recipient_id @ref,"
     " FOREIGN KEY (sender_id) REFERENCES member (id),"
     " FOREIGN KEY (recipient_id) REFERENCES member (id));",
     NULL,
     "member.recipient_messages has many message: id = recipient_id\n"
     "member.sender_messages has many message: id = sender_id\n"
     "message.recipient belongs to member: recipient_id = id\n"
     "message.sender belongs to member: sender_id = id\n"},
    /* A table that refers to itself: by parent_id, by another column, at most once. */
    {"CREATE TABLE category (id @key, parent_id @ref,"
     " FOREIGN KEY (parent_id) REFERENCES category (id));"
     "CREATE TABLE employee (id @key, boss_id @ref,"
     " FOREIGN KEY (boss_id) REFERENCES employee (id));"
     "CREATE TABLE link_item (id @key, next_id @ref UNIQUE,"
     " FOREIGN KEY (next_id) REFERENCES link_item (id));",
     NULL,
     "category.children has many category: id = parent_id\n"
     "category.parent belongs to category: parent_id = id\n"
     "employee.boss belongs to employee: boss_id = id\n"
     "employee.boss_employees has many employee: id = boss_id\n"
     "link_item.next belongs to link_item: next_id = id\n"
     "link_item.next_link_item has one link_item: id = next_id\n"},
    /* Composite keys, referred to by composite keys that are and are not part of the primary key.
     */
    {"CREATE TABLE shelf (room @int32 NOT NULL, no @int16 NOT NULL, PRIMARY KEY (room, no));"
     "CREATE TABLE box (id @key, shelf_room @int32, shelf_no @int16,"
     " FOREIGN KEY (shelf_room, shelf_no) REFERENCES shelf (room, no));"
     "CREATE TABLE lamp (room @int32 NOT NULL, no @int16 NOT NULL, PRIMARY KEY (no, room),"
     " FOREIGN KEY (room, no) REFERENCES shelf (room, no));",
     NULL,
     "box.shelf belongs to shelf: shelf_room+shelf_no = room+no\n"
     "lamp.shelf belongs to shelf: room+no = room+no\n"
     "shelf.boxes has many box: room+no = shelf_room+shelf_no\n"
     "shelf.lamp has one lamp: room+no = room+no\n"},
    /* Tables between: one, a second between the same two, one from a table to itself, and one that
       is none because its key has a column more. */
    {"CREATE TABLE film (id @key);"
     "CREATE TABLE actor (id @key);"
     "CREATE TABLE cast_entry (film_id @ref NOT NULL, actor_id @ref NOT NULL,"
     " PRIMARY KEY (film_id, actor_id), FOREIGN KEY (film_id) REFERENCES film (id),"
     " FOREIGN KEY (actor_id) REFERENCES actor (id));"
     "CREATE TABLE sequel (earlier_id @ref NOT NULL, later_id @ref NOT NULL,"
     " PRIMARY KEY (earlier_id, later_id), FOREIGN KEY (earlier_id) REFERENCES film (id),"
     " FOREIGN KEY (later_id) REFERENCES film (id));"
     "CREATE TABLE scene (film_id @ref NOT NULL, no @int32 NOT NULL, PRIMARY KEY (film_id, no),"
     " FOREIGN KEY (film_id) REFERENCES film (id));",
     NULL,
     "actor.cast_entries has many cast_entry: id = actor_id\n"
     "actor.films joins film: id = cast_entry.actor_id, film_id = id\n"
     "cast_entry.actor belongs to actor: actor_id = id\n"
     "cast_entry.film belongs to film: film_id = id\n"
     "film.actors joins actor: id = cast_entry.film_id, actor_id = id\n"
     "film.cast_entries has many cast_entry: id = film_id\n"
     "film.earlier_sequels has many sequel: id = earlier_id\n"
     "film.earliers joins film: id = sequel.later_id, earlier_id = id\n"
     "film.later_sequels has many sequel: id = later_id\n"
     "film.laters joins film: id = sequel.earlier_id, later_id = id\n"
     "film.scenes has many scene: id = film_id\n"
     "scene.film belongs to film: film_id = id\n"
     "sequel.earlier belongs to film: earlier_id = id\n"
     "sequel.later belongs to film: later_id = id\n"},
    {"CREATE TABLE film (id @key);"
     "CREATE TABLE actor (id @key);"
     "CREATE TABLE a_cast (film_id @ref NOT NULL, actor_id @ref NOT NULL,"
     " PRIMARY KEY (film_id, actor_id), FOREIGN KEY (film_id) REFERENCES film (id),"
     " FOREIGN KEY (actor_id) REFERENCES actor (id));"
     "CREATE TABLE voice (film_id @ref NOT NULL, actor_id @ref NOT NULL,"
     " PRIMARY KEY (film_id, actor_id), FOREIGN KEY (film_id) REFERENCES film (id),"
     " FOREIGN KEY (actor_id) REFERENCES actor (id));",
     "[a_cast] relation film = none relation actor = none [film] relation a_casts = none"
     "[actor] relation a_casts = none relation voices = spoken",
     "actor.films_by_a_cast joins film: id = a_cast.actor_id, film_id = id\n"
     "actor.films_by_voice joins film: id = voice.actor_id, film_id = id\n"
     "actor.spoken has many voice: id = actor_id\n"
     "film.actors_by_a_cast joins actor: id = a_cast.film_id, actor_id = id\n"
     "film.actors_by_voice joins actor: id = voice.film_id, actor_id = id\n"
     "film.voices has many voice: id = film_id\n"
     "voice.actor belongs to actor: actor_id = id\n"
     "voice.film belongs to film: film_id = id\n"},
    /* Rows of several tables, and a plural of one's own. */
    {"CREATE TABLE photo (id @key); CREATE TABLE song (id @key);"
     "CREATE TABLE note (id @key, what @text(9) NOT NULL, which @ref NOT NULL);",
     "[note] plural = remarks polymorphic = what, which 'photo' = photo, 'tune' = song",
     "photo.remarks has many note: id = which if what is photo\n"
     "song.remarks has many note: id = which if what is tune\n"},
    /* What was seeded notes it in a table of ours, which is no model. */
    {"CREATE TABLE rowan_seed (id @key); CREATE TABLE one (id @key, seed_id @ref,"
     " FOREIGN KEY (seed_id) REFERENCES rowan_seed (id));",
     NULL, ""},
};

enum { RELATED = sizeof related / sizeof related[0] };

START_TEST(foreign_keys_give_relations_with_these_names)
{
    open_with(_i / RELATED, related[_i % RELATED].tables);
    modelled_init_good(&m, db, related[_i % RELATED].hints);
    ck_assert_str_eq(modelled_relations(&m), related[_i % RELATED].relations);
    close_all();
}
END_TEST

static const rowan__column_model *column_of(const char *table, const char *column)
{
    const rowan__table_model *t = &m.model.tables[rowan__model_table(&m.model, table)];

    ck_assert_uint_lt(rowan__model_table(&m.model, table), m.model.table_count);
    ck_assert_uint_lt(rowan__model_column(t, column), t->column_count);
    return &t->columns[rowan__model_column(t, column)];
}

START_TEST(names_that_collide_get_numbers_and_are_told)
{
    open_with(_i,
              "CREATE TABLE \"my book\" (\"a b\" @int32 NOT NULL, a_b @int32 NOT NULL,"
              " \"int\" @int32 NOT NULL, int_ @int32 NOT NULL,"
              " kind @text(9) NOT NULL CHECK (kind IN ('a b', 'a_b', '', 'A-B')));"
              "CREATE TABLE my_book (id @key);"
              "CREATE TABLE my_book_rows (id @key);"
              "CREATE TABLE my_book_2_kind (id @key, a_id @ref,"
              " FOREIGN KEY (a_id) REFERENCES my_book (id));"
              "CREATE TABLE \"select\" (\"from\" @int32 NOT NULL PRIMARY KEY, \"class\" @date);");
    modelled_init_good(&m, db, NULL);
    ck_assert_str_eq(m.model.tables[0].type, "my_book");
    ck_assert_str_eq(m.model.tables[1].type, "my_book_2");
    ck_assert_str_eq(m.model.tables[3].type, "my_book_rows_2");
    ck_assert_str_eq(m.model.tables[4].type, "select_row");
    ck_assert_str_eq(m.model.tables[4].handles, "SELECT_ROW");
    ck_assert_str_eq(column_of("my book", "a b")->member, "a_b");
    ck_assert_str_eq(column_of("my book", "a_b")->member, "a_b_2");
    ck_assert_str_eq(column_of("my book", "int")->member, "int_");
    ck_assert_str_eq(column_of("my book", "int_")->member,
                     "int_2"); /* "int_" becomes "int" first */
    ck_assert_str_eq(column_of("select", "class")->member, "class_");
    const rowan__enum_model *kind = column_of("my book", "kind")->enumeration;
    ck_assert_str_eq(kind->type, "my_book_kind");
    ck_assert_str_eq(kind->enumerators[0], "MY_BOOK_KIND_A_B");
    ck_assert_str_eq(kind->enumerators[1], "MY_BOOK_KIND_A_B_2");
    ck_assert_str_eq(kind->enumerators[2], "MY_BOOK_KIND_EMPTY");
    ck_assert_str_eq(kind->enumerators[3], "MY_BOOK_KIND_A_B_3");
    ck_assert_uint_eq(m.model.note_count, 4);
    ck_assert_str_eq(m.model.notes[0],
                     "table \"my_book\" is called my_book_2 in C, because my_book is taken");
    close_all();
}
END_TEST

START_TEST(every_type_word_comes_back_as_its_type)
{
    static const struct {
        const char *column;
        rowan_type type;
        uint32_t length, scale;
    } expected[] = {
        {"c_bool", ROWAN_TYPE_BOOL, 0, 0},           {"c_int16", ROWAN_TYPE_INT16, 0, 0},
        {"c_int32", ROWAN_TYPE_INT32, 0, 0},         {"c_int64", ROWAN_TYPE_INT64, 0, 0},
        {"c_float", ROWAN_TYPE_FLOAT, 0, 0},         {"c_double", ROWAN_TYPE_DOUBLE, 0, 0},
        {"c_decimal", ROWAN_TYPE_DECIMAL, 12, 3},    {"c_text", ROWAN_TYPE_TEXT, 0, 0},
        {"c_short", ROWAN_TYPE_TEXT, 30, 0},         {"c_blob", ROWAN_TYPE_BLOB, 0, 0},
        {"c_date", ROWAN_TYPE_DATE, 0, 0},           {"c_time", ROWAN_TYPE_TIME, 0, 0},
        {"c_timestamp", ROWAN_TYPE_TIMESTAMP, 0, 0}, {"c_uuid", ROWAN_TYPE_UUID, 0, 0},
        {"c_json", ROWAN_TYPE_JSON, 0, 0},           {"c_enum", ROWAN_TYPE_ENUM, 0, 0},
    };

    open_with(_i, "CREATE TABLE t (c_bool @bool, c_int16 @int16, c_int32 @int32, c_int64 @int64,"
                  " c_float @float, c_double @double, c_decimal @decimal(12,3), c_text @text,"
                  " c_short @text(30), c_blob @blob, c_date @date, c_time @time,"
                  " c_timestamp @timestamp, c_uuid @uuid, c_json @json,"
                  " c_enum @text(9) CHECK (c_enum IN ('one', 'it''s')),"
                  " c_default @int32 DEFAULT 3 NOT NULL, c_unique @int32 NOT NULL UNIQUE)");
    modelled_init_good(&m, db, NULL);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const rowan__column_model *column = column_of("t", expected[i].column);

        ck_assert_msg(column->type == expected[i].type, "%s: %d", expected[i].column, column->type);
        ck_assert_msg(column->flags == ROWAN_NULLABLE, "%s: %u", expected[i].column, column->flags);
        if (expected[i].length != 0) {
            ck_assert_uint_eq(column->found->length, expected[i].length);
            ck_assert_uint_eq(column->found->scale, expected[i].scale);
        }
    }
    ck_assert_str_eq(column_of("t", "c_enum")->enumeration->labels[1], "it's");
    ck_assert_uint_eq(column_of("t", "c_default")->flags, 0);
    ck_assert_uint_eq(column_of("t", "c_unique")->flags, ROWAN_UNIQUE_KEY);
    ck_assert_uint_eq(m.model.tables[0].primary_count, 0);
    ck_assert_ptr_null(strstr(rowan__text_string(&m.written.header), "t_find"));
    ck_assert_ptr_null(strstr(rowan__text_string(&m.written.header), "t_save"));
    ck_assert_ptr_nonnull(strstr(rowan__text_string(&m.written.header), "rowan_status t_insert("));
    close_all();
}
END_TEST

/* Zero is no key, and is the value of any other column, the parts of a key among them. */
START_TEST(a_key_with_a_default_is_made_by_the_database)
{
    const char *made = engine_is((size_t)_i, "sqlite")    ? "TEXT DEFAULT (hex(randomblob(16)))"
                       : engine_is((size_t)_i, "mariadb") ? "uuid DEFAULT uuid()"
                                                          : "uuid DEFAULT gen_random_uuid()";
    char sql[400];

    snprintf(sql, sizeof sql,
             "CREATE TABLE made (id %s PRIMARY KEY, n @int32 DEFAULT 3 NOT NULL, o @int32 DEFAULT "
             "3); CREATE TABLE pair (a @int32 DEFAULT 1 NOT NULL, b @int32 NOT NULL,"
             " PRIMARY KEY (a, b)); CREATE TABLE given (id @text(9) PRIMARY KEY)",
             made);
    open_with(_i, sql);
    modelled_init_good(&m, db, NULL);
    ck_assert_uint_eq(column_of("made", "id")->flags, ROWAN_PRIMARY | ROWAN_GENERATED);
    ck_assert_uint_eq(column_of("made", "n")->flags, 0);
    ck_assert_uint_eq(column_of("made", "o")->flags, ROWAN_NULLABLE);
    ck_assert_uint_eq(column_of("pair", "a")->flags, ROWAN_PRIMARY);
    ck_assert_uint_eq(column_of("pair", "b")->flags, ROWAN_PRIMARY);
    ck_assert_uint_eq(column_of("given", "id")->flags, ROWAN_PRIMARY);
    close_all();
}
END_TEST

START_TEST(a_type_that_rowan_lacks_is_refused_or_left_out)
{
    static const char *const foreign[] = {"geometry", "inet", "POINT"};
    const char *type = engine_is((size_t)_i, "sqlite")       ? foreign[0]
                       : engine_is((size_t)_i, "postgresql") ? foreign[1]
                                                             : foreign[2];
    char sql[300];

    snprintf(
        sql, sizeof sql,
        "CREATE TABLE place (id @key, spot %s, name @text(9));"
        "CREATE TABLE thing (id @key, spot_id @ref, FOREIGN KEY (spot_id) REFERENCES place (id))",
        type);
    open_with(_i, sql);
    modelled_init(&m, db, NULL, false);
    ck_assert_int_eq(m.status, ROWAN_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(m.error.message, "column \"spot\" of table \"place\""));
    modelled_fini(&m);
    modelled_init(&m, db, NULL, true);
    ck_assert_int_eq(m.status, ROWAN_OK);
    ck_assert_uint_eq(m.model.note_count, 1);
    ck_assert_ptr_nonnull(strstr(m.model.notes[0], "\"spot\" of table \"place\" is left out"));
    ck_assert_uint_eq(m.model.tables[0].column_count, 2);
    ck_assert_uint_eq(m.model.tables[1].relation_count, 1);
    modelled_fini(&m);
    modelled_init_good(&m, db, "[place] type spot = text");
    ck_assert_int_eq(column_of("place", "spot")->type, ROWAN_TYPE_TEXT);
    close_all();
}
END_TEST

START_TEST(hints_name_columns_types_and_versions)
{
    open_with(_i, "CREATE TABLE t (id @key, \"Odd Name\" @text(36) NOT NULL, n @int32 NOT NULL)");
    modelled_init_good(&m, db,
                       "[t] name = thing column \"Odd Name\" = even type \"Odd Name\" = uuid"
                       " version = n");
    ck_assert_str_eq(m.model.tables[0].type, "thing");
    ck_assert_str_eq(column_of("t", "Odd Name")->member, "even");
    ck_assert_int_eq(column_of("t", "Odd Name")->type, ROWAN_TYPE_UUID);
    ck_assert_uint_eq(column_of("t", "n")->flags, ROWAN_VERSION);
    ck_assert_ptr_nonnull(
        strstr(rowan__text_string(&m.written.rows), "rowan_uuid even; /* \"Odd Name\" */"));
    close_all();
}
END_TEST

static const struct {
    const char *hints, *message;
} wrong[] = {
    {"[u] version = n", "hints:1: there is no table \"u\""},
    {"[t]\nversion = m", "the version column \"m\""},
    {"[t]\nversion = name", "the version column \"name\""},
    {"[t]\n\ncolumn m = x", "hints:3: the table has no column \"m\""},
    {"[t] type n = integer", "hints:1: Rowan has no type \"integer\""},
    {"[t] relation r = s", "hints:1: the table has no relation \"r\""},
    {"[t] polymorphic = name, n 'u' = u", "hints:1: there is no table \"u\""},
    {"[t] polymorphic = name, m 't' = t", "hints:1: the table has no column \"m\""},
    {"[t] polymorphic = n, n 't' = t", "hints:1: this column is no text: \"n\""},
};

START_TEST(a_hint_about_nothing_is_refused)
{
    open_with(0, "CREATE TABLE t (id @key, name @text(9), n @int32 NOT NULL)");
    modelled_init(&m, db, wrong[_i].hints, false);
    ck_assert_int_eq(m.status, ROWAN_SYNTAX);
    ck_assert_msg(strstr(m.error.message, wrong[_i].message) != NULL, "%s", m.error.message);
    close_all();
}
END_TEST

START_TEST(files_are_saved_whole_and_left_alone_if_unchanged)
{
    char folder[] = "/tmp/rowan-model-XXXXXX", path[100], command[200];
    struct stat before, after;
    char *text;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/deeper", folder);
    open_with(0, "CREATE TABLE t (id @key)");
    modelled_init_good(&m, db, NULL);
    ck_assert_int_eq(rowan__written_save(&m.written, path, "shop", &m.error), ROWAN_OK);
    snprintf(path, sizeof path, "%s/deeper/shop.h", folder);
    text = modelled_file(path);
    ck_assert_str_eq(text, rowan__text_string(&m.written.header));
    free(text);
    ck_assert_int_eq(stat(path, &before), 0);
    snprintf(path, sizeof path, "%s/deeper", folder);
    ck_assert_int_eq(rowan__written_save(&m.written, path, "shop", &m.error), ROWAN_OK);
    snprintf(path, sizeof path, "%s/deeper/shop.h", folder);
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_uint_eq(before.st_ino, after.st_ino);
    rowan__text_char(&m.written.header, '\n');
    snprintf(path, sizeof path, "%s/deeper", folder);
    ck_assert_int_eq(rowan__written_save(&m.written, path, "shop", &m.error), ROWAN_OK);
    snprintf(path, sizeof path, "%s/deeper/shop.h", folder);
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_int_eq(after.st_size, before.st_size + 1);
    ck_assert_int_eq(rowan__written_save(&m.written, path, "shop", &m.error), ROWAN_IO);
    snprintf(command, sizeof command, "test $(ls -A %s/deeper | wc -l) = 3 && rm -r %s", folder,
             folder);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(rowan__written_save(&m.written, "/dev/full/x", "shop", &m.error), ROWAN_IO);
    close_all();
}
END_TEST

START_TEST(a_model_needs_a_name_and_tables)
{
    static const char *const names[] = {"", "Shop", "2shop", "a b", "a/b", "..", "a-b"};
    rowan__written written;

    open_with(0, "CREATE TABLE t (id @key)");
    modelled_init_good(&m, db, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_int_eq(rowan__write_model(&m.model, names[i], &written, &m.error), ROWAN_MISUSE);
        rowan__written_fini(&written);
    }
    m.model.table_count = 0;
    ck_assert_int_eq(rowan__write_model(&m.model, "shop", &written, &m.error), ROWAN_NO_SUCH);
    rowan__written_fini(&written);
    close_all();
}
END_TEST

START_TEST(describing_and_writing_report_every_allocation_that_fails)
{
    rowan__hints hints = {0};
    bool done = false;

    db = engine_bookshop(0, NULL);
    modelled_init_good(&m, db, NULL);
    for (unsigned nth = 1; !done; nth++) {
        rowan__arena small;
        rowan__model model;
        rowan__written written = {0};
        rowan_status status;

        rowan__arena_init(&small, &fault_allocator);
        fault_arm(nth);
        status = rowan__describe(&model, &small, &m.found, &hints, false, &m.error);
        if (status == ROWAN_OK) {
            status = rowan__write_model(&model, "shop", &written, &m.error);
            rowan__written_fini(&written);
        }
        done = !fault_fired();
        ck_assert_int_eq(status, done ? ROWAN_OK : ROWAN_NOMEM);
        fault_arm(0);
        rowan__arena_fini(&small);
        ck_assert_uint_eq(fault_out_bytes(), 0);
        ck_assert(!done || nth > 5);
    }
    close_all();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model");
    TCase *tc = tcase_create("model");
    int engines = (int)engine_count();

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, the_bookshop_has_the_models_of_the_build_on_every_engine, 0, engines);
    tcase_add_loop_test(tc, foreign_keys_give_relations_with_these_names, 0, engines * RELATED);
    tcase_add_loop_test(tc, names_that_collide_get_numbers_and_are_told, 0, engines);
    tcase_add_loop_test(tc, every_type_word_comes_back_as_its_type, 0, engines);
    tcase_add_loop_test(tc, a_key_with_a_default_is_made_by_the_database, 0, engines);
    tcase_add_loop_test(tc, a_type_that_rowan_lacks_is_refused_or_left_out, 0, engines);
    tcase_add_loop_test(tc, hints_name_columns_types_and_versions, 0, engines);
    tcase_add_loop_test(tc, a_hint_about_nothing_is_refused, 0,
                        (int)(sizeof wrong / sizeof wrong[0]));
    tcase_add_test(tc, files_are_saved_whole_and_left_alone_if_unchanged);
    tcase_add_test(tc, a_model_needs_a_name_and_tables);
    tcase_add_test(tc, describing_and_writing_report_every_allocation_that_fails);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
