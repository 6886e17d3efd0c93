#!/usr/bin/env bash
# A program outside the tree builds and runs against an installed Rowan: with find_package, shared
# and static, and with pkg-config. The program is one of the examples, with generated models.
set -euo pipefail
cd "$(dirname "$0")/.."
source=$PWD
build=${ROWAN_BUILD_DIR:-build/release}
examples=(examples/*.c)
example=$(basename "${examples[0]}" .c)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix=$scratch/prefix
cmake --install "$build" --prefix "$prefix" >/dev/null
# What is installed must not need the source tree.
if grep -rlF "$source" "$prefix/lib/cmake" "$prefix/lib/pkgconfig" "$prefix/include"; then
    echo "These installed files name the source tree" >&2
    exit 1
fi
for file in man/man1/rowan.1 man/man1/rowan-generate.1 man/man5/rowan-trace.5 doc/rowan/guide.md doc/rowan/schema.md \
    doc/rowan/LICENSE; do
    [ -s "$prefix/share/$file" ] || { echo "There is no share/$file" >&2 && exit 1; }
done
cp -r "examples/$example.c" examples/*.h schemas/bookshop "$scratch"

with_find_package() {
    mkdir "$scratch/cmake"
    cat >"$scratch/cmake/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.24)
project(outside C)
find_package(rowan 0.1 REQUIRED)
rowan_generate_model(TARGET bookshop SCHEMA ../bookshop)
add_executable(shared ../$example.c)
target_link_libraries(shared PRIVATE bookshop_model rowan::rowan)
add_executable(static ../$example.c)
target_link_libraries(static PRIVATE bookshop_model rowan::static)
add_executable(verified ../verified.c)
target_link_libraries(verified PRIVATE rowan::verify)
END
    cat >"$scratch/verified.c" <<'END'
#include <rowan/rowan.h>
#include <rowan/verify.h>

int main(void)
{
    rowan_db *db;
    rowan_error error;

    if (rowan_open("sqlite::memory:", NULL, &db, &error) != ROWAN_OK) {
        return 1;
    }
    rowan_status status = rowan_expect_verified(db, "/dev/null", NULL, &error);
    rowan_close(db);
    return status == ROWAN_OK ? 0 : 2;
}
END
    cmake -S "$scratch/cmake" -B "$scratch/cmake/build" -G Ninja \
        -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
    cmake --build "$scratch/cmake/build"
    run_it "$scratch/cmake/build/shared"
    run_it "$scratch/cmake/build/static"
    run_it "$scratch/cmake/build/verified"
}

with_pkg_config() {
    local flags
    mkdir "$scratch/make"
    "$prefix/bin/rowan-generate" --name bookshop --output "$scratch/make" "$scratch/bookshop"
    flags=$(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name rowan.pc)") \
        pkg-config --cflags --libs rowan)
    # shellcheck disable=SC2086 # lists of words
    cc ${CFLAGS-} -std=c11 -I "$scratch/make" "$scratch/$example.c" "$scratch/make/bookshop.c" \
        $flags -o "$scratch/make/program"
    LD_LIBRARY_PATH=$(dirname "$(find "$prefix" -name librowan.so)") run_it "$scratch/make/program"
    flags=$(PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name rowan.pc)") \
        pkg-config --static --cflags --libs rowan | sed 's/-lrowan/-l:librowan.a/')
    # shellcheck disable=SC2086 # lists of words
    cc ${CFLAGS-} -std=c11 -I "$scratch/make" "$scratch/$example.c" "$scratch/make/bookshop.c" \
        $flags -o "$scratch/make/static"
    run_it "$scratch/make/static"
}

run_it() {
    echo "running ${1#"$scratch"/}"
    (mkdir -p "$scratch/run" && cd "$scratch/run" && "$1")
    rm -rf "$scratch/run"
}

# The command finds its library where it is installed, with no word from the environment.
with_profile() {
    echo 'int main(void) { return 0; }' >"$scratch/nothing.c"
    cc "$scratch/nothing.c" -o "$scratch/nothing"
    "$prefix/bin/rowan" profile -- "$scratch/nothing" 2>"$scratch/profiled" && return 1
    grep 'neither libsqlite3 nor libpq nor libmariadb was called' "$scratch/profiled"
}

with_find_package
with_pkg_config
with_profile
