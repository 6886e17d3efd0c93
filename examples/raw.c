/* Raw SQL: your statements, your parameters, our structs. Run: raw [URL] */
#include "shop.h"

/* A result that is no table: its own struct, filled by the names of the result's columns. */
typedef struct house_total {
    const char *name;
    int64_t books;
    int64_t cents;
} house_total;

extern const rowan_table house_total_shape;
static const rowan_column house_total_columns[] = {
    ROWAN_COLUMN(house_total_shape, house_total, name, 0),
    ROWAN_COLUMN(house_total_shape, house_total, books, 0),
    ROWAN_COLUMN(house_total_shape, house_total, cents, 0),
};
const rowan_table house_total_shape = ROWAN_SHAPE(house_total, house_total_columns);

int main(int argc, char **argv)
{
    rowan_db *db;
    rowan_scope *scope = shop_open(argc, argv, "raw", &db);
    book_rows cheap;
    rowan_rows totals;
    uint64_t changed;

    /* Parameters have names or are written `?`, the same for every engine. */
    check(scope,
          book_raw_all(
              scope,
              "SELECT * FROM book WHERE price_cents < :most ORDER BY price_cents, id LIMIT 5",
              ROWAN_PARAMS(ROWAN_NAMED("most", 1300)), &cheap));
    for (size_t i = 0; i < cheap.count; i++) {
        printf("%-28s %6.2f\n", cheap.at[i].title, cheap.at[i].price_cents / 100.0);
    }

    check(scope, rowan_raw_run(scope, "UPDATE book SET stock = stock + ? WHERE NOT in_print",
                               ROWAN_PARAMS(ROWAN_V(5)), &changed));
    printf("\n%llu books restocked\n\n", (unsigned long long)changed);

    check(scope,
          rowan_raw_all(scope,
                        "SELECT p.name AS name, count(*) AS books, sum(b.price_cents) AS cents "
                        "FROM publisher p JOIN book b ON b.publisher_id = p.id "
                        "GROUP BY p.name ORDER BY p.name LIMIT 10",
                        ROWAN_NO_PARAMS, &house_total_shape, &totals));
    const house_total *total = totals.at;
    for (size_t i = 0; i < totals.count; i++) {
        printf("%-28s %3lld books %8.2f\n", total[i].name, (long long)total[i].books,
               (double)total[i].cents / 100);
    }

    /* Reads that do not wait for one another are one round trip where the engine has pipelines. */
    static const char titled[] = "SELECT * FROM book WHERE title LIKE ? ORDER BY title LIMIT 2";
    const rowan_value words[] = {ROWAN_V("The %"), ROWAN_V("A %")};
    const rowan_raw_read reads[] = {
        {.sql = titled, .params = {&words[0], 1}, .shape = &book_table},
        {.sql = titled, .params = {&words[1], 1}, .shape = &book_table},
        {.sql = "SELECT 'all' AS name, count(*) AS books, sum(price_cents) AS cents FROM book",
         .shape = &house_total_shape},
    };
    rowan_rows rows[3];
    check(scope, rowan_raw_pipeline(scope, reads, 3, rows));
    const house_total *all = rows[2].at;
    printf("\n%zu and %zu of %lld books\n", rows[0].count, rows[1].count, (long long)all->books);
    rowan_scope_end(scope);
    rowan_close(db);
    return EXIT_SUCCESS;
}
