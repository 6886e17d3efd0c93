/* Row layouts: which column of a result goes to which member, and which results a shape refuses. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "model/layout.h"
#include "support/fault.h"
#include "support/members.h"
#include "support/suite.h"

enum { WIDE = 256 };

static rowan_error error;

static rowan_status lay(const rowan_table *shape, const char *const *names, size_t count,
                        rowan__layout **out)
{
    memset(&error, 0, sizeof error);
    return rowan__layout_new(&fault_allocator, shape, names, count, out, &error);
}

static void drop(rowan__layout *layout)
{
    rowan__layout_free(&fault_allocator, layout);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}

/* The names of a shape's columns from the first on, in the order or against it. */
static const char *const *names_of(const rowan_table *shape, size_t count, bool backwards)
{
    static const char *names[WIDE];

    for (size_t i = 0; i < count; i++) {
        names[i] = shape->columns[backwards ? count - 1 - i : i].name;
    }
    return names;
}

START_TEST(each_column_goes_to_the_member_of_its_name)
{
    size_t count = (size_t)_i;

    for (int backwards = 0; backwards < 2; backwards++) {
        const char *const *names = names_of(&members_shape, count, backwards != 0);
        rowan__layout *layout;
        ck_assert_int_eq(lay(&members_shape, names, count, &layout), ROWAN_OK);
        ck_assert_uint_eq(layout->count, count);
        ck_assert_uint_eq(layout->row_size, sizeof(members));
        ck_assert_uint_eq(layout->row_align, _Alignof(members));
        for (size_t i = 0; i < count; i++) {
            const rowan_column *column = rowan_table_column(&members_shape, names[i]);
            const rowan__cell *cell = &layout->cells[i];
            ck_assert_str_eq(cell->name, column->name);
            ck_assert_int_eq(cell->type, column->type);
            ck_assert_int_eq(cell->nullable, (column->flags & ROWAN_NULLABLE) != 0);
            ck_assert_uint_eq(cell->offset, column->offset);
            ck_assert_uint_eq(cell->value_offset, column->value_offset);
            ck_assert_ptr_eq(cell->enumeration, column->enumeration);
        }
        for (size_t i = 0; i < MEMBER_COLUMNS; i++) {
            ck_assert_int_eq(rowan__layout_has(layout, i), i < count);
        }
        drop(layout);
    }
}
END_TEST

START_TEST(a_row_of_values_has_one_for_each_column)
{
    static const char *const names[] = {"n", "n", "?column?"}; /* names may come twice */

    for (size_t count = 0; count <= 3; count++) {
        rowan__layout *layout;
        ck_assert_int_eq(lay(NULL, names, count, &layout), ROWAN_OK);
        ck_assert_ptr_null(layout->shape);
        ck_assert_uint_eq(layout->row_size, count * sizeof(rowan_value));
        ck_assert_uint_eq(layout->row_align, _Alignof(rowan_value));
        for (size_t i = 0; i < count; i++) {
            ck_assert_uint_eq(layout->cells[i].offset, i * sizeof(rowan_value));
            ck_assert_uint_eq(layout->cells[i].value_offset, i * sizeof(rowan_value));
            ck_assert(layout->cells[i].nullable);
            ck_assert_str_eq(layout->cells[i].name, names[i]);
        }
        drop(layout);
    }
}
END_TEST

/* As many columns as a table may have: each has its own bit. */
START_TEST(the_widest_table_knows_what_was_read)
{
    static char names[WIDE][8];
    static rowan_column columns[WIDE];
    static const char *asked[WIDE];
    const rowan_table wide = {.name = "wide",
                              .columns = columns,
                              .column_count = WIDE,
                              .row_size = WIDE * sizeof(int32_t),
                              .row_align = _Alignof(int32_t)};
    rowan__layout *layout;

    for (size_t i = 0; i < WIDE; i++) {
        snprintf(names[i], sizeof names[i], "c%zu", i);
        columns[i] = (rowan_column){.table = &wide,
                                    .name = names[i],
                                    .type = ROWAN_TYPE_INT32,
                                    .offset = i * sizeof(int32_t),
                                    .value_offset = i * sizeof(int32_t)};
    }
    for (size_t i = 0; i < WIDE; i += 63) { /* some of every word of bits */
        asked[i / 63] = names[i];
    }
    ck_assert_int_eq(lay(&wide, asked, 5, &layout), ROWAN_OK);
    for (size_t i = 0; i < WIDE; i++) {
        ck_assert_int_eq(rowan__layout_has(layout, i), i % 63 == 0);
    }
    drop(layout);
    ck_assert_int_eq(lay(&wide, names_of(&wide, WIDE, false), WIDE, &layout), ROWAN_OK);
    ck_assert_uint_eq(layout->cells[255].offset, 255 * sizeof(int32_t));
    ck_assert(rowan__layout_has(layout, 255));
    drop(layout);
}
END_TEST

static const struct {
    const char *names[3];
    size_t count;
    const char *table; /* NULL: a shape without a name */
    const char *message;
} refused[] = {
    {{"a_bool", "price"},
     2,
     "goods",
     "the result has a column \"price\" that the rows of goods lack: select what they have, or "
     "name it with AS"},
    {{"A_BOOL"},
     1,
     NULL,
     "the result has a column \"A_BOOL\" that the rows of this shape lack: select what they have, "
     "or name it with AS"},
    {{"a_bool", "an_int16", "a_bool"}, 3, "goods", "the result has two columns named \"a_bool\""},
    {{"opt_enum", "opt_enum"}, 2, NULL, "the result has two columns named \"opt_enum\""},
};

START_TEST(what_has_no_member_or_one_that_is_taken_is_refused)
{
    rowan_table shape = members_shape;
    rowan__layout *layout;

    shape.name = refused[_i].table;
    ck_assert_int_eq(lay(&shape, refused[_i].names, refused[_i].count, &layout), ROWAN_WRONG_TYPE);
    ck_assert_ptr_null(layout);
    ck_assert_int_eq(error.status, ROWAN_WRONG_TYPE);
    ck_assert_str_eq(error.message, refused[_i].message);
    ck_assert_uint_eq(fault_out_bytes(), 0);
}
END_TEST

/* A shape without a name may be gone, and another at its place, when the statement comes again. */
START_TEST(a_shape_without_a_name_is_told_by_its_columns)
{
    enum { READ = 3 };
    rowan_column columns[MEMBER_COLUMNS];
    rowan_table shape = members_shape;
    rowan__layout *layout;

    ck_assert_int_eq(lay(&members_shape, names_of(&members_shape, READ, false), READ, &layout),
                     ROWAN_OK);
    memcpy(columns, members_shape.columns, sizeof columns);
    shape.columns = columns;
    ck_assert(rowan__layout_describes(layout, &shape)); /* equal content elsewhere */
    ck_assert(rowan__layout_has_names(layout, &shape));

    columns[READ].type = ROWAN_TYPE_UUID; /* not read */
    ck_assert(rowan__layout_describes(layout, &shape));
    for (size_t i = 0; i < READ; i++) {
        columns[i].offset += 64;
        ck_assert(!rowan__layout_describes(layout, &shape));
        ck_assert(rowan__layout_has_names(layout, &shape));
        columns[i].offset -= 64;
    }
    shape.row_size++;
    ck_assert(!rowan__layout_describes(layout, &shape));
    shape.row_size--;
    shape.column_count = READ - 1;
    ck_assert(!rowan__layout_describes(layout, &shape));
    shape.column_count = READ;
    ck_assert(rowan__layout_describes(layout, &shape));

    /* The same place in memory, in which there is another name by now. */
    char name[] = "an_int16";
    columns[1].name = name;
    ck_assert(rowan__layout_has_names(layout, &shape));
    layout->described[1].name = name;
    ck_assert(rowan__layout_describes(layout, &shape));
    name[0] = 'A';
    ck_assert(!rowan__layout_has_names(layout, &shape));
    ck_assert(!rowan__layout_describes(layout, &shape));
    drop(layout);
}
END_TEST

/* Columns that come in another order, or of a table, are not told so. */
START_TEST(only_the_first_columns_of_a_shape_in_order_describe_it)
{
    static const char *const gap[] = {"a_bool", "an_int32"};
    rowan_table named = members_shape;
    rowan__layout *layout;

    named.name = "members";
    ck_assert_int_eq(lay(&members_shape, names_of(&members_shape, 3, true), 3, &layout), ROWAN_OK);
    ck_assert(!rowan__layout_describes(layout, &members_shape));
    drop(layout);
    ck_assert_int_eq(lay(&members_shape, gap, 2, &layout), ROWAN_OK);
    ck_assert(!rowan__layout_describes(layout, &members_shape));
    drop(layout);
    ck_assert_int_eq(lay(&named, names_of(&named, 3, false), 3, &layout), ROWAN_OK);
    ck_assert(!layout->is_unnamed && !rowan__layout_describes(layout, &named));
    drop(layout);
}
END_TEST

START_TEST(memory_may_run_out)
{
    rowan__layout *layout;

    fault_arm(1);
    ck_assert_int_eq(lay(&members_shape, names_of(&members_shape, 3, false), 3, &layout),
                     ROWAN_NOMEM);
    ck_assert_ptr_null(layout);
    ck_assert_int_eq(error.status, ROWAN_NOMEM);
    rowan__layout_free(&fault_allocator, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("layout");
    TCase *tc = tcase_create("layout");

    tcase_add_loop_test(tc, each_column_goes_to_the_member_of_its_name, 0, MEMBER_COLUMNS + 1);
    tcase_add_test(tc, a_row_of_values_has_one_for_each_column);
    tcase_add_test(tc, the_widest_table_knows_what_was_read);
    tcase_add_loop_test(tc, what_has_no_member_or_one_that_is_taken_is_refused, 0,
                        (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(tc, a_shape_without_a_name_is_told_by_its_columns);
    tcase_add_test(tc, only_the_first_columns_of_a_shape_in_order_describe_it);
    tcase_add_test(tc, memory_may_run_out);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
