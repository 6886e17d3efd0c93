/*
 * Relations that a fetch plan loaded and nobody asked for: found live and in the trace, whatever
 * the pattern and the way of loading, and never where one of them was of use.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rowan/short.h>

#include "report/analysis.h"
#include "support/engine.h"
#include "support/fault.h"
#include "support/library.h"
#include "support/suite.h"
#include "support/watched.h"

enum { MOST = 8 };

static char path[64];
static rowan_db *db;
static rowan_scope *scope;
static rowan_session *session; /* of the pattern that has one */

/* --- The patterns, as far as reading goes. --- */

typedef struct pattern {
    const char *name;
    void (*begin)(void);
    size_t (*all)(const rowan_query *query, void **rows, size_t most);
    void *(*one)(const rowan_relation *relation, const void *row);
    void *(*many)(const rowan_relation *relation, const void *row, size_t *count);
    void (*end)(void);
} pattern;

static void nothing(void)
{
}

static size_t spread(rowan_rows found, size_t size, void **rows, size_t most)
{
    for (size_t i = 0; i < found.count && i < most; i++) {
        rows[i] = (char *)found.at + i * size;
    }
    return found.count;
}

static size_t builder_all(const rowan_query *query, void **rows, size_t most)
{
    rowan_rows found;

    library_ok(scope, rowan_query_all(scope, query, &found));
    return spread(found, query->from->row_size, rows, most);
}

static void *builder_one(const rowan_relation *relation, const void *row)
{
    void *out;

    library_ok(scope, rowan_loaded_one(scope, relation, row, &out));
    return out;
}

static void *builder_many(const rowan_relation *relation, const void *row, size_t *count)
{
    rowan_rows out;

    library_ok(scope, rowan_loaded_many(scope, relation, row, &out));
    *count = out.count;
    return out.at;
}

static size_t record_all(const rowan_query *query, void **rows, size_t most)
{
    rowan_rows found;

    library_ok(scope, rowan_record_all(scope, query, &found));
    return spread(found, query->from->row_size, rows, most);
}

static void *record_one(const rowan_relation *relation, const void *row)
{
    void *out;

    library_ok(scope, rowan_record_one(scope, relation, row, &out));
    return out;
}

static void *record_many(const rowan_relation *relation, const void *row, size_t *count)
{
    rowan_rows out;

    library_ok(scope, rowan_record_many(scope, relation, row, &out));
    *count = out.count;
    return out.at;
}

static void session_begin(void)
{
    library_ok(scope, rowan_session_begin(scope, &session));
}

static void session_end(void)
{
    rowan_session_end(session);
}

static size_t session_all(const rowan_query *query, void **rows, size_t most)
{
    rowan_refs found;

    library_ok(scope, rowan_session_all(session, query, &found));
    memcpy(rows, found.at, (found.count < most ? found.count : most) * sizeof *rows);
    return found.count;
}

static void *session_one(const rowan_relation *relation, const void *row)
{
    void *out;

    library_ok(scope, rowan_session_one(session, relation, row, &out));
    return out;
}

static void *session_many(const rowan_relation *relation, const void *row, size_t *count)
{
    rowan_refs out;

    library_ok(scope, rowan_session_many(session, relation, row, &out));
    *count = out.count;
    return out.count > 0 ? out.at[0] : NULL;
}

static const pattern patterns[] = {
    {"builder", nothing, builder_all, builder_one, builder_many, nothing},
    {"record", nothing, record_all, record_one, record_many, nothing},
    {"session", session_begin, session_all, session_one, session_many, session_end},
};

enum { PATTERNS = sizeof patterns / sizeof patterns[0] };

/* --- The stage. --- */

static void open_db(size_t engine, size_t books)
{
    db = watched_open(engine, books, 3, 4);
    scope = library_scope(db);
}

static void begin_scope(const pattern *by)
{
    rowan_scope_end(scope);
    scope = library_scope(db);
    by->begin();
}

static const rowan_findings *judge(void)
{
    static rowan_findings found;

    library_ok(scope, rowan_scope_findings(scope, &found));
    return &found;
}

static void finds_nothing(const char *what)
{
    const rowan_findings *found = judge();

    ck_assert_msg(found->count == 0, "%s: %s", what, found->count > 0 ? found->at[0].evidence : "");
    library_ok(scope, rowan_expect_no_findings(scope));
}

static const rowan_finding *only(const char *what)
{
    const rowan_findings *found = judge();

    ck_assert_msg(found->count == 1, "%s: %zu findings", what, found->count);
    ck_assert_int_eq(found->at[0].kind, ROWAN_UNUSED_EAGER_LOAD);
    ck_assert_int_eq(found->at[0].confidence, ROWAN_CONFIRMED);
    return &found->at[0];
}

/* Ends all. The evidence of each finding of this kind in the trace, a line each. */
static size_t end_and_analyze(char *evidence, size_t size)
{
    size_t count = 0;

    rowan_scope_end(scope);
    watched_analyze(db);
    evidence[0] = '\0';
    for (size_t i = 0; i < watched.analysis.count; i++) {
        const rowan__trace_finding *found = &watched.analysis.at[i];
        if (strcmp(found->kind, "unused_eager_load") == 0) {
            size_t used = strlen(evidence);
            ck_assert_str_eq(rowan__action_name(found->action), "remove_eager_load");
            ck_assert_ptr_nonnull(strstr(found->callsite, "test_detector_unused.c"));
            snprintf(evidence + used, size - used, "%s\n", found->evidence);
            count++;
        }
    }
    watched_release();
    return count;
}

static void end_without_findings(void)
{
    char evidence[1024];

    ck_assert_msg(end_and_analyze(evidence, sizeof evidence) == 0, "%s", evidence);
}

/* All books by their ids, with a plan. */
static size_t books_with(const pattern *by, const rowan_fetch *plan, void **books)
{
    rowan_query query = {
        .from = &library_book_table, .order_by = ORDER(ASC(BOOK.id)), .fetch = plan};

    return by->all(&query, books, MOST);
}

static const rowan_fetch_way ways[] = {ROWAN_FETCH_BATCH, ROWAN_FETCH_JOIN};

/* --- What is found. --- */

START_TEST(a_relation_that_nobody_asks_for_is_found)
{
    static const size_t sizes[] = {2, 7, 40};

    for (size_t s = 0; s < 3; s++) {
        for (size_t p = 0; p < PATTERNS; p++) {
            char evidence[2048], wanted[160];
            void *books[MOST];
            size_t publishers = sizes[s] < 3 ? sizes[s] : 3;
            open_db((size_t)_i, sizes[s]);
            for (size_t w = 0; w < 2; w++) {
                begin_scope(&patterns[p]);
                const rowan_fetch plan[] = {{.relation = &library_book_publisher, .way = ways[w]},
                                            {.relation = NULL}};
                ck_assert_uint_eq(books_with(&patterns[p], plan, books), sizes[s]);
                ck_assert_uint_eq(library_sent(scope), 2 - w);
                const rowan_finding *found = only(patterns[p].name);
                snprintf(wanted, sizeof wanted,
                         "publisher was loaded for %zu rows, %zu rows of it, and not read for one "
                         "of them",
                         sizes[s], publishers);
                ck_assert_ptr_eq(strstr(found->evidence, wanted), found->evidence);
                ck_assert_str_eq(found->suggestion, "leave ROWAN_RELATED(&book_publisher_relation) "
                                                    "out of the fetch plan");
                ck_assert_str_eq(found->relation, "publisher");
                ck_assert_str_eq(found->table, "publisher");
                ck_assert_uint_eq(found->count, 1);
                ck_assert_uint_eq(found->first_sequence, 2 - w);
                ck_assert_ptr_nonnull(found->site.file);
                ck_assert_int_eq(rowan_expect_no_findings(scope), ROWAN_UNEXPECTED);
                patterns[p].end();
            }
            ck_assert_uint_eq(end_and_analyze(evidence, sizeof evidence), 2);
            ck_assert_ptr_nonnull(strstr(evidence, wanted));
        }
    }
}
END_TEST

START_TEST(one_that_is_asked_for_of_one_row_was_of_use)
{
    for (size_t p = 0; p < PATTERNS; p++) {
        void *books[MOST];
        size_t count;
        open_db((size_t)_i, 7);
        for (size_t w = 0; w < 2; w++) {
            begin_scope(&patterns[p]);
            const rowan_fetch plan[] = {{.relation = &library_book_publisher, .way = ways[w]},
                                        {.relation = &library_book_authors},
                                        {.relation = NULL}};
            books_with(&patterns[p], plan, books);
            ck_assert_uint_eq(judge()->count, 2);
            ck_assert_ptr_nonnull(patterns[p].one(&library_book_publisher, books[5]));
            ck_assert_str_eq(only("the authors")->relation, "authors");
            (void)patterns[p].many(&library_book_authors, books[0], &count);
            ck_assert_uint_eq(count, 2);
            finds_nothing(patterns[p].name);
            patterns[p].end();
        }
        end_without_findings();
    }
}
END_TEST

START_TEST(how_many_there_are_is_a_use_of_them_also_of_none)
{
    for (size_t p = 0; p < PATTERNS; p++) {
        void *books[MOST];
        size_t count;
        open_db((size_t)_i, 7);
        library_run(db, "DELETE FROM book_author WHERE book_id > 5002");
        begin_scope(&patterns[p]);
        books_with(&patterns[p], FETCH(RELATED(&library_book_authors)), books);
        only(patterns[p].name);
        (void)patterns[p].many(&library_book_authors, books[6], &count);
        ck_assert_uint_eq(count, 0);
        finds_nothing(patterns[p].name);
        patterns[p].end();
        end_without_findings();
    }
}
END_TEST

START_TEST(a_single_owner_and_no_rows_prove_nothing)
{
    for (size_t p = 0; p < PATTERNS; p++) {
        rowan_query one = {.from = &library_book_table,
                           .where = EQ(BOOK.id, LIBRARY_FIRST),
                           .fetch = FETCH(RELATED(&library_book_publisher))};
        void *rows[MOST];
        open_db((size_t)_i, 7);
        begin_scope(&patterns[p]);
        ck_assert_uint_eq(patterns[p].all(&one, rows, MOST), 1);
        books_with(&patterns[p], FETCH(RELATED(&library_book_tags)), rows); /* there are none */
        finds_nothing(patterns[p].name);
        patterns[p].end();
        begin_scope(&patterns[p]);
        library_ok(scope, rowan_raw_run(scope, "UPDATE book SET publisher_id = NULL",
                                        ROWAN_NO_PARAMS, NULL));
        const rowan_fetch joined[] = {
            {.relation = &library_book_publisher, .way = ROWAN_FETCH_JOIN}, {.relation = NULL}};
        books_with(&patterns[p], joined, rows);
        books_with(&patterns[p], FETCH(RELATED(&library_book_publisher)), rows);
        finds_nothing(patterns[p].name);
        patterns[p].end();
        end_without_findings();
    }
}
END_TEST

START_TEST(of_a_plan_within_a_plan_the_outer_one_is_told)
{
    for (size_t p = 0; p < PATTERNS; p++) {
        for (size_t w = 0; w < 2; w++) {
            const rowan_fetch plan[] = {
                {.relation = &library_book_publisher,
                 .way = ways[w],
                 .then = FETCH({.relation = &library_publisher_books,
                                .then = FETCH(RELATED(&library_book_authors))})},
                {.relation = NULL}};
            char evidence[2048];
            void *books[MOST];
            size_t count;
            open_db((size_t)_i, 7);
            begin_scope(&patterns[p]);
            books_with(&patterns[p], plan, books);
            ck_assert_str_eq(only("all of it")->relation, "publisher");
            void *publisher = patterns[p].one(&library_book_publisher, books[1]);
            ck_assert_str_eq(only("what is within")->relation, "books");
            ck_assert_ptr_nonnull(strstr(judge()->at[0].suggestion, "&publisher_books_relation"));
            void *book = patterns[p].many(&library_publisher_books, publisher, &count);
            ck_assert_str_eq(only("what is innermost")->relation, "authors");
            patterns[p].end();
            ck_assert_ptr_nonnull(book);
            ck_assert_uint_eq(end_and_analyze(evidence, sizeof evidence), 1);
            ck_assert_ptr_eq(strstr(evidence, "authors was loaded for 7 rows, 14 rows"), evidence);
        }
    }
}
END_TEST

/* --- The same line of a program. --- */

/* Pages of two books with their publishers, by one line; those of the page @p read are read. */
static void pages(const pattern *by, int read)
{
    for (int page = 0; page < 3; page++) {
        rowan_query query = {.from = &library_book_table,
                             .order_by = ORDER(ASC(BOOK.id)),
                             .limit = 2,
                             .offset = 2 * page,
                             .fetch = FETCH(RELATED(&library_book_publisher))};
        void *books[MOST];
        ck_assert_uint_eq(by->all(&query, books, MOST), 2);
        if (page == read) {
            ck_assert_ptr_nonnull(by->one(&library_book_publisher, books[0]));
        }
    }
}

START_TEST(a_line_that_loads_in_a_loop_is_one_and_one_use_is_enough)
{
    for (size_t p = 0; p < PATTERNS; p++) {
        open_db((size_t)_i, 7);
        for (int read = 0; read < 3; read++) {
            begin_scope(&patterns[p]);
            pages(&patterns[p], read);
            finds_nothing(patterns[p].name);
            patterns[p].end();
        }
        end_without_findings();
    }
    for (size_t p = 0; p < PATTERNS; p++) {
        char evidence[2048];
        open_db((size_t)_i, 7);
        begin_scope(&patterns[p]);
        pages(&patterns[p], -1);
        const rowan_finding *found = only(patterns[p].name);
        /* What a session knows already it does not load again. */
        ck_assert_uint_eq(found->count, 3);
        ck_assert_ptr_eq(strstr(found->evidence, "publisher was loaded for 6 rows, "),
                         found->evidence);
        patterns[p].end();
        ck_assert_uint_eq(end_and_analyze(evidence, sizeof evidence), 1);
    }
}
END_TEST

START_TEST(two_lines_are_told_apart)
{
    const rowan_fetch *plan = FETCH(RELATED(&library_book_publisher));
    rowan_query query = {
        .from = &library_book_table, .order_by = ORDER(ASC(BOOK.id)), .fetch = plan};

    for (size_t p = 0; p < 2; p++) { /* a session would know the rows the second time */
        rowan_rows first, second;
        char evidence[2048];
        void *out;
        open_db((size_t)_i, 7);
        begin_scope(&patterns[p]);
        library_ok(scope, rowan_query_all(scope, &query, &first));
        library_ok(scope, rowan_query_all(scope, &query, &second));
        int line = __LINE__ - 1;
        ck_assert_uint_eq(judge()->count, 2);
        library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, second.at, &out));
        ck_assert_int_lt(only("the first line")->site.line, line);
        ck_assert_uint_eq(end_and_analyze(evidence, sizeof evidence), 1);
    }
}
END_TEST

START_TEST(rows_that_are_gone_by_a_mark_are_not_forgotten)
{
    rowan_query query = {.from = &library_book_table,
                         .order_by = ORDER(ASC(BOOK.id)),
                         .fetch = FETCH(RELATED(&library_book_publisher))};

    for (int read = 0; read < 2; read++) {
        char evidence[2048];
        rowan_rows books;
        void *out;
        open_db((size_t)_i, 7);
        for (int turn = 0; turn < 2; turn++) {
            rowan_mark mark = rowan_scope_mark(scope);
            library_ok(scope, rowan_query_all(scope, &query, &books));
            if (read == 1 && turn == 0) {
                library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, books.at, &out));
            }
            library_ok(scope, rowan_scope_rewind(scope, mark));
        }
        if (read == 1) {
            finds_nothing("one turn of two");
            end_without_findings();
        } else {
            ck_assert_ptr_nonnull(strstr(only("none of two")->evidence, "14 rows, 6 rows"));
            ck_assert_uint_eq(end_and_analyze(evidence, sizeof evidence), 1);
        }
    }
}
END_TEST

/* --- Other ways to ask. --- */

START_TEST(what_is_asked_for_lazily_is_of_use)
{
    static const rowan_lazy policies[] = {ROWAN_LAZY_PEERS, ROWAN_LAZY_EACH};

    for (size_t i = 0; i < 2; i++) {
        rowan_query query = {
            .from = &library_book_table, .order_by = ORDER(ASC(BOOK.id)), .lazy = policies[i]};
        rowan_rows books, authors;
        void *publisher;
        open_db((size_t)_i, 4);
        library_ok(scope, rowan_record_all(scope, &query, &books));
        library_ok(scope, rowan_record_one(scope, &library_book_publisher, books.at, &publisher));
        library_ok(scope, rowan_record_many(scope, &library_book_authors, books.at, &authors));
        finds_nothing("lazily loaded");
        end_without_findings();
    }
}
END_TEST

START_TEST(a_plan_for_rows_that_are_there_counts_as_well)
{
    rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    const rowan_fetch *plan = FETCH(RELATED(&library_book_publisher));
    char evidence[2048];
    rowan_rows books;
    rowan_refs refs;
    void *out;

    open_db((size_t)_i, 7);
    library_ok(scope, rowan_query_all(scope, &query, &books));
    library_ok(scope, rowan_load(scope, &library_book_table, books.at, books.count, plan));
    only("rowan_load");
    library_ok(scope, rowan_record_one(scope, &library_book_publisher, books.at, &out));
    finds_nothing("rowan_load and a record");
    begin_scope(&patterns[2]);
    library_ok(scope, rowan_session_all(session, &query, &refs));
    library_ok(scope, rowan_session_load(session, refs, plan));
    only("rowan_session_load");
    library_ok(scope, rowan_session_one(session, &library_book_publisher, refs.at[6], &out));
    finds_nothing("rowan_session_load");
    session_end();
    begin_scope(&patterns[2]);
    library_ok(scope, rowan_session_all(session, &query, &refs));
    library_ok(scope, rowan_session_load(session, refs, plan));
    session_end();
    ck_assert_uint_eq(end_and_analyze(evidence, sizeof evidence), 1);
}
END_TEST

/* Rows of one block that two plans loaded a relation for cannot be told apart. */
START_TEST(two_plans_for_the_rows_of_one_result_are_given_the_benefit_of_the_doubt)
{
    rowan_query query = {.from = &library_book_table, .order_by = ORDER(ASC(BOOK.id))};
    const rowan_fetch *plan = FETCH(RELATED(&library_book_publisher));
    rowan_rows books;
    void *out;

    open_db((size_t)_i, 8);
    library_ok(scope, rowan_query_all(scope, &query, &books));
    const library_book *at = books.at;
    library_ok(scope, rowan_load(scope, &library_book_table, at, 4, plan));
    library_ok(scope, rowan_load(scope, &library_book_table, at + 4, 4, plan));
    library_ok(scope, rowan_loaded_one(scope, &library_book_publisher, at + 1, &out));
    finds_nothing("two halves");
    end_without_findings();
}
END_TEST

START_TEST(a_row_that_a_session_finds_by_its_key_was_of_use)
{
    void *books[MOST], *publisher;

    open_db((size_t)_i, 7);
    begin_scope(&patterns[2]);
    books_with(&patterns[2], FETCH(RELATED(&library_book_publisher)), books);
    only("before it is looked for");
    library_ok(scope, rowan_session_find(session, &library_publisher_table,
                                         PARAMS(V((int64_t)LIBRARY_FIRST)), &publisher));
    ck_assert_uint_eq(library_sent(scope), 2);
    finds_nothing("found by its key");
    session_end();
    end_without_findings();
}
END_TEST

START_TEST(a_plan_that_fails_is_no_finding)
{
    rowan_query query = {.from = &library_book_table,
                         .order_by = ORDER(ASC(BOOK.id)),
                         .fetch = FETCH(RELATED(&library_book_tags))};
    rowan_rows books;

    open_db((size_t)_i, 7);
    library_run(db, "DROP TABLE tag");
    ck_assert_int_ne(rowan_query_all(scope, &query, &books), ROWAN_OK);
    finds_nothing("a table that is gone");
    end_without_findings();
}
END_TEST

/* The advice is taken: nothing more is said, and what was advised is never advised against. */
START_TEST(without_the_plan_nothing_is_found)
{
    for (size_t p = 0; p < PATTERNS; p++) {
        char evidence[2048];
        void *books[MOST];
        open_db((size_t)_i, 7);
        begin_scope(&patterns[p]);
        books_with(&patterns[p], FETCH(RELATED(&library_book_publisher)), books);
        only(patterns[p].name);
        patterns[p].end();
        begin_scope(&patterns[p]);
        books_with(&patterns[p], NULL, books);
        finds_nothing(patterns[p].name);
        patterns[p].end();
        ck_assert_uint_eq(end_and_analyze(evidence, sizeof evidence), 1);
    }
}
END_TEST

/* --- Traces. --- */

static char complaints[512];

static void complain(void *context, const char *where, size_t line, const char *why)
{
    size_t used = strlen(complaints);

    (void)context;
    ck_assert_str_eq(where, path);
    snprintf(complaints + used, sizeof complaints - used, "%zu: %s\n", line, why);
}

#define POSTS "{\"seq\":7,\"sql\":\"SELECT * FROM post\",\"dialect\":\"sqlite\",\"nrows\":5}\n"
#define LATE(assoc, more)                                                                          \
    "{\"seq\":7,\"eager\":{\"assoc\":\"" assoc "\",\"owners\":5,\"rows\":4" more "}}\n"

START_TEST(what_is_said_late_belongs_to_its_statement)
{
    static const struct {
        const char *text, *complaints;
        size_t found;
    } cases[] = {
        {POSTS LATE("notes", ",\"touched\":0"), "", 1},
        {LATE("notes", ",\"touched\":0") POSTS, "", 1},
        {POSTS LATE("notes", ",\"touched\":2"), "", 0},
        {POSTS LATE("notes", ""), "", 0}, /* of unknown use */
        {POSTS LATE("notes", ",\"touched\":0") LATE("tags", ",\"touched\":0")
             LATE("likes", ",\"touched\":1"),
         "", 2},
        {POSTS "{\"seq\":8,\"eager\":{\"owners\":5,\"rows\":4,\"touched\":0}}\n",
         "2: there is no statement of its `seq`\n", 0},
        {"{\"seq\":1,\"eager\":{\"owners\":5,\"rows\":4,\"touched\":0}}\n",
         "1: there is no statement of its `seq`\n", 0},
        {POSTS "{\"eager\":{\"owners\":5,\"rows\":4,\"touched\":0}}\n",
         "2: `eager` without `sql` has no `seq` of a statement\n", 0},
        {POSTS "{\"seq\":\"x\",\"eager\":{\"touched\":0}}\n",
         "2: a key that ought to be a count is something else\n", 0},
        {POSTS "{\"seq\":7,\"eager\":[0]}\n", "2: there is no statement in `sql`\n", 0},
        {POSTS "{\"seq\":7,\"eager\":null}\n", "2: there is no statement in `sql`\n", 0},
        {POSTS "{\"seq\":7,\"sql\":null,\"eager\":{\"touched\":0}}\n",
         "2: there is no statement in `sql`\n", 0},
    };
    const rowan__rules rules = rowan__rules_of(NULL);
    const rowan__complaint complaint = {complain, NULL};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rowan__analysis analysis;
        rowan__trace trace;
        strcpy(path, "/tmp/rowan-unused-XXXXXX");
        complaints[0] = '\0';
        FILE *file = fdopen(mkstemp(path), "w");
        fputs(cases[i].text, file);
        fclose(file);
        ck_assert_int_eq(rowan__trace_read(&trace, &fault_allocator, path, &complaint, NULL),
                         ROWAN_OK);
        ck_assert_int_eq(rowan__analysis_init(&analysis, &fault_allocator, &rules), ROWAN_OK);
        ck_assert_int_eq(rowan__analysis_add(&analysis, &trace), ROWAN_OK);
        ck_assert_str_eq(complaints, cases[i].complaints);
        ck_assert_uint_eq(trace.lines_refused, cases[i].complaints[0] != '\0');
        ck_assert_msg(analysis.count == cases[i].found, "%s: %zu", cases[i].text, analysis.count);
        for (size_t f = 0; f < analysis.count; f++) {
            ck_assert_uint_eq(analysis.at[f].seqs[0], 7);
            ck_assert_ptr_nonnull(strstr(analysis.at[f].evidence, "was loaded for 5 rows, 4 rows"));
        }
        rowan__analysis_fini(&analysis);
        rowan__trace_fini(&trace);
        ck_assert_uint_eq(fault_out_bytes(), 0);
        unlink(path);
    }
}
END_TEST

/* Scopes that are told after thousands of statements of others find their own in the trace. */
START_TEST(scopes_that_run_at_once_are_told_apart_in_the_trace)
{
    rowan_scope *others[MOST];
    char evidence[4096];

    open_db((size_t)_i, 7);
    for (size_t i = 0; i < MOST; i++) {
        others[i] = library_scope(db);
    }
    for (int turn = 0; turn < 3; turn++) {
        for (size_t i = 0; i < MOST; i++) {
            rowan_query query = {.from = &library_book_table,
                                 .order_by = ORDER(ASC(BOOK.id)),
                                 .fetch = turn == 1 ? FETCH(RELATED(&library_book_authors)) : NULL};
            rowan_rows books, authors;
            library_ok(others[i], rowan_query_all(others[i], &query, &books));
            if (turn == 1 && i % 2 == 0) {
                library_ok(others[i],
                           rowan_loaded_many(others[i], &library_book_authors, books.at, &authors));
            }
        }
    }
    for (size_t i = 0; i < MOST; i++) {
        rowan_scope_end(others[i]);
    }
    ck_assert_uint_eq(end_and_analyze(evidence, sizeof evidence), MOST / 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("detector_unused");
    TCase *tc = tcase_create("detector_unused");
    int n = (int)engine_count();

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, a_relation_that_nobody_asks_for_is_found, 0, n);
    tcase_add_loop_test(tc, one_that_is_asked_for_of_one_row_was_of_use, 0, n);
    tcase_add_loop_test(tc, how_many_there_are_is_a_use_of_them_also_of_none, 0, n);
    tcase_add_loop_test(tc, a_single_owner_and_no_rows_prove_nothing, 0, n);
    tcase_add_loop_test(tc, of_a_plan_within_a_plan_the_outer_one_is_told, 0, n);
    tcase_add_loop_test(tc, a_line_that_loads_in_a_loop_is_one_and_one_use_is_enough, 0, n);
    tcase_add_loop_test(tc, two_lines_are_told_apart, 0, n);
    tcase_add_loop_test(tc, rows_that_are_gone_by_a_mark_are_not_forgotten, 0, n);
    tcase_add_loop_test(tc, what_is_asked_for_lazily_is_of_use, 0, n);
    tcase_add_loop_test(tc, a_plan_for_rows_that_are_there_counts_as_well, 0, n);
    tcase_add_loop_test(tc, two_plans_for_the_rows_of_one_result_are_given_the_benefit_of_the_doubt,
                        0, n);
    tcase_add_loop_test(tc, a_row_that_a_session_finds_by_its_key_was_of_use, 0, n);
    tcase_add_loop_test(tc, a_plan_that_fails_is_no_finding, 0, n);
    tcase_add_loop_test(tc, without_the_plan_nothing_is_found, 0, n);
    tcase_add_test(tc, what_is_said_late_belongs_to_its_statement);
    tcase_add_loop_test(tc, scopes_that_run_at_once_are_told_apart_in_the_trace, 0, n);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
