/* Templates, C types and the order of the parts in the three files. */
#include "schema/write.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "schema/write_private.h"

/* C types by rowan_type, and what an optional one is called. */
static const struct {
    const char *value, *optional;
} c_types[] = {
    [ROWAN_TYPE_BOOL] = {"bool ", "rowan_opt_bool "},
    [ROWAN_TYPE_INT16] = {"int16_t ", "rowan_opt_i16 "},
    [ROWAN_TYPE_INT32] = {"int32_t ", "rowan_opt_i32 "},
    [ROWAN_TYPE_INT64] = {"int64_t ", "rowan_opt_i64 "},
    [ROWAN_TYPE_FLOAT] = {"float ", "rowan_opt_float "},
    [ROWAN_TYPE_DOUBLE] = {"double ", "rowan_opt_double "},
    [ROWAN_TYPE_DECIMAL] = {"rowan_decimal ", "rowan_opt_decimal "},
    [ROWAN_TYPE_TEXT] = {"const char *", "rowan_opt_text "},
    [ROWAN_TYPE_BLOB] = {"rowan_blob ", "rowan_opt_blob "},
    [ROWAN_TYPE_DATE] = {"rowan_date ", "rowan_opt_date "},
    [ROWAN_TYPE_TIME] = {"rowan_time ", "rowan_opt_time "},
    [ROWAN_TYPE_TIMESTAMP] = {"rowan_timestamp ", "rowan_opt_timestamp "},
    [ROWAN_TYPE_UUID] = {"rowan_uuid ", "rowan_opt_uuid "},
    [ROWAN_TYPE_JSON] = {"rowan_json ", "rowan_opt_json "},
};

/* Makers of values by rowan_type. */
static const char *const value_makers[] = {
    [ROWAN_TYPE_BOOL] = "rowan_v_bool",       [ROWAN_TYPE_INT16] = "rowan_v_int64",
    [ROWAN_TYPE_INT32] = "rowan_v_int64",     [ROWAN_TYPE_INT64] = "rowan_v_int64",
    [ROWAN_TYPE_FLOAT] = "rowan_v_float",     [ROWAN_TYPE_DOUBLE] = "rowan_v_double",
    [ROWAN_TYPE_DECIMAL] = "rowan_v_decimal", [ROWAN_TYPE_TEXT] = "rowan_v_text",
    [ROWAN_TYPE_BLOB] = "rowan_v_blob",       [ROWAN_TYPE_DATE] = "rowan_v_date",
    [ROWAN_TYPE_TIME] = "rowan_v_time",       [ROWAN_TYPE_TIMESTAMP] = "rowan_v_timestamp",
    [ROWAN_TYPE_UUID] = "rowan_v_uuid",       [ROWAN_TYPE_JSON] = "rowan_v_json",
    [ROWAN_TYPE_ENUM] = "rowan_o_enum",
};

/* The parameters that templates use beside those of a key. */
static const char *const local_words[] = {"count", "found", "key",     "out", "params", "query",
                                          "row",   "scope", "session", "sql", "status", "values"};

void rowan__print_member_type(rowan__printer *w, const rowan__column_model *column)
{
    bool nullable = (column->flags & ROWAN_NULLABLE) != 0;

    if (column->type == ROWAN_TYPE_ENUM) {
        rowan__print_format(w, "%s%s ", column->enumeration->type, nullable ? "_opt" : "");
    } else {
        rowan__text_str(w->out,
                        nullable ? c_types[column->type].optional : c_types[column->type].value);
    }
}

void rowan__print_string(rowan__printer *w, const char *text)
{
    rowan__text_char(w->out, '"');
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c == 0x7f) {
            rowan__print_format(w, "\\%03o", c);
        } else {
            if (c == '"' || c == '\\' || c == '?') {
                rowan__text_char(w->out, '\\');
            }
            rowan__text_char(w->out, (char)c);
        }
    }
    rowan__text_char(w->out, '"');
}

void rowan__print_comment(rowan__printer *w, const char *text)
{
    for (char before = '\0'; *text != '\0'; before = *text++) {
        bool would_end = (before == '*' && *text == '/') || (before == '/' && *text == '*');
        bool is_control = (unsigned char)*text < 0x20 || *text == 0x7f;

        if (would_end) {
            rowan__text_char(w->out, ' ');
        }
        rowan__text_char(w->out, is_control ? ' ' : *text);
    }
}

static bool is_local_word(const char *word)
{
    for (size_t i = 0; i < sizeof local_words / sizeof local_words[0]; i++) {
        if (strcmp(local_words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

/* A key column as a parameter: its member, unless a type or another parameter has that name. */
static void write_key_name(rowan__printer *w, const rowan__column_model *column)
{
    bool is_taken =
        rowan__name_set_has(&w->model->taken, column->member) || is_local_word(column->member);

    rowan__print_format(w, "%s%s", column->member, is_taken ? "_key" : "");
}

static void write_key_params(rowan__printer *w)
{
    for (size_t i = 0; i < w->table->primary_count; i++) {
        const rowan__column_model *column = &w->table->columns[w->table->primary[i]];

        rowan__text_str(w->out, i == 0 ? "" : ", ");
        rowan__print_member_type(w, column);
        write_key_name(w, column);
    }
}

static void write_key_values(rowan__printer *w)
{
    for (size_t i = 0; i < w->table->primary_count; i++) {
        const rowan__column_model *column = &w->table->columns[w->table->primary[i]];
        bool is_enum = column->type == ROWAN_TYPE_ENUM;

        rowan__text_str(w->out, i == 0 ? "" : ", ");
        rowan__print_format(w, "%s(%s", value_makers[column->type], is_enum ? "(int)" : "");
        write_key_name(w, column);
        rowan__text_str(w->out, is_enum ? ").value" : ")");
    }
}

static void write_column_list(rowan__printer *w, const rowan__table_model *table,
                              const size_t *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rowan__text_str(w->out, i == 0 ? "" : ", ");
        rowan__print_comment(w, table->found->name);
        rowan__text_char(w->out, '.');
        rowan__print_comment(w, table->columns[columns[i]].found->name);
    }
}

/* "book.publisher_id = publisher.id", from the side of the foreign key. */
static void write_foreign_key(rowan__printer *w)
{
    const rowan__relation_model *r = w->relation;
    const rowan__table_model *other = rowan__other_table(w);

    if (r->has_through) {
        const rowan__table_model *through = &w->model->tables[r->through];

        write_column_list(w, through, r->through_from, r->column_count);
        rowan__text_str(w->out, ", ");
        write_column_list(w, through, r->through_to, r->to_count);
    } else if (r->kind == ROWAN_BELONGS_TO) {
        write_column_list(w, w->table, r->from_columns, r->column_count);
    } else {
        write_column_list(w, other, r->to_columns, r->column_count);
    }
    if (r->has_type) {
        rowan__text_str(w->out, " where ");
        write_column_list(w, other, &r->type_column, 1);
        rowan__text_str(w->out, " is \"");
        rowan__print_comment(w, r->type_value);
        rowan__text_char(w->out, '"');
    }
}

static void write_placeholder(rowan__printer *w, char c)
{
    switch (c) {
    case 'T':
        rowan__text_str(w->out, w->table->type);
        break;
    case 'H':
        rowan__text_str(w->out, w->table->handles);
        break;
    case 'F':
        rowan__text_str(w->out, w->name);
        break;
    case 'K':
        write_key_params(w);
        break;
    case 'V':
        write_key_values(w);
        break;
    case 'N':
        rowan__print_format(w, "%zu", w->table->primary_count);
        break;
    case 'U':
        rowan__text_str(w->out, rowan__other_table(w)->type);
        break;
    case 'R':
        rowan__text_str(w->out, w->relation->name);
        break;
    default:
        write_foreign_key(w);
        break;
    }
}

/* "@scope": the word, which ends before anything that is not a small letter. @return behind it. */
static const char *write_local(rowan__printer *w, const char *at)
{
    char word[16];
    size_t size = strspn(at, "abcdefghijklmnopqrstuvwxyz");

    snprintf(word, sizeof word, "%.*s", (int)size, at);
    rowan__print_format(w, "%s%s", word, rowan__name_set_has(&w->model->taken, word) ? "_" : "");
    return at + size;
}

void rowan__print(rowan__printer *w, const char *template)
{
    while (*template != '\0') {
        size_t plain = strcspn(template, "@");

        rowan__text_add(w->out, template, plain);
        template += plain;
        if (*template == '\0') {
            break;
        }
        template ++;
        if (*template >= 'a' && *template <= 'z') {
            template = write_local(w, template);
        } else {
            write_placeholder(w, *template ++);
        }
    }
}

static void write_guard(rowan__printer *w, const char *suffix)
{
    const char *upper = rowan__c_upper(w->model->arena, w->name);

    if (upper == NULL) {
        w->out->failed = true;
        return;
    }
    rowan__print_format(w, "#ifndef %s%s\n#define %s%s\n\n", upper, suffix, upper, suffix);
}

static void write_rows_file(rowan__printer *w)
{
    rowan__print(
        w, "/*\n"
           " * Rows of the tables of @F, as plain structs: nothing here depends on a library.\n"
           " * Written by Rowan from the schema; a change made here gets lost.\n"
           " */\n");
    write_guard(w, "_ROWS_H");
    rowan__print(w, "#include <rowan/types.h>\n");
    rowan__print_rows(w);
    rowan__print(w, "\n#endif\n");
}

static void write_header_file(rowan__printer *w)
{
    rowan__print(
        w,
        "/*\n"
        " * The tables of @F for Rowan: their descriptions, typed handles for queries, and"
        " functions\n"
        " * that are the general ones with a table filled in. What <rowan/activerecord.h>,\n"
        " * <rowan/raw.h>, <rowan/querybuilder.h> and <rowan/datamapper.h> say of memory, errors,\n"
        " * threads and statements holds for them too.\n"
        " * Written by Rowan from the schema; a change made here gets lost.\n"
        " */\n");
    write_guard(w, "_H");
    rowan__print(w, "#include <rowan/rowan.h>\n\n#include \"@F_rows.h\"\n\nROWAN_BEGIN_C\n");
    rowan__print_handles(w);
    rowan__print_declarations(w);
    rowan__print(w, "\nROWAN_END_C\n\n#endif\n");
}

static void write_source_file(rowan__printer *w)
{
    rowan__print(w, "/*\n"
                    " * The tables of @F: see @F.h.\n"
                    " * Written by Rowan from the schema; a change made here gets lost.\n"
                    " */\n"
                    "#include \"@F.h\"\n\n"
                    "#ifdef __cplusplus\n"
                    "#define MODEL_ALIGN_OF(type) alignof(type)\n"
                    "#else\n"
                    "#define MODEL_ALIGN_OF(type) _Alignof(type)\n"
                    "#endif\n");
    rowan__print_data(w);
    rowan__print_definitions(w);
}

static bool is_file_name(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

rowan_status rowan__write_model(const rowan__model *model, const char *name, rowan__written *out,
                                rowan_error *error)
{
    const rowan_allocator *allocator = model->arena->allocator;
    rowan__printer w = {.model = model, .name = name};

    rowan__text_init(&out->rows, allocator);
    rowan__text_init(&out->header, allocator);
    rowan__text_init(&out->source, allocator);
    if (!is_file_name(name)) {
        return rowan__fail(error, ROWAN_MISUSE,
                           "a model cannot be named \"%.60s\": use small letters, digits and _",
                           name);
    }
    if (model->table_count == 0) {
        return rowan__fail(error, ROWAN_NO_SUCH, "there are no tables to write a model of");
    }
    w.out = &out->rows;
    write_rows_file(&w);
    w.out = &out->header;
    write_header_file(&w);
    w.out = &out->source;
    write_source_file(&w);
    if (out->rows.failed || out->header.failed || out->source.failed) {
        return rowan__fail_nomem(error);
    }
    return ROWAN_OK;
}

void rowan__written_fini(rowan__written *written)
{
    rowan__text_fini(&written->rows);
    rowan__text_fini(&written->header);
    rowan__text_fini(&written->source);
}
