#!/usr/bin/env bash
# What a program that links Rowan has loaded when it starts is what SQLite needs; a server's client
# library comes with the first URL of its engine. Such a program is profiled like any other. The
# command itself starts without them, too, and without libcurl.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
source tests/profiled/profiled.sh
needs_server ROWAN_TEST_POSTGRESQL
needs_server ROWAN_TEST_MARIADB
trap 'rm -rf "$scratch"' EXIT
if grep -q '^ROWAN_LINK_CLIENTS:BOOL=ON' "$build/CMakeCache.txt"; then
    echo "skipped: $build links the client libraries"
    exit 0
fi
ours=(-std=c11 -Wall -Wextra -Werror -Iinclude tests/programs/opened.c)
cc "${ours[@]}" -L "$build" -lrowan -Wl,-rpath,"$build" -o "$scratch/shared" || exit 1
cc "${ours[@]}" "$build/librowan.a" -lsqlite3 -lpthread -lm -ldl -o "$scratch/static" || exit 1
echo '#include <sqlite3.h>
int main(void) { return sqlite3_libversion_number() == 0; }' >"$scratch/floor.c"
cc "$scratch/floor.c" -lsqlite3 -o "$scratch/floor" || exit 1

# loads PROGRAM: the libraries that it has loaded when it starts.
loads() {
    ldd "$1" | awk '{ print $1 }' | grep -v 'librowan' | sort
}

same 'what a program has loaded' "$(loads "$scratch/floor")" "$(loads "$scratch/shared")"
same 'what a program with the static library has loaded' \
    "$(loads "$scratch/floor")" "$(loads "$scratch/static")"
same 'what the archive wants of client libraries' '' \
    "$(nm --undefined-only "$build/librowan.a" | grep -E ' U (PQ|mysql_|mariadb_)')"

# opens PROGRAM URL...: which engine each is, and what is loaded then.
opens() {
    "$@" | sed 's/^\([a-z]*\) [0-9]*$/\1/'
}

sqlite=$'sqlite\nloaded: libsqlite3.so'
for linked in shared static; do
    same "sqlite, $linked" "$sqlite" "$(opens "$scratch/$linked" "sqlite:$scratch/some.db")"
    same "postgresql behind it, $linked" \
        "$sqlite"$'\npostgresql\nloaded: libsqlite3.so libpq.so' \
        "$(opens "$scratch/$linked" "sqlite:$scratch/some.db" "$ROWAN_TEST_POSTGRESQL")"
    same "mariadb twice, $linked" \
        $'mariadb\nloaded: libsqlite3.so libmariadb.so\nmariadb\nloaded: libsqlite3.so libmariadb.so' \
        "$(opens "$scratch/$linked" "$ROWAN_TEST_MARIADB" "$ROWAN_TEST_MARIADB")"
done

same 'client libraries that the command has loaded' '' \
    "$(loads "$build/rowan" | grep -E 'libpq|libmariadb|libcurl|libssl')"

# An engine's library that is not there is no matter to a program that does not ask for it.
cat >"$scratch/hide.c" <<'END_OF_C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void *dlopen(const char *file, int mode)
{
    void *(*next)(const char *, int);

    *(void **)&next = dlsym(RTLD_NEXT, "dlopen");
    return next(file && strncmp(file, getenv("HIDDEN"), 5) == 0 ? "libabsent.so.5" : file, mode);
}
END_OF_C
cc -shared -fPIC "$scratch/hide.c" -o "$scratch/hide.so" || exit 1
same 'a library that is not there' \
    "$sqlite"$'\nROWAN_UNSUPPORTED: PostgreSQL needs the library libpq.so.5, which could not be loaded: install it (on Debian, the package libpq5) (libabsent.so.5: cannot open shared object file: No such file or directory)' \
    "$(opens env HIDDEN=libpq LD_PRELOAD="$scratch/hide.so" "$scratch/shared" "sqlite:$scratch/some.db" "$ROWAN_TEST_POSTGRESQL")"

# Connector/C loads further libraries for itself, to tell who the user is.
socket=${ROWAN_TEST_MARIADB##*socket=}
as_root() {
    mariadb --batch --user=rowan --password=secret --socket="$socket" --execute="$1"
}
if as_root "INSTALL SONAME 'auth_ed25519'" 2>"$scratch/refused"; then
    as_root "CREATE USER signed@localhost IDENTIFIED VIA ed25519 USING PASSWORD('key');
        GRANT SELECT ON rowan.* TO signed@localhost"
    same 'a user who signs' $'mariadb\nloaded: libsqlite3.so libmariadb.so client_ed25519.so' \
        "$(opens "$scratch/shared" "mariadb://signed:key@localhost/rowan?socket=$socket")"
    as_root "DROP USER signed@localhost; UNINSTALL SONAME 'auth_ed25519'"
else
    echo "no user who signs: $(cat "$scratch/refused")" >&2
fi

# The interposer stands before functions that are looked up by their names.
for linked in shared static; do
    for url in "sqlite:$scratch/some.db" "$ROWAN_TEST_POSTGRESQL" "$ROWAN_TEST_MARIADB"; do
        profiles --values -- "$scratch/$linked" "$url"
        same "statements of ${url%%:*} that are recorded, $linked" \
            "$(awk 'NR == 1 { print $2 }' "$scratch/out")" "$(statements)"
        traced '"sql":"SELECT 1 + ' "the look-ups of ${url%%:*}, $linked"
    done
done
# The last trace, to a collector, without what it takes to speak HTTP.
same 'a report that cannot be sent' \
    'rowan: --send needs the library libcurl.so.4, which could not be loaded: install it (on Debian, the package libcurl4)' \
    "$(HIDDEN=libcurl LD_PRELOAD=$scratch/hide.so "$build/rowan" analyze --format otlp \
        --send http://localhost:4318 "$scratch/trace" 2>&1)"
report
