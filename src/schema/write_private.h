/*
 * What the writers of the three files share. They write by templates that look like what comes out:
 *
 *   @T  the table's type       @H  its handles           @F  the name of the files
 *   @K  parameters of its key  @V  their values          @N  how many they are
 *   @U  the other table's type @R  the relation's name   @D  the relation's foreign key, for people
 *   @word  a parameter or local variable, with "_" behind if the model has taken the word
 */
#ifndef ROWAN_SCHEMA_WRITE_PRIVATE_H
#define ROWAN_SCHEMA_WRITE_PRIVATE_H

#include "schema/write.h"

typedef struct rowan__printer {
    const rowan__model *model;
    const char *name; /* of the files */
    rowan__text *out;
    const rowan__table_model *table;       /* the templates' */
    const rowan__relation_model *relation; /* the templates' */
} rowan__printer;

/** Writes a template. */
void rowan__print(rowan__printer *w, const char *template);

/** As printf, without templates. */
#define rowan__print_format(w, ...) rowan__text_format((w)->out, __VA_ARGS__)

/** A text as a C string literal, in ASCII but for letters of names. */
void rowan__print_string(rowan__printer *w, const char *text);

/** A text that may stand in a comment. */
void rowan__print_comment(rowan__printer *w, const char *text);

static inline const rowan__table_model *rowan__other_table(const rowan__printer *w)
{
    return &w->model->tables[w->relation->to];
}

static inline bool rowan__is_to_one(const rowan__relation_model *relation)
{
    return relation->kind == ROWAN_BELONGS_TO || relation->kind == ROWAN_HAS_ONE;
}

/** The type of a struct member, with the blank or star before the member's name. */
void rowan__print_member_type(rowan__printer *w, const rowan__column_model *column);

/* The parts of the files. */
void rowan__print_rows(rowan__printer *w);
void rowan__print_handles(rowan__printer *w);      /* struct book_handles */
void rowan__print_data(rowan__printer *w);         /* tables, columns, relations */
void rowan__print_declarations(rowan__printer *w); /* of the functions, with their macros */
void rowan__print_definitions(rowan__printer *w);

#endif
