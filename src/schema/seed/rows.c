/*
 * What stands in the rows. Every row begins its own random numbers from its table and number, so no
 * row depends on how many were made before it; what a row copies from another, such as a book's
 * price, comes from that row's numbers.
 */
#include "schema/seed/rows.h"

#include "base/calendar.h"
#include "bookshop.h"
#include "schema/names.h"
#include "schema/seed/words.h"

/* Streams of random numbers: one for each table, and those that several tables read. */
enum {
    AUTHORS = 1,
    PUBLISHERS,
    BOOKS,
    BOOK_AUTHORS,
    CUSTOMERS,
    ADDRESSES,
    PURCHASES,
    PURCHASE_LINES,
    REVIEWS,
    TAGS,
    STOCK_MOVEMENTS,
    PRICES
};

#define US_OF_SECOND INT64_C(1000000)
#define US_OF_DAY (86400 * US_OF_SECOND)

/* A text that was made, or "" when memory ran out. */
static const char *made(rowan__sower *sower, const char *text)
{
    sower->failed = sower->failed || text == NULL;
    return text == NULL ? "" : text;
}

static rowan_date day_between(rowan__random *random, int first_year, int last_year)
{
    return (rowan_date){(int32_t)rowan__random_between(random, rowan__days_of(first_year, 1, 1),
                                                       rowan__days_of(last_year, 12, 31))};
}

static rowan_timestamp moment_of(rowan__random *random, rowan_date day)
{
    return (rowan_timestamp){day.days * US_OF_DAY +
                             rowan__random_between(random, 0, 86399) * US_OF_SECOND +
                             (int64_t)rowan__random_below(random, 1000000)};
}

static rowan_opt_date maybe_day(rowan__random *random, unsigned percent, int first_year,
                                int last_year)
{
    rowan_date day = day_between(random, first_year, last_year);

    return rowan__random_percent(random, percent) ? (rowan_opt_date){true, day}
                                                  : (rowan_opt_date){0};
}

/* Random bytes in the form of a version 4 UUID. */
static rowan_uuid uuid_of(rowan__random *random)
{
    rowan_uuid uuid;

    for (size_t i = 0; i < sizeof uuid.bytes; i++) {
        uuid.bytes[i] = (uint8_t)(rowan__random_next(random) >> 56);
    }
    uuid.bytes[6] = (uint8_t)(0x40 | (uuid.bytes[6] & 0x0f));
    uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3f));
    return uuid;
}

static size_t fill_author(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(AUTHORS, unit);
    author *a = rows;

    *a = (author){.id = (int64_t)unit + 1};
    a->name = made(sower, rowan__text_person(sower->texts, &random));
    a->born_on = maybe_day(&random, 90, 1900, 1995);
    a->country = rowan__word_country(&random);
    if (rowan__random_percent(&random, 40)) {
        a->biography =
            (rowan_opt_text){true, made(sower, rowan__text_biography(sower->texts, &random))};
    }
    a->popularity = (float)rowan__random_below(&random, 800) / 8.0f;
    return 1;
}

static size_t fill_publisher(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(PUBLISHERS, unit);
    publisher *p = rows;

    *p = (publisher){.id = (int64_t)unit + 1};
    p->name = made(sower, rowan__text_publisher(sower->texts, unit));
    p->city = rowan__word_city(&random);
    if (rowan__random_percent(&random, 85)) {
        p->founded_in = (rowan_opt_i16){true, (int16_t)rowan__random_between(&random, 1850, 2015)};
    }
    p->opens_at.us = rowan__random_between(&random, 16, 21) * 1800 * US_OF_SECOND;
    return 1;
}

static size_t fill_category(rowan__sower *sower, uint64_t unit, void *rows)
{
    const rowan__category *known = &rowan__categories[unit];
    category *c = rows;

    (void)sower;
    *c = (category){.id = (int64_t)unit + 1, .name = known->name, .position = (int32_t)unit + 1};
    if (known->parent >= 0) {
        c->parent_id = (rowan_opt_i64){true, known->parent + 1};
    }
    return 1;
}

static book_format format_of(rowan__random *random)
{
    uint64_t percent = rowan__random_below(random, 100);

    if (percent < 50) {
        return BOOK_FORMAT_PAPERBACK;
    }
    return percent < 70   ? BOOK_FORMAT_HARDCOVER
           : percent < 90 ? BOOK_FORMAT_EBOOK
                          : BOOK_FORMAT_AUDIOBOOK;
}

/* What a book costs, with which the lines of purchases agree. */
static int32_t price_of(uint64_t book_number)
{
    rowan__random random = rowan__random_of(PRICES, book_number);

    return (int32_t)(rowan__random_between(&random, 4, 45) * 100 + 99);
}

/* An ISBN with its check digit. Multiplying by a number without common factor keeps all of them
 * apart. */
static char *isbn_of(rowan__sower *sower, uint64_t number)
{
    char *isbn = rowan__printed(sower->texts, "978%09u0",
                                (unsigned)((number * 7919 + 306406152) % 1000000000u));
    unsigned sum = 0;

    for (unsigned i = 0; isbn != NULL && i < 12; i++) {
        sum += (unsigned)(isbn[i] - '0') * (i % 2 == 0 ? 1 : 3);
    }
    if (isbn != NULL) {
        isbn[12] = (char)('0' + (10 - sum % 10) % 10);
    }
    return isbn;
}

static rowan_opt_blob cover_of(rowan__sower *sower, rowan__random *random)
{
    size_t size = (size_t)rowan__random_between(random, 64, 400);
    uint8_t *bytes;

    if (!rowan__random_percent(random, 4)) {
        return (rowan_opt_blob){0};
    }
    bytes = rowan__arena_alloc(sower->texts, size, 1);
    for (size_t i = 0; bytes != NULL && i < size; i++) {
        bytes[i] = (uint8_t)(rowan__random_next(random) >> 56);
    }
    sower->failed = sower->failed || bytes == NULL;
    return (rowan_opt_blob){true, {bytes, bytes == NULL ? 0 : size}};
}

static rowan_opt_json details_of(rowan__sower *sower, rowan__random *random)
{
    static const char *const languages[] = {"de", "en", "en", "en", "es", "fr", "it", "pt"};
    const char *language = languages[rowan__random_below(random, 8)];
    int edition = (int)rowan__random_between(random, 1, 6);

    if (!rowan__random_percent(random, 60)) {
        return (rowan_opt_json){0};
    }
    return (rowan_opt_json){
        true,
        {made(sower, rowan__printed(sower->texts, "{\"language\": \"%s\", \"edition\": %d}",
                                    language, edition))}};
}

static size_t fill_book(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(BOOKS, unit);
    uint64_t category_number = rowan__random_below(&random, sower->counts.categories);
    book *b = rows;
    bool is_paper;

    *b = (book){.id = (int64_t)unit + 1, .lock_version = 1};
    b->publisher_id = (int64_t)rowan__random_popular(&random, sower->counts.publishers) + 1;
    if (rowan__random_percent(&random, 92)) {
        b->category_id = (rowan_opt_i64){true, (int64_t)category_number + 1};
    }
    b->isbn = made(sower, isbn_of(sower, unit));
    b->title = made(sower, rowan__text_title(sower->texts, &random));
    if (rowan__random_percent(&random, 45)) {
        b->subtitle =
            (rowan_opt_text){true, made(sower, rowan__text_subtitle(sower->texts, &random))};
    }
    b->format = format_of(&random);
    is_paper = b->format == BOOK_FORMAT_HARDCOVER || b->format == BOOK_FORMAT_PAPERBACK;
    b->price_cents = price_of(unit);
    b->weight_kg.text =
        made(sower, rowan__printed(sower->texts, "%d.%03d",
                                   is_paper ? (int)rowan__random_below(&random, 2) : 0,
                                   is_paper ? (int)rowan__random_between(&random, 90, 990) : 0));
    if (b->format != BOOK_FORMAT_AUDIOBOOK) {
        b->pages = (rowan_opt_i16){true, (int16_t)rowan__random_between(&random, 48, 1100)};
    }
    b->stock = is_paper ? (int32_t)rowan__random_below(&random, 60) : 1000;
    b->in_print = rowan__random_percent(&random, 85);
    if (rowan__random_percent(&random, 70)) {
        b->rating_average =
            (rowan_opt_double){true, (double)rowan__random_between(&random, 10, 50) / 10};
    }
    b->published_on = maybe_day(&random, 95, 1950, 2024);
    b->cover = cover_of(sower, &random);
    b->details = details_of(sower, &random);
    b->created_at = moment_of(&random, day_between(&random, 2016, 2018));
    return 1;
}

/* Numbers of other rows, all different: the first is popular, the others follow at equal steps. */
static uint64_t distinct(uint64_t first, uint64_t step, size_t index, uint64_t count)
{
    return (first + step * index) % count;
}

/* A step by which `wanted` numbers below `count` do not meet again. */
static uint64_t step_of(rowan__random *random, size_t wanted, uint64_t count)
{
    return 1 + rowan__random_below(random, count / wanted > 0 ? count / wanted : 1);
}

static size_t fill_book_author(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(BOOK_AUTHORS, unit);
    uint64_t percent = rowan__random_below(&random, 100);
    size_t count = percent < 75 ? 1 : percent < 93 ? 2 : 3;
    uint64_t first = rowan__random_popular(&random, sower->counts.authors);
    uint64_t step = step_of(&random, 3, sower->counts.authors);
    book_author *a = rows;

    for (size_t i = 0; i < count; i++) {
        a[i] = (book_author){.book_id = (int64_t)unit + 1, .position = (int16_t)(i + 1)};
        a[i].author_id = (int64_t)distinct(first, step, i, sower->counts.authors) + 1;
        if (i > 0 && rowan__random_percent(&random, 60)) {
            a[i].role = (book_author_role)(1 + rowan__random_below(&random, 3));
        }
    }
    return count;
}

static size_t fill_customer(rowan__sower *sower, uint64_t unit, void *rows)
{
    static const char *const hosts[] = {"post", "mail", "letters", "quill"};
    rowan__random random = rowan__random_of(CUSTOMERS, unit);
    customer *c = rows;

    *c = (customer){.id = (int64_t)unit + 1, .public_id = uuid_of(&random)};
    c->name = made(sower, rowan__text_person(sower->texts, &random));
    c->email = made(sower, rowan__printed(sower->texts, "reader%u@%s.example", (unsigned)unit + 1,
                                          hosts[rowan__random_below(&random, 4)]));
    c->born_on = maybe_day(&random, 70, 1940, 2007);
    if (rowan__random_percent(&random, 30)) {
        c->deliver_after.has = true;
        c->deliver_after.value.us = rowan__random_between(&random, 28, 80) * 900 * US_OF_SECOND;
    }
    c->newsletter = rowan__random_percent(&random, 35);
    c->points = rowan__random_between(&random, 0, 5000);
    c->created_at = moment_of(&random, day_between(&random, 2018, 2018));
    return 1;
}

static size_t fill_address(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(ADDRESSES, unit);
    address *a = rows;

    if (!rowan__random_percent(&random, 90)) {
        return 0;
    }
    *a = (address){.id = ++sower->last_id, .customer_id = (int64_t)unit + 1};
    a->street = made(sower, rowan__text_street(sower->texts, &random));
    a->city = rowan__word_city(&random);
    a->postcode =
        made(sower, rowan__printed(sower->texts, "%05u",
                                   (unsigned)rowan__random_between(&random, 1000, 99999)));
    a->country = rowan__word_country(&random);
    return 1;
}

static purchase_status purchase_status_of(rowan__random *random)
{
    uint64_t percent = rowan__random_below(random, 100);

    if (percent < 80) {
        return PURCHASE_STATUS_SHIPPED;
    }
    return percent < 88   ? PURCHASE_STATUS_PAID
           : percent < 93 ? PURCHASE_STATUS_OPEN
           : percent < 97 ? PURCHASE_STATUS_RETURNED
                          : PURCHASE_STATUS_CANCELLED;
}

/* Purchases follow one another from 2019 to the middle of 2025. */
static size_t fill_purchase(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(PURCHASES, unit);
    uint64_t first = (uint64_t)rowan__days_of(2019, 1, 1),
             last = (uint64_t)rowan__days_of(2025, 6, 30);
    rowan_date day = {(int32_t)(first + (last - first) * unit / sower->counts.purchases)};
    purchase *p = rows;

    *p = (purchase){.id = (int64_t)unit + 1, .public_id = uuid_of(&random), .lock_version = 1};
    p->customer_id = (int64_t)rowan__random_popular(&random, sower->counts.customers) + 1;
    p->status = purchase_status_of(&random);
    p->placed_at = moment_of(&random, day);
    if (p->status == PURCHASE_STATUS_SHIPPED || p->status == PURCHASE_STATUS_RETURNED) {
        p->shipped_at.has = true;
        p->shipped_at.value.us =
            p->placed_at.us + rowan__random_between(&random, 3600, 432000) * US_OF_SECOND;
    }
    if (rowan__random_percent(&random, 5)) {
        p->note = (rowan_opt_text){true, "Please leave it with the neighbours."};
    }
    return 1;
}

static size_t fill_purchase_line(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(PURCHASE_LINES, unit);
    uint64_t percent = rowan__random_below(&random, 100);
    size_t count = percent < 45 ? 1 : percent < 70 ? 2 : percent < 85 ? 3 : percent < 95 ? 4 : 5;
    purchase_line *l = rows;

    for (size_t i = 0; i < count; i++) {
        uint64_t number = rowan__random_popular(&random, sower->counts.books);

        l[i] = (purchase_line){.purchase_id = (int64_t)unit + 1, .line_no = (int16_t)(i + 1)};
        l[i].book_id = (int64_t)number + 1;
        l[i].quantity =
            rowan__random_percent(&random, 88) ? 1 : (int32_t)rowan__random_between(&random, 2, 5);
        l[i].unit_price_cents = price_of(number);
    }
    return count;
}

static int16_t stars_of(rowan__random *random)
{
    static const int16_t stars[] = {1, 2, 3, 3, 4, 4, 4, 5, 5, 5};

    return stars[rowan__random_below(random, 10)];
}

/* A customer reviews each book at most once. */
static size_t fill_review(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(REVIEWS, unit);
    size_t count =
        rowan__random_percent(&random, 30) ? 0 : (size_t)rowan__random_between(&random, 1, 5);
    uint64_t first = rowan__random_popular(&random, sower->counts.books);
    uint64_t step = step_of(&random, 5, sower->counts.books);
    review *r = rows;

    for (size_t i = 0; i < count; i++) {
        r[i] = (review){.id = ++sower->last_id, .customer_id = (int64_t)unit + 1};
        r[i].book_id = (int64_t)distinct(first, step, i, sower->counts.books) + 1;
        r[i].stars = stars_of(&random);
        if (rowan__random_percent(&random, 70)) {
            r[i].body.has = true;
            r[i].body.value =
                made(sower, rowan__text_opinion(sower->texts, &random, (unsigned)r[i].stars));
        }
        r[i].written_at = moment_of(&random, day_between(&random, 2019, 2024));
    }
    return count;
}

/* Units are the books, then the authors, then the customers. */
static size_t fill_tag(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(TAGS, unit);
    const rowan__seed_counts *counts = &sower->counts;
    uint64_t subject = unit, label = rowan__random_popular(&random, ROWAN__LABELS);
    const char *type = "book";
    unsigned percent = 35;
    size_t count;
    tag *t = rows;

    if (subject >= counts->books) {
        subject -= counts->books;
        type = "author";
        percent = 20;
        if (subject >= counts->authors) {
            subject -= counts->authors;
            type = "customer";
            percent = 10;
        }
    }
    count = rowan__random_percent(&random, percent)
                ? 1 + (size_t)rowan__random_below(&random, 3) / 2
                : 0;
    for (size_t i = 0; i < count; i++) {
        t[i] =
            (tag){.id = ++sower->last_id, .subject_type = type, .subject_id = (int64_t)subject + 1};
        t[i].label = rowan__word_label(label + 7 * i);
    }
    return count;
}

/* A delivery of every book, and now and then something else. */
static size_t fill_stock_movement(rowan__sower *sower, uint64_t unit, void *rows)
{
    rowan__random random = rowan__random_of(STOCK_MOVEMENTS, unit);
    size_t count = rowan__random_percent(&random, 80) ? 1 : 2;
    stock_movement *m = rows;

    for (size_t i = 0; i < count; i++) {
        m[i] = (stock_movement){.id = ++sower->last_id, .book_id = (int64_t)unit + 1};
        m[i].reason = i == 0 ? STOCK_MOVEMENT_REASON_DELIVERY
                             : (stock_movement_reason)(1 + rowan__random_below(&random, 4));
        m[i].delta = (int32_t)(i == 0 ? rowan__random_between(&random, 10, 80)
                                      : rowan__random_between(&random, -5, -1));
        m[i].moved_at = moment_of(&random, day_between(&random, 2019, 2024));
    }
    return count;
}

static uint64_t author_units(const rowan__seed_counts *counts)
{
    return counts->authors;
}

static uint64_t publisher_units(const rowan__seed_counts *counts)
{
    return counts->publishers;
}

static uint64_t category_units(const rowan__seed_counts *counts)
{
    return counts->categories;
}

static uint64_t book_units(const rowan__seed_counts *counts)
{
    return counts->books;
}

static uint64_t customer_units(const rowan__seed_counts *counts)
{
    return counts->customers;
}

static uint64_t purchase_units(const rowan__seed_counts *counts)
{
    return counts->purchases;
}

static uint64_t tag_units(const rowan__seed_counts *counts)
{
    return counts->books + counts->authors + counts->customers;
}

const rowan__seed_table rowan__seed_tables[] = {
    {&author_table, author_units, fill_author},
    {&publisher_table, publisher_units, fill_publisher},
    {&category_table, category_units, fill_category},
    {&book_table, book_units, fill_book},
    {&book_author_table, book_units, fill_book_author},
    {&customer_table, customer_units, fill_customer},
    {&address_table, customer_units, fill_address},
    {&purchase_table, purchase_units, fill_purchase},
    {&purchase_line_table, purchase_units, fill_purchase_line},
    {&review_table, customer_units, fill_review},
    {&tag_table, tag_units, fill_tag},
    {&stock_movement_table, book_units, fill_stock_movement},
    {NULL, NULL, NULL},
};

static uint64_t scaled(double scale, unsigned at_one, unsigned least)
{
    uint64_t count = (uint64_t)(scale * at_one + 0.5);

    return count < least ? least : count;
}

rowan__seed_counts rowan__seed_counts_at(double scale)
{
    return (rowan__seed_counts){
        .authors = scaled(scale, 2000, 6),
        .publishers = scaled(scale, 200, 3),
        .categories = rowan__category_count,
        .books = scaled(scale, 10000, 12),
        .customers = scaled(scale, 6000, 6),
        .purchases = scaled(scale, 12000, 6),
    };
}
