/* NAME_rows.h: enums, structs and counted arrays of them. */
#include "schema/write_private.h"

#include <string.h>

static void write_enum(rowan__printer *w, const rowan__column_model *column)
{
    const rowan__enum_model *e = column->enumeration;

    rowan__text_str(w->out, "\n/** What ");
    rowan__print_comment(w, w->table->found->name);
    rowan__text_char(w->out, '.');
    rowan__print_comment(w, column->found->name);
    rowan__print_format(w, " can be. */\ntypedef enum %s {\n", e->type);
    for (size_t i = 0; i < e->count; i++) {
        rowan__print_format(w, "    %s%s\n", e->enumerators[i], i + 1 < e->count ? "," : "");
    }
    rowan__print_format(w, "} %s;\n", e->type);
    if ((column->flags & ROWAN_NULLABLE) != 0) {
        rowan__print_format(w,
                            "\ntypedef struct %s_opt {\n    bool has;\n    %s value;\n} %s_opt;\n",
                            e->type, e->type, e->type);
    }
}

/* What C cannot say: the column's name if it is another, and its comment in the database. */
static void write_column_comment(rowan__printer *w, const rowan__column_model *column)
{
    bool renamed = strcmp(column->member, column->found->name) != 0;
    bool has_comment = column->found->comment != NULL && column->found->comment[0] != '\0';

    if (!renamed && !has_comment) {
        return;
    }
    rowan__text_str(w->out, " /* ");
    if (renamed) {
        rowan__text_char(w->out, '"');
        rowan__print_comment(w, column->found->name);
        rowan__text_str(w->out, has_comment ? "\": " : "\"");
    }
    if (has_comment) {
        rowan__print_comment(w, column->found->comment);
    }
    rowan__text_str(w->out, " */");
}

static void write_struct(rowan__printer *w)
{
    const rowan__table_model *table = w->table;
    const char *comment = table->found->comment;

    rowan__text_str(w->out, "\n/** A row of table \"");
    rowan__print_comment(w, table->found->name);
    rowan__text_str(w->out, "\".");
    if (comment != NULL && comment[0] != '\0') {
        rowan__text_char(w->out, ' ');
        rowan__print_comment(w, comment);
    }
    rowan__print(w, " */\ntypedef struct @T {\n");
    for (size_t i = 0; i < table->column_count; i++) {
        rowan__text_str(w->out, "    ");
        rowan__print_member_type(w, &table->columns[i]);
        rowan__print_format(w, "%s;", table->columns[i].member);
        write_column_comment(w, &table->columns[i]);
        rowan__text_char(w->out, '\n');
    }
    rowan__print(w,
                 "} @T;\n\ntypedef struct @T_rows {\n    @T *at;\n    size_t count;\n} @T_rows;\n");
}

void rowan__print_rows(rowan__printer *w)
{
    for (size_t t = 0; t < w->model->table_count; t++) {
        w->table = &w->model->tables[t];
        for (size_t i = 0; i < w->table->column_count; i++) {
            if (w->table->columns[i].enumeration != NULL) {
                write_enum(w, &w->table->columns[i]);
            }
        }
        write_struct(w);
    }
}
