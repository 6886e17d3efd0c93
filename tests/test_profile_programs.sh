#!/usr/bin/env bash
# rowan profile on programs as they are: Subversion, Django, ActiveRecord, and the SQLite modules of
# Python and Perl. What each of them counts itself is what was recorded.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=$(cd "${ROWAN_BUILD_DIR:-build/release}" && pwd)
export ROWAN_PROFILE_LIBRARY=$build/librowan_profile.so
# shellcheck source=tests/support/analyze.sh
source tests/support/analyze.sh

# profiles COMMAND...: ends with findings; output in `out`, the report in `report`.
profiles() {
    local got
    "$tool" profile --values --trace trace.jsonl --output report -- "$@" >out 2>err
    got=$?
    [ "$got" = 1 ] || wrong "profile -- $* ended with $got: $(cat err out)"
}

has() {
    grep -q -- "$1" report || wrong "there is no $1 in $(cat report)"
}

recorded() {
    grep -c -- "$1" trace.jsonl
}

# --- Subversion: what it asks for each entry of a working copy. ---
svnadmin create repository
mkdir -p import/{one,two,three}
for file in {one,two,three}/{1,2,3,4,5,6,7}; do
    echo "$file" >"import/$file"
done
svn import -q -m all import "file://$scratch/repository/trunk"
svn checkout -q "file://$scratch/repository/trunk" copy
svn info -R copy >alone
profiles svn info -R copy
cmp -s alone out || wrong "svn prints otherwise: $(diff alone out)"
entries=$(grep -c '^Path:' out)
[ "$entries" = 25 ] || wrong "svn tells of $entries entries"
has "N+1 confirmed  $entries x  select changelist, properties, conflict_data from actual_node where wc_id = ? and local_relpath = ?"
has 'values of local_relpath are values of local_relpath in the rows'
[ "$(recorded 'SELECT changelist, properties, conflict_data FROM actual_node')" = "$entries" ] ||
    wrong "not every statement of svn was recorded"

# --- Python's module, which opens its library for itself alone. ---
cat >module.py <<'END'
import sqlite3

count = 0


def note(text):
    global count
    count += 1


db = sqlite3.connect("module.db")
db.set_trace_callback(note)
db.executescript("CREATE TABLE post (id INTEGER PRIMARY KEY); CREATE TABLE note (post INT, body TEXT)")
db.executemany("INSERT INTO post VALUES (?)", [(i * 7 + 1000,) for i in range(9)])
db.commit()
for (post,) in db.execute("SELECT id FROM post").fetchall():
    db.execute("SELECT body FROM note WHERE post = :post", {"post": post}).fetchall()
print(count)
END
profiles /usr/bin/python3 module.py
[ "$(cat out)" = "$(wc -l <trace.jsonl)" ] || wrong "Python sent $(cat out), recorded are $(wc -l <trace.jsonl)"
has 'N+1 confirmed  9 x  select body from note where post = ?'
has 'sent from   call site unknown'

# --- Django. ---
cat >orm.py <<'END'
import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "orm.db"}},
    DEBUG=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()
from django.db import connection, models  # noqa: E402


class Author(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "shop"
        db_table = "author"


class Book(models.Model):
    title = models.CharField(max_length=50)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

    class Meta:
        app_label = "shop"
        db_table = "book"


with connection.schema_editor() as editor:
    editor.create_model(Author)
    editor.create_model(Book)
for i in range(15):
    Book.objects.create(title=f"book {i}", author=Author.objects.create(name=f"author {i}"))
for book in Book.objects.all():
    book.author.name
print(sum('FROM "author" WHERE' in query["sql"] for query in connection.queries))
END
profiles /usr/bin/python3 orm.py
[ "$(cat out)" = 15 ] || wrong "Django sent $(cat out)"
[ "$(recorded 'FROM \\"author\\" WHERE')" = 15 ] || wrong "of Django $(recorded 'FROM \\"author\\" WHERE') are recorded"
has 'N+1 confirmed  15 x  select author.id, author.name from author where author.id = ?'
has '15 of 15 values of id are values of author_id in the rows of'

# --- ActiveRecord. ---
cat >records.rb <<'END'
require "active_record"
ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: "records.db")
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table(:authors) { |t| t.string :name }
  create_table(:books) { |t| t.string :title; t.integer :author_id }
end
class Author < ActiveRecord::Base; end
class Book < ActiveRecord::Base; belongs_to :author; end
12.times { |i| Book.create!(title: "book #{i}", author: Author.create!(name: "author #{i}")) }
count = 0
ActiveSupport::Notifications.subscribe("sql.active_record") { count += 1 }
Book.all.each { |book| book.author.name }
puts count
END
profiles ruby records.rb
[ "$(cat out)" = 13 ] || wrong "ActiveRecord sent $(cat out)"
[ "$(recorded 'SELECT \\"[ab][a-z]*\\"\.\* FROM \\"[ab]')" = 13 ] || wrong "of ActiveRecord not all is recorded"
has 'N+1 confirmed  12 x  select authors.\* from authors where authors.id = ?'
has '12 of 12 values of id are values of author_id in the rows of'

# --- Perl's DBI. ---
cat >module.pl <<'END'
use DBI;
my $db = DBI->connect("dbi:SQLite:dbname=perl.db");
my $count = 0;
$db->sqlite_trace(sub { $count++ });
$db->do("CREATE TABLE post (id INTEGER PRIMARY KEY)");
$db->do("CREATE TABLE note (post INT, body TEXT)");
$db->do("INSERT INTO post VALUES (?)", undef, $_ * 1000 + 3) for 1 .. 8;
my $child = $db->prepare("SELECT body FROM note WHERE post = ?");
for my $row (@{$db->selectall_arrayref("SELECT id FROM post")}) {
    $child->execute($row->[0]);
    $child->fetchall_arrayref;
}
print "$count\n";
END
profiles perl module.pl
sent=$(sed -n '/CREATE TABLE post/,$p' trace.jsonl | wc -l) # it counts once it is connected
[ "$(cat out)" = "$sent" ] || wrong "Perl sent $(cat out), recorded are $sent"
has 'N+1 confirmed  8 x  select body from note where post = ?'

[ "$failed" = 0 ] && echo "all is as it should be"
exit "$failed"
