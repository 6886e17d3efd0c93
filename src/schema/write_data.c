/* The constant tables of NAME.c and their handles: what the library reads. */
#include "schema/write_private.h"

static const char *const type_names[] = {
    [ROWAN_TYPE_BOOL] = "BOOL",       [ROWAN_TYPE_INT16] = "INT16",
    [ROWAN_TYPE_INT32] = "INT32",     [ROWAN_TYPE_INT64] = "INT64",
    [ROWAN_TYPE_FLOAT] = "FLOAT",     [ROWAN_TYPE_DOUBLE] = "DOUBLE",
    [ROWAN_TYPE_DECIMAL] = "DECIMAL", [ROWAN_TYPE_TEXT] = "TEXT",
    [ROWAN_TYPE_BLOB] = "BLOB",       [ROWAN_TYPE_DATE] = "DATE",
    [ROWAN_TYPE_TIME] = "TIME",       [ROWAN_TYPE_TIMESTAMP] = "TIMESTAMP",
    [ROWAN_TYPE_UUID] = "UUID",       [ROWAN_TYPE_JSON] = "JSON",
    [ROWAN_TYPE_ENUM] = "ENUM",
};

/* The families of typed column handles. */
static const char *const families[] = {
    [ROWAN_TYPE_BOOL] = "bool",       [ROWAN_TYPE_INT16] = "int",
    [ROWAN_TYPE_INT32] = "int",       [ROWAN_TYPE_INT64] = "int",
    [ROWAN_TYPE_FLOAT] = "real",      [ROWAN_TYPE_DOUBLE] = "real",
    [ROWAN_TYPE_DECIMAL] = "decimal", [ROWAN_TYPE_TEXT] = "text",
    [ROWAN_TYPE_BLOB] = "blob",       [ROWAN_TYPE_DATE] = "date",
    [ROWAN_TYPE_TIME] = "time",       [ROWAN_TYPE_TIMESTAMP] = "timestamp",
    [ROWAN_TYPE_UUID] = "uuid",       [ROWAN_TYPE_JSON] = "json",
    [ROWAN_TYPE_ENUM] = "enum",
};

static const struct {
    unsigned flag;
    const char *name;
} flag_names[] = {
    {ROWAN_PRIMARY, "ROWAN_PRIMARY"},   {ROWAN_GENERATED, "ROWAN_GENERATED"},
    {ROWAN_NULLABLE, "ROWAN_NULLABLE"}, {ROWAN_UNIQUE_KEY, "ROWAN_UNIQUE_KEY"},
    {ROWAN_VERSION, "ROWAN_VERSION"},
};

static const char *const relation_kinds[] = {
    [ROWAN_BELONGS_TO] = "BELONGS_TO",
    [ROWAN_HAS_ONE] = "HAS_ONE",
    [ROWAN_HAS_MANY] = "HAS_MANY",
    [ROWAN_MANY_TO_MANY] = "MANY_TO_MANY",
};

void rowan__print_handles(rowan__printer *w)
{
    for (size_t t = 0; t < w->model->table_count; t++) {
        w->table = &w->model->tables[t];
        rowan__print(w, "\n/** Columns of @T, for queries. */\nstruct @T_handles {\n");
        for (size_t i = 0; i < w->table->column_count; i++) {
            rowan__print_format(w, "    rowan_%s_column %s;\n", families[w->table->columns[i].type],
                                w->table->columns[i].member);
        }
        rowan__print(
            w, "};\nextern const struct @T_handles @H;\nextern const rowan_table @T_table;\n");
        for (size_t i = 0; i < w->table->relation_count; i++) {
            w->relation = &w->table->relations[i];
            rowan__print(w, "extern const rowan_relation @T_@R_relation; /* @U by @D */\n");
        }
    }
}

static void write_enum_data(rowan__printer *w, const rowan__enum_model *e)
{
    rowan__print_format(w, "\nstatic const char *const %s_labels[] = {", e->type);
    for (size_t i = 0; i < e->count; i++) {
        rowan__text_str(w->out, i == 0 ? "" : ", ");
        rowan__print_string(w, e->labels[i]);
    }
    rowan__print_format(w, "};\nstatic const rowan_enum %s_enum = {\"%s\", %s_labels, %zu};\n",
                        e->type, e->type, e->type, e->count);
}

static void write_flags(rowan__printer *w, unsigned flags)
{
    const char *between = "";

    for (size_t i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++) {
        if ((flags & flag_names[i].flag) != 0) {
            rowan__print_format(w, "%s%s", between, flag_names[i].name);
            between = " | ";
        }
    }
    rowan__text_str(w->out, *between == '\0' ? "0" : "");
}

static void write_column_data(rowan__printer *w, const rowan__column_model *column)
{
    bool nullable = (column->flags & ROWAN_NULLABLE) != 0;
    bool is_limited = column->type == ROWAN_TYPE_TEXT || column->type == ROWAN_TYPE_DECIMAL;

    rowan__print(w, "    {&@T_table, ");
    rowan__print_string(w, column->found->name);
    rowan__print_format(w, ", ROWAN_TYPE_%s, ", type_names[column->type]);
    write_flags(w, column->flags);
    rowan__print(w, ", offsetof(@T, ");
    rowan__print_format(w, "%s), ", column->member);
    rowan__print(w, "offsetof(@T, ");
    rowan__print_format(w, "%s%s), ", column->member, nullable ? ".value" : "");
    if (column->enumeration != NULL) {
        rowan__print_format(w, "&%s_enum", column->enumeration->type);
    } else {
        rowan__text_str(w->out, "NULL");
    }
    rowan__print_format(w, ", %u, %u},\n", is_limited ? (unsigned)column->found->length : 0,
                        column->type == ROWAN_TYPE_DECIMAL ? (unsigned)column->found->scale : 0);
}

static void write_columns(rowan__printer *w)
{
    for (size_t i = 0; i < w->table->column_count; i++) {
        if (w->table->columns[i].enumeration != NULL) {
            write_enum_data(w, w->table->columns[i].enumeration);
        }
    }
    rowan__print(w, "\nstatic const rowan_column @T_columns[] = {\n");
    for (size_t i = 0; i < w->table->column_count; i++) {
        write_column_data(w, &w->table->columns[i]);
    }
    rowan__text_str(w->out, "};\n");
}

static void write_column_pointers(rowan__printer *w, const rowan__table_model *table,
                                  const size_t *columns, size_t count)
{
    rowan__text_str(w->out, "{");
    for (size_t i = 0; i < count; i++) {
        rowan__print_format(w, "%s&%s_columns[%zu]", i == 0 ? "" : ", ", table->type, columns[i]);
    }
    rowan__text_str(w->out, "};\n");
}

static void write_relation(rowan__printer *w, size_t index)
{
    const rowan__relation_model *r = w->relation;
    const rowan__table_model *other = rowan__other_table(w);
    const rowan__table_model *through = r->has_through ? &w->model->tables[r->through] : NULL;
    size_t to_count = r->has_through ? r->to_count : r->column_count;

    rowan__print(w, "\nstatic const rowan_column *const @T_@R_from[] = ");
    write_column_pointers(w, w->table, r->from_columns, r->column_count);
    rowan__print(w, "static const rowan_column *const @T_@R_to[] = ");
    write_column_pointers(w, other, r->to_columns, to_count);
    if (through != NULL) {
        rowan__print(w, "static const rowan_column *const @T_@R_through_from[] = ");
        write_column_pointers(w, through, r->through_from, r->column_count);
        rowan__print(w, "static const rowan_column *const @T_@R_through_to[] = ");
        write_column_pointers(w, through, r->through_to, r->to_count);
    }
    rowan__print(w, "const rowan_relation @T_@R_relation = {\n    \"@R\", ");
    rowan__print_format(w, "ROWAN_%s, ", relation_kinds[r->kind]);
    rowan__print(w, "&@T_table, &@U_table, ");
    rowan__print_format(w, "%zu, ", r->column_count);
    rowan__print(w, "@T_@R_from, @T_@R_to,\n    ");
    if (through != NULL) {
        rowan__print_format(w, "&%s_table, ", through->type);
        rowan__print(w, "@T_@R_through_from, @T_@R_through_to, ");
    } else {
        rowan__text_str(w->out, "NULL, NULL, NULL, ");
    }
    rowan__print_format(w, "%zu, ", r->to_count);
    if (r->has_type) {
        rowan__print_format(w, "&%s_columns[%zu], ", other->type, r->type_column);
        rowan__print_string(w, r->type_value);
    } else {
        rowan__text_str(w->out, "NULL, NULL");
    }
    rowan__print_format(w, ", %zu,\n};\n", index);
}

static void write_table(rowan__printer *w)
{
    const rowan__table_model *table = w->table;

    rowan__text_str(w->out, "\n");
    if (table->primary_count > 0) {
        rowan__print(w, "static const rowan_column *const @T_primary[] = ");
        write_column_pointers(w, table, table->primary, table->primary_count);
    }
    if (table->relation_count > 0) {
        rowan__print(w, "static const rowan_relation *const @T_relations[] = {\n");
        for (size_t i = 0; i < table->relation_count; i++) {
            w->relation = &table->relations[i];
            rowan__print(w, "    &@T_@R_relation,\n");
        }
        rowan__text_str(w->out, "};\n");
    }
    rowan__print(w, "const rowan_table @T_table = {\n    ");
    rowan__print_string(w, table->found->name);
    rowan__print_format(w, ", %s_columns, %zu, ", table->type, table->column_count);
    rowan__print(w, table->primary_count > 0 ? "@T_primary, @N, " : "NULL, 0, ");
    if (table->has_version) {
        rowan__print_format(w, "&%s_columns[%zu], ", table->type, table->version);
    } else {
        rowan__text_str(w->out, "NULL, ");
    }
    rowan__print(w, table->relation_count > 0 ? "@T_relations, " : "NULL, ");
    rowan__print_format(w, "%zu,\n    ", table->relation_count);
    rowan__print(w, "sizeof(@T), MODEL_ALIGN_OF(@T),\n};\nconst struct @T_handles @H = {\n");
    for (size_t i = 0; i < table->column_count; i++) {
        rowan__print_format(w, "    {&%s_columns[%zu], NULL},\n", table->type, i);
    }
    rowan__text_str(w->out, "};\n");
}

void rowan__print_data(rowan__printer *w)
{
    for (size_t t = 0; t < w->model->table_count; t++) {
        w->table = &w->model->tables[t];
        write_columns(w);
    }
    for (size_t t = 0; t < w->model->table_count; t++) {
        w->table = &w->model->tables[t];
        for (size_t i = 0; i < w->table->relation_count; i++) {
            w->relation = &w->table->relations[i];
            write_relation(w, i);
        }
        write_table(w);
    }
}
