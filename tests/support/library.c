/* The models of the library, its tables, and rows for them. */
#include "support/library.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/engine.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const binding_labels[] = {"hardcover", "paperback"};
static const rowan_enum binding_enum = {"library_binding", binding_labels, COUNT(binding_labels)};

static const rowan_column publisher_columns[] = {
    ROWAN_COLUMN(library_publisher_table, library_publisher, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_COLUMN(library_publisher_table, library_publisher, name, 0),
    ROWAN_OPT_COLUMN(library_publisher_table, library_publisher, featured_id, 0),
};
static const rowan_column author_columns[] = {
    ROWAN_COLUMN(library_author_table, library_author, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_COLUMN(library_author_table, library_author, name, 0),
    ROWAN_OPT_COLUMN(library_author_table, library_author, born, 0),
};
static const rowan_column book_columns[] = {
    ROWAN_COLUMN(library_book_table, library_book, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_OPT_COLUMN(library_book_table, library_book, publisher_id, 0),
    ROWAN_COLUMN(library_book_table, library_book, title, 0),
    ROWAN_OPT_COLUMN(library_book_table, library_book, subtitle, 0),
    ROWAN_COLUMN(library_book_table, library_book, price_cents, 0),
    ROWAN_COLUMN(library_book_table, library_book, in_print, 0),
    ROWAN_OPT_COLUMN(library_book_table, library_book, rating, 0),
    {&library_book_table, "binding", ROWAN_TYPE_ENUM, 0, offsetof(library_book, binding),
     offsetof(library_book, binding), &binding_enum, 0, 0},
    ROWAN_OPT_COLUMN(library_book_table, library_book, published_on, 0),
    ROWAN_COLUMN(library_book_table, library_book, cover, 0),
    ROWAN_COLUMN(library_book_table, library_book, version, ROWAN_VERSION),
};
static const rowan_column book_author_columns[] = {
    ROWAN_COLUMN(library_book_author_table, library_book_author, book_id, ROWAN_PRIMARY),
    ROWAN_COLUMN(library_book_author_table, library_book_author, author_id, ROWAN_PRIMARY),
    ROWAN_COLUMN(library_book_author_table, library_book_author, role, 0),
};
static const rowan_column profile_columns[] = {
    ROWAN_COLUMN(library_profile_table, library_profile, author_id, ROWAN_PRIMARY),
    ROWAN_COLUMN(library_profile_table, library_profile, bio, 0),
};
static const rowan_column category_columns[] = {
    ROWAN_COLUMN(library_category_table, library_category, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_OPT_COLUMN(library_category_table, library_category, parent_id, 0),
    ROWAN_COLUMN(library_category_table, library_category, name, 0),
};
static const rowan_column purchase_columns[] = {
    ROWAN_COLUMN(library_purchase_table, library_purchase, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_COLUMN(library_purchase_table, library_purchase, customer, 0),
};
static const rowan_column line_columns[] = {
    ROWAN_COLUMN(library_line_table, library_line, purchase_id, ROWAN_PRIMARY),
    ROWAN_COLUMN(library_line_table, library_line, line_no, ROWAN_PRIMARY),
    ROWAN_OPT_COLUMN(library_line_table, library_line, book_id, 0),
    ROWAN_COLUMN(library_line_table, library_line, quantity, 0),
};
static const rowan_column parcel_columns[] = {
    ROWAN_COLUMN(library_parcel_table, library_parcel, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_COLUMN(library_parcel_table, library_parcel, purchase_id, 0),
    ROWAN_COLUMN(library_parcel_table, library_parcel, line_no, 0),
    ROWAN_COLUMN(library_parcel_table, library_parcel, code, 0),
};
static const rowan_column tag_columns[] = {
    ROWAN_COLUMN(library_tag_table, library_tag, id, ROWAN_PRIMARY | ROWAN_GENERATED),
    ROWAN_COLUMN(library_tag_table, library_tag, subject_type, 0),
    ROWAN_COLUMN(library_tag_table, library_tag, subject_id, 0),
    ROWAN_COLUMN(library_tag_table, library_tag, label, 0),
};

/* Keys, and lists of columns that relations compare. */
static const rowan_column *const publisher_key[] = {&publisher_columns[0]};
static const rowan_column *const publisher_to_featured[] = {&publisher_columns[2]};
static const rowan_column *const author_key[] = {&author_columns[0]};
static const rowan_column *const book_key[] = {&book_columns[0]};
static const rowan_column *const book_to_publisher[] = {&book_columns[1]};
static const rowan_column *const book_author_key[] = {&book_author_columns[0],
                                                      &book_author_columns[1]};
static const rowan_column *const book_author_to_book[] = {&book_author_columns[0]};
static const rowan_column *const book_author_to_author[] = {&book_author_columns[1]};
static const rowan_column *const profile_key[] = {&profile_columns[0]};
static const rowan_column *const category_key[] = {&category_columns[0]};
static const rowan_column *const category_to_parent[] = {&category_columns[1]};
static const rowan_column *const purchase_key[] = {&purchase_columns[0]};
static const rowan_column *const line_key[] = {&line_columns[0], &line_columns[1]};
static const rowan_column *const line_to_purchase[] = {&line_columns[0]};
static const rowan_column *const line_to_book[] = {&line_columns[2]};
static const rowan_column *const parcel_key[] = {&parcel_columns[0]};
static const rowan_column *const parcel_to_line[] = {&parcel_columns[1], &parcel_columns[2]};
static const rowan_column *const tag_key[] = {&tag_columns[0]};
static const rowan_column *const tag_to_subject[] = {&tag_columns[2]};

#define RELATION(c_name, its_name, its_kind, of, other, mine, theirs, at)                          \
    const rowan_relation c_name = {.name = (its_name),                                             \
                                   .kind = (its_kind),                                             \
                                   .from = &(of),                                                  \
                                   .to = &(other),                                                 \
                                   .column_count = COUNT(mine),                                    \
                                   .from_columns = (mine),                                         \
                                   .to_columns = (theirs),                                         \
                                   .index = (at)}

RELATION(library_publisher_books, "books", ROWAN_HAS_MANY, library_publisher_table,
         library_book_table, publisher_key, book_to_publisher, 0);
RELATION(library_publisher_featured, "featured", ROWAN_BELONGS_TO, library_publisher_table,
         library_book_table, publisher_to_featured, book_key, 1);
RELATION(library_author_profile, "profile", ROWAN_HAS_ONE, library_author_table,
         library_profile_table, author_key, profile_key, 1);
RELATION(library_book_publisher, "publisher", ROWAN_BELONGS_TO, library_book_table,
         library_publisher_table, book_to_publisher, publisher_key, 0);
RELATION(library_book_lines, "lines", ROWAN_HAS_MANY, library_book_table, library_line_table,
         book_key, line_to_book, 2);
RELATION(library_profile_author, "author", ROWAN_BELONGS_TO, library_profile_table,
         library_author_table, profile_key, author_key, 0);
RELATION(library_category_parent, "parent", ROWAN_BELONGS_TO, library_category_table,
         library_category_table, category_to_parent, category_key, 0);
RELATION(library_category_children, "children", ROWAN_HAS_MANY, library_category_table,
         library_category_table, category_key, category_to_parent, 1);
RELATION(library_purchase_lines, "lines", ROWAN_HAS_MANY, library_purchase_table,
         library_line_table, purchase_key, line_to_purchase, 0);
RELATION(library_line_purchase, "purchase", ROWAN_BELONGS_TO, library_line_table,
         library_purchase_table, line_to_purchase, purchase_key, 0);
RELATION(library_line_book, "book", ROWAN_BELONGS_TO, library_line_table, library_book_table,
         line_to_book, book_key, 1);
RELATION(library_line_parcels, "parcels", ROWAN_HAS_MANY, library_line_table, library_parcel_table,
         line_key, parcel_to_line, 2);
RELATION(library_parcel_line, "line", ROWAN_BELONGS_TO, library_parcel_table, library_line_table,
         parcel_to_line, line_key, 0);

const rowan_relation library_author_books = {.name = "books",
                                             .kind = ROWAN_MANY_TO_MANY,
                                             .from = &library_author_table,
                                             .to = &library_book_table,
                                             .column_count = 1,
                                             .from_columns = author_key,
                                             .to_columns = book_key,
                                             .through = &library_book_author_table,
                                             .through_from = book_author_to_author,
                                             .through_to = book_author_to_book,
                                             .through_to_count = 1,
                                             .index = 0};
const rowan_relation library_book_authors = {.name = "authors",
                                             .kind = ROWAN_MANY_TO_MANY,
                                             .from = &library_book_table,
                                             .to = &library_author_table,
                                             .column_count = 1,
                                             .from_columns = book_key,
                                             .to_columns = author_key,
                                             .through = &library_book_author_table,
                                             .through_from = book_author_to_book,
                                             .through_to = book_author_to_author,
                                             .through_to_count = 1,
                                             .index = 1};

#define TAGS_OF(c_name, of, key, type, at)                                                         \
    const rowan_relation c_name = {.name = "tags",                                                 \
                                   .kind = ROWAN_HAS_MANY,                                         \
                                   .from = &(of),                                                  \
                                   .to = &library_tag_table,                                       \
                                   .column_count = 1,                                              \
                                   .from_columns = (key),                                          \
                                   .to_columns = tag_to_subject,                                   \
                                   .type_column = &tag_columns[1],                                 \
                                   .type_value = (type),                                           \
                                   .index = (at)}
TAGS_OF(library_author_tags, library_author_table, author_key, "author", 2);
TAGS_OF(library_book_tags, library_book_table, book_key, "book", 3);

#define SUBJECT_OF(c_name, its_name, other, key, at)                                               \
    const rowan_relation c_name = {.name = (its_name),                                             \
                                   .kind = ROWAN_BELONGS_TO,                                       \
                                   .from = &library_tag_table,                                     \
                                   .to = &(other),                                                 \
                                   .column_count = 1,                                              \
                                   .from_columns = tag_to_subject,                                 \
                                   .to_columns = (key),                                            \
                                   .type_column = &tag_columns[1],                                 \
                                   .type_value = (its_name),                                       \
                                   .index = (at)}
SUBJECT_OF(library_tag_book, "book", library_book_table, book_key, 0);
SUBJECT_OF(library_tag_author, "author", library_author_table, author_key, 1);

static const rowan_relation *const publisher_relations[] = {&library_publisher_books,
                                                            &library_publisher_featured};
static const rowan_relation *const author_relations[] = {
    &library_author_books, &library_author_profile, &library_author_tags};
static const rowan_relation *const book_relations[] = {
    &library_book_publisher, &library_book_authors, &library_book_lines, &library_book_tags};
static const rowan_relation *const profile_relations[] = {&library_profile_author};
static const rowan_relation *const category_relations[] = {&library_category_parent,
                                                           &library_category_children};
static const rowan_relation *const purchase_relations[] = {&library_purchase_lines};
static const rowan_relation *const line_relations[] = {&library_line_purchase, &library_line_book,
                                                       &library_line_parcels};
static const rowan_relation *const parcel_relations[] = {&library_parcel_line};
static const rowan_relation *const tag_relations[] = {&library_tag_book, &library_tag_author};

#define TABLE(c_name, its_name, type, its_columns, key, its_version, its_relations)                \
    const rowan_table c_name = {.name = (its_name),                                                \
                                .columns = (its_columns),                                          \
                                .column_count = COUNT(its_columns),                                \
                                .primary = (key),                                                  \
                                .primary_count = COUNT(key),                                       \
                                .version = (its_version),                                          \
                                .relations = (its_relations),                                      \
                                .relation_count = COUNT(its_relations),                            \
                                .row_size = sizeof(type),                                          \
                                .row_align = _Alignof(type)}

TABLE(library_publisher_table, "publisher", library_publisher, publisher_columns, publisher_key,
      NULL, publisher_relations);
TABLE(library_author_table, "author", library_author, author_columns, author_key, NULL,
      author_relations);
TABLE(library_book_table, "book", library_book, book_columns, book_key, &book_columns[10],
      book_relations);
TABLE(library_profile_table, "profile", library_profile, profile_columns, profile_key, NULL,
      profile_relations);
TABLE(library_category_table, "category", library_category, category_columns, category_key, NULL,
      category_relations);
TABLE(library_purchase_table, "purchase", library_purchase, purchase_columns, purchase_key, NULL,
      purchase_relations);
TABLE(library_line_table, "purchase_line", library_line, line_columns, line_key, NULL,
      line_relations);
TABLE(library_parcel_table, "parcel", library_parcel, parcel_columns, parcel_key, NULL,
      parcel_relations);
TABLE(library_tag_table, "tag", library_tag, tag_columns, tag_key, NULL, tag_relations);
const rowan_table library_book_author_table = {.name = "book_author",
                                               .columns = book_author_columns,
                                               .column_count = COUNT(book_author_columns),
                                               .primary = book_author_key,
                                               .primary_count = COUNT(book_author_key),
                                               .row_size = sizeof(library_book_author),
                                               .row_align = _Alignof(library_book_author)};

const struct library_publisher_columns PUBLISHER = {{&publisher_columns[0], NULL},
                                                    {&publisher_columns[1], NULL}};
const struct library_book_columns BOOK = {{&book_columns[0], NULL},
                                          {&book_columns[1], NULL},
                                          {&book_columns[2], NULL},
                                          {&book_columns[4], NULL},
                                          {&book_columns[5], NULL}};
const struct library_author_columns AUTHOR = {{&author_columns[0], NULL},
                                              {&author_columns[1], NULL}};
const struct library_category_columns CATEGORY = {
    {&category_columns[0], NULL}, {&category_columns[1], NULL}, {&category_columns[2], NULL}};
const struct library_line_columns LINE = {
    {&line_columns[0], NULL}, {&line_columns[1], NULL}, {&line_columns[3], NULL}};
const struct library_tag_columns TAG = {{&tag_columns[3], NULL}};

static const char ddl[] =
    "CREATE TABLE publisher (id @key, name @text(200) NOT NULL UNIQUE, featured_id @ref);\n"
    "CREATE TABLE author (id @key, name @text(200) NOT NULL, born @date);\n"
    "CREATE TABLE book (id @key, publisher_id @ref, title @text(200) NOT NULL,\n"
    "    subtitle @text(200),\n"
    "    price_cents @int32 NOT NULL, in_print @bool NOT NULL, rating @double,\n"
    "    binding @text(20) NOT NULL CHECK (binding IN ('hardcover', 'paperback')),\n"
    "    published_on @date, cover @blob NOT NULL, version @int32 NOT NULL,\n"
    "    FOREIGN KEY (publisher_id) REFERENCES publisher (id));\n"
    "CREATE TABLE book_author (book_id @ref NOT NULL, author_id @ref NOT NULL,\n"
    "    role @text(20) DEFAULT 'author' NOT NULL, PRIMARY KEY (book_id, author_id),\n"
    "    FOREIGN KEY (book_id) REFERENCES book (id),\n"
    "    FOREIGN KEY (author_id) REFERENCES author (id));\n"
    "CREATE TABLE profile (author_id @ref NOT NULL PRIMARY KEY, bio @text(200) NOT NULL,\n"
    "    FOREIGN KEY (author_id) REFERENCES author (id));\n"
    "CREATE TABLE category (id @key, parent_id @ref, name @text(200) NOT NULL,\n"
    "    FOREIGN KEY (parent_id) REFERENCES category (id));\n"
    "CREATE TABLE purchase (id @key, customer @text(200) NOT NULL);\n"
    "CREATE TABLE purchase_line (purchase_id @ref NOT NULL, line_no @int32 NOT NULL,\n"
    "    book_id @ref,\n"
    "    quantity @int32 NOT NULL CHECK (quantity > 0), PRIMARY KEY (purchase_id, line_no),\n"
    "    FOREIGN KEY (purchase_id) REFERENCES purchase (id),\n"
    "    FOREIGN KEY (book_id) REFERENCES book (id));\n"
    "CREATE TABLE parcel (id @key, purchase_id @ref NOT NULL, line_no @int32 NOT NULL,\n"
    "    code @text(200) NOT NULL,\n"
    "    FOREIGN KEY (purchase_id, line_no) REFERENCES purchase_line (purchase_id, line_no));\n"
    "CREATE TABLE tag (id @key, subject_type @text(20) NOT NULL, subject_id @ref NOT NULL,\n"
    "    label @text(200) NOT NULL);\n";

/* What library_sent() said last of the scope that was begun last. */
static uint64_t last_count;

void library_create(rowan_db *db, size_t engine)
{
    engine_script(db, ddl);
    if (!engine_is(engine, "sqlite")) { /* SQLite cannot add the key that closes the circle */
        library_run(db, "ALTER TABLE publisher ADD FOREIGN KEY (featured_id) REFERENCES book (id)");
    }
}

rowan_db *library_open(size_t engine, const rowan_options *options)
{
    rowan_db *db = engine_open(engine, options);

    library_create(db, engine);
    return db;
}

rowan_scope *library_scope(rowan_db *db)
{
    rowan_scope *scope;
    rowan_error error;

    ck_assert_msg(rowan_scope_begin(db, "test", &scope, &error) == ROWAN_OK, "%s", error.message);
    last_count = 0;
    return scope;
}

void library_ok(rowan_scope *scope, rowan_status status)
{
    const rowan_error *error = rowan_scope_error(scope);

    ck_assert_msg(status == ROWAN_OK, "%s: %s (%s)", rowan_status_name(status), error->message,
                  error->engine_message);
}

void library_run(rowan_db *db, const char *sql)
{
    uint64_t count = last_count;
    rowan_scope *scope = library_scope(db);

    library_ok(scope, rowan_raw_run(scope, sql, ROWAN_NO_PARAMS, NULL));
    rowan_scope_end(scope);
    last_count = count;
}

int64_t library_number(rowan_db *db, const char *sql)
{
    uint64_t count = last_count;
    rowan_scope *scope = library_scope(db);
    rowan_cursor *cursor;
    int64_t number = 0;

    library_ok(scope, rowan_raw_open(scope, sql, ROWAN_NO_PARAMS, &cursor));
    library_ok(scope, rowan_cursor_next(cursor));
    library_ok(scope, rowan_cursor_int64(cursor, 0, &number));
    rowan_cursor_close(cursor);
    rowan_scope_end(scope);
    last_count = count;
    return number;
}

uint64_t library_sent(rowan_scope *scope)
{
    rowan_counts counts = rowan_scope_counts(scope);
    uint64_t now = counts.statements - counts.setups, sent = now - last_count;

    last_count = now;
    return sent;
}

/* Rows of values for one statement. */
typedef struct values {
    rowan_value *at;
    size_t count, capacity;
} values;

static void add(values *v, rowan_value value)
{
    if (v->count == v->capacity) {
        v->capacity = v->capacity == 0 ? 64 : v->capacity * 2;
        v->at = realloc(v->at, v->capacity * sizeof *v->at);
        ck_assert_ptr_nonnull(v->at);
    }
    v->at[v->count++] = value;
}

static void add_name(values *v, rowan_scope *scope, const char *prefix, size_t i)
{
    char name[64];

    snprintf(name, sizeof name, "%s %zu", prefix, i);
    add(v, rowan_v_text(rowan_scope_strdup(scope, name)));
}

static void send(values *v, rowan_scope *scope, const char *sql, size_t rows)
{
    if (rows != 0) {
        library_ok(scope, rowan_raw_run_many(scope, sql, v->at, rows, NULL));
    }
    v->count = 0;
}

static void fill_books(values *v, rowan_scope *scope, size_t books, size_t publishers)
{
    for (size_t i = 0; i < books; i++) {
        add(v, rowan_v_int64((int64_t)(LIBRARY_FIRST + i)));
        add(v, publishers != 0 ? rowan_v_int64((int64_t)(LIBRARY_FIRST + i % publishers))
                               : rowan_v_null());
        add_name(v, scope, "Book", i);
        add(v, rowan_v_int64((int64_t)i));
        add(v, rowan_v_bool(i % 2 == 0));
        add(v, rowan_v_blob((rowan_blob){"", 0}));
    }
    send(v, scope,
         "INSERT INTO book "
         "(id, publisher_id, title, price_cents, in_print, binding, cover, version) "
         "VALUES (?, ?, ?, ?, ?, 'paperback', ?, 1)",
         books);
}

static void fill_pairs(values *v, rowan_scope *scope, size_t books, size_t authors)
{
    size_t pairs = 0;

    for (size_t i = 0; i < books; i++) {
        for (size_t k = 0; k < 2 && k < authors; k++) {
            add(v, rowan_v_int64((int64_t)(LIBRARY_FIRST + i)));
            add(v, rowan_v_int64((int64_t)(LIBRARY_FIRST + (i + k) % authors)));
            pairs++;
        }
    }
    send(v, scope, "INSERT INTO book_author (book_id, author_id) VALUES (?, ?)", pairs);
}

void library_fill(rowan_db *db, size_t books, size_t publishers, size_t authors)
{
    rowan_scope *scope = library_scope(db);
    values v = {NULL, 0, 0};

    library_ok(scope, rowan_begin(scope, NULL));
    for (size_t i = 0; i < publishers; i++) {
        add(&v, rowan_v_int64((int64_t)(LIBRARY_FIRST + i)));
        add_name(&v, scope, "Publisher", i);
    }
    send(&v, scope, "INSERT INTO publisher (id, name) VALUES (?, ?)", publishers);
    for (size_t i = 0; i < authors; i++) {
        add(&v, rowan_v_int64((int64_t)(LIBRARY_FIRST + i)));
        add_name(&v, scope, "Author", i);
    }
    send(&v, scope, "INSERT INTO author (id, name) VALUES (?, ?)", authors);
    fill_books(&v, scope, books, publishers);
    fill_pairs(&v, scope, books, authors);
    library_ok(scope, rowan_commit(scope));
    free(v.at);
    rowan_scope_end(scope);
}

static void note(void *context, const rowan_event *event)
{
    library_log *log = context;

    if (event->kind == ROWAN_EVENT_STATEMENT && event->purpose == ROWAN_PURPOSE_QUERY) {
        size_t size = event->sql_size < sizeof log->sql - 1 ? event->sql_size : sizeof log->sql - 1;
        memcpy(log->sql, event->sql, size);
        log->sql[size] = '\0';
        log->events++;
        log->pattern = event->pattern;
        log->relation = event->relation;
    }
}

void library_log_init(library_log *log)
{
    memset(log, 0, sizeof *log);
    log->subscriber.on_event = note;
    log->subscriber.context = log;
}

rowan_db *library_open_logged(size_t engine, library_log *log, rowan_lazy lazy)
{
    rowan_options options = ROWAN_OPTIONS_INIT;
    rowan_subscriber *subscribers[1];

    library_log_init(log);
    subscribers[0] = &log->subscriber;
    options.subscribers = subscribers;
    options.subscriber_count = 1;
    options.lazy = lazy;
    return library_open(engine, &options);
}

void library_fill_lines(rowan_db *db, int purchases, int lines)
{
    rowan_scope *scope = library_scope(db);

    library_ok(scope, rowan_begin(scope, NULL));
    for (int p = 1; p <= purchases; p++) {
        library_ok(scope,
                   rowan_raw_run(scope, "INSERT INTO purchase (id, customer) VALUES (?, 'C')",
                                 ROWAN_PARAMS(ROWAN_V(p)), NULL));
        for (int l = 1; l <= lines; l++) {
            library_ok(scope,
                       rowan_raw_run(scope,
                                     "INSERT INTO purchase_line (purchase_id, line_no, quantity) "
                                     "VALUES (?, ?, ?)",
                                     ROWAN_PARAMS(ROWAN_V(p), ROWAN_V(l), ROWAN_V(p * 100 + l)),
                                     NULL));
            library_ok(scope, rowan_raw_run(scope,
                                            "INSERT INTO parcel (purchase_id, line_no, code) "
                                            "VALUES (?, ?, 'P')",
                                            ROWAN_PARAMS(ROWAN_V(p), ROWAN_V(l)), NULL));
        }
    }
    library_ok(scope, rowan_commit(scope));
    rowan_scope_end(scope);
}

static void *memory_allocate(void *context, size_t size, size_t alignment)
{
    library_memory *memory = context;
    size_t rounded = (size + alignment - 1) / alignment * alignment;

    if (memory->fail_at != 0 && ++memory->count == memory->fail_at) {
        memory->has_failed = true;
        return NULL;
    }
    void *allocated = aligned_alloc(alignment < sizeof(void *) ? sizeof(void *) : alignment,
                                    alignment < sizeof(void *) ? size + sizeof(void *) : rounded);
    memory->live += allocated != NULL ? size : 0;
    return allocated;
}

static void memory_release(void *context, void *block, size_t size)
{
    library_memory *memory = context;

    memory->live -= size;
    free(block);
}

void library_memory_init(library_memory *memory)
{
    memset(memory, 0, sizeof *memory);
    memory->allocator = (rowan_allocator){memory_allocate, memory_release, memory};
}
