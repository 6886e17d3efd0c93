-- The tables of the benchmark, in portable SQL with type words (see docs/schema.md).

CREATE TABLE IF NOT EXISTS person (
    id @key,
    name @text(100) NOT NULL,
    hair_colour @text(40)
);

CREATE TABLE IF NOT EXISTS post (
    id @key,
    person_id @ref NOT NULL,
    title @text(200) NOT NULL,
    body @text NOT NULL,
    FOREIGN KEY (person_id) REFERENCES person (id)
);
CREATE INDEX IF NOT EXISTS post_person ON post (person_id);

CREATE TABLE IF NOT EXISTS comment (
    id @key,
    post_id @ref NOT NULL,
    body @text NOT NULL,
    FOREIGN KEY (post_id) REFERENCES post (id)
);
CREATE INDEX IF NOT EXISTS comment_post ON comment (post_id);

CREATE TABLE IF NOT EXISTS newcomer (
    id @key,
    name @text(100) NOT NULL,
    hair_colour @text(40)
);

CREATE TABLE IF NOT EXISTS event (
    id @key,
    name @text(100) NOT NULL,
    amount @int64 NOT NULL
);
