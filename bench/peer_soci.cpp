/*
 * The benchmark's works with SOCI, as its manual teaches them: values are bound by `into` and
 * `use`, many rows by vectors, a thousand at a time; statements are prepared once and kept. What
 * SOCI 4.0 reads from PostgreSQL and MariaDB it has in memory as a whole, streams too.
 */
/* Debian's SOCI is built with Boost, whose headers are not needed for what is used here. */
#include <soci/soci-config.h>
#undef SOCI_HAVE_BOOST

#include <soci/mysql/soci-mysql.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

extern "C" {
#include "bench.h"

extern const bench_contestant bench_soci;
}

namespace {

constexpr std::size_t most_at_once = 1000;
constexpr std::size_t children = 10; /* of one parent, or little more */

struct person {
    long long id;
    std::string name;
    std::optional<std::string> hair_colour;
};

struct pair {
    long long person_id;
    std::string name;
    long long post_id; /* 0: none */
    std::optional<std::string> title;
};

struct comment {
    long long id, post_id;
    std::string body;
};

struct post {
    long long id, person_id;
    std::string title, body;
    std::vector<comment> comments;
};

struct author {
    person self;
    std::vector<post> posts;
};

std::optional<std::string> optional_of(std::string &value, soci::indicator indicator)
{
    return indicator == soci::i_null ? std::nullopt : std::optional<std::string>(std::move(value));
}

/* A query with one number as its parameter, whose rows come in vectors, which are as long as there
 * are rows expected. */
class query {
  public:
    virtual ~query() = default;

    /* Runs it and gives each batch to take(). SOCI's SQLite loses the row of a batch of one. */
    void run(long long number, std::size_t expected)
    {
        std::size_t size = std::clamp<std::size_t>(expected, 2, most_at_once);

        number_ = number;
        resize(size);
        for (bool more = statement_.execute(true); more; more = statement_.fetch()) {
            take();
            resize(size);
        }
    }

  protected:
    explicit query(soci::session &sql) : statement_(sql)
    {
    }
    virtual void resize(std::size_t size) = 0;
    virtual void take() = 0;

    void prepare(const std::string &text, bool has_number)
    {
        if (has_number) {
            statement_.exchange(soci::use(number_, "n"));
        }
        statement_.alloc();
        statement_.prepare(text);
        statement_.define_and_bind();
    }

    soci::statement statement_;
    long long number_ = 0;
};

class people_query : public query {
  public:
    people_query(soci::session &sql, const std::string &text) : query(sql)
    {
        resize(1);
        statement_.exchange(soci::into(ids_));
        statement_.exchange(soci::into(names_));
        statement_.exchange(soci::into(hair_colours_, indicators_));
        prepare(text, true);
    }
    std::vector<person> people;

  protected:
    void resize(std::size_t size) override
    {
        ids_.resize(size);
        names_.resize(size);
        hair_colours_.resize(size);
        indicators_.resize(size);
    }
    void take() override
    {
        for (std::size_t i = 0; i < ids_.size(); i++) {
            people.push_back(
                {ids_[i], std::move(names_[i]), optional_of(hair_colours_[i], indicators_[i])});
        }
    }

  private:
    std::vector<long long> ids_;
    std::vector<std::string> names_, hair_colours_;
    std::vector<soci::indicator> indicators_;
};

class pairs_query : public query {
  public:
    pairs_query(soci::session &sql, const std::string &text) : query(sql)
    {
        resize(1);
        statement_.exchange(soci::into(person_ids_));
        statement_.exchange(soci::into(names_));
        statement_.exchange(soci::into(post_ids_, indicators_));
        statement_.exchange(soci::into(titles_, title_indicators_));
        prepare(text, true);
    }
    std::vector<pair> pairs;

  protected:
    void resize(std::size_t size) override
    {
        person_ids_.resize(size);
        names_.resize(size);
        post_ids_.resize(size);
        titles_.resize(size);
        indicators_.resize(size);
        title_indicators_.resize(size);
    }
    void take() override
    {
        for (std::size_t i = 0; i < person_ids_.size(); i++) {
            pairs.push_back({person_ids_[i], std::move(names_[i]),
                             indicators_[i] == soci::i_null ? 0 : post_ids_[i],
                             optional_of(titles_[i], title_indicators_[i])});
        }
    }

  private:
    std::vector<long long> person_ids_, post_ids_;
    std::vector<std::string> names_, titles_;
    std::vector<soci::indicator> indicators_, title_indicators_;
};

class posts_query : public query {
  public:
    posts_query(soci::session &sql, const std::string &text) : query(sql)
    {
        resize(1);
        statement_.exchange(soci::into(ids_));
        statement_.exchange(soci::into(person_ids_));
        statement_.exchange(soci::into(titles_));
        statement_.exchange(soci::into(bodies_));
        prepare(text, true);
    }
    std::vector<post> posts;

  protected:
    void resize(std::size_t size) override
    {
        ids_.resize(size);
        person_ids_.resize(size);
        titles_.resize(size);
        bodies_.resize(size);
    }
    void take() override
    {
        for (std::size_t i = 0; i < ids_.size(); i++) {
            posts.push_back(
                {ids_[i], person_ids_[i], std::move(titles_[i]), std::move(bodies_[i]), {}});
        }
    }

  private:
    std::vector<long long> ids_, person_ids_;
    std::vector<std::string> titles_, bodies_;
};

class comments_query : public query {
  public:
    comments_query(soci::session &sql, const std::string &text) : query(sql)
    {
        resize(1);
        statement_.exchange(soci::into(ids_));
        statement_.exchange(soci::into(post_ids_));
        statement_.exchange(soci::into(bodies_));
        prepare(text, true);
    }
    std::vector<comment> comments;

  protected:
    void resize(std::size_t size) override
    {
        ids_.resize(size);
        post_ids_.resize(size);
        bodies_.resize(size);
    }
    void take() override
    {
        for (std::size_t i = 0; i < ids_.size(); i++) {
            comments.push_back({ids_[i], post_ids_[i], std::move(bodies_[i])});
        }
    }

  private:
    std::vector<long long> ids_, post_ids_;
    std::vector<std::string> bodies_;
};

class events_query : public query {
  public:
    explicit events_query(soci::session &sql) : query(sql)
    {
        resize(1);
        statement_.exchange(soci::into(ids_));
        statement_.exchange(soci::into(names_));
        statement_.exchange(soci::into(amounts_));
        prepare("SELECT id, name, amount FROM event ORDER BY id", false);
    }
    uint64_t digest = 0;

  protected:
    void resize(std::size_t size) override
    {
        ids_.resize(size);
        names_.resize(size);
        amounts_.resize(size);
    }
    void take() override
    {
        for (std::size_t i = 0; i < ids_.size(); i++) {
            digest = bench_digest_event(digest, ids_[i], names_[i].c_str(), amounts_[i]);
        }
    }

  private:
    std::vector<long long> ids_, amounts_;
    std::vector<std::string> names_;
};

/* One person by key. */
class find_query {
  public:
    explicit find_query(soci::session &sql)
        : statement_((sql.prepare << "SELECT id, name, hair_colour FROM person WHERE id = :id",
                      soci::into(found_.id), soci::into(found_.name),
                      soci::into(hair_colour_, indicator_), soci::use(key_, "id")))
    {
    }
    person run(long long key)
    {
        key_ = key;
        if (!statement_.execute(true)) {
            throw soci::soci_error("there is no such person");
        }
        person row{found_.id, found_.name, optional_of(hair_colour_, indicator_)};
        statement_.fetch(); /* to the end: SQLite's read would stay open */
        return row;
    }

  private:
    long long key_ = 0;
    person found_{};
    std::string hair_colour_;
    soci::indicator indicator_ = soci::i_ok;
    soci::statement statement_;
};

class update_statement {
  public:
    explicit update_statement(soci::session &sql)
        : statement_((sql.prepare << "UPDATE person SET name = :name WHERE id = :id",
                      soci::use(name_, "name"), soci::use(key_, "id")))
    {
    }
    void run(const person &changed)
    {
        name_ = changed.name;
        key_ = changed.id;
        statement_.execute(true);
    }

  private:
    std::string name_;
    long long key_ = 0;
    soci::statement statement_;
};

/* What the works have in hand: a statement of each kind, made when it is first wanted. */
struct peer {
    explicit peer(const bench_place &place);
    void run(const bench_task &task);
    void load(long long n);
    void join(long long n);
    void tree();
    void tree_lazily();
    void insert(const bench_task &task);
    void update(const bench_task &task);
    void stream();
    void read_authors();
    void clear();

    soci::session sql;
    std::unique_ptr<people_query> by_most;
    std::unique_ptr<pairs_query> joined;
    std::unique_ptr<find_query> by_key;
    std::unique_ptr<posts_query> all_posts, some_posts;
    std::unique_ptr<comments_query> all_comments, some_comments;
    std::unique_ptr<events_query> events;
    std::unique_ptr<update_statement> renaming;
    std::vector<person> people;
    std::vector<pair> pairs;
    std::vector<author> authors;
    uint64_t digest = 0;
    std::string why;
};

/* The statement in its place, made of the other arguments if it is not there yet. */
template <typename T, typename... Arguments>
T &kept(std::unique_ptr<T> &place, soci::session &sql, Arguments &&...arguments)
{
    if (!place) {
        place = std::make_unique<T>(sql, std::forward<Arguments>(arguments)...);
    }
    return *place;
}

peer::peer(const bench_place &place)
{
    if (std::strcmp(place.engine, "sqlite") == 0) {
        sql.open(soci::sqlite3, "dbname=" + std::string(place.path) + " timeout=5");
        sql << "PRAGMA journal_mode = WAL";
        sql << "PRAGMA synchronous = NORMAL";
        sql << "PRAGMA foreign_keys = ON";
    } else if (std::strcmp(place.engine, "postgresql") == 0) {
        sql.open(soci::postgresql, place.conninfo);
    } else {
        sql.open(soci::mysql, "db=" + std::string(place.database) + " user=" + place.user +
                                  " password=" + place.password + " unix_socket=" + place.socket +
                                  " charset=utf8mb4");
    }
}

void peer::load(long long n)
{
    people_query &query =
        kept(by_most, sql, "SELECT id, name, hair_colour FROM person WHERE id <= :n ORDER BY id");

    query.run(n, static_cast<std::size_t>(n));
    people = std::move(query.people);
    query.people.clear();
}

void peer::join(long long n)
{
    pairs_query &query = kept(joined, sql,
                              "SELECT person.id, person.name, post.id, post.title FROM person "
                              "LEFT JOIN post ON post.person_id = person.id WHERE person.id >= 500 "
                              "ORDER BY person.id, post.id LIMIT :n");

    query.run(n, static_cast<std::size_t>(n));
    pairs = std::move(query.pairs);
    query.pairs.clear();
}

void peer::read_authors()
{
    load(100);
    for (person &loaded : people) {
        authors.push_back({std::move(loaded), {}});
    }
    people.clear();
}

void peer::tree()
{
    posts_query &posts = kept(all_posts, sql,
                              "SELECT id, person_id, title, body FROM post WHERE person_id <= :n "
                              "ORDER BY person_id, id");
    comments_query &comments =
        kept(all_comments, sql,
             "SELECT comment.id, comment.post_id, comment.body FROM comment "
             "JOIN post ON post.id = comment.post_id WHERE post.person_id <= :n "
             "ORDER BY post.person_id, post.id, comment.id");
    std::size_t next_post = 0, next_comment = 0;

    read_authors();
    posts.run(100, most_at_once);
    comments.run(100, most_at_once);
    for (author &each : authors) {
        for (; next_post < posts.posts.size() && posts.posts[next_post].person_id == each.self.id;
             next_post++) {
            post &mine = posts.posts[next_post];
            for (; next_comment < comments.comments.size() &&
                   comments.comments[next_comment].post_id == mine.id;
                 next_comment++) {
                mine.comments.push_back(std::move(comments.comments[next_comment]));
            }
            each.posts.push_back(std::move(mine));
        }
    }
    posts.posts.clear();
    comments.comments.clear();
}

void peer::tree_lazily()
{
    posts_query &posts = kept(some_posts, sql,
                              "SELECT id, person_id, title, body FROM post WHERE person_id = :n "
                              "ORDER BY id");
    comments_query &comments = kept(
        some_comments, sql, "SELECT id, post_id, body FROM comment WHERE post_id = :n ORDER BY id");

    read_authors();
    for (author &each : authors) {
        posts.run(each.self.id, children);
        each.posts = std::move(posts.posts);
        posts.posts.clear();
        for (post &mine : each.posts) {
            comments.run(mine.id, children);
            mine.comments = std::move(comments.comments);
            comments.comments.clear();
        }
    }
}

void peer::insert(const bench_task &task)
{
    std::vector<std::string> names, hair_colours;
    std::vector<soci::indicator> indicators;

    for (std::size_t i = 0; i < task.n; i++) {
        const bench_newcomer &each = task.newcomers[i];
        names.emplace_back(each.name);
        hair_colours.emplace_back(each.hair_colour ? each.hair_colour : "");
        indicators.push_back(each.hair_colour ? soci::i_ok : soci::i_null);
    }
    soci::transaction transaction(sql);
    soci::statement statement =
        (sql.prepare << "INSERT INTO newcomer (name, hair_colour) VALUES (:name, :hair)",
         soci::use(names, "name"), soci::use(hair_colours, indicators, "hair"));
    statement.execute(true);
    transaction.commit();
}

void peer::update(const bench_task &task)
{
    find_query &query = kept(by_key, sql);
    update_statement &statement = kept(renaming, sql);
    soci::transaction transaction(sql);

    for (std::size_t i = 0; i < task.n; i++) {
        people.push_back(query.run(task.keys[i]));
        people.back().name = task.names[i];
        statement.run(people.back());
    }
    transaction.commit();
}

void peer::stream()
{
    events_query &query = kept(events, sql);

    query.digest = 0;
    query.run(0, most_at_once);
    digest = query.digest;
}

void peer::run(const bench_task &task)
{
    switch (task.work) {
    case BENCH_LOAD:
        load(static_cast<long long>(task.n));
        break;
    case BENCH_JOIN:
        join(static_cast<long long>(task.n));
        break;
    case BENCH_FIND:
        people.push_back(kept(by_key, sql).run(task.keys[0]));
        break;
    case BENCH_INSERT:
        insert(task);
        break;
    case BENCH_TREE:
        tree();
        break;
    case BENCH_TREE_LAZY:
        tree_lazily();
        break;
    case BENCH_UPDATE:
        update(task);
        break;
    case BENCH_STREAM:
        stream();
        break;
    case BENCH_FILTER:
    case BENCH_SAVE:
    case BENCH_BULK:
    case BENCH_WORK_COUNT:
        break;
    }
}

void peer::clear()
{
    people = {};
    pairs = {};
    authors = {};
    digest = 0;
}

/* --- The contestant. --- */

bool can(bench_work work)
{
    return work != BENCH_FILTER && work != BENCH_SAVE && work != BENCH_BULK;
}

void *open_peer(const bench_place *place, char *why, size_t why_size)
{
    try {
        return new peer(*place);
    } catch (const std::exception &problem) {
        std::snprintf(why, why_size, "%s", problem.what());
        return nullptr;
    }
}

void close_peer(void *state)
{
    delete static_cast<peer *>(state);
}

bool run(void *state, const bench_task *task)
{
    peer *self = static_cast<peer *>(state);

    try {
        self->run(*task);
        return true;
    } catch (const std::exception &problem) {
        self->why = problem.what();
        return false;
    }
}

const char *text_of(const std::optional<std::string> &text)
{
    return text ? text->c_str() : nullptr;
}

void fold_person(const person &each, bench_sum *sum)
{
    bench_sum_int(sum, each.id);
    bench_sum_text(sum, each.name.c_str());
    bench_sum_text(sum, text_of(each.hair_colour));
    bench_sum_row(sum);
}

void fold_post(const post &each, bench_sum *sum)
{
    bench_sum_int(sum, each.id);
    bench_sum_int(sum, each.person_id);
    bench_sum_text(sum, each.title.c_str());
    bench_sum_text(sum, each.body.c_str());
    bench_sum_row(sum);
    for (const comment &below : each.comments) {
        bench_sum_int(sum, below.id);
        bench_sum_int(sum, below.post_id);
        bench_sum_text(sum, below.body.c_str());
        bench_sum_row(sum);
    }
}

void fold(void *state, const bench_task *task, bench_sum *sum)
{
    const peer *self = static_cast<peer *>(state);

    for (const person &each : self->people) {
        fold_person(each, sum);
    }
    for (const pair &each : self->pairs) {
        bench_sum_int(sum, each.person_id);
        bench_sum_text(sum, each.name.c_str());
        bench_sum_int(sum, each.post_id);
        bench_sum_text(sum, text_of(each.title));
        bench_sum_row(sum);
    }
    for (const author &each : self->authors) {
        fold_person(each.self, sum);
        for (const post &below : each.posts) {
            fold_post(below, sum);
        }
    }
    if (task->work == BENCH_STREAM) {
        bench_sum_int(sum, static_cast<int64_t>(self->digest));
        bench_sum_row(sum);
    }
}

void clear(void *state, const bench_task *)
{
    static_cast<peer *>(state)->clear();
}

const char *why(void *state)
{
    return static_cast<peer *>(state)->why.c_str();
}

} // namespace

const bench_contestant bench_soci = {"SOCI",  nullptr, can,  open_peer, close_peer,
                                     nullptr, run,     fold, clear,     why};
