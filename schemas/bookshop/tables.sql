-- The bookshop: tables of a shop that sells books, in portable SQL with type words (see docs/schema.md).
-- Running it again changes nothing.

CREATE TABLE IF NOT EXISTS author (
    id @key,
    name @text(200) NOT NULL,
    born_on @date,
    country @text(2) NOT NULL,
    biography @text,
    popularity @float NOT NULL
);

CREATE TABLE IF NOT EXISTS publisher (
    id @key,
    name @text(200) NOT NULL UNIQUE,
    city @text(100) NOT NULL,
    founded_in @int16,
    opens_at @time NOT NULL
);

-- A tree: "Fiction" has no parent, "Crime" has "Fiction".
CREATE TABLE IF NOT EXISTS category (
    id @key,
    parent_id @ref,
    name @text(100) NOT NULL,
    position @int32 NOT NULL,
    FOREIGN KEY (parent_id) REFERENCES category (id)
);
CREATE INDEX IF NOT EXISTS category_parent ON category (parent_id);

CREATE TABLE IF NOT EXISTS book (
    id @key,
    publisher_id @ref NOT NULL,
    category_id @ref,
    isbn @text(13) NOT NULL UNIQUE,
    title @text(200) NOT NULL,
    subtitle @text(200),
    format @text(20) NOT NULL CHECK (format IN ('hardcover', 'paperback', 'ebook', 'audiobook')),
    price_cents @int32 NOT NULL CHECK (price_cents >= 0),
    weight_kg @decimal(8,3) NOT NULL,
    pages @int16,
    stock @int32 NOT NULL,
    in_print @bool NOT NULL,
    rating_average @double,
    published_on @date,
    cover @blob,
    details @json,
    created_at @timestamp NOT NULL,
    lock_version @int32 DEFAULT 1 NOT NULL,
    FOREIGN KEY (publisher_id) REFERENCES publisher (id),
    FOREIGN KEY (category_id) REFERENCES category (id)
);
CREATE INDEX IF NOT EXISTS book_publisher ON book (publisher_id);
CREATE INDEX IF NOT EXISTS book_category ON book (category_id);
CREATE INDEX IF NOT EXISTS book_title ON book (title);
-- There is deliberately no index on book.subtitle: the search that lacks an index reads it.

CREATE TABLE IF NOT EXISTS book_author (
    book_id @ref NOT NULL,
    author_id @ref NOT NULL,
    role @text(20) NOT NULL CHECK (role IN ('author', 'editor', 'translator', 'illustrator')),
    position @int16 NOT NULL,
    PRIMARY KEY (book_id, author_id),
    FOREIGN KEY (book_id) REFERENCES book (id),
    FOREIGN KEY (author_id) REFERENCES author (id)
);
CREATE INDEX IF NOT EXISTS book_author_author ON book_author (author_id);

CREATE TABLE IF NOT EXISTS customer (
    id @key,
    public_id @uuid NOT NULL UNIQUE,
    name @text(200) NOT NULL,
    email @text(200) NOT NULL UNIQUE,
    born_on @date,
    deliver_after @time,
    newsletter @bool NOT NULL,
    points @int64 NOT NULL,
    created_at @timestamp NOT NULL
);

-- Where a customer lives: at most one row a customer.
CREATE TABLE IF NOT EXISTS address (
    id @key,
    customer_id @ref NOT NULL UNIQUE,
    street @text(200) NOT NULL,
    city @text(100) NOT NULL,
    postcode @text(12) NOT NULL,
    country @text(2) NOT NULL,
    FOREIGN KEY (customer_id) REFERENCES customer (id)
);

CREATE TABLE IF NOT EXISTS purchase (
    id @key,
    customer_id @ref NOT NULL,
    public_id @uuid NOT NULL UNIQUE,
    status @text(20) NOT NULL
        CHECK (status IN ('open', 'paid', 'shipped', 'returned', 'cancelled')),
    placed_at @timestamp NOT NULL,
    shipped_at @timestamp,
    note @text,
    lock_version @int32 DEFAULT 1 NOT NULL,
    FOREIGN KEY (customer_id) REFERENCES customer (id)
);
CREATE INDEX IF NOT EXISTS purchase_customer ON purchase (customer_id);
CREATE INDEX IF NOT EXISTS purchase_placed_at ON purchase (placed_at);

CREATE TABLE IF NOT EXISTS purchase_line (
    purchase_id @ref NOT NULL,
    line_no @int16 NOT NULL,
    book_id @ref NOT NULL,
    quantity @int32 NOT NULL CHECK (quantity > 0),
    unit_price_cents @int32 NOT NULL,
    PRIMARY KEY (purchase_id, line_no),
    FOREIGN KEY (purchase_id) REFERENCES purchase (id),
    FOREIGN KEY (book_id) REFERENCES book (id)
);
CREATE INDEX IF NOT EXISTS purchase_line_book ON purchase_line (book_id);

CREATE TABLE IF NOT EXISTS review (
    id @key,
    book_id @ref NOT NULL,
    customer_id @ref NOT NULL,
    stars @int16 NOT NULL CHECK (stars BETWEEN 1 AND 5),
    body @text,
    written_at @timestamp NOT NULL,
    UNIQUE (book_id, customer_id),
    FOREIGN KEY (book_id) REFERENCES book (id),
    FOREIGN KEY (customer_id) REFERENCES customer (id)
);
CREATE INDEX IF NOT EXISTS review_customer ON review (customer_id);

-- A word that someone put on a book, an author or a customer: subject_type says on which, subject_id on whom.
CREATE TABLE IF NOT EXISTS tag (
    id @key,
    subject_type @text(20) NOT NULL,
    subject_id @ref NOT NULL,
    label @text(50) NOT NULL,
    UNIQUE (subject_type, subject_id, label)
);
CREATE INDEX IF NOT EXISTS tag_label ON tag (label);

CREATE TABLE IF NOT EXISTS stock_movement (
    id @key,
    book_id @ref NOT NULL,
    delta @int32 NOT NULL,
    reason @text(20) NOT NULL CHECK (reason IN ('delivery', 'sale', 'return', 'loss', 'correction')),
    moved_at @timestamp NOT NULL,
    FOREIGN KEY (book_id) REFERENCES book (id)
);
CREATE INDEX IF NOT EXISTS stock_movement_book ON stock_movement (book_id);
