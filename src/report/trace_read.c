/*
 * Reading traces. A line that cannot be understood is complained of and left out; what is unknown
 * in a line that can be is not looked at. Nothing is believed about sizes.
 */
#include "report/trace.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/comment.h"
#include "base/error.h"
#include "base/utf8.h"
#include "report/parts.h"

enum { MOST_COLUMNS = 4096 };

/* One line on its way. */
typedef struct line {
    rowan__trace *trace;
    json_t *object;
    uint64_t began_us; /* when the trace began, if the line says so; else 0 */
    const char *why;   /* it cannot be read; NULL: it can */
    bool no_memory;
} line;

static void *take_memory(line *l, size_t count, size_t size)
{
    void *memory = rowan__arena_new(&l->trace->arena, count, size, _Alignof(max_align_t));

    l->no_memory = l->no_memory || memory == NULL;
    return memory;
}

static const char *keep_text(line *l, json_t *text, size_t *size)
{
    char *kept =
        rowan__arena_text(&l->trace->arena, json_string_value(text), json_string_length(text));

    l->no_memory = l->no_memory || kept == NULL;
    *size = json_string_length(text);
    return kept;
}

/* A text or number as text; NULL if the key is absent or null. */
static const char *text_of(line *l, const char *key)
{
    json_t *member = json_object_get(l->object, key);
    char number[32];
    size_t size;

    if (json_is_string(member)) {
        return keep_text(l, member, &size);
    }
    if (json_is_integer(member)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(member));
        return rowan__arena_text(&l->trace->arena, number, strlen(number));
    }
    if (member != NULL && !json_is_null(member)) {
        l->why = "a key that ought to be a text is something else";
    }
    return NULL;
}

static double number_of(line *l, const char *key, double otherwise)
{
    json_t *member = json_object_get(l->object, key);

    if (json_is_number(member)) {
        return json_number_value(member);
    }
    if (member != NULL && !json_is_null(member)) {
        l->why = "a key that ought to be a number is something else";
    }
    return otherwise;
}

/* Microseconds as nanoseconds; what no clock shows is nought. */
static int64_t ns_of(line *l, const char *key)
{
    double us = number_of(l, key, 0);

    return us > 0 && us < 1e15 ? (int64_t)llround(us * 1000) : 0;
}

static uint64_t count_of(line *l, json_t *object, const char *key, uint64_t otherwise)
{
    json_t *member = json_object_get(object, key);

    if (json_is_integer(member) && json_integer_value(member) >= 0) {
        return (uint64_t)json_integer_value(member);
    }
    if (member != NULL && !json_is_null(member)) {
        l->why = "a key that ought to be a count is something else";
    }
    return otherwise;
}

/* --- Values. --- */

static rowan_value value_of(line *l, json_t *from, unsigned depth);

static rowan_value list_of(line *l, json_t *from)
{
    size_t count = json_array_size(from);
    rowan_value *items = take_memory(l, count + 1, sizeof *items);
    rowan_value list = rowan_v_of(ROWAN_TYPE_LIST);

    for (size_t i = 0; items != NULL && i < count; i++) {
        items[i] = value_of(l, json_array_get(from, i), 1);
    }
    list.as.list.items = items;
    list.as.list.count = items != NULL ? count : 0;
    return list;
}

/* What has no form here, such as an object, is told apart by its text. */
static rowan_value text_value(line *l, json_t *from)
{
    char *text = json_dumps(from, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    const char *kept =
        text != NULL ? rowan__arena_text(&l->trace->arena, text, strlen(text)) : NULL;

    free(text);
    l->no_memory = l->no_memory || kept == NULL;
    return rowan_v_text(kept);
}

static rowan_value value_of(line *l, json_t *from, unsigned depth)
{
    const char *text;
    size_t size;

    switch (json_typeof(from)) {
    case JSON_NULL:
        return rowan_v_null();
    case JSON_TRUE:
    case JSON_FALSE:
        return rowan_v_bool(json_is_true(from));
    case JSON_INTEGER:
        return rowan_v_int64(json_integer_value(from));
    case JSON_REAL:
        return rowan_v_double(json_real_value(from));
    case JSON_STRING:
        text = keep_text(l, from, &size);
        return rowan_v_bytes(ROWAN_TYPE_TEXT, text, size);
    case JSON_ARRAY:
        return depth == 0 ? list_of(l, from) : text_value(l, from);
    case JSON_OBJECT:
        break;
    }
    return text_value(l, from);
}

/* The member of a name, with the sign that placeholders begin with or without; NULL if there is
 * none. */
static json_t *member_of(json_t *params, const char *name, size_t size)
{
    char text[128];
    json_t *value;

    if (size < 2 || size >= sizeof text) {
        return NULL;
    }
    memcpy(text, name, size);
    text[size] = '\0';
    value = json_object_get(params, text + 1);
    return value != NULL ? value : json_object_get(params, text);
}

/* Values by name: each for the number that its placeholder has. Unknown names are left out. */
static void read_named_params(line *l, json_t *params, rowan__traced *out)
{
    rowan__parts parts;

    if (out->sql == NULL ||
        !rowan__parts_read(&parts, &l->trace->arena, out->dialect, out->sql, out->sql_size)) {
        l->no_memory = true;
        return;
    }
    rowan_value *values = take_memory(l, parts.param_count + 1, sizeof *values);
    for (size_t i = 0; values != NULL && i < parts.count; i++) {
        const rowan__piece *at = &parts.at[i];
        const char *name = parts.sql + at->offset;
        if (at->kind != ROWAN__TOKEN_PLACEHOLDER) {
            continue;
        }
        json_t *value = member_of(params, name, at->size);
        values[at->param] = value != NULL ? value_of(l, value, 0) : rowan_v_null();
    }
    out->params = values;
    out->param_count = values != NULL ? parts.param_count : 0;
}

static void read_params(line *l, rowan__traced *out)
{
    json_t *params = json_object_get(l->object, "params");
    size_t count = json_array_size(params);

    if (json_is_object(params)) {
        read_named_params(l, params, out);
        return;
    }
    if (params != NULL && !json_is_array(params) && !json_is_null(params)) {
        l->why = "`params` is neither an array nor an object";
        return;
    }
    rowan_value *values = take_memory(l, count + 1, sizeof *values);
    for (size_t i = 0; values != NULL && i < count; i++) {
        values[i] = value_of(l, json_array_get(params, i), 0);
    }
    out->params = values;
    out->param_count = values != NULL ? count : 0;
}

/* --- Rows. --- */

static void read_columns(line *l, json_t *rows, rowan__traced *out)
{
    json_t *names = json_object_get(l->object, "cols");
    size_t count =
        json_is_array(names) ? json_array_size(names) : json_array_size(json_array_get(rows, 0));
    size_t size;

    if (count > MOST_COLUMNS) {
        l->why = "a result has too many columns";
        return;
    }
    const char **kept = take_memory(l, count + 1, sizeof *kept);
    for (size_t i = 0; kept != NULL && i < count; i++) {
        json_t *name = json_array_get(names, i);
        kept[i] = json_is_string(name) ? keep_text(l, name, &size) : "?";
    }
    out->columns = kept;
    out->column_count = kept != NULL ? count : 0;
}

/* Rows that are too short are filled up with NULL. */
static void read_rows(line *l, rowan__traced *out)
{
    json_t *rows = json_object_get(l->object, "rows");
    size_t count = json_array_size(rows);

    if (rows != NULL && !json_is_array(rows) && !json_is_null(rows)) {
        l->why = "`rows` is no array";
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (!json_is_array(json_array_get(rows, i))) {
            l->why = "a row is no array";
            return;
        }
    }
    read_columns(l, rows, out);
    if (out->column_count == 0 || count == 0) {
        return;
    }
    rowan_value *cells = take_memory(l, count, out->column_count * sizeof *cells);
    for (size_t i = 0; cells != NULL && i < count; i++) {
        json_t *row = json_array_get(rows, i);
        for (size_t c = 0; c < out->column_count; c++) {
            json_t *cell = json_array_get(row, c);
            cells[i * out->column_count + c] = cell != NULL ? value_of(l, cell, 1) : rowan_v_null();
        }
    }
    out->rows = cells;
    out->row_count = cells != NULL ? count : 0;
}

/* `read`: numbers of the columns that were read; `rows_read`: how many rows. Either alone will do.
 */
static void read_reads(line *l, rowan__traced *out)
{
    json_t *columns = json_object_get(l->object, "read");
    json_t *rows = json_object_get(l->object, "rows_read");

    out->knows_reads = json_is_array(columns) || json_is_number(rows);
    out->rows_read = count_of(l, l->object, "rows_read", out->all_rows);
    out->columns_read = json_is_array(columns) ? 0 : UINT64_MAX;
    for (size_t i = 0; i < json_array_size(columns); i++) {
        json_t *column = json_array_get(columns, i);
        json_int_t number = json_is_integer(column) ? json_integer_value(column) : -1;
        if (number < 0 || (out->column_count > 0 && (size_t)number >= out->column_count)) {
            l->why = "`read` has what is no number of a column";
            return;
        }
        out->columns_read |= number < 64 ? (uint64_t)1 << number : 0;
    }
}

/* What an eager loader says, of @p rows rows if it does not say how many. NULL: nothing. */
static rowan__eager *eager_of(line *l, uint64_t rows)
{
    json_t *object = json_object_get(l->object, "eager");
    line inner = {.trace = l->trace, .object = object};
    rowan__eager *eager = json_is_object(object) ? take_memory(l, 1, sizeof *eager) : NULL;

    if (eager != NULL) {
        eager->association = text_of(&inner, "assoc");
        eager->parent_seq = count_of(l, object, "parent_seq", 0);
        eager->owners = count_of(l, object, "owners", 0);
        eager->touched = count_of(l, object, "touched", 1); /* unknown: it may have been used */
        eager->rows = count_of(l, object, "rows", rows);
    }
    return eager;
}

/* --- Lines. --- */

/* A recorder that does not know who called may have seen a comment of one who did. */
static const char *site_of(line *l, const char *sql)
{
    const char *site = text_of(l, "callsite");
    char told[512];

    if ((site == NULL || strcmp(site, "?") == 0) && sql != NULL &&
        rowan__comment_site(sql, told, sizeof told)) {
        return rowan__arena_text(&l->trace->arena, told, strlen(told));
    }
    return site;
}

/* Wrappers of the client library, between the call site and that. */
static const char *const *through_of(line *l)
{
    json_t *through = json_object_get(l->object, "through");
    size_t count = json_array_size(through), size, used = 0;
    const char **kept = count > 0 ? take_memory(l, count + 1, sizeof *kept) : NULL;

    for (size_t i = 0; kept != NULL && i < count; i++) {
        json_t *place = json_array_get(through, i);
        if (json_is_string(place)) {
            kept[used++] = keep_text(l, place, &size);
        }
    }
    return kept;
}

/* The engine's name as it is known here; others call it otherwise. */
static const char *dialect_of(const char *told)
{
    static const char *const names[][2] = {
        {"postgresql", "postgresql"}, {"postgres", "postgresql"}, {"pgsql", "postgresql"},
        {"pg", "postgresql"},         {"mariadb", "mariadb"},     {"mysql", "mariadb"},
        {"sqlite", "sqlite"},         {"sqlite3", "sqlite"},
    };

    for (size_t i = 0; told != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(told, names[i][0]) == 0) {
            return names[i][1];
        }
    }
    return told != NULL ? told : "";
}

/* "MODEL.NAME" */
static void read_relation(line *l, rowan__traced *out)
{
    const char *told = text_of(l, "relation");
    const char *dot = told != NULL ? strrchr(told, '.') : NULL;

    if (dot != NULL) {
        out->relation_of = rowan__arena_text(&l->trace->arena, told, (size_t)(dot - told));
        l->no_memory = l->no_memory || out->relation_of == NULL;
        out->relation = dot + 1;
    }
}

static void read_statement(line *l, rowan__traced *out)
{
    json_t *sql = json_object_get(l->object, "sql");

    if (!json_is_string(sql)) {
        l->why = "there is no statement in `sql`";
        return;
    }
    out->sql = keep_text(l, sql, &out->sql_size);
    out->seq = count_of(l, l->object, "seq", out->line);
    out->scope = text_of(l, "scope");
    out->connection = text_of(l, "conn");
    out->thread = text_of(l, "thread");
    out->database = text_of(l, "db");
    out->dialect = dialect_of(text_of(l, "dialect"));
    out->callsite = site_of(l, out->sql);
    out->through = through_of(l);
    out->error = text_of(l, "err");
    out->pattern = text_of(l, "pattern");
    out->model = text_of(l, "model");
    read_relation(l, out);
    out->start_ns = ns_of(l, "ts_us");
    out->elapsed_ns = ns_of(l, "t_us");
    out->trip = (int64_t)number_of(l, "trip", -1);
    out->is_cached = json_is_true(json_object_get(l->object, "cached"));
    l->began_us = count_of(l, l->object, "began_us", 0);
    read_params(l, out);
    read_rows(l, out);
    out->all_rows = count_of(l, l->object, "nrows", out->row_count);
    out->eager = eager_of(l, out->all_rows);
    read_reads(l, out);
}

/*
 * A line of no statement: what became of the rows that an earlier one loaded ahead, which its
 * recorder knows when the scope ends.
 */
static void read_late(line *l, size_t number)
{
    rowan__trace *trace = l->trace;
    uint64_t seq = count_of(l, l->object, "seq", 0);
    rowan__eager *eager = eager_of(l, 0);

    if (seq == 0 && l->why == NULL) {
        l->why = "`eager` without `sql` has no `seq` of a statement";
    }
    if (eager == NULL || l->why != NULL) {
        return;
    }
    if (!rowan__grow(trace->allocator, (void **)&trace->late, &trace->late_capacity,
                     trace->late_count, sizeof *trace->late)) {
        l->no_memory = true;
        return;
    }
    trace->late[trace->late_count++] = (rowan__late){.seq = seq, .line = number, .eager = eager};
}

static bool is_late(json_t *object)
{
    return json_is_object(json_object_get(object, "eager")) &&
           json_object_get(object, "sql") == NULL;
}

/* Numbers beyond 64 bits are read as reals: the line is worth more than their last digits. */
static json_t *parse(const char *text, size_t size, json_error_t *error)
{
    json_t *object = json_loadb(text, size, JSON_ALLOW_NUL, error);

    if (object == NULL && json_error_code(error) == json_error_numeric_overflow) {
        object = json_loadb(text, size, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, error);
    }
    return object;
}

/* @return ROWAN_NOMEM, or OK whatever the line holds */
static rowan_status read_line(rowan__trace *trace, const char *text, size_t size, size_t number,
                              const rowan__complaint *complaint)
{
    json_error_t error;
    line l = {.trace = trace, .object = parse(text, size, &error)};
    char words[JSON_ERROR_TEXT_LENGTH + 32];
    rowan__arena_mark mark = rowan__arena_mark_now(&trace->arena);
    rowan__traced *out;

    if (!rowan__grow(trace->allocator, (void **)&trace->at, &trace->capacity, trace->count,
                     sizeof *trace->at)) {
        json_decref(l.object);
        return ROWAN_NOMEM;
    }
    out = &trace->at[trace->count];
    *out = (rowan__traced){.line = number};
    bool is_statement = !is_late(l.object);
    if (!is_statement) {
        read_late(&l, number);
    } else if (json_is_object(l.object)) {
        read_statement(&l, out);
    } else {
        snprintf(words, sizeof words, "the line is no JSON: %s", error.text);
        l.why = l.object != NULL ? "the line is no JSON object" : words;
    }
    json_decref(l.object);
    if (l.no_memory) {
        return ROWAN_NOMEM;
    }
    if (l.why != NULL) {
        rowan__arena_rewind(&trace->arena, &mark);
        trace->lines_refused++;
        complaint->say(complaint->context, trace->path, number, l.why);
        return ROWAN_OK;
    }
    trace->count += is_statement;
    if (l.began_us > 0 && l.began_us < (uint64_t)INT64_MAX / 2000 && trace->began_unix_ns == 0) {
        trace->began_unix_ns = (int64_t)l.began_us * 1000;
    }
    return ROWAN_OK;
}

static bool is_blank(const char *text, size_t size)
{
    return strspn(text, " \t\r\n") >= size;
}

static rowan_status read_lines(rowan__trace *trace, FILE *file, const rowan__complaint *complaint,
                               rowan_error *error)
{
    rowan_status status = ROWAN_OK;
    size_t capacity = 0, number = 0;
    char *text = NULL;
    ssize_t size;

    while (status == ROWAN_OK && (size = getline(&text, &capacity, file)) > 0) {
        number++;
        if (!is_blank(text, (size_t)size)) {
            status = read_line(trace, text, (size_t)size, number, complaint);
        }
    }
    free(text);
    if (status == ROWAN_NOMEM) {
        return rowan__fail(error, ROWAN_NOMEM, "%.120s:%zu: out of memory", trace->path, number);
    }
    if (ferror(file)) {
        return rowan__fail(error, ROWAN_IO, "cannot read %.120s: %s", trace->path, strerror(errno));
    }
    return status;
}

static int compare_numbers(const void *a, const void *b)
{
    const rowan__traced *x = *(rowan__traced *const *)a, *y = *(rowan__traced *const *)b;

    return x->seq != y->seq ? (x->seq < y->seq ? -1 : 1) : x < y ? -1 : x > y;
}

/* The statement of a number among those sorted by it; NULL if there is none. */
static rowan__traced *numbered(rowan__traced *const *sorted, size_t count, uint64_t seq)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle]->seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && sorted[low]->seq == seq ? sorted[low] : NULL;
}

/* Brings what was said late to its statements. */
static rowan_status settle(rowan__trace *trace, const rowan__complaint *complaint)
{
    size_t count = trace->count;

    if (trace->late_count == 0) {
        return ROWAN_OK;
    }
    rowan__traced **sorted = rowan__new(trace->allocator, count + 1, sizeof(rowan__traced *));
    if (sorted == NULL) {
        return ROWAN_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &trace->at[i];
    }
    qsort(sorted, count, sizeof(rowan__traced *), compare_numbers);
    for (size_t i = 0; i < trace->late_count; i++) {
        const rowan__late *late = &trace->late[i];
        rowan__traced *statement = numbered(sorted, count, late->seq);
        if (statement == NULL) {
            trace->lines_refused++;
            complaint->say(complaint->context, trace->path, late->line,
                           "there is no statement of its `seq`");
            continue;
        }
        late->eager->next = statement->eager;
        statement->eager = late->eager;
    }
    rowan__free(trace->allocator, sorted, count + 1, sizeof(rowan__traced *));
    return ROWAN_OK;
}

/* When a trace began that does not say so: its last line was written when its last statement had
 * ended. What comes through a pipe ends when it is read. */
static int64_t began_before(const rowan__trace *trace, FILE *file)
{
    struct stat about;
    int64_t end_ns = 0;
    bool is_file = fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode);

    for (size_t i = 0; i < trace->count; i++) {
        int64_t ended_ns = trace->at[i].start_ns + trace->at[i].elapsed_ns;
        end_ns = ended_ns > end_ns ? ended_ns : end_ns;
    }
    return (int64_t)(is_file ? about.st_mtime : time(NULL)) * 1000000000 - end_ns;
}

/* A path as reports say it: what is not UTF-8 cannot be written in most of them. */
static const char *path_of(rowan__trace *trace, const char *path)
{
    size_t size = strlen(path);
    char *text = rowan__arena_text(&trace->arena, path, size);

    for (size_t i = 0; text != NULL && i < size;) {
        size_t letter = rowan__utf8_size((const unsigned char *)text + i, size - i);
        if (letter == 0) {
            text[i] = '?';
        }
        i += letter > 0 ? letter : 1;
    }
    return text;
}

/* The name of a file up to its first dot. */
static const char *name_of(rowan__trace *trace)
{
    const char *slash = strrchr(trace->path, '/');
    const char *base = slash != NULL ? slash + 1 : trace->path;

    return rowan__arena_text(&trace->arena, base, strcspn(base, "."));
}

rowan_status rowan__trace_read(rowan__trace *trace, const rowan_allocator *allocator,
                               const char *path, const rowan__complaint *complaint,
                               rowan_error *error)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    rowan_status status;

    *trace = (rowan__trace){.allocator = allocator};
    rowan__arena_init(&trace->arena, allocator);
    if (file == NULL) {
        return rowan__fail(error, ROWAN_IO, "cannot read %.120s: %s", path, strerror(errno));
    }
    trace->path = path_of(trace, path);
    trace->name = trace->path != NULL ? name_of(trace) : NULL;
    status =
        trace->name != NULL ? read_lines(trace, file, complaint, error) : rowan__fail_nomem(error);
    if (settle(trace, complaint) != ROWAN_OK) {
        status = rowan__fail_nomem(error);
    }
    if (trace->began_unix_ns == 0) {
        trace->began_unix_ns = began_before(trace, file);
    }
    if (file != stdin) {
        (void)fclose(file);
    }
    return status;
}

void rowan__trace_fini(rowan__trace *trace)
{
    rowan__free(trace->allocator, trace->at, trace->capacity, sizeof *trace->at);
    rowan__free(trace->allocator, trace->late, trace->late_capacity, sizeof *trace->late);
    rowan__arena_fini(&trace->arena);
}

const rowan__traced *rowan__trace_numbered(const rowan__trace *trace, uint64_t seq)
{
    if (seq > 0 && seq <= trace->count && trace->at[seq - 1].seq == seq) {
        return &trace->at[seq - 1]; /* most traces are numbered as they lie */
    }
    for (size_t i = 0; i < trace->count; i++) {
        if (trace->at[i].seq == seq) {
            return &trace->at[i];
        }
    }
    return NULL;
}
