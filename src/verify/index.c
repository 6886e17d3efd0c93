/*
 * Advice about indexes for a slow statement. What might serve it is tried in a laboratory; only
 * what the planner then uses, and what halves its estimate, is given as advice. Where nothing can
 * be tried, a plan that reads a large table whole for few of its rows makes an index plausible.
 */
#include <string.h>
#include <strings.h>

#include "detector/fold.h"
#include "verify/index_private.h"

static const rowan__index_methods *const laboratories[] = {
    &rowan__index_postgresql, &rowan__index_sqlite, &rowan__index_mariadb};

/* The slowest of the statements that a finding is about. */
static const rowan__traced *slowest_of(const rowan__trace_finding *finding)
{
    const rowan__traced *slowest = NULL;

    for (size_t i = 0; i < finding->seq_count; i++) {
        const rowan__traced *one = rowan__trace_numbered(finding->trace, finding->seqs[i]);
        if (one != NULL && (slowest == NULL || one->elapsed_ns > slowest->elapsed_ns)) {
            slowest = one;
        }
    }
    return slowest;
}

/* Statements of a trace that change a table: each has to change its indexes, too. */
static uint64_t writes_to(const rowan__trace *trace, const rowan__index_table *table)
{
    uint64_t count = 0;

    for (size_t i = 0; i < trace->count; i++) {
        const rowan__traced *one = &trace->at[i];
        rowan__fold fold;
        rowan__fold_statement(rowan__engine_reading(one->dialect), one->dialect, one->sql,
                              one->sql_size, NULL, 0, &fold);
        count += (fold.verb == ROWAN__VERB_INSERT || fold.verb == ROWAN__VERB_UPDATE ||
                  fold.verb == ROWAN__VERB_DELETE) &&
                 fold.table_size == strlen(table->name) &&
                 strncasecmp(one->sql + fold.table, table->name, fold.table_size) == 0;
    }
    return count;
}

/* --- The laboratory of one statement. --- */

static rowan_status read_statement(rowan__index_lab *lab)
{
    rowan__parts *parts = rowan__arena_new(lab->arena, 1, sizeof *parts, _Alignof(rowan__parts));
    rowan__index_reading *reading =
        rowan__arena_new(lab->arena, 1, sizeof *reading, _Alignof(rowan__index_reading));
    rowan__fold fold;

    if (parts == NULL || reading == NULL ||
        !rowan__parts_read(parts, lab->arena, lab->statement->dialect, lab->statement->sql,
                           lab->statement->sql_size) ||
        !rowan__index_read(parts, lab->arena, reading)) {
        return ROWAN_NOMEM;
    }
    lab->parts = parts;
    lab->reading = reading;
    rowan__fold_statement(parts->reading, lab->statement->dialect, parts->sql, parts->sql_size,
                          NULL, 0, &fold);
    if (!parts->is_one || fold.verb == ROWAN__VERB_OTHER || fold.is_volatile || fold.is_catalog ||
        rowan__calls_more(parts)) {
        return rowan__trial_refuse(lab->trial, "no index is looked for: it is not one statement "
                                               "that reads tables or changes rows");
    }
    return ROWAN_OK;
}

/* The scope that failed is the laboratory's or that of the user's database. */
static rowan_status fail(rowan__index_lab *lab, const char *what, rowan_status status)
{
    const rowan_error *error = rowan_scope_error(lab->trial->scope);

    if (status == ROWAN_NOMEM || status == ROWAN_OK) {
        return status;
    }
    if (error->status != status && lab->scope != NULL) {
        error = rowan_scope_error(lab->scope);
    }
    return rowan__trial_refuse(lab->trial, "%s: %s%s%s", what, rowan_status_name(status),
                               error->status == status ? ", " : "",
                               error->status == status ? error->message : "");
}

/* The tables of all sources; a table that is named twice is one. */
static rowan_status look_at_tables(rowan__index_lab *lab)
{
    rowan__index_source *sources = lab->reading->sources;
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < lab->reading->source_count && status == ROWAN_OK; i++) {
        for (size_t k = 0; k < i && sources[i].table == NULL; k++) {
            if (strcmp(sources[k].written, sources[i].written) == 0) {
                sources[i].table = sources[k].table;
            }
        }
        if (sources[i].table == NULL) {
            status = lab->methods->look(lab, &sources[i], &sources[i].table);
        }
    }
    rowan__index_resolve(lab->reading);
    return status;
}

/* Whether all executions that a finding is about have the same text. */
static bool is_one_text(const rowan__trace_finding *finding, const rowan__traced *statement)
{
    for (size_t i = 0; i < finding->seq_count; i++) {
        const rowan__traced *one = rowan__trace_numbered(finding->trace, finding->seqs[i]);
        if (one != NULL && strcmp(one->sql, statement->sql) != 0) {
            return false;
        }
    }
    return true;
}

/* How many values the sample has of what a term compares. */
static rowan_status count_values(rowan__index_lab *lab, const rowan__index_term *term, double *out)
{
    rowan__text text;
    const char *sql;

    rowan__text_init(&text, lab->arena->allocator);
    rowan__text_str(&text, "SELECT count(DISTINCT ");
    if (term->expression != NULL) {
        rowan__text_format(&text, "(%s)", term->expression);
    } else {
        rowan__index_quote(&text, lab->methods->quote,
                           rowan__index_column_of(term->table, term->column)->name);
    }
    rowan__text_format(&text, ") FROM (SELECT * FROM %s LIMIT %d) AS rowan_sample",
                       term->table->target, ROWAN__INDEX_SAMPLE);
    sql = rowan__index_keep(lab, &text);
    return sql != NULL ? rowan__index_number(lab, lab->trial->scope, sql, ROWAN_NO_PARAMS, out)
                       : ROWAN_NOMEM;
}

/* Whether there are few values, so that one may be a constant of the program. Behind a savepoint:
 * there are types that do not compare. */
static rowan_status has_few_values(rowan__index_lab *lab, const rowan__index_term *term, bool *out)
{
    enum { FEW = 16 };
    double values = 0;
    rowan_status status = rowan_begin(lab->trial->scope, NULL), ended;

    *out = false;
    if (status != ROWAN_OK) {
        return status;
    }
    status = count_values(lab, term, &values);
    *out = status == ROWAN_OK && values <= FEW;
    ended =
        status == ROWAN_OK ? rowan_commit(lab->trial->scope) : rowan_rollback(lab->trial->scope);
    return status == ROWAN_NOMEM ? status : ended;
}

/* A condition about a value is a condition of the program if the value is never another one. */
static rowan_status drop_conditions(rowan__index_lab *lab)
{
    bool is_same = is_one_text(lab->trial->finding, lab->statement);
    rowan_status status = ROWAN_OK;

    for (size_t i = 0; i < lab->reading->term_count && status == ROWAN_OK; i++) {
        rowan__index_term *term = &lab->reading->terms[i];
        bool stays = is_same && lab->methods->can.conditions;
        if (term->table == NULL || term->condition == NULL || !term->has_literal) {
            continue;
        }
        if (stays) {
            status = has_few_values(lab, term, &stays);
        }
        term->condition = stays ? term->condition : NULL;
    }
    return status;
}

/* Without copies there is only the plan of now to look at. */
static rowan_status look_only(rowan__index_lab *lab, rowan__index_outcome *out)
{
    rowan__index_candidate *at = rowan__arena_new(lab->arena, ROWAN__INDEX_CANDIDATES, sizeof *at,
                                                  _Alignof(rowan__index_candidate));
    rowan_status status = at != NULL ? ROWAN_OK : ROWAN_NOMEM;
    size_t count = 0;

    for (size_t i = 0; i < lab->reading->source_count; i++) {
        if (lab->reading->sources[i].table != NULL) {
            lab->reading->sources[i].table->copy = NULL;
        }
    }
    memset(out, 0, sizeof *out);
    lab->looks_only = true;
    if (status == ROWAN_OK) {
        status = lab->methods->prepare(lab);
    }
    if (status == ROWAN_OK) {
        status = lab->methods->estimate(lab, &out->before);
    }
    if (status == ROWAN_OK) {
        count = rowan__index_candidates(lab->reading, lab->methods->can, at);
    }
    for (size_t i = 0; i < count && out->count == 0; i++) {
        if (lab->methods->reads_whole(lab, at[i].table)) {
            out->chosen[out->count++] = at[i];
        }
    }
    return status;
}

static rowan_status experiment(rowan__index_lab *lab, rowan__index_outcome *out)
{
    rowan_status status = lab->methods->open(lab);

    if (status == ROWAN_OK) {
        status = look_at_tables(lab);
    }
    if (status == ROWAN_OK) {
        status = drop_conditions(lab);
    }
    if (status != ROWAN_OK) {
        return fail(lab, "its tables cannot be looked at", status);
    }
    status = lab->methods->prepare(lab);
    if (status != ROWAN_OK && status != ROWAN_NOMEM && lab->methods->reads_whole != NULL) {
        return fail(lab, "the database refuses to explain it", look_only(lab, out));
    }
    if (status == ROWAN_OK) {
        status = rowan__index_try(lab, out);
    }
    return fail(lab, "the database refuses to explain it", status);
}

/* --- What came of it. --- */

/* A name that is not taken, nor given to one of those before. */
static rowan_status name_one(rowan__index_lab *lab, const rowan__index_candidate *candidate,
                             const rowan__text *before, char out[64])
{
    rowan_status status = ROWAN_OK;
    bool is_free = false;

    for (unsigned number = 1; number < 10 && !is_free && status == ROWAN_OK; number++) {
        rowan__index_name(candidate, number, out);
        status = lab->methods->is_free(lab, candidate->table, out, &is_free);
        is_free = is_free && strstr(rowan__text_string(before), out) == NULL;
    }
    return status;
}

static rowan_status write_indexes(rowan__index_lab *lab, const rowan__index_outcome *outcome,
                                  rowan__text *out)
{
    rowan_status status = ROWAN_OK;
    char name[64];

    for (size_t i = 0; i < outcome->count && status == ROWAN_OK; i++) {
        const rowan__index_candidate *one = &outcome->chosen[i];
        status = name_one(lab, one, out, name);
        rowan__text_str(out, i > 0 ? " " : "");
        rowan__index_write(out, lab->methods->quote, one, name, one->table->target);
        rowan__text_char(out, ';');
    }
    return status == ROWAN_OK && out->failed ? ROWAN_NOMEM : status;
}

static bool is_first_on_its_table(const rowan__index_outcome *outcome, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (outcome->chosen[i].table == outcome->chosen[index].table) {
            return false;
        }
    }
    return true;
}

/* Keeps what was found in the finding. */
static rowan_status advise(rowan__index_lab *lab, const rowan__index_outcome *outcome)
{
    rowan__trace_finding *finding = lab->trial->finding;
    rowan__arena *arena = &lab->trial->verify->analysis->arena;
    rowan__index_proof *proof =
        rowan__arena_new(arena, 1, sizeof *proof, _Alignof(rowan__index_proof));
    bool has_expression = false;
    rowan_status status;
    rowan__text text;

    rowan__text_init(&text, arena->allocator);
    status = proof != NULL ? write_indexes(lab, outcome, &text) : ROWAN_NOMEM;
    if (status == ROWAN_OK) {
        proof->sql = rowan__arena_text(arena, rowan__text_string(&text), text.size);
        proof->table = rowan__arena_text(arena, outcome->chosen[0].table->name,
                                         strlen(outcome->chosen[0].table->name));
        status = proof->sql != NULL && proof->table != NULL ? ROWAN_OK : ROWAN_NOMEM;
    }
    rowan__text_fini(&text);
    if (status != ROWAN_OK) {
        return fail(lab, "the index cannot be written", status);
    }
    proof->how = lab->looks_only ? "by the plan of now" : lab->how;
    proof->unit = lab->methods->unit;
    proof->before = outcome->before;
    proof->after = outcome->after;
    for (size_t i = 0; i < outcome->count; i++) {
        proof->size_bytes += outcome->chosen[i].size_bytes;
        proof->writes += is_first_on_its_table(outcome, i)
                             ? writes_to(finding->trace, outcome->chosen[i].table)
                             : 0;
        has_expression = has_expression || rowan__index_has_expression(&outcome->chosen[i]);
    }
    finding->action = has_expression ? ROWAN__ACTION_ADD_EXPRESSION_INDEX : ROWAN__ACTION_ADD_INDEX;
    finding->suggestion = proof->sql;
    finding->table = proof->table;
    finding->proof.state = lab->looks_only ? ROWAN__PROVEN_PLAUSIBLE : ROWAN__PROVEN_CHEAPER;
    finding->proof.index = proof;
    return ROWAN_OK;
}

static const char *why_nothing(const rowan__index_lab *lab)
{
    for (size_t i = 0; i < lab->reading->term_count && !lab->methods->can.expressions; i++) {
        if (lab->reading->terms[i].table != NULL && lab->reading->terms[i].expression != NULL) {
            return "it compares what a function makes of a column, and this engine has no indexes "
                   "on that: keep it in a column of its own, with an index";
        }
    }
    return "it compares and sorts by nothing that an index could be on, beside those that are "
           "there";
}

static rowan_status conclude(rowan__index_lab *lab, const rowan__index_outcome *outcome)
{
    if (outcome->count > 0) {
        return advise(lab, outcome);
    }
    if (lab->looks_only) {
        return rowan__trial_refuse(lab->trial, "no index can be tried here, and the plan shows no "
                                               "table that is read whole for few rows");
    }
    if (outcome->before < lab->methods->least) {
        return rowan__trial_withdraw(
            lab->trial, "it does too little here for an index: the estimate is %.0f (%s)",
            outcome->before, lab->methods->unit);
    }
    if (outcome->tried == 0) {
        return rowan__trial_withdraw(lab->trial, "%s", why_nothing(lab));
    }
    return rowan__trial_withdraw(lab->trial,
                                 "of %zu indexes that were tried none halves the estimate of %.0f "
                                 "(%s, %s)",
                                 outcome->tried, outcome->before, lab->methods->unit, lab->how);
}

static rowan_status verify_with(const rowan__index_methods *methods, rowan__verify *verify,
                                rowan__trace_finding *finding)
{
    rowan__trial trial;
    rowan__index_outcome *outcome;
    rowan__index_lab lab = {.methods = methods, .trial = &trial, .arena = &trial.arena};
    rowan_status status = rowan__trial_begin(&trial, verify, finding, methods->writes);

    lab.statement = slowest_of(finding);
    if (status == ROWAN_OK) {
        status = lab.statement != NULL ? read_statement(&lab) : ROWAN_UNEXPECTED;
    }
    outcome = rowan__arena_new(&trial.arena, 1, sizeof *outcome, _Alignof(rowan__index_outcome));
    if (status == ROWAN_OK) {
        status = outcome != NULL ? experiment(&lab, outcome) : ROWAN_NOMEM;
        if (status == ROWAN_OK) {
            status = conclude(&lab, outcome);
        }
        methods->close(&lab);
    }
    rowan__trial_end(&trial);
    return status == ROWAN_NOMEM ? status : ROWAN_OK;
}

rowan_status rowan__verify_index(rowan__verify *verify, rowan__trace_finding *finding)
{
    const char *engine = rowan_db_engine(verify->db);

    for (size_t i = 0; i < sizeof laboratories / sizeof laboratories[0]; i++) {
        if (strcmp(laboratories[i]->engine, engine) == 0) {
            return verify_with(laboratories[i], verify, finding);
        }
    }
    return ROWAN_OK;
}
