/*
 * Keys that are no single integer in a session: texts and pairs, which programs bring themselves,
 * and what becomes of a row that has none.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/session.h"
#include "support/suite.h"

#define NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))

typedef struct word {
    const char *spelling;
    int32_t uses;
} word;

/* The word again, by a model in which its key may be NULL, and as part of a key of two. */
typedef struct loose_word {
    rowan_opt_text spelling;
    int32_t uses;
} loose_word;

typedef struct meaning {
    const char *spelling;
    const char *language;
    int32_t uses;
} meaning;

static const rowan_table word_table, loose_table, meaning_table;
static const rowan_column word_columns[] = {
    ROWAN_COLUMN(word_table, word, spelling, ROWAN_PRIMARY),
    ROWAN_COLUMN(word_table, word, uses, 0),
};
static const rowan_column loose_columns[] = {
    ROWAN_OPT_COLUMN(loose_table, loose_word, spelling, ROWAN_PRIMARY),
    ROWAN_COLUMN(loose_table, loose_word, uses, 0),
};
static const rowan_column meaning_columns[] = {
    ROWAN_COLUMN(meaning_table, meaning, spelling, ROWAN_PRIMARY),
    ROWAN_COLUMN(meaning_table, meaning, language, ROWAN_PRIMARY),
    ROWAN_COLUMN(meaning_table, meaning, uses, 0),
};
static const rowan_column *const word_key[] = {&word_columns[0]};
static const rowan_column *const loose_key[] = {&loose_columns[0]};
static const rowan_column *const meaning_key[] = {&meaning_columns[0], &meaning_columns[1]};

#define TABLE(c_name, its_name, type, its_columns, key)                                            \
    static const rowan_table c_name = {.name = (its_name),                                         \
                                       .columns = (its_columns),                                   \
                                       .column_count = NUMBER_OF(its_columns),                     \
                                       .primary = (key),                                           \
                                       .primary_count = NUMBER_OF(key),                            \
                                       .row_size = sizeof(type),                                   \
                                       .row_align = _Alignof(type)}
TABLE(word_table, "word", word, word_columns, word_key);
TABLE(loose_table, "word", loose_word, loose_columns, loose_key);
TABLE(meaning_table, "meaning", meaning, meaning_columns, meaning_key);

static rowan_db *words_open(size_t engine)
{
    rowan_db *db = engine_open(engine, NULL);

    /* SQLite lets a key be NULL unless it is told otherwise. */
    engine_script(db, "CREATE TABLE word (spelling @text(40) PRIMARY KEY, uses @int32 NOT NULL);\n"
                      "CREATE TABLE meaning (spelling @text(40), language @text(8),\n"
                      "    uses @int32 NOT NULL, PRIMARY KEY (spelling, language));\n");
    return db;
}

static const char *const spellings[] = {
    "",     "a",      "A",    "b",           "aa",        "a b", "gr\xC3\xBC\xC3\x9F",
    "it's", "under_", "100%", "back\\slash", "\"quoted\""};

static word *find_word(rowan_session *session, const char *spelling)
{
    word *found;

    library_ok(rowan_session_scope(session),
               rowan_session_find(session, &word_table, PARAMS(V(spelling)), (void **)&found));
    return found;
}

START_TEST(rows_are_known_by_their_texts)
{
    for (size_t count = 1; count <= NUMBER_OF(spellings); count += 3) {
        rowan_db *db = words_open((size_t)_i);
        rowan_scope *scope = library_scope(db);
        rowan_session *session = begin(scope);
        word *words[NUMBER_OF(spellings)];
        char buffer[40];

        for (size_t i = 0; i < count; i++) {
            words[i] = make(session, &word_table);
            *words[i] = (word){strcpy(buffer, spellings[i]), (int32_t)i};
            flush(session); /* the buffer is the program's again */
        }
        strcpy(buffer, "overwritten");
        library_sent(scope);
        for (size_t i = 0; i < count; i++) {
            ck_assert_ptr_eq(find_word(session, spellings[i]), words[i]);
            ck_assert_str_eq(words[i]->spelling, spellings[i]);
        }
        ck_assert_uint_eq(library_sent(scope), 0);
        for (size_t i = 0; i < count; i += 2) {
            words[i]->uses += 100;
        }
        library_ok(scope, rowan_session_remove(session, words[0]));
        flush(session);
        rowan_session_end(session);
        session = begin(scope);
        for (size_t i = 1; i < count; i++) {
            ck_assert_int_eq(find_word(session, spellings[i])->uses,
                             (int32_t)i + (i % 2 == 0 ? 100 : 0));
        }
        rowan_session_end(session);
        rowan_scope_end(scope);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM word"), (int64_t)count - 1);
        engine_close(db);
    }
}
END_TEST

START_TEST(both_parts_of_a_key_tell_rows_apart)
{
    static const char *const languages[] = {"de", "en", "", "d"};
    rowan_db *db = words_open((size_t)_i);
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    meaning *meanings[NUMBER_OF(spellings) * NUMBER_OF(languages)];
    void *found;

    for (size_t i = 0; i < NUMBER_OF(meanings); i++) {
        meanings[i] = make(session, &meaning_table);
        *meanings[i] = (meaning){spellings[i % NUMBER_OF(spellings)],
                                 languages[i % NUMBER_OF(languages)], (int32_t)i};
        meanings[i]->language = languages[i / NUMBER_OF(spellings)];
    }
    library_sent(scope);
    flush(session);
    ck_assert_uint_eq(library_sent(scope), 3); /* one insert in its transaction */
    for (size_t i = 0; i < NUMBER_OF(meanings); i++) {
        library_ok(scope, rowan_session_find(session, &meaning_table,
                                             PARAMS(V(spellings[i % NUMBER_OF(spellings)]),
                                                    V(languages[i / NUMBER_OF(spellings)])),
                                             &found));
        ck_assert_ptr_eq(found, meanings[i]);
    }
    ck_assert_int_eq(rowan_session_find(session, &meaning_table, PARAMS(V("a"), V("fr")), &found),
                     ROWAN_NOT_FOUND);
    ck_assert_uint_eq(library_sent(scope), 1);
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

/* Whatever an engine makes of a key that is NULL, a session does not take such a row for known. */
START_TEST(a_row_without_a_key_is_not_written)
{
    for (size_t others = 0; others <= 2; others++) {
        rowan_db *db = words_open((size_t)_i);
        rowan_scope *scope = library_scope(db);
        rowan_session *session = begin(scope);
        void *row;

        for (size_t i = 0; i < others; i++) {
            *(word *)make(session, &word_table) = (word){spellings[i], 1};
        }
        word *keyless = make(session, &word_table);
        keyless->uses = 2;
        ck_assert_int_eq(rowan_session_flush(session), ROWAN_NOT_NULL);
        if (engine_is((size_t)_i, "sqlite")) {
            ck_assert_str_eq(rowan_scope_error(scope)->message,
                             "a new row of word has no key: a column of it is NULL");
        }
        ck_assert_uint_eq(rowan_transaction_depth(scope), 0);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM word"), 0);
        ck_assert_uint_eq(rowan_session_pending(session).inserts, others + 1);
        ck_assert_ptr_null(keyless->spelling);
        keyless->spelling = "found";
        flush(session);
        ck_assert_ptr_eq(find_word(session, "found"), keyless);
        ck_assert_int_eq(library_number(db, "SELECT count(*) FROM word"), (int64_t)others + 1);

        meaning *half = make(session, &meaning_table);
        *half = (meaning){"half", NULL, 1};
        ck_assert_int_eq(rowan_session_flush(session), ROWAN_NOT_NULL);
        library_ok(scope, rowan_session_remove(session, half));
        flush(session);
        ck_assert_int_eq(rowan_session_new(session, &loose_table, &row), ROWAN_MISUSE);
        ck_assert_ptr_null(row);
        ck_assert_str_eq(rowan_scope_error(scope)->message,
                         "the key column word.spelling may be NULL: a session needs keys");
        rowan_session_end(session);
        rowan_scope_end(scope);
        engine_close(db);
    }
}
END_TEST

START_TEST(rows_whose_keys_may_be_null_are_not_taken_in)
{
    rowan_db *db = words_open((size_t)_i);
    const rowan_query query = {.from = &loose_table};
    rowan_refs rows = {(void **)1, 1};
    void *found = &rows;

    library_run(db, "INSERT INTO word (spelling, uses) VALUES ('a', 1)");
    rowan_scope *scope = library_scope(db);
    rowan_session *session = begin(scope);
    ck_assert_int_eq(rowan_session_all(session, &query, &rows), ROWAN_MISUSE);
    ck_assert(rows.at == NULL && rows.count == 0);
    ck_assert_int_eq(rowan_session_find(session, &loose_table, PARAMS(V("a")), &found),
                     ROWAN_MISUSE);
    ck_assert_ptr_null(found);
    ck_assert_ptr_nonnull(strstr(rowan_scope_error(scope)->message, "word.spelling may be NULL"));
    rowan_session_end(session);
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session_keys");
    TCase *tc = tcase_create("session_keys");
    int n = (int)engine_count();

    tcase_add_loop_test(tc, rows_are_known_by_their_texts, 0, n);
    tcase_add_loop_test(tc, both_parts_of_a_key_tell_rows_apart, 0, n);
    tcase_add_loop_test(tc, a_row_without_a_key_is_not_written, 0, n);
    tcase_add_loop_test(tc, rows_whose_keys_may_be_null_are_not_taken_in, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
