/*
 * The typed functions of NAME.h and NAME.c. Each is a general call with a table or a relation
 * filled in, and hands pointers on through locals of the general call's own types, never through a
 * cast of an address of a pointer. The general calls' names stand in parentheses, so that their
 * macros do not note this file as the place of the call.
 */
#include "schema/write_private.h"

/* One function, as templates. */
typedef struct function {
    const char *name;
    const char *params;
    const char *doc;
    const char *body;
    bool needs_key;
    enum {
        SITE_NONE = 0,
        SITE_SCOPE,
        SITE_SESSION
    } site; /* what its macro notes the call site in */
} function;

#define OUT_ROW "    *@out = (@T *)@found;\n    return @status;\n"
#define OUT_ROWS                                                                                   \
    "    @out->at = (@T *)@found.at;\n    @out->count = @found.count;\n    return @status;\n"
#define OUT_OTHER "    *@out = (@U *)@found;\n    return @status;\n"
#define OUT_OTHERS                                                                                 \
    "    @out->at = (@U *)@found.at;\n    @out->count = @found.count;\n    return @status;\n"
#define KEY                                                                                        \
    "    const rowan_value @key[] = {@V};\n"                                                       \
    "    const rowan_params @params = {@key, @N};\n"                                               \
    "    void *@found = NULL;\n"

static const function table_functions[] = {
    {"@T_find", "rowan_scope *@scope, @K, @T **@out",
     "Active Record: the row with this key; ROWAN_NOT_FOUND if there is none. Statements: 1.",
     KEY "    rowan_status @status = (rowan_record_find)(@scope, &@T_table, @params,"
         " &@found);\n\n" OUT_ROW,
     true, SITE_SCOPE},
    {"@T_all", "rowan_scope *@scope, const rowan_query *@query, @T_rows *@out",
     "Active Record: the rows of a query. Statements: 1, and 1 for each relation of its fetch"
     " plan.",
     "    rowan_rows @found = {NULL, 0};\n"
     "    rowan_status @status = model_check(@scope, @query, &@T_table);\n\n"
     "    if (@status == ROWAN_OK) {\n"
     "        @status = (rowan_record_all)(@scope, @query, &@found);\n    }\n" OUT_ROWS,
     false, SITE_SCOPE},
    {"@T_first", "rowan_scope *@scope, const rowan_query *@query, @T **@out",
     "Active Record: the first row of a query; ROWAN_NOT_FOUND if there is none. Statements: as"
     " @T_all().",
     "    void *@found = NULL;\n"
     "    rowan_status @status = model_check(@scope, @query, &@T_table);\n\n"
     "    if (@status == ROWAN_OK) {\n"
     "        @status = (rowan_record_first)(@scope, @query, &@found);\n    }\n" OUT_ROW,
     false, SITE_SCOPE},
    {"@T_insert", "rowan_scope *@scope, const @T *@values, @T **@out",
     "Active Record: inserts a row; out, the row as the database has it, may be NULL."
     " Statements: 1.",
     "    void *@found = NULL;\n"
     "    rowan_status @status =\n"
     "        (rowan_record_insert)(@scope, &@T_table, @values, @out == NULL ? NULL : &@found);\n\n"
     "    if (@out != NULL) {\n        *@out = (@T *)@found;\n    }\n    return @status;\n",
     false, SITE_SCOPE},
    {"@T_insert_all", "rowan_scope *@scope, const @T *@values, size_t @count, @T_rows *@out",
     "Active Record: inserts an array of rows; out may be NULL. Statements: 1 for each chunk.",
     "    rowan_rows @found = {NULL, 0};\n"
     "    rowan_status @status = (rowan_record_insert_all)(@scope, &@T_table, @values, @count,\n"
     "                                                   @out == NULL ? NULL : &@found);\n\n"
     "    if (@out != NULL) {\n"
     "        @out->at = (@T *)@found.at;\n        @out->count = @found.count;\n    }\n"
     "    return @status;\n",
     false, SITE_SCOPE},
    {"@T_save", "rowan_scope *@scope, @T *@row",
     "Active Record: writes the columns that changed. Statements: 1, or none if nothing changed.",
     "    return (rowan_record_save)(@scope, @row);\n", true, SITE_SCOPE},
    {"@T_delete", "rowan_scope *@scope, @T *@row", "Active Record: deletes the row. Statements: 1.",
     "    return (rowan_record_delete)(@scope, @row);\n", true, SITE_SCOPE},
    {"@T_reload", "rowan_scope *@scope, @T *@row",
     "Active Record: reads the row again and forgets changes and loaded relations. Statements: 1.",
     "    return (rowan_record_reload)(@scope, @row);\n", true, SITE_SCOPE},
    {"@T_raw_all", "rowan_scope *@scope, const char *@sql, rowan_params @params, @T_rows *@out",
     "Raw SQL: the rows of a statement whose result has columns of @T. Statements: 1.",
     "    rowan_rows @found = {NULL, 0};\n"
     "    rowan_status @status = (rowan_raw_all)(@scope, @sql, @params, &@T_table,"
     " &@found);\n\n" OUT_ROWS,
     false, SITE_SCOPE},
    {"@T_raw_one", "rowan_scope *@scope, const char *@sql, rowan_params @params, @T **@out",
     "Raw SQL: the only row of such a statement; ROWAN_NOT_FOUND, ROWAN_MISUSE for more."
     " Statements: 1.",
     "    void *@found = NULL;\n"
     "    rowan_status @status = (rowan_raw_one)(@scope, @sql, @params, &@T_table,"
     " &@found);\n\n" OUT_ROW,
     false, SITE_SCOPE},
    {"@T_query_all", "rowan_scope *@scope, const rowan_query *@query, @T_rows *@out",
     "Query builder: the rows of a query. Statements: 1, and 1 for each relation of its fetch"
     " plan.",
     "    rowan_rows @found = {NULL, 0};\n"
     "    rowan_status @status = model_check(@scope, @query, &@T_table);\n\n"
     "    if (@status == ROWAN_OK) {\n"
     "        @status = (rowan_query_all)(@scope, @query, &@found);\n    }\n" OUT_ROWS,
     false, SITE_SCOPE},
    {"@T_query_one", "rowan_scope *@scope, const rowan_query *@query, @T **@out",
     "Query builder: the first row of a query; ROWAN_NOT_FOUND if there is none.",
     "    void *@found = NULL;\n"
     "    rowan_status @status = model_check(@scope, @query, &@T_table);\n\n"
     "    if (@status == ROWAN_OK) {\n"
     "        @status = (rowan_query_one)(@scope, @query, &@found);\n    }\n" OUT_ROW,
     false, SITE_SCOPE},
    {"@T_session_find", "rowan_session *@session, @K, @T **@out",
     "Data Mapper: the row with this key. Statements: 1, or none if the session has the row.",
     KEY "    rowan_status @status = (rowan_session_find)(@session, &@T_table, @params,"
         " &@found);\n\n" OUT_ROW,
     true, SITE_SESSION},
    {"@T_session_all", "rowan_session *@session, const rowan_query *@query, rowan_refs *@out",
     "Data Mapper: pointers to the rows of a query. Statements: as @T_query_all().",
     "    @out->at = NULL;\n    @out->count = 0;\n"
     "    return model_fits(@query, &@T_table) ? (rowan_session_all)(@session, @query, @out)\n"
     "                                         : model_refuse(rowan_session_scope(@session));\n",
     true, SITE_SESSION},
    {"@T_session_new", "rowan_session *@session, @T **@out",
     "Data Mapper: a new row, zeroed, that the next flush inserts. Statements: none.",
     "    void *@found = NULL;\n"
     "    rowan_status @status = rowan_session_new(@session, &@T_table, &@found);\n\n" OUT_ROW,
     true, SITE_NONE},
};

static const function to_one_functions[] = {
    {"@T_@R", "rowan_scope *@scope, const @T *@row, @U **@out",
     "Active Record: the @R by @D, or NULL; loaded as the row's lazy policy says.",
     "    void *@found = NULL;\n"
     "    rowan_status @status = (rowan_record_one)(@scope, &@T_@R_relation, @row,"
     " &@found);\n\n" OUT_OTHER,
     false, SITE_SCOPE},
    {"@T_loaded_@R", "rowan_scope *@scope, const @T *@row, @U **@out",
     "The @R that a fetch plan has loaded; ROWAN_LAZY if none has. Statements: none.",
     "    void *@found = NULL;\n"
     "    rowan_status @status = rowan_loaded_one(@scope, &@T_@R_relation, @row,"
     " &@found);\n\n" OUT_OTHER,
     false, SITE_NONE},
    {"@T_session_@R", "rowan_session *@session, const @T *@row, @U **@out",
     "Data Mapper: the @R that was loaded; ROWAN_LAZY if it was not. Statements: none.",
     "    void *@found = NULL;\n"
     "    rowan_status @status = rowan_session_one(@session, &@T_@R_relation, @row,"
     " &@found);\n\n" OUT_OTHER,
     false, SITE_NONE},
};

static const function to_many_functions[] = {
    {"@T_@R", "rowan_scope *@scope, const @T *@row, @U_rows *@out",
     "Active Record: the @R by @D; loaded as the row's lazy policy says.",
     "    rowan_rows @found = {NULL, 0};\n"
     "    rowan_status @status = (rowan_record_many)(@scope, &@T_@R_relation, @row,"
     " &@found);\n\n" OUT_OTHERS,
     false, SITE_SCOPE},
    {"@T_loaded_@R", "rowan_scope *@scope, const @T *@row, @U_rows *@out",
     "The @R that a fetch plan has loaded; ROWAN_LAZY if none has. Statements: none.",
     "    rowan_rows @found = {NULL, 0};\n"
     "    rowan_status @status = rowan_loaded_many(@scope, &@T_@R_relation, @row,"
     " &@found);\n\n" OUT_OTHERS,
     false, SITE_NONE},
    {"@T_session_@R", "rowan_session *@session, const @T *@row, rowan_refs *@out",
     "Data Mapper: pointers to the @R that were loaded; ROWAN_LAZY if they were not."
     " Statements: none.",
     "    return rowan_session_many(@session, &@T_@R_relation, @row, @out);\n", false, SITE_NONE},
};

static void declare(rowan__printer *w, const function *f)
{
    rowan__print(w, "\n/** ");
    rowan__print(w, f->doc);
    rowan__print(w, " */\nrowan_status ");
    rowan__print(w, f->name);
    rowan__print(w, "(");
    rowan__print(w, f->params);
    rowan__print(w, ") ROWAN_NODISCARD;\n");
}

/* The macro of the same name that notes where the call is written. */
static void write_macro(rowan__printer *w, const function *f)
{
    const char *object = f->site == SITE_SCOPE ? "scope" : "session";

    if (f->site == SITE_NONE) {
        return;
    }
    rowan__print(w, "#define ");
    rowan__print(w, f->name);
    rowan__print_format(w, "(%s, ...) ", object);
    rowan__print(w, f->name);
    rowan__print_format(w, "(%s(%s), __VA_ARGS__)\n",
                        f->site == SITE_SCOPE ? "ROWAN_HERE" : "ROWAN_SESSION_HERE", object);
}

static void define(rowan__printer *w, const function *f)
{
    rowan__print(w, "\nrowan_status(");
    rowan__print(w, f->name);
    rowan__print(w, ")(");
    rowan__print(w, f->params);
    rowan__print(w, ")\n{\n");
    rowan__print(w, f->body);
    rowan__print(w, "}\n");
}

/* Calls `part` for every function of the writer's table. */
static void each_function(rowan__printer *w, void (*part)(rowan__printer *w, const function *f))
{
    for (size_t i = 0; i < sizeof table_functions / sizeof table_functions[0]; i++) {
        if (w->table->primary_count > 0 || !table_functions[i].needs_key) {
            part(w, &table_functions[i]);
        }
    }
    for (size_t r = 0; r < w->table->relation_count; r++) {
        const function *functions;

        w->relation = &w->table->relations[r];
        functions = rowan__is_to_one(w->relation) ? to_one_functions : to_many_functions;
        for (size_t i = 0; i < sizeof to_one_functions / sizeof to_one_functions[0]; i++) {
            part(w, &functions[i]);
        }
    }
}

void rowan__print_declarations(rowan__printer *w)
{
    for (size_t t = 0; t < w->model->table_count; t++) {
        w->table = &w->model->tables[t];
        each_function(w, declare);
    }
    rowan__text_str(w->out, "\n/* Each notes its call site for the detector. */\n");
    for (size_t t = 0; t < w->model->table_count; t++) {
        w->table = &w->model->tables[t];
        each_function(w, write_macro);
    }
}

void rowan__print_definitions(rowan__printer *w)
{
    rowan__text_str(
        w->out, "\n/* Whether the rows of a query are those of the table: else its struct would be"
                " another. */\n"
                "static int model_fits(const rowan_query *given, const rowan_table *wanted)\n"
                "{\n"
                "    return given != NULL &&\n"
                "           (given->into != NULL ? given->into : given->from) == wanted;\n"
                "}\n\n"
                "static rowan_status model_refuse(rowan_scope *in)\n"
                "{\n"
                "    return rowan_scope_report(in, ROWAN_MISUSE,\n"
                "                              \"the query gives rows of another table than the"
                " function\");\n"
                "}\n\n"
                "static rowan_status model_check(rowan_scope *in, const rowan_query *given,\n"
                "                                const rowan_table *wanted)\n"
                "{\n"
                "    return model_fits(given, wanted) ? ROWAN_OK : model_refuse(in);\n"
                "}\n");
    for (size_t t = 0; t < w->model->table_count; t++) {
        w->table = &w->model->tables[t];
        each_function(w, define);
    }
}
