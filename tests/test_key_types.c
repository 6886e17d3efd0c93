/*
 * Keys of every type that can be one: rows are inserted, found, changed and removed by them,
 * referred to by them, linked by them, and loaded by all ways of loading; each value is told from
 * its neighbours. The values are the awkward ones of each type.
 */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include <rowan/rowan.h>
#include <rowan/short.h>

#include "support/engine.h"
#include "support/suite.h"

enum { MOST_KEYS = 6, CHILDREN_EACH = 2 };

/* The member that is the key is the one of the type under test; the others are no columns. */
typedef struct keyed {
    int64_t number;
    bool flag;
    int16_t small;
    int32_t middle;
    int64_t large;
    float single;
    double real;
    rowan_decimal decimal;
    const char *text;
    rowan_date date;
    rowan_time time;
    rowan_timestamp instant;
    rowan_uuid uuid;
} keyed;

/* The same members as may be NULL, in the same order. */
typedef struct child {
    int64_t id;
    rowan_opt_bool flag;
    rowan_opt_i16 small;
    rowan_opt_i32 middle;
    rowan_opt_i64 large;
    rowan_opt_float single;
    rowan_opt_double real;
    rowan_opt_decimal decimal;
    rowan_opt_text text;
    rowan_opt_date date;
    rowan_opt_time time;
    rowan_opt_timestamp instant;
    rowan_opt_uuid uuid;
    int64_t number;
} child;

typedef struct friend_of {
    keyed a, b;
} friend_of;

static rowan_value real_value(rowan_type type, double real)
{
    rowan_value v = rowan_v_of(type);

    v.as.real = real;
    return v;
}

static rowan_value whole_value(rowan_type type, int64_t integer)
{
    rowan_value v = rowan_v_of(type);

    v.as.integer = integer;
    return v;
}

/* One type: its word in schemas, where its members are, and values that a sloppy comparison would
 * take for one another. */
typedef struct key_type {
    rowan_type type;
    const char *word;
    size_t in_keyed, in_child, in_child_value;
    size_t count;
    rowan_value (*value)(size_t i);
} key_type;

static rowan_value a_bool(size_t i)
{
    return rowan_v_bool(i == 1);
}

static rowan_value a_small(size_t i)
{
    static const int16_t values[] = {0, 1, -1, INT16_MIN, INT16_MAX, 256};

    return whole_value(ROWAN_TYPE_INT16, values[i]);
}

static rowan_value a_middle(size_t i)
{
    static const int32_t values[] = {0, 1, -1, INT32_MIN, INT32_MAX, 65536};

    return whole_value(ROWAN_TYPE_INT32, values[i]);
}

static rowan_value a_large(size_t i)
{
    static const int64_t values[] = {0, 1, -1, INT64_MIN, INT64_MAX, INT64_C(9007199254740993)};

    return whole_value(ROWAN_TYPE_INT64, values[i]);
}

static rowan_value a_single(size_t i)
{
    static const float values[] = {0, -1.5F, 0.1F, FLT_MAX, 16777215, 1e-30F};

    return real_value(ROWAN_TYPE_FLOAT, (double)values[i]);
}

static rowan_value a_real(size_t i)
{
    static const double values[] = {0, -1.5, 0.1, DBL_MAX, 0.1000000000000000056, 1e-300};

    return real_value(ROWAN_TYPE_DOUBLE, i == 4 ? 0.30000000000000004 : values[i]);
}

static rowan_value a_decimal(size_t i)
{
    static const char *const values[] = {"0.00",        "-0.01", "12.50",
                                         "99999999.99", "1.25",  "-99999999.99"};

    return rowan_v_decimal((rowan_decimal){values[i]});
}

static rowan_value a_text(size_t i)
{
    static const char *const values[] = {"", "a", "A", "a ", "\xC3\xA1", "'\" % _ \\ a long one"};

    return rowan_v_text(values[i]);
}

static rowan_value a_date(size_t i)
{
    static const int32_t values[] = {0, -1, -719162, 2932896, 11016, 18321};

    return rowan_v_date((rowan_date){values[i]});
}

static rowan_value a_time(size_t i)
{
    static const int64_t values[] = {0, 1, 86399999999, 86399000000, 3600000000, 3600000001};

    return rowan_v_time((rowan_time){values[i]});
}

static rowan_value an_instant(size_t i)
{
    static const int64_t values[] = {
        0, 1, -1, -62135596800000000, 253402300799999999, 1700000000123456};

    return rowan_v_timestamp((rowan_timestamp){values[i]});
}

static rowan_value a_uuid(size_t i)
{
    rowan_uuid uuid = {{0}};

    uuid.bytes[0] = i == 5 ? 0xFF : 0;
    uuid.bytes[15] = (uint8_t)(i + 1);
    uuid.bytes[6] = i % 2 == 0 ? 0x10 : 0x40;
    return rowan_v_uuid(uuid);
}

#define MEMBER(member)                                                                             \
    offsetof(keyed, member), offsetof(child, member), offsetof(child, member.value)

static const key_type key_types[] = {
    {ROWAN_TYPE_BOOL, "@bool", MEMBER(flag), 2, a_bool},
    {ROWAN_TYPE_INT16, "@int16", MEMBER(small), 6, a_small},
    {ROWAN_TYPE_INT32, "@int32", MEMBER(middle), 6, a_middle},
    {ROWAN_TYPE_INT64, "@int64", MEMBER(large), 6, a_large},
    {ROWAN_TYPE_FLOAT, "@float", MEMBER(single), 6, a_single},
    {ROWAN_TYPE_DOUBLE, "@double", MEMBER(real), 6, a_real},
    {ROWAN_TYPE_DECIMAL, "@decimal(10,2)", MEMBER(decimal), 6, a_decimal},
    {ROWAN_TYPE_TEXT, "@text(40)", MEMBER(text), 6, a_text},
    {ROWAN_TYPE_DATE, "@date", MEMBER(date), 6, a_date},
    {ROWAN_TYPE_TIME, "@time", MEMBER(time), 6, a_time},
    {ROWAN_TYPE_TIMESTAMP, "@timestamp", MEMBER(instant), 6, an_instant},
    {ROWAN_TYPE_UUID, "@uuid", MEMBER(uuid), 6, a_uuid},
};
enum { KEY_TYPES = sizeof key_types / sizeof key_types[0] };

/* --- The tables of the type under test. --- */

static rowan_table parent_table, child_table, friend_table;
static rowan_column parent_columns[2], child_columns[3], friend_columns[2];
static const rowan_column *const parent_key[] = {&parent_columns[0]};
static const rowan_column *const child_key[] = {&child_columns[0]};
static const rowan_column *const child_to_parent[] = {&child_columns[1]};
static const rowan_column *const friend_key[] = {&friend_columns[0], &friend_columns[1]};
static const rowan_column *const friend_to_a[] = {&friend_columns[0]};
static const rowan_column *const friend_to_b[] = {&friend_columns[1]};

static const rowan_relation parent_children = {.name = "children",
                                               .kind = ROWAN_HAS_MANY,
                                               .from = &parent_table,
                                               .to = &child_table,
                                               .column_count = 1,
                                               .from_columns = parent_key,
                                               .to_columns = child_to_parent,
                                               .index = 0};
static const rowan_relation parent_friends = {.name = "friends",
                                              .kind = ROWAN_MANY_TO_MANY,
                                              .from = &parent_table,
                                              .to = &parent_table,
                                              .column_count = 1,
                                              .from_columns = parent_key,
                                              .to_columns = parent_key,
                                              .through = &friend_table,
                                              .through_from = friend_to_a,
                                              .through_to = friend_to_b,
                                              .through_to_count = 1,
                                              .index = 1};
static const rowan_relation child_parent = {.name = "parent",
                                            .kind = ROWAN_BELONGS_TO,
                                            .from = &child_table,
                                            .to = &parent_table,
                                            .column_count = 1,
                                            .from_columns = child_to_parent,
                                            .to_columns = parent_key,
                                            .index = 0};
static const rowan_relation *const parent_relations[] = {&parent_children, &parent_friends};
static const rowan_relation *const child_relations[] = {&child_parent};

static const key_type *type;
static rowan_db *db;
static rowan_scope *scope;
static uint64_t sent_before;

static rowan_column column(const rowan_table *table, const char *name, rowan_type its_type,
                           unsigned flags, size_t offset, size_t value_offset)
{
    rowan_column made = {table, name, its_type, flags, offset, value_offset, NULL, 0, 0};

    if (its_type == ROWAN_TYPE_DECIMAL) {
        made.length = 10;
        made.scale = 2;
    }
    made.length = its_type == ROWAN_TYPE_TEXT ? 40 : made.length;
    return made;
}

static void model(void)
{
    parent_columns[0] =
        column(&parent_table, "k", type->type, ROWAN_PRIMARY, type->in_keyed, type->in_keyed);
    parent_columns[1] = column(&parent_table, "n", ROWAN_TYPE_INT64, 0, offsetof(keyed, number),
                               offsetof(keyed, number));
    child_columns[0] = column(&child_table, "id", ROWAN_TYPE_INT64, ROWAN_PRIMARY | ROWAN_GENERATED,
                              offsetof(child, id), offsetof(child, id));
    child_columns[1] = column(&child_table, "parent_k", type->type, ROWAN_NULLABLE, type->in_child,
                              type->in_child_value);
    child_columns[2] = column(&child_table, "n", ROWAN_TYPE_INT64, 0, offsetof(child, number),
                              offsetof(child, number));
    friend_columns[0] =
        column(&friend_table, "a", type->type, ROWAN_PRIMARY,
               offsetof(friend_of, a) + type->in_keyed, offsetof(friend_of, a) + type->in_keyed);
    friend_columns[1] =
        column(&friend_table, "b", type->type, ROWAN_PRIMARY,
               offsetof(friend_of, b) + type->in_keyed, offsetof(friend_of, b) + type->in_keyed);
    parent_table = (rowan_table){"parent", parent_columns,   2, parent_key,    1,
                                 NULL,     parent_relations, 2, sizeof(keyed), _Alignof(keyed)};
    child_table = (rowan_table){"child", child_columns,   3, child_key,     1,
                                NULL,    child_relations, 1, sizeof(child), _Alignof(child)};
    friend_table =
        (rowan_table){"friend", friend_columns, 2, friend_key,        2,
                      NULL,     NULL,           0, sizeof(friend_of), _Alignof(friend_of)};
}

static void open_on(int i)
{
    char ddl[600];

    type = &key_types[i % KEY_TYPES];
    model();
    db = engine_open((size_t)i / KEY_TYPES, NULL);
    snprintf(ddl, sizeof ddl,
             "CREATE TABLE parent (k %s NOT NULL PRIMARY KEY, n @int64 NOT NULL);"
             "CREATE TABLE child (id @key, parent_k %s REFERENCES parent (k), n @int64 NOT NULL);"
             "CREATE TABLE friend (a %s NOT NULL REFERENCES parent (k), b %s NOT NULL"
             " REFERENCES parent (k), PRIMARY KEY (a, b));",
             type->word, type->word, type->word, type->word);
    engine_script(db, ddl);
    ck_assert_int_eq(rowan_scope_begin(db, "keys", &scope, NULL), ROWAN_OK);
    sent_before = 0;
}

static void ok(rowan_status status)
{
    const rowan_error *error = rowan_scope_error(scope);

    ck_assert_msg(status == ROWAN_OK, "%s: %s: %s (%s)", type->word, rowan_status_name(status),
                  error->message, error->engine_message);
}

/* Statements since the last time this was asked. */
static uint64_t sent(void)
{
    rowan_counts counts = rowan_scope_counts(scope);
    uint64_t now = counts.statements - counts.setups, since = now - sent_before;

    sent_before = now;
    return since;
}

/* Writes a value into the member of the type under test. A flat switch over the types. */
static void put(void *at, rowan_value v)
{
    int16_t small = (int16_t)v.as.integer;
    int32_t middle = (int32_t)v.as.integer;
    float single = (float)v.as.real;

    switch (v.type) {
    case ROWAN_TYPE_BOOL:
        memcpy(at, &v.as.boolean, sizeof v.as.boolean);
        break;
    case ROWAN_TYPE_INT16:
        memcpy(at, &small, sizeof small);
        break;
    case ROWAN_TYPE_INT32:
        memcpy(at, &middle, sizeof middle);
        break;
    case ROWAN_TYPE_INT64:
        memcpy(at, &v.as.integer, sizeof v.as.integer);
        break;
    case ROWAN_TYPE_FLOAT:
        memcpy(at, &single, sizeof single);
        break;
    case ROWAN_TYPE_DOUBLE:
        memcpy(at, &v.as.real, sizeof v.as.real);
        break;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
        memcpy(at, &v.as.bytes.data, sizeof v.as.bytes.data);
        break;
    case ROWAN_TYPE_DATE:
        memcpy(at, &v.as.date, sizeof v.as.date);
        break;
    case ROWAN_TYPE_TIME:
        memcpy(at, &v.as.time, sizeof v.as.time);
        break;
    case ROWAN_TYPE_TIMESTAMP:
        memcpy(at, &v.as.timestamp, sizeof v.as.timestamp);
        break;
    case ROWAN_TYPE_UUID:
        memcpy(at, &v.as.uuid, sizeof v.as.uuid);
        break;
    case ROWAN_TYPE_BLOB:
    case ROWAN_TYPE_JSON:
    case ROWAN_TYPE_ENUM:
    case ROWAN_TYPE_LIST:
        ck_abort_msg("no key");
    }
}

static keyed parent_of(size_t i)
{
    keyed row;

    memset(&row, 0, sizeof row);
    put((char *)&row + type->in_keyed, type->value(i));
    row.number = 100 + (int64_t)i;
    return row;
}

/* Parents in another order than that of their keys or values. */
static size_t shuffled(size_t i)
{
    return type->count - 1 - i;
}

static void insert_parents(void)
{
    keyed rows[MOST_KEYS];
    rowan_rows made;

    for (size_t i = 0; i < type->count; i++) {
        rows[i] = parent_of(shuffled(i));
    }
    ok(rowan_record_insert_all(scope, &parent_table, rows, type->count, &made));
    ck_assert_uint_eq(sent(), 1);
    ck_assert_uint_eq(made.count, type->count);
    for (size_t i = 0; i < type->count; i++) {
        ck_assert_int_eq(((keyed *)made.at)[i].number, 100 + (int64_t)shuffled(i));
    }
}

/* CHILDREN_EACH children of every parent, and one of none. */
static void insert_children(void)
{
    child rows[MOST_KEYS * CHILDREN_EACH + 1];
    size_t count = 0;
    uint64_t affected;

    memset(rows, 0, sizeof rows);
    for (size_t i = 0; i < type->count * CHILDREN_EACH; i++) {
        bool has = true;
        memcpy((char *)&rows[count] + type->in_child, &has, sizeof has);
        put((char *)&rows[count] + type->in_child_value, type->value(i % type->count));
        rows[count++].number = 100 + (int64_t)(i % type->count);
    }
    rows[count++].number = -1;
    ok(rowan_query_insert(scope,
                          &(rowan_insert){.into = &child_table, .rows = rows, .row_count = count},
                          NULL, &affected));
    ck_assert_uint_eq(affected, count);
    ck_assert_uint_eq(sent(), 1);
}

/* --- One row. --- */

static void a_row_is_found_changed_and_removed_by_its_key(void)
{
    insert_parents();
    for (size_t i = 0; i < type->count; i++) {
        const rowan_value key = type->value(i);
        rowan_session *session;
        keyed *row, *again;
        ok(rowan_record_find(scope, &parent_table, PARAMS(key), (void **)&row));
        ck_assert_int_eq(row->number, 100 + (int64_t)i);
        ck_assert_uint_eq(sent(), 1);
        row->number = 200 + (int64_t)i;
        ok(rowan_record_save(scope, row));
        ck_assert_uint_eq(sent(), 1);
        ok(rowan_session_begin(scope, &session));
        ok(rowan_session_find(session, &parent_table, PARAMS(key), (void **)&row));
        ok(rowan_session_find(session, &parent_table, PARAMS(key), (void **)&again));
        ck_assert_ptr_eq(row, again);
        ck_assert_int_eq(row->number, 200 + (int64_t)i);
        ck_assert_uint_eq(sent(), 1); /* the second time it is known */
        ok(rowan_session_remove(session, row));
        ok(rowan_session_flush(session));
        ck_assert_uint_eq(sent(), 3);
        rowan_session_end(session);
        ck_assert_int_eq(rowan_record_find(scope, &parent_table, PARAMS(key), (void **)&row),
                         ROWAN_NOT_FOUND);
        ck_assert_uint_eq(sent(), 1);
        int64_t left;
        ok(rowan_query_count(scope, &(rowan_query){.from = &parent_table}, &left));
        ck_assert_int_eq(left, (int64_t)(type->count - i - 1)); /* that one, and no other */
        sent();
    }
}

static void a_key_of_another_type_is_refused_before_anything_is_sent(void)
{
    const rowan_value numbers[] = {rowan_v_int64(1), rowan_v_text("1")};
    void *row;

    bool takes_numbers = type->type >= ROWAN_TYPE_INT16 && type->type <= ROWAN_TYPE_INT64;
    bool takes_texts = type->type == ROWAN_TYPE_TEXT;
    for (size_t i = 0; i < 2; i++) {
        rowan_session *session;
        bool fits = i == 0 ? takes_numbers : takes_texts;
        if (fits) {
            continue;
        }
        ok(rowan_session_begin(scope, &session));
        rowan_status by_session =
            rowan_session_find(session, &parent_table, PARAMS(numbers[i]), &row);
        rowan_session_end(session);
        ck_assert_ptr_null(row);
        rowan_status by_record = rowan_record_find(scope, &parent_table, PARAMS(numbers[i]), &row);
        ck_assert_ptr_null(row);
        ck_assert_msg(by_session != ROWAN_OK && by_record != ROWAN_OK, "%s takes %s", type->word,
                      i == 0 ? "a number" : "a text");
    }
    sent();
    ck_assert_int_eq(rowan_record_find(scope, &parent_table, PARAMS(rowan_v_null()), &row),
                     ROWAN_MISUSE);
    ck_assert_int_eq(rowan_record_find(scope, &parent_table, ROWAN_NO_PARAMS, &row), ROWAN_MISUSE);
    ck_assert_uint_eq(sent(), 0);
}

static void a_key_that_is_there_is_refused_and_updated_by_an_upsert(void)
{
    rowan_rows returned;
    uint64_t affected;

    insert_parents();
    for (size_t i = 0; i < type->count; i++) {
        keyed row = parent_of(i);
        ck_assert_int_eq(rowan_record_insert(scope, &parent_table, &row, NULL), ROWAN_UNIQUE);
        row.number = 300 + (int64_t)i;
        ok(rowan_query_insert(scope,
                              &(rowan_insert){.into = &parent_table,
                                              .rows = &row,
                                              .row_count = 1,
                                              .on_conflict = ROWAN_CONFLICT_UPDATE,
                                              .returning = true},
                              &returned, &affected));
        ck_assert_uint_eq(returned.count, 1);
        ck_assert_int_eq(((keyed *)returned.at)->number, 300 + (int64_t)i);
    }
    int64_t count;
    ok(rowan_query_count(scope, &(rowan_query){.from = &parent_table}, &count));
    ck_assert_int_eq(count, (int64_t)type->count);
}

/* --- Conditions. --- */

static rowan_operand key_column(void)
{
    return rowan_o_column(&parent_columns[0], NULL);
}

static void conditions_tell_keys_apart(void)
{
    rowan_value all[MOST_KEYS];
    rowan_rows rows;

    insert_parents();
    for (size_t i = 0; i < type->count; i++) {
        all[i] = type->value(i);
        const rowan_expr *equal =
            ROWAN_EXPR(.kind = ROWAN_EXPR_COMPARE, .compare = ROWAN_COMPARE_EQ,
                       .left = key_column(), .right = rowan_o_value(all[i]));
        ok(rowan_query_all(scope, &(rowan_query){.from = &parent_table, .where = equal}, &rows));
        ck_assert_uint_eq(rows.count, 1);
        ck_assert_int_eq(((keyed *)rows.at)->number, 100 + (int64_t)i);
    }
    for (size_t count = 0; count <= type->count; count++) {
        const rowan_expr *in = ROWAN_EXPR(.kind = ROWAN_EXPR_IN, .left = key_column(),
                                          .right = {.value = rowan_v_list(all, count)});
        ok(rowan_query_all(scope, &(rowan_query){.from = &parent_table, .where = in}, &rows));
        ck_assert_uint_eq(rows.count, count);
        ok(rowan_query_all(scope, &(rowan_query){.from = &parent_table, .where = NOT(in)}, &rows));
        ck_assert_uint_eq(rows.count, type->count - count);
    }
}

static void paging_by_the_key_meets_every_row_once(void)
{
    insert_parents();
    for (int descending = 0; descending < 2; descending++) {
        rowan_order order[] = {{.by = key_column(), .descending = descending, .given = true},
                               {.given = false}};
        rowan_value last = rowan_v_null();
        size_t met = 0;
        unsigned seen = 0;
        for (;; met++) {
            rowan_query query = {.from = &parent_table, .order_by = order, .limit = 1};
            query.after = met == 0 ? ROWAN_NO_PARAMS : (rowan_params){&last, 1};
            void *row;
            rowan_status status = rowan_query_one(scope, &query, &row);
            if (status == ROWAN_NOT_FOUND) {
                break;
            }
            ok(status);
            seen |= 1U << (((keyed *)row)->number - 100);
            last = rowan_column_value(&parent_columns[0], row);
            ck_assert_uint_lt(met, type->count);
        }
        ck_assert_uint_eq(met, type->count);
        ck_assert_uint_eq(seen, (1U << type->count) - 1);
    }
}

/* --- Relations. --- */

/* What relations of loaded rows say: each child's parent has its number. */
static void check_parents(const rowan_rows children)
{
    for (size_t i = 0; i < children.count; i++) {
        const child *of = (const child *)children.at + i;
        keyed *found;
        ok(rowan_loaded_one(scope, &child_parent, of, (void **)&found));
        if (of->number < 0) {
            ck_assert_ptr_null(found);
        } else {
            ck_assert_ptr_nonnull(found);
            ck_assert_int_eq(found->number, of->number);
        }
    }
    ck_assert_uint_eq(sent(), 0);
}

static void every_way_of_loading_compares_keys_alike(void)
{
    static const rowan_fetch_way ways[] = {ROWAN_FETCH_BATCH, ROWAN_FETCH_JOIN};
    rowan_rows children, parents, many;

    insert_parents();
    insert_children();
    for (size_t w = 0; w < 2; w++) {
        ok(rowan_query_all(
            scope,
            &(rowan_query){.from = &child_table,
                           .fetch = FETCH({.relation = &child_parent, .way = ways[w]})},
            &children));
        ck_assert_uint_eq(children.count, type->count * CHILDREN_EACH + 1);
        ck_assert_uint_eq(sent(), w == 0 ? 2 : 1);
        check_parents(children);
    }
    ok(rowan_query_all(
        scope, &(rowan_query){.from = &parent_table, .fetch = FETCH(RELATED(&parent_children))},
        &parents));
    ck_assert_uint_eq(sent(), 2);
    for (size_t i = 0; i < parents.count; i++) {
        const keyed *of = (const keyed *)parents.at + i;
        ok(rowan_loaded_many(scope, &parent_children, of, &many));
        ck_assert_uint_eq(many.count, CHILDREN_EACH);
        ck_assert_int_eq(((child *)many.at)[0].number, of->number);
        ck_assert_int_eq(((child *)many.at)[1].number, of->number);
    }
}

static void peers_are_loaded_by_one_statement(void)
{
    rowan_rows children;

    insert_parents();
    insert_children();
    ok(rowan_record_all(scope, &(rowan_query){.from = &child_table}, &children));
    ck_assert_uint_eq(sent(), 1);
    for (size_t i = 0; i < children.count; i++) {
        child *of = (child *)children.at + i;
        keyed *found;
        ok(rowan_record_one(scope, &child_parent, of, (void **)&found));
        ck_assert_int_eq(found ? found->number : -1, of->number);
    }
    ck_assert_uint_eq(sent(), 1);
}

static void a_session_writes_the_keys_of_rows_that_are_referred_to(void)
{
    rowan_session *session;
    rowan_rows children;

    ok(rowan_session_begin(scope, &session));
    for (size_t i = 0; i < type->count; i++) {
        keyed *made;
        child *one;
        ok(rowan_session_new(session, &child_table, (void **)&one));
        ok(rowan_session_new(session, &parent_table, (void **)&made));
        *made = parent_of(shuffled(i));
        one->number = made->number;
        ok(rowan_session_refer(session, &child_parent, one, made));
    }
    ck_assert_uint_eq(rowan_session_pending(session).inserts, 2 * type->count);
    ok(rowan_session_flush(session));
    ck_assert_uint_eq(sent(), 4); /* two of the transaction, one a table */
    rowan_session_end(session);
    ok(rowan_query_all(scope,
                       &(rowan_query){.from = &child_table, .fetch = FETCH(RELATED(&child_parent))},
                       &children));
    ck_assert_uint_eq(children.count, type->count);
    sent();
    check_parents(children);
}

static void pairs_are_linked_loaded_and_unlinked(void)
{
    rowan_rows parents, friends;

    insert_parents();
    ok(rowan_record_all(scope, &(rowan_query){.from = &parent_table}, &parents));
    sent();
    keyed *rows = parents.at;
    for (size_t i = 1; i < parents.count; i++) {
        ok(rowan_record_link(scope, &parent_friends, &rows[0], &rows[i]));
    }
    ck_assert_uint_eq(sent(), parents.count - 1);
    ok(rowan_record_many(scope, &parent_friends, &rows[0], &friends));
    ck_assert_uint_eq(friends.count, parents.count - 1);
    ck_assert_uint_eq(sent(), 1);
    ok(rowan_record_many(scope, &parent_friends, &rows[1], &friends));
    ck_assert_uint_eq(friends.count, 0);
    ck_assert_int_eq(rowan_record_link(scope, &parent_friends, &rows[0], &rows[1]), ROWAN_UNIQUE);
    ok(rowan_record_unlink(scope, &parent_friends, &rows[0], &rows[1]));
    ck_assert_int_eq(rowan_record_unlink(scope, &parent_friends, &rows[0], &rows[1]),
                     ROWAN_NOT_FOUND);
    ok(rowan_record_many(scope, &parent_friends, &rows[0], &friends));
    ck_assert_uint_eq(friends.count, parents.count - 2);
    ck_assert_int_eq(rowan_record_delete(scope, &rows[0]),
                     parents.count > 2 ? ROWAN_FOREIGN_KEY : ROWAN_OK);
}

/* --- All of it, for each type on each engine. --- */

static void clear(void)
{
    static const rowan_table *const tables[] = {&friend_table, &child_table, &parent_table};

    for (size_t i = 0; i < 3; i++) {
        ok(rowan_query_delete(scope, &(rowan_delete){.from = tables[i], .all_rows = true}, NULL,
                              NULL));
    }
    sent();
}

START_TEST(every_type_is_a_key)
{
    static void (*const checks[])(void) = {a_row_is_found_changed_and_removed_by_its_key,
                                           a_key_of_another_type_is_refused_before_anything_is_sent,
                                           a_key_that_is_there_is_refused_and_updated_by_an_upsert,
                                           conditions_tell_keys_apart,
                                           paging_by_the_key_meets_every_row_once,
                                           every_way_of_loading_compares_keys_alike,
                                           peers_are_loaded_by_one_statement,
                                           a_session_writes_the_keys_of_rows_that_are_referred_to,
                                           pairs_are_linked_loaded_and_unlinked};

    open_on(_i);
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        checks[i]();
        clear();
    }
    rowan_scope_end(scope);
    engine_close(db);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys of every type");
    TCase *tc = tcase_create("keys");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, every_type_is_a_key, 0, (int)engine_count() * KEY_TYPES);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
