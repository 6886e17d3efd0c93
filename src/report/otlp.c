/* What spans and the histogram have in common: attributes, times, the frame of a request. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rowan/rowan.h>

#include "detector/fold.h"
#include "report/otlp_private.h"

static const char schema[] = "https://opentelemetry.io/schemas/1.33.0";

void rowan__otlp_add(json_t *attributes, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        json_array_append_new(
            attributes, json_pack("{s:s, s:{s:s}}", "key", key, "value", "stringValue", value));
    }
}

/* Numbers of 64 bits are texts in this form of OTLP. */
void rowan__otlp_add_number(json_t *attributes, const char *key, int64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, value);
    json_array_append_new(attributes,
                          json_pack("{s:s, s:{s:s}}", "key", key, "value", "intValue", text));
}

/* The verb of what was folded, in capitals; the first word is one where no other is known. */
static void write_operation(const rowan__fold *fold, const char *folded, char *out, size_t size)
{
    static const char *const verbs[] = {
        [ROWAN__VERB_OTHER] = NULL,      [ROWAN__VERB_SELECT] = "SELECT",
        [ROWAN__VERB_INSERT] = "INSERT", [ROWAN__VERB_UPDATE] = "UPDATE",
        [ROWAN__VERB_DELETE] = "DELETE",
    };
    size_t length = strspn(folded, "abcdefghijklmnopqrstuvwxyz");

    if (verbs[fold->verb] != NULL) {
        snprintf(out, size, "%s", verbs[fold->verb]);
        return;
    }
    length = length < size ? length : 0;
    for (size_t i = 0; i < length; i++) {
        out[i] = (char)(folded[i] - 'a' + 'A');
    }
    out[length] = '\0';
}

void rowan__otlp_summarize(const rowan__traced *statement, rowan__otlp_summary *out)
{
    rowan__fold fold;
    char first[128];

    rowan__fold_statement(rowan__engine_reading(statement->dialect), statement->dialect,
                          statement->sql, statement->sql_size, out->folded, sizeof out->folded,
                          &fold);
    write_operation(&fold, out->folded, out->operation, sizeof out->operation);
    out->batch = fold.value_rows > 1 ? fold.value_rows : 0;
    snprintf(first, sizeof first, "%.*s", fold.table_count > 0 ? (int)fold.table_size : 0,
             statement->sql + fold.table);
    snprintf(out->table, sizeof out->table, "%s", fold.table_count == 1 ? first : "");
    snprintf(out->text, sizeof out->text, "%s%s%s",
             out->operation[0] != '\0' ? out->operation : "SQL", first[0] != '\0' ? " " : "",
             first);
}

/* Whether an error is an engine's own code, an SQLSTATE or a number, and no word of a recorder. */
static bool is_code(const char *error)
{
    size_t size = error != NULL ? strlen(error) : 0;

    return size > 0 && (strspn(error, "0123456789") == size ||
                        (size == 5 && strspn(error, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5));
}

json_t *rowan__otlp_attributes(const rowan__traced *statement, const rowan__otlp_summary *about)
{
    json_t *attributes = json_array();

    rowan__otlp_add(attributes, "db.system.name",
                    statement->dialect[0] != '\0' ? statement->dialect : "other_sql");
    rowan__otlp_add(attributes, "db.namespace", statement->database);
    rowan__otlp_add(attributes, "db.collection.name", about->table);
    rowan__otlp_add(attributes, "db.operation.name", about->operation);
    rowan__otlp_add(attributes, "db.query.summary", about->text);
    rowan__otlp_add(attributes, "error.type", statement->error);
    if (is_code(statement->error)) {
        rowan__otlp_add(attributes, "db.response.status_code", statement->error);
    }
    return attributes;
}

json_t *rowan__otlp_time(int64_t unix_ns)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, unix_ns);
    return json_string(text);
}

/* Who it is that was watched: as any exporter of OpenTelemetry is told. */
static json_t *resource(void)
{
    const char *named = getenv("OTEL_SERVICE_NAME");
    json_t *attributes = json_array();

    rowan__otlp_add(attributes, "service.name",
                    named != NULL && named[0] != '\0' ? named : "unknown_service");
    return json_pack("{s:o}", "attributes", attributes);
}

json_t *rowan__otlp_request(const char *resources, const char *scopes, const char *key,
                            json_t *what)
{
    return json_pack("{s:[{s:o, s:[{s:{s:s, s:s}, s:o, s:s}]}]}", resources, "resource", resource(),
                     scopes, "scope", "name", "rowan", "version", rowan_version(), key, what,
                     "schemaUrl", schema);
}
