# A loop by Perl's DBI: dbi_loop.pl DSN USER PASSWORD
use strict;
use warnings;
use DBI;

my ($dsn, $user, $password) = @ARGV;
my $db = DBI->connect($dsn, $user, $password, { RaiseError => 1, PrintError => 0 });
$db->do('CREATE TEMPORARY TABLE parent (id bigint PRIMARY KEY, name varchar(20))');
$db->do('INSERT INTO parent VALUES ' . join(', ', map { '(' . (500 + 7 * $_) . ", 'n$_')" } 1 .. 9));
my $parents = $db->selectcol_arrayref('SELECT id FROM parent ORDER BY name');
my $one = $db->prepare('SELECT name FROM parent WHERE id = ?');
for my $id (@$parents) {
    $one->execute($id);
    die 'a row is missing' unless $one->fetchrow_arrayref;
    $one->finish;
}
$db->disconnect;
