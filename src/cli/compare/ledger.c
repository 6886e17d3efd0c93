/* What a cell found, as one growing text with a line for each row. */
#include "cli/compare/ledger.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/text.h"

struct ledger {
    rowan__text lines;
    size_t count;
    int64_t elapsed_ns;
};

ledger *ledger_new(void)
{
    ledger *self = calloc(1, sizeof *self);

    if (self) {
        rowan__text_init(&self->lines, &rowan__default_allocator);
    }
    return self;
}

void ledger_free(ledger *self)
{
    if (self) {
        rowan__text_fini(&self->lines);
        free(self);
    }
}

void ledger_clear(ledger *self)
{
    rowan__text_clear(&self->lines);
    self->count = 0;
    self->elapsed_ns = 0;
}

int64_t ledger_elapsed_ns(const ledger *self)
{
    return self->elapsed_ns;
}

/* Text with what would break a line or a column escaped. */
static void add_text(rowan__text *out, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c < ' ' || c == '\\' || c == '|') {
            rowan__text_format(out, "\\x%02x", c);
        } else {
            rowan__text_char(out, (char)c);
        }
    }
}

static void add_calendar(rowan__text *out, const rowan_value *value)
{
    char text[ROWAN__UUID_TEXT + 1];

    if (value->type == ROWAN_TYPE_DATE) {
        rowan__date_write(value->as.date, text);
    } else if (value->type == ROWAN_TYPE_TIME) {
        rowan__time_write(value->as.time, text);
    } else if (value->type == ROWAN_TYPE_TIMESTAMP) {
        rowan__timestamp_write(value->as.timestamp, text);
    } else {
        rowan__uuid_write(value->as.uuid, text);
    }
    rowan__text_str(out, text);
}

static void add_value(rowan__text *out, const rowan_value *value)
{
    if (value->is_null || value->type == 0) {
        rowan__text_str(out, "NULL");
        return;
    }
    switch (value->type) {
    case ROWAN_TYPE_BOOL:
        rowan__text_str(out, value->as.boolean ? "true" : "false");
        break;
    case ROWAN_TYPE_INT16:
    case ROWAN_TYPE_INT32:
    case ROWAN_TYPE_INT64:
    case ROWAN_TYPE_ENUM:
        rowan__text_int(out, value->as.integer);
        break;
    case ROWAN_TYPE_FLOAT:
    case ROWAN_TYPE_DOUBLE:
        /* Sums of reals may differ in the last places between engines. */
        rowan__text_format(out, "%.9g", value->as.real);
        break;
    case ROWAN_TYPE_DATE:
    case ROWAN_TYPE_TIME:
    case ROWAN_TYPE_TIMESTAMP:
    case ROWAN_TYPE_UUID:
        add_calendar(out, value);
        break;
    case ROWAN_TYPE_BLOB:
        rowan__text_format(out, "%zu bytes ", value->as.bytes.size);
        add_text(out, value->as.bytes.data, value->as.bytes.size);
        break;
    case ROWAN_TYPE_DECIMAL:
    case ROWAN_TYPE_TEXT:
    case ROWAN_TYPE_JSON:
        add_text(out, value->as.bytes.data, value->as.bytes.size);
        break;
    case ROWAN_TYPE_LIST:
        rowan__text_format(out, "list of %zu", value->as.list.count);
        break;
    }
}

void ledger_row(ledger *self, const rowan_value *values, size_t count)
{
    int64_t start_ns = rowan__now_ns();

    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            rowan__text_str(&self->lines, " | ");
        }
        add_value(&self->lines, &values[i]);
    }
    rowan__text_char(&self->lines, '\n');
    self->count++;
    self->elapsed_ns += rowan__now_ns() - start_ns;
}

size_t ledger_count(const ledger *self)
{
    return self->count;
}

bool ledger_equal(const ledger *a, const ledger *b)
{
    return !a->lines.failed && !b->lines.failed && a->count == b->count &&
           a->lines.size == b->lines.size &&
           memcmp(rowan__text_string(&a->lines), rowan__text_string(&b->lines), a->lines.size) == 0;
}

/* The length of the line at `at`, its end included; 0 at the end. */
static size_t line_size(const char *at)
{
    const char *end = strchr(at, '\n');

    return end ? (size_t)(end - at) + 1 : strlen(at);
}

static void print_line(FILE *out, char sign, size_t row, const char *line, size_t size)
{
    if (size == 0) {
        fprintf(out, "  %c row %zu is missing\n", sign, row);
    } else {
        fprintf(out, "  %c row %zu: %.*s\n", sign, row, (int)(size - 1), line);
    }
}

void ledger_diff(const ledger *a, const char *a_name, const ledger *b, const char *b_name,
                 size_t most, FILE *out)
{
    const char *left = rowan__text_string(&a->lines);
    const char *right = rowan__text_string(&b->lines);
    size_t shown = 0;

    if (a->lines.failed || b->lines.failed) {
        fprintf(out, "  out of memory while rows were noted\n");
        return;
    }
    fprintf(out, "  - %s: %zu rows\n  + %s: %zu rows\n", a_name, a->count, b_name, b->count);
    for (size_t row = 1; (*left || *right) && shown < most; row++) {
        size_t left_size = line_size(left);
        size_t right_size = line_size(right);
        if (left_size != right_size || memcmp(left, right, left_size) != 0) {
            print_line(out, '-', row, left, left_size);
            print_line(out, '+', row, right, right_size);
            shown++;
        }
        left += left_size;
        right += right_size;
    }
}
