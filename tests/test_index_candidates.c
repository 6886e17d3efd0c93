/*
 * What a statement looks for, and which indexes might serve it: read from its text alone, against a
 * catalogue that is made up. Whether one does is no question here.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "support/fault.h"
#include "support/suite.h"
#include "verify/index_private.h"

enum { MOST = 4096 };

static rowan__arena arena;
static rowan__parts parts;
static rowan__index_reading reading;
static rowan__index_candidate candidates[ROWAN__INDEX_CANDIDATES];
static size_t count;
static const rowan__index_abilities can_all = {.expressions = true, .conditions = true};

static rowan__index_column book_columns[] = {
    {"id", NULL, "", false},
    {"title", " text_pattern_ops", "", false},
    {"price", NULL, "", false},
    {"stock", NULL, "", false},
    {"status", "", "", false},
    {"deleted_at", NULL, "", false},
    {"publisher_id", NULL, "", false},
    {"created_at", NULL, "", false},
    {"blurb", "(100)", "(100)", false},
    {"Odd \"name", NULL, "", false},
};
static rowan__index_column publisher_columns[] = {
    {"id", NULL, "", false}, {"name", "", "", false}, {"city", "", "", false}};
static rowan__index_existing book_indexes[] = {
    {{"id"}, 1, false, 0}, {{"stock", "price"}, 2, false, 1}, {{"created_at"}, 1, true, 2}};
static rowan__index_existing publisher_indexes[] = {{{"id"}, 1, false, 0}};
static rowan__index_table book = {.name = "book",
                                  .target = "\"book\"",
                                  .columns = book_columns,
                                  .column_count = 10,
                                  .indexes = book_indexes,
                                  .index_count = 3};
static rowan__index_table publisher = {.name = "publisher",
                                       .target = "\"publisher\"",
                                       .columns = publisher_columns,
                                       .column_count = 3,
                                       .indexes = publisher_indexes,
                                       .index_count = 1};

static void begin(void)
{
    rowan__arena_init(&arena, &fault_allocator);
}

static void end(void)
{
    rowan__arena_fini(&arena);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

static void read_statement(const char *dialect, const char *sql, rowan__index_abilities can)
{
    ck_assert(rowan__parts_read(&parts, &arena, dialect, sql, strlen(sql)));
    ck_assert(rowan__index_read(&parts, &arena, &reading));
    for (size_t i = 0; i < reading.source_count; i++) {
        const char *name = reading.sources[i].name;
        reading.sources[i].table = strcmp(name, "book") == 0        ? &book
                                   : strcmp(name, "publisher") == 0 ? &publisher
                                                                    : NULL;
    }
    rowan__index_resolve(&reading);
    count = rowan__index_candidates(&reading, can, candidates);
}

/* "book(title, price desc) where x; …" in the order in which they are tried. */
static void write_all(char out[MOST])
{
    size_t size = 0;

    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const rowan__index_candidate *c = &candidates[i];
        size +=
            (size_t)snprintf(out + size, MOST - size, "%s%s(", i > 0 ? "; " : "", c->table->name);
        for (size_t k = 0; k < c->key_count; k++) {
            const rowan__index_key *key = &c->keys[k];
            size += (size_t)snprintf(out + size, MOST - size, "%s%s%s", k > 0 ? ", " : "",
                                     key->expression != NULL ? key->expression : key->column,
                                     key->suffix);
        }
        size += (size_t)snprintf(out + size, MOST - size, ")%s%s",
                                 c->condition != NULL ? " where " : "",
                                 c->condition != NULL ? c->condition : "");
    }
}

static void expect(const char *dialect, const char *sql, const char *expected)
{
    char got[MOST];

    read_statement(dialect, sql, can_all);
    write_all(got);
    ck_assert_msg(strcmp(got, expected) == 0, "%s: %s\n     got: %s\nexpected: %s", dialect, sql,
                  got, expected);
}

static const struct {
    const char *dialect, *sql, *expected;
} statements[] = {
    /* Single columns. */
    {"sqlite", "SELECT * FROM book WHERE title = ?", "book(title)"},
    {"sqlite", "SELECT * FROM book b WHERE b.title = ?", "book(title)"},
    {"sqlite", "SELECT * FROM main.book AS b WHERE ? = b.title", "book(title)"},
    {"postgresql", "SELECT * FROM \"book\" WHERE \"title\" = $1", "book(title)"},
    {"mariadb", "SELECT * FROM `book` WHERE `book`.`title` <=> 'x'", "book(title)"},
    {"sqlite", "SELECT * FROM [book] WHERE [title] == ?1", "book(title)"},
    {"sqlite", "SELECT * FROM book WHERE \"Odd \"\"name\" = ?", "book(Odd \"name)"},
    {"postgresql", "SELECT * FROM book WHERE title IN ($1, $2)", "book(title)"},
    {"postgresql", "SELECT * FROM book WHERE title = ANY($1)", "book(title)"},
    {"postgresql", "SELECT * FROM book WHERE price < $1", "book(price)"},
    {"postgresql", "SELECT * FROM book WHERE price BETWEEN $1 AND $2 AND title = $3",
     "book(title); book(price); book(title, price)"},
    {"sqlite", "SELECT * FROM book WHERE price + 1 > ?", "book(price + 1)"},
    {"sqlite", "UPDATE book SET price = 0 WHERE title = ?", "book(title)"},
    {"sqlite", "DELETE FROM book WHERE title = ?", "book(title)"},
    {"postgresql",
     "UPDATE book SET price = 0 FROM publisher p WHERE p.id = publisher_id AND "
     "p.city = $1",
     "book(publisher_id); publisher(city); publisher(id, city)"},
    {"postgresql", "INSERT INTO publisher (name) SELECT title FROM book WHERE title = $1",
     "book(title)"},
    /* Equality first, then one that is a range or sorts. */
    {"sqlite", "SELECT * FROM book WHERE price > ? AND title = ?",
     "book(title); book(price); book(title, price)"},
    {"sqlite", "SELECT * FROM book WHERE title = ? ORDER BY price",
     "book(title); book(price); book(title, price)"},
    {"sqlite", "SELECT * FROM book WHERE title = ? ORDER BY price DESC LIMIT 5",
     "book(title); book(price); book(title, price)"},
    {"sqlite", "SELECT * FROM book ORDER BY price DESC, title ASC",
     "book(price DESC); book(price DESC, title)"},
    {"sqlite", "SELECT * FROM book ORDER BY price DESC, title DESC",
     "book(price); book(price, title)"},
    {"postgresql", "SELECT * FROM book ORDER BY price DESC NULLS LAST LIMIT 3",
     "book(price DESC NULLS LAST)"},
    {"sqlite", "SELECT title, count(*) FROM book GROUP BY title", "book(title)"},
    {"sqlite", "SELECT * FROM book WHERE title = ? AND price = ? AND status > ?",
     "book(title); book(price); book(status); book(title, status); book(price, status); "
     "book(title, price); book(title, price, status)"},
    {"sqlite", "SELECT * FROM book WHERE title = ? OR price = ?", "book(title); book(price)"},
    {"sqlite", "SELECT * FROM book WHERE (title = ? AND status = ?) OR (price = ?)",
     "book(title); book(status); book(price)"},
    {"sqlite", "SELECT * FROM book WHERE ((title = ?)) AND (price = ?)",
     "book(title); book(price); book(title, price)"},
    /* Row values are their columns. */
    {"postgresql", "SELECT * FROM book WHERE (title, price) = ($1, $2)",
     "book(title); book(price); book(title, price)"},
    {"mariadb", "SELECT * FROM book b WHERE ROW(b.title, b.price) <=> (?, lower(?))",
     "book(title); book(price); book(title, price)"},
    {"sqlite", "SELECT * FROM book WHERE (?, ?) = (title, price)",
     "book(title); book(price); book(title, price)"},
    {"sqlite", "SELECT * FROM book WHERE (title, ?, lower(status)) == (?, price, ?)",
     "book(title); book(price); book(lower(status)); book(title, price); book(title, "
     "lower(status)); book(price, lower(status)); book(title, price, lower(status))"},
    {"postgresql", "SELECT * FROM book WHERE (title, price) IN (($1, $2), ($3, $4))",
     "book(title); book(price); book(title, price)"},
    {"sqlite", "SELECT * FROM book WHERE (title, price) IN (VALUES (?, ?), (?, ?))",
     "book(title); book(price); book(title, price)"},
    {"postgresql",
     "SELECT * FROM book WHERE (title, price) IN (SELECT name, id FROM publisher WHERE city = $1)",
     "book(title); book(price); publisher(city); book(title, price)"},
    {"postgresql",
     "SELECT * FROM book WHERE (title, price) = (SELECT name, id FROM publisher WHERE city = $1)",
     "book(title); book(price); publisher(city); book(title, price)"},
    {"postgresql",
     "SELECT * FROM publisher p JOIN book b ON (b.publisher_id, b.title) = (p.id, p.name)",
     "publisher(name); book(publisher_id); book(title); publisher(id, name); book(publisher_id, "
     "title)"},
    {"sqlite", "SELECT * FROM book WHERE (title, price) = (?, ?) AND status > ?",
     "book(title); book(price); book(status); book(title, status); book(price, status); "
     "book(title, price); book(title, price, status)"},
    {"sqlite", "SELECT * FROM book WHERE (title, price) = (?, ?) OR status = ?",
     "book(title); book(price); book(status)"},
    {"sqlite", "SELECT * FROM book WHERE ((title, price) = (?, ?))",
     "book(title); book(price); book(title, price)"},
    {"postgresql", "SELECT * FROM book WHERE NOT (title, price) = ($1, $2)", ""},
    {"postgresql", "SELECT * FROM book WHERE (title, price) NOT IN (($1, $2))", ""},
    {"postgresql", "SELECT * FROM book WHERE (title, price) <> ($1, $2)", ""},
    /* Joins, and selects in selects. */
    {"sqlite", "SELECT * FROM publisher p JOIN book b ON b.publisher_id = p.id WHERE p.city = ?",
     "publisher(city); book(publisher_id); publisher(id, city)"},
    {"sqlite", "SELECT * FROM publisher, book WHERE publisher_id = publisher.id",
     "book(publisher_id)"},
    {"sqlite", "SELECT * FROM publisher p LEFT JOIN book USING (id) WHERE name = ?",
     "publisher(name); publisher(id, name)"},
    {"sqlite",
     "SELECT * FROM publisher p WHERE EXISTS (SELECT 1 FROM book WHERE publisher_id = "
     "p.id AND price > ?)",
     "book(publisher_id); book(price); book(publisher_id, price)"},
    {"sqlite", "SELECT * FROM book WHERE publisher_id IN (SELECT id FROM publisher WHERE city = ?)",
     "book(publisher_id); publisher(city)"},
    {"sqlite", "SELECT (SELECT count(*) FROM book WHERE publisher_id = p.id) FROM publisher p",
     "book(publisher_id)"},
    {"sqlite", "WITH x AS (SELECT * FROM book WHERE title = ?) SELECT * FROM x WHERE price = 1",
     "book(title)"},
    {"sqlite",
     "SELECT id FROM book WHERE title = ? UNION ALL SELECT id FROM publisher WHERE city "
     "= ?",
     "book(title); publisher(city)"},
    {"sqlite", "SELECT * FROM (SELECT * FROM book WHERE title = ?) AS t WHERE t.price = ?",
     "book(title)"},
    {"sqlite", "SELECT * FROM (publisher p JOIN book b ON b.publisher_id = p.id) WHERE b.title = ?",
     "book(publisher_id); book(title); book(publisher_id, title)"},
    /* Expressions. */
    {"postgresql", "SELECT * FROM book b WHERE lower(b.title) = $1", "book(lower(title))"},
    {"postgresql", "SELECT * FROM book WHERE lower ( /* small */ title )=lower($1)",
     "book(lower(title))"},
    {"postgresql", "SELECT * FROM book WHERE substr(title, 1, 3) = $1",
     "book(substr(title, 1, 3))"},
    {"postgresql", "SELECT * FROM book WHERE (details->>'x') = $1 AND (title || 'x') = $2",
     "book((title || 'x'))"},
    {"postgresql", "SELECT * FROM book WHERE created_at::date = $1", "book(created_at::date)"},
    {"sqlite", "SELECT * FROM book WHERE title COLLATE NOCASE = ?", "book(title COLLATE NOCASE)"},
    {"sqlite", "SELECT * FROM book WHERE coalesce(title, status) = ?", ""},
    {"sqlite", "SELECT * FROM book WHERE price * ? = 7", ""},
    /* Patterns. */
    {"postgresql", "SELECT * FROM book WHERE title LIKE 'abc%'", "book(title text_pattern_ops)"},
    {"postgresql", "SELECT * FROM book WHERE title LIKE $1", "book(title text_pattern_ops)"},
    {"postgresql", "SELECT * FROM book WHERE title LIKE '%abc'", ""},
    {"postgresql", "SELECT * FROM book WHERE title ILIKE 'abc%'", ""},
    {"postgresql", "SELECT * FROM book WHERE title NOT LIKE 'abc%'", ""},
    {"postgresql", "SELECT * FROM book WHERE price LIKE '1%'", ""},
    {"mariadb", "SELECT * FROM book WHERE blurb = ?", "book(blurb(100))"},
    /* Parts of a table. */
    {"postgresql", "SELECT * FROM book WHERE deleted_at IS NULL AND title = $1",
     "book(deleted_at); book(title); book(deleted_at, title); book(title) where deleted_at IS "
     "NULL"},
    {"postgresql", "SELECT * FROM book b WHERE b.deleted_at IS NOT NULL AND b.title = $1",
     "book(title); book(title) where deleted_at IS NOT NULL"},
    {"postgresql", "SELECT * FROM book WHERE status = 'x' AND price > $1",
     "book(status); book(price); book(status, price); book(price) where status = 'x'"},
    {"postgresql", "SELECT * FROM book WHERE status <> 'done' ORDER BY title",
     "book(title); book(title) where status <> 'done'"},
    {"postgresql", "SELECT * FROM book WHERE status NOT IN ('a', 'b') AND title = $1",
     "book(title); book(title) where status NOT IN ('a', 'b')"},
    {"postgresql", "SELECT * FROM book WHERE status <> $1 AND title = $2", "book(title)"},
    {"postgresql", "SELECT * FROM book WHERE status = 'x' OR title = $1",
     "book(status); book(title)"},
    /* Nothing to say: what is there begins with it, or there is nothing. */
    {"sqlite", "SELECT * FROM book WHERE id = ?", ""},
    {"sqlite", "SELECT * FROM book WHERE stock = ?", ""},
    {"sqlite", "SELECT * FROM book WHERE stock = ? AND price = ?", "book(price)"},
    {"sqlite", "SELECT * FROM book WHERE price = ? AND stock = ?",
     "book(price); book(price, stock)"},
    {"sqlite", "SELECT * FROM book WHERE created_at = ?", "book(created_at)"},
    {"sqlite", "SELECT * FROM book", ""},
    {"sqlite", "SELECT * FROM book WHERE random() < 1", ""},
    {"sqlite", "SELECT * FROM elsewhere WHERE title = ?", ""},
    {"sqlite", "SELECT * FROM json_each(?) WHERE title = 1", ""},
    {"sqlite", "SELECT * FROM book WHERE nothing = ?", ""},
    {"sqlite", "SELECT * FROM book WHERE title = price",
     "book(title); book(price); book(title, "
     "price)"},
    /* Clauses and words around them. */
    {"sqlite", "SELECT * FROM book WHERE title = ? AND NOT price = ?", "book(title)"},
    {"sqlite", "SELECT * FROM book WHERE NOT (title = ? AND price = ?)", ""},
    {"sqlite",
     "SELECT * FROM publisher p WHERE NOT EXISTS (SELECT 1 FROM book WHERE publisher_id = p.id)",
     "book(publisher_id)"},
    {"sqlite", "SELECT * FROM book WHERE price BETWEEN ? AND ? OR title = ?",
     "book(price); book(title)"},
    {"sqlite", "SELECT * FROM book WHERE 5 < price AND price <= 9", "book(price)"},
    {"sqlite", "SELECT * FROM book WHERE price >= ? AND price < ? AND created_at > ?",
     "book(price); book(created_at)"},
    {"postgresql", "SELECT * FROM book WHERE title = $1 ORDER BY price FOR UPDATE SKIP LOCKED",
     "book(title); book(price); book(title, price)"},
    {"sqlite",
     "SELECT title FROM book WHERE price = ? UNION SELECT name FROM publisher WHERE city = ? "
     "ORDER BY 1",
     "book(price); publisher(city)"},
    {"sqlite",
     "SELECT title, price FROM book GROUP BY title, price HAVING count(*) > 1 ORDER BY count(*)",
     "book(title); book(title, price)"},
    {"sqlite", "SELECT status FROM book GROUP BY status ORDER BY status", "book(status)"},
    {"postgresql", "SELECT * FROM book WHERE title IS DISTINCT FROM 'x' AND price = $1",
     "book(price)"},
    {"sqlite", "SELECT * FROM book b, publisher p WHERE p.name = b.title AND p.id = 3",
     "book(title); publisher(name); publisher(name, id); publisher(name) where id = 3"},
    {"sqlite", "SELECT * FROM book b WHERE c.title = ?", ""},
    {"sqlite", "SELECT * FROM book b WHERE book.title = ?", ""},
    {"sqlite",
     "SELECT 1 FROM book b WHERE EXISTS (SELECT 1 FROM publisher WHERE id = b.publisher_id AND "
     "b.title = ?)",
     "book(publisher_id); book(title); book(publisher_id, title)"},
    {"sqlite", "INSERT INTO publisher (name) VALUES (?)", ""},
    {"postgresql", "DELETE FROM book USING publisher p WHERE p.id = publisher_id AND p.city = $1",
     "book(publisher_id); publisher(city); publisher(id, city)"},
    {"sqlite", "SELECT * FROM book WHERE title LIKE", ""},
    {"sqlite", "SELECT * FROM book WHERE status LIKE ''", "book(status)"},
    {"sqlite", "SELECT * FROM book WHERE status LIKE '_bc'", ""},
    {"sqlite", "SELECT * FROM book WHERE status LIKE 'a!%%' ESCAPE '!'", "book(status)"},
    {"sqlite", "SELECT * FROM book ORDER BY lower(title) LIMIT 3", "book(lower(title))"},
    {"sqlite", "SELECT * FROM book ORDER BY 2, title", ""},
    {"sqlite", "SELECT DISTINCT title FROM book", ""},
    {"sqlite", "SELECT * FROM book NATURAL JOIN publisher WHERE city = ?", "publisher(city)"},
    {"mariadb",
     "SELECT * FROM publisher STRAIGHT_JOIN book ON publisher_id = publisher.id WHERE price = 3",
     "book(publisher_id); book(price); book(publisher_id, price); book(publisher_id) where price "
     "= 3"},
    {"mariadb",
     "SELECT * FROM publisher p JOIN book b ON LEFT(b.title, 2) = 'ab' AND b.publisher_id = p.id "
     "LEFT JOIN book c ON c.price = b.price",
     "book(LEFT(title, 2)); book(publisher_id); book(price); book(LEFT(title, 2), publisher_id); "
     "book(LEFT(title, 2), price); book(publisher_id, price); book(LEFT(title, 2), publisher_id, "
     "price); book(publisher_id) where LEFT(title, 2) = 'ab'; book(price) where LEFT(title, 2) = "
     "'ab'"},
    {"postgresql", "SELECT * FROM ONLY book WHERE title = $1", "book(title)"},
    {"postgresql", "SELECT * FROM book AS b (x, y) WHERE b.title = $1", "book(title)"},
    {"postgresql", "SELECT * FROM book TABLESAMPLE SYSTEM (10) WHERE title = $1", "book(title)"},
    {"mariadb", "SELECT * FROM book USE INDEX (x) WHERE title = ?", "book(title)"},
    {"mariadb", "SELECT * FROM book PARTITION (p0) WHERE title = ?", "book(title)"},
    {"sqlite", "SELECT * FROM book INDEXED BY x WHERE title = ?", "book(title)"},
    {"sqlite", "SELECT * FROM book NOT INDEXED WHERE title = ?", "book(title)"},
    {"sqlite", "SELECT * FROM publisher p JOIN book b ON lower(p.name) = lower(b.title)",
     "publisher(lower(name)); book(lower(title))"},
    {"sqlite", "SELECT * FROM book b JOIN book c ON c.title = b.title WHERE b.price = ?",
     "book(title); book(price); book(title, price)"},
    {"sqlite",
     "SELECT * FROM book WHERE title = 'x' AND price = 3 AND deleted_at IS NULL AND status <> 'y'",
     "book(title); book(price); book(deleted_at); book(title, price); book(title, deleted_at); "
     "book(price, deleted_at); book(title, price, deleted_at); book(title) where deleted_at IS "
     "NULL; book(price) where deleted_at IS NULL; book(price) where title = 'x'; "
     "book(deleted_at) where title = 'x'"},
    {"sqlite",
     "SELECT * FROM book WHERE title = ? AND (price = ? OR status = ?) AND created_at > ?",
     "book(title); book(created_at); book(price); book(status); book(title, created_at)"},
    {"sqlite",
     "SELECT * FROM book WHERE title IN (?) ORDER BY created_at, price, status, publisher_id",
     "book(title); book(created_at); book(title, created_at); book(created_at, price); "
     "book(title, created_at, price)"},
    {"sqlite", "SELECT * FROM book WHERE deleted_at AND title = ?",
     "book(title); book(title) where deleted_at"},
    {"sqlite", "SELECT * FROM book WHERE NOT deleted_at AND title = ?",
     "book(title); book(title) where NOT deleted_at"},
    {"sqlite",
     "SELECT * FROM book, (SELECT id FROM publisher WHERE city = ? ORDER BY name) p WHERE "
     "publisher_id = p.id",
     "book(publisher_id); publisher(city); publisher(name); publisher(city, name)"},
    {"sqlite",
     "WITH RECURSIVE x(id) AS (SELECT id FROM publisher WHERE name = ? UNION ALL SELECT b.id "
     "FROM book b JOIN x ON b.publisher_id = x.id) SELECT * FROM x",
     "publisher(name); book(publisher_id)"},
    {"sqlite", "SELECT * FROM book WHERE title = (SELECT max(name) FROM publisher WHERE city = ?)",
     "book(title); publisher(city)"},
    {"sqlite",
     "SELECT * FROM book WHERE price > (SELECT avg(price) FROM book b WHERE b.publisher_id = "
     "book.publisher_id)",
     "book(publisher_id); book(price); book(publisher_id, price)"},
    {"sqlite", "SELECT extract(year FROM created_at) FROM book WHERE title = ?", "book(title)"},
    {"postgresql",
     "SELECT * FROM book WHERE title = ANY (SELECT name FROM publisher WHERE city = $1)",
     "book(title); publisher(city)"},
    {"postgresql",
     "SELECT * FROM book b, LATERAL (SELECT 1 FROM publisher WHERE id = b.publisher_id AND name "
     "= $1) x",
     "book(publisher_id); publisher(name); publisher(id, name)"},
    {"sqlite",
     "UPDATE book SET price = (SELECT max(id) FROM publisher WHERE city = ?) WHERE title = ?",
     "book(title); publisher(city)"},
    {"sqlite", "REPLACE INTO publisher (name) SELECT title FROM book WHERE price = ?",
     "book(price)"},
    {"mariadb", "SELECT * FROM book WHERE blurb LIKE 'x%' AND price = ?",
     "book(price); book(blurb(100)); book(price, blurb(100))"},
    {"mariadb", "SELECT * FROM book WHERE title = ? ORDER BY blurb DESC",
     "book(title); book(blurb(100)); book(title, blurb(100))"},
    {"sqlite",
     "SELECT * FROM book WHERE title=? AND price=? AND status=? AND publisher_id=? AND "
     "deleted_at=? AND created_at=?",
     "book(title); book(price); book(status); book(publisher_id); book(deleted_at); book(title, "
     "price); book(title, status); book(title, publisher_id); book(title, deleted_at); "
     "book(price, status); book(price, publisher_id); book(price, deleted_at); book(status, "
     "publisher_id); book(status, deleted_at); book(publisher_id, deleted_at); book(title, "
     "price, status)"},
    {"sqlite",
     "SELECT b.id FROM book AS b WHERE b.title = ? GROUP BY b.price, b.status ORDER BY b.price",
     "book(title); book(price); book(title, price); book(price, status)"},
    {"sqlite", "SELECT * FROM book WHERE title || status = ?", ""},
    {"sqlite", "SELECT * FROM book WHERE price % 2 = 0 AND title = ?",
     "book(price % 2); book(title); book(price % 2, title); book(title) where price % 2 = 0"},
    {"sqlite", "SELECT * FROM book WHERE -price = ?", "book(- price)"},
    {"sqlite", "SELECT * FROM book WHERE title = lower(?)", "book(title)"},
    {"sqlite", "SELECT * FROM book WHERE cast(price AS TEXT) = ?", "book(cast(price AS TEXT))"},
    {"sqlite", "SELECT * FROM book WHERE CASE WHEN title = ? THEN price ELSE 1 END = 1", ""},
    {"sqlite",
     "SELECT * FROM book WHERE CASE WHEN title = ? AND price = ? THEN 1 END = 1 AND status = ?",
     "book(status)"},
    {"sqlite", "SELECT * FROM book WHERE CASE status WHEN 1 THEN 2 END = ? OR price = ?",
     "book(CASE status WHEN 1 THEN 2 END); book(price)"},
    {"sqlite",
     "SELECT * FROM book WHERE price = CASE WHEN ? > 1 THEN CASE WHEN ? THEN 1 END ELSE 2 END "
     "AND title = ?",
     "book(price); book(title); book(price, title)"},
};

START_TEST(a_statement_asks_for_these_indexes)
{
    expect(statements[_i].dialect, statements[_i].sql, statements[_i].expected);
}
END_TEST

/* The same with other blanks, comments, letters, names and values. */
static const struct {
    const char *sql;
} same[] = {
    {"SELECT b.id FROM book b WHERE b.title = $1 AND lower(b.status) = 'x' ORDER BY b.price DESC"},
    {"select x.id from book x where x.title = $1 and lower(x.status) = 'x' order by x.price desc"},
    {"SELECT/**/b.id\nFROM book/* b */b\tWHERE(b.title=$2)AND(lower ( b.status )='x')ORDER BY\n"
     "b.price DESC -- the end"},
    {"SELECT book.id FROM public.book WHERE book.title = $7 AND lower(book.status) = 'x' ORDER "
     "BY book.price DESC"},
};

START_TEST(how_it_is_written_makes_no_difference)
{
    char first[MOST], got[MOST];

    read_statement("postgresql", same[0].sql, can_all);
    write_all(first);
    ck_assert_uint_gt(count, 3);
    read_statement("postgresql", same[_i].sql, can_all);
    write_all(got);
    ck_assert_str_eq(got, first);
}
END_TEST

/* --- Indexes as SQL. --- */

static const char *written(size_t candidate, char quote, char *out, size_t size)
{
    rowan__text text;
    char name[64];

    rowan__index_name(&candidates[candidate], 1, name);
    rowan__text_init(&text, &fault_allocator);
    rowan__index_write(&text, quote, &candidates[candidate], name,
                       candidates[candidate].table->target);
    snprintf(out, size, "%s", rowan__text_string(&text));
    rowan__text_fini(&text);
    return out;
}

START_TEST(an_index_is_written_with_quotes_and_a_name_that_says_it)
{
    char sql[512];

    read_statement("postgresql",
                   "SELECT * FROM book WHERE \"Odd \"\"name\" = 1 AND lower(title) = 'x' AND "
                   "deleted_at IS NULL ORDER BY price DESC NULLS LAST",
                   can_all);
    ck_assert_str_eq(written(0, '"', sql, sizeof sql),
                     "CREATE INDEX \"book_odd_name_idx\" ON \"book\" (\"Odd \"\"name\")");
    ck_assert_str_eq(written(1, '"', sql, sizeof sql),
                     "CREATE INDEX \"book_lower_title_idx\" ON \"book\" ((lower(title)))");
    ck_assert_str_eq(written(2, '`', sql, sizeof sql),
                     "CREATE INDEX `book_deleted_at_idx` ON \"book\" (`deleted_at`)");
    ck_assert_str_eq(written(3, '"', sql, sizeof sql),
                     "CREATE INDEX \"book_price_idx\" ON \"book\" (\"price\" DESC NULLS LAST)");
    ck_assert_str_eq(candidates[count - 4].condition, "deleted_at IS NULL");
    ck_assert_str_eq(written(count - 4, '"', sql, sizeof sql),
                     "CREATE INDEX \"book_price_partial_idx\" ON \"book\" (\"price\" DESC NULLS "
                     "LAST) WHERE deleted_at IS NULL");
}
END_TEST

START_TEST(a_name_fits_and_has_a_number_if_it_needs_one)
{
    static rowan__index_table table = {.name = "A table whose name is long beyond all measure"};
    rowan__index_candidate c = {
        .table = &table,
        .keys = {{"a column whose name is long beyond all measure", NULL, ""}, {"b", NULL, ""}},
        .key_count = 2};
    char first[64], second[64];

    rowan__index_name(&c, 1, first);
    rowan__index_name(&c, 12, second);
    ck_assert_uint_le(strlen(second), 63);
    ck_assert_str_eq(first + strlen(first) - 4, "_idx");
    ck_assert_int_eq(strncmp(first, second, strlen(first)), 0);
    ck_assert_str_eq(second + strlen(first), "12");
    for (const char *p = second; *p != '\0'; p++) {
        ck_assert((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_');
    }
}
END_TEST

START_TEST(what_an_engine_cannot_have_is_not_asked_for)
{
    const rowan__index_abilities can_none = {0};
    char got[MOST];

    read_statement("mariadb",
                   "SELECT * FROM book WHERE lower(title) = ? AND deleted_at IS NULL AND price = ?",
                   can_none);
    write_all(got);
    ck_assert_str_eq(got, "book(deleted_at); book(price); book(deleted_at, price)");
}
END_TEST

/* --- Bounds and damage. --- */

START_TEST(there_are_never_more_than_can_be_tried)
{
    rowan__text text;

    rowan__text_init(&text, &fault_allocator);
    rowan__text_str(&text, "SELECT * FROM book WHERE deleted_at IS NULL AND status = 'x'");
    for (int i = 0; i < 400; i++) {
        rowan__text_format(&text, " AND %s = %d", book_columns[i % 8].name, i);
        rowan__text_format(&text, " AND abs(price - %d) < %d", i, i);
    }
    rowan__text_str(&text, " ORDER BY title, price, created_at, stock");
    read_statement("sqlite", rowan__text_string(&text), can_all);
    ck_assert_uint_le(count, ROWAN__INDEX_CANDIDATES);
    ck_assert_uint_gt(count, 10);
    ck_assert_uint_le(reading.term_count, ROWAN__INDEX_TERMS);
    rowan__text_fini(&text);
}
END_TEST

START_TEST(deep_parentheses_are_left_alone)
{
    rowan__text text;

    for (int depth = 1; depth <= 100000; depth *= 10) {
        rowan__text_init(&text, &fault_allocator);
        rowan__text_str(&text, "SELECT * FROM book WHERE ");
        for (int i = 0; i < depth; i++) {
            rowan__text_char(&text, '(');
        }
        rowan__text_str(&text, "title = ?");
        for (int i = 0; i < depth; i++) {
            rowan__text_char(&text, ')');
        }
        read_statement("sqlite", rowan__text_string(&text), can_all);
        ck_assert_uint_eq(count, depth <= 10);
        rowan__text_fini(&text);
    }
}
END_TEST

/* Every beginning of every statement, and every one with a byte changed, is read without harm. */
START_TEST(damaged_statements_do_no_harm)
{
    char sql[512];

    for (size_t s = 0; s < sizeof statements / sizeof statements[0]; s++) {
        size_t size = strlen(statements[s].sql);
        for (size_t cut = 0; cut < size; cut += 1 + (size_t)_i) {
            snprintf(sql, sizeof sql, "%.*s", (int)cut, statements[s].sql);
            read_statement(statements[s].dialect, sql, can_all);
            snprintf(sql, sizeof sql, "%s", statements[s].sql);
            sql[cut] = "().,='\"?;"[(cut + (size_t)_i) % 9];
            read_statement(statements[s].dialect, sql, can_all);
            ck_assert_uint_le(count, ROWAN__INDEX_CANDIDATES);
            rowan__arena_fini(&arena);
            rowan__arena_init(&arena, &fault_allocator);
        }
    }
}
END_TEST

START_TEST(running_out_of_memory_is_told)
{
    const char *sql = statements[_i].sql;
    unsigned nth = 1;

    for (;; nth++) {
        fault_arm(nth);
        bool is_read =
            rowan__parts_read(&parts, &arena, statements[_i].dialect, sql, strlen(sql)) &&
            rowan__index_read(&parts, &arena, &reading);
        if (!fault_fired()) {
            ck_assert(is_read);
            break;
        }
        ck_assert(!is_read);
        rowan__arena_fini(&arena);
        rowan__arena_init(&arena, &fault_allocator);
    }
    ck_assert_uint_gt(nth, 1);
}
END_TEST

/* --- Row steps. --- */

#define LINES(...)                                                                                 \
    (const rowan__plan_line[]){__VA_ARGS__},                                                       \
        sizeof((const rowan__plan_line[]){__VA_ARGS__}) / sizeof(rowan__plan_line)

/* Finding one of 1,000 books, and one of 100 publishers. */
#define B 4.983
#define P 3.322

static const rowan__plan_statistics known[] = {
    {"book_title", "1000 10"}, {"book_two", "1000 50 5"}, {"publisher_city", "100 20"}};

#define LIMITED(limit, expected, ...)                                                              \
    ck_assert_double_eq_tol(rowan__steps_of_lines(LINES(__VA_ARGS__), limit, &reading, known, 3),  \
                            expected, 0.001 * (expected))
#define STEPS(expected, ...) LIMITED(0, expected, __VA_ARGS__)

static void read_join(const char *where)
{
    char sql[256];

    book.rows = 1000;
    publisher.rows = 100;
    snprintf(sql, sizeof sql, "SELECT * FROM book JOIN publisher p ON p.id = publisher_id%s",
             where);
    read_statement("sqlite", sql, can_all);
}

START_TEST(row_steps_are_counted_as_loops_in_loops)
{
    read_join("");
    STEPS(1000, {2, 0, "SCAN book"});
    STEPS(B + 10 * (1 + B), {2, 0, "SEARCH book USING INDEX book_title (title=?)"});
    STEPS(B + 5, {2, 0, "SEARCH book USING COVERING INDEX book_two (a=? AND b=?)"});
    STEPS(B + 12.5 * (1 + B), {2, 0, "SEARCH book USING INDEX book_two (a=? AND b>?)"});
    STEPS(B + 62.5 * (1 + B), {2, 0, "SEARCH book USING INDEX book_title (title>? AND title<?)"});
    STEPS(B + 1, {2, 0, "SEARCH book USING INTEGER PRIMARY KEY (rowid=?)"});
    STEPS(1000 * (1 + B), {2, 0, "SCAN book USING INDEX book_title"});
    STEPS(1000, {2, 0, "SCAN book USING COVERING INDEX book_title"});
    STEPS(1000 + 100000, {2, 0, "SCAN book"}, {3, 0, "SCAN p"});
    STEPS(P + 20 * (1 + P) + 20 * (B + 10 * (1 + B)),
          {2, 0, "SEARCH p USING INDEX publisher_city (city=?)"},
          {3, 0, "SEARCH book USING INDEX book_title (title=?)"});
    STEPS(1000 + 9965.8, {2, 0, "SCAN book"}, {5, 0, "USE TEMP B-TREE FOR ORDER BY"});
    STEPS(100 + 1000 + 9965.8 + 100 * (B + 20), {2, 0, "SCAN p"},
          {3, 0, "SEARCH book USING AUTOMATIC COVERING INDEX (title=?)"});
    STEPS(B + 10 * (1 + B) + B + 50 * (1 + B), {2, 0, "MULTI-INDEX OR"}, {3, 2, "INDEX 1"},
          {4, 3, "SEARCH book USING INDEX book_title (title=?)"}, {5, 2, "INDEX 2"},
          {6, 5, "SEARCH book USING INDEX book_two (a=?)"});
    STEPS(100 + 100000, {2, 0, "SCAN p"}, {3, 0, "CORRELATED SCALAR SUBQUERY 1"},
          {4, 3, "SCAN book"});
    STEPS(100 + 1000, {2, 0, "SCAN p"}, {3, 0, "LIST SUBQUERY 1"}, {4, 3, "SCAN book"});
    STEPS(B + 10 * (1 + B) + 10, {2, 0, "MATERIALIZE x"},
          {3, 2, "SEARCH book USING INDEX book_title (title=?)"}, {4, 0, "SCAN x"});
}
END_TEST

static rowan__index_term *term_on(const char *column, size_t nth)
{
    for (size_t i = 0; i < reading.term_count; i++) {
        if (strcmp(reading.terms[i].column, column) == 0 && nth-- == 0) {
            return &reading.terms[i];
        }
    }
    ck_abort_msg("no term on %s", column);
    return NULL;
}

/* What is wanted first is found early, unless all has to be sorted before. */
START_TEST(row_steps_end_with_the_rows_that_are_wanted)
{
    read_join(" WHERE p.city = ?");
    term_on("city", 0)->own_share = 0.1;
    LIMITED(10, 10, {2, 0, "SCAN book"});
    LIMITED(1, 10, {2, 0, "SCAN p"});
    LIMITED(20, 100, {2, 0, "SCAN p"});
    LIMITED(10, 1000 + 9965.8, {2, 0, "SCAN book"}, {3, 0, "USE TEMP B-TREE FOR ORDER BY"});
    LIMITED(5, (B + 10 * (1 + B)) / 2, {2, 0, "SEARCH book USING INDEX book_title (title=?)"});
}
END_TEST

/* What conditions leave runs the loops inside; ranges and values are counted as they are. */
START_TEST(row_steps_heed_what_conditions_leave)
{
    read_join(" WHERE p.city = ? AND title = ? AND price > ? AND price < ?");
    term_on("city", 0)->share = 0.1;
    STEPS(100 + 10 * 1000, {2, 0, "SCAN p"}, {3, 0, "SCAN book"});
    STEPS(P + 20 + 20 * 1000, {2, 0, "SEARCH p USING COVERING INDEX publisher_city (city=?)"},
          {3, 0, "SCAN book"});
    term_on("city", 0)->own_share = 0.5;
    STEPS(100 + 50 * 1000, {2, 0, "SCAN p"}, {3, 0, "SCAN book"});

    term_on("price", 0)->own_share = 0.6;
    term_on("price", 1)->own_share = 0.5;
    STEPS(1000 + 100 * 100, {2, 0, "SCAN book"}, {3, 0, "SCAN p"});
    STEPS(B + 100, {2, 0, "SEARCH book USING COVERING INDEX book_price (price>? AND price<?)"});
    term_on("price", 1)->own_share = 0.1;
    STEPS(B + 1, {2, 0, "SEARCH book USING COVERING INDEX book_price (price>? AND price<?)"});

    term_on("title", 0)->own_share = 0.99;
    STEPS(B + 990, {2, 0, "SEARCH book USING COVERING INDEX book_title (title=?)"});
    term_on("title", 0)->own_share = 0.001;
    STEPS(B + 10, {2, 0, "SEARCH book USING COVERING INDEX book_title (title=?)"});
}
END_TEST

START_TEST(row_steps_of_json_are_those_that_were_made)
{
    static const struct {
        const char *plan;
        double steps;
    } plans[] = {
        {"{\"query_block\":{\"nested_loop\":[{\"table\":{\"rows\":1000,\"filtered\":10}},"
         "{\"table\":{\"rows\":5,\"filtered\":100}}]}}",
         1000 + 500},
        {"{\"query_block\":{\"nested_loop\":[{\"table\":{\"rows\":9,\"r_loops\":1,\"r_rows\":700,"
         "\"r_filtered\":50}},{\"table\":{\"r_loops\":350,\"r_rows\":2}}]}}",
         700 + 700},
        {"{\"query_block\":{\"nested_loop\":[{\"table\":{\"r_loops\":1,\"r_rows\":100}},"
         "{\"block-nl-join\":{\"table\":{\"r_loops\":1,\"r_rows\":200}}}]}}",
         100 + 20000},
        {"{\"query_block\":{\"filesort\":{\"temporary_table\":{\"nested_loop\":[{\"table\":{"
         "\"rows\":1024,\"filtered\":100}}]}}}}",
         1024 + 1024 + 10240},
        {"{\"query_block\":{\"filesort\":{\"r_output_rows\":16,\"temporary_table\":{"
         "\"nested_loop\":[{\"table\":{\"r_loops\":1,\"r_rows\":1024}}]}}}}",
         1024 + 1024 + 64},
        {"{\"query_block\":{\"nested_loop\":[{\"table\":{\"rows\":100,\"key\":\"k\"}}]}}", 700},
        {"{\"query_block\":{\"nested_loop\":[{\"table\":{\"rows\":100,\"key\":\"k\","
         "\"using_index\":true}}]}}",
         100},
        {"{\"query_block\":{\"nested_loop\":[{\"table\":{\"rows\":100,\"key\":\"PRIMARY\"}}]}}",
         100},
        {"{\"query_block\":{\"nested_loop\":[{\"table\":{\"rows\":5,\"key\":\"PRIMARY\","
         "\"access_type\":\"ref\"}}]}}",
         11},
        {"{\"query_block\":{\"table\":{\"rows\":10},\"subqueries\":[{\"query_block\":{\"table\":{"
         "\"rows\":7}}}]}}",
         17},
        {"{\"query_block\":{\"nested_loop\":[{\"table\":{\"r_loops\":0,\"r_rows\":null}}]}}", 0},
    };
    double steps;

    ck_assert(rowan__steps_of_json(plans[_i].plan, &steps));
    ck_assert_double_eq(steps, plans[_i].steps);
    ck_assert(!rowan__steps_of_json("{\"query_block\":{}}", &steps));
    ck_assert(!rowan__steps_of_json("no JSON", &steps));
}
END_TEST

START_TEST(a_table_that_is_read_whole_is_seen_in_json)
{
    const char *plan = "{\"query_block\":{\"nested_loop\":[{\"table\":{\"table_name\":\"b\","
                       "\"access_type\":\"ALL\"}},{\"table\":{\"table_name\":\"c\","
                       "\"access_type\":\"ref\"}}]}}";

    ck_assert(rowan__plan_reads_whole(plan, "b"));
    ck_assert(!rowan__plan_reads_whole(plan, "c"));
    ck_assert(!rowan__plan_reads_whole(plan, "d"));
    ck_assert(!rowan__plan_reads_whole("", "b"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("index_candidates");
    TCase *tc = tcase_create("index_candidates");
    int all = sizeof statements / sizeof statements[0];

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_loop_test(tc, a_statement_asks_for_these_indexes, 0, all);
    tcase_add_loop_test(tc, how_it_is_written_makes_no_difference, 0, sizeof same / sizeof same[0]);
    tcase_add_test(tc, an_index_is_written_with_quotes_and_a_name_that_says_it);
    tcase_add_test(tc, a_name_fits_and_has_a_number_if_it_needs_one);
    tcase_add_test(tc, what_an_engine_cannot_have_is_not_asked_for);
    tcase_add_test(tc, there_are_never_more_than_can_be_tried);
    tcase_add_test(tc, deep_parentheses_are_left_alone);
    tcase_add_loop_test(tc, damaged_statements_do_no_harm, 0, 3);
    tcase_add_loop_test(tc, running_out_of_memory_is_told, 0, all);
    tcase_add_test(tc, row_steps_are_counted_as_loops_in_loops);
    tcase_add_test(tc, row_steps_end_with_the_rows_that_are_wanted);
    tcase_add_test(tc, row_steps_heed_what_conditions_leave);
    tcase_add_loop_test(tc, row_steps_of_json_are_those_that_were_made, 0, 11);
    tcase_add_test(tc, a_table_that_is_read_whole_is_seen_in_json);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
