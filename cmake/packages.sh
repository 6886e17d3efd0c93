# Finds out which programs and libraries are missing and installs their Debian packages.
# shellcheck shell=bash

# Per purpose, one line each: the package, and how its presence shows.
packages_for() {
    case $1 in
    build) cat <<'END' ;;
gcc                  command cc
libc6-dev            header stdlib.h
cmake                command cmake
ninja-build          command ninja
pkg-config           command pkg-config
libsqlite3-dev       module sqlite3
libpq-dev            module libpq
libmariadb-dev       module libmariadb
libxxhash-dev        header xxhash.h
libjansson-dev       module jansson
libcurl4-openssl-dev module libcurl
libsmartcols-dev     module smartcols
systemtap-sdt-dev    header sys/sdt.h
libdw-dev            module libdw
END
    servers) cat <<'END' ;;
postgresql-15        file /usr/lib/postgresql/15/bin/postgres
postgresql-15-hypopg file /usr/share/postgresql/15/extension/hypopg.control
mariadb-server-core  command mariadbd
mariadb-client-core  command mariadb
END
    bench) cat <<'END' ;;
valgrind             command valgrind
END
    peers) cat <<'END' ;;
g++                  command c++
libsoci-dev          file /usr/include/soci/soci.h
libzdb-dev           module zdb
END
    coverage) cat <<'END' ;;
gcovr                command gcovr
END
    fuzz) cat <<'END' ;;
clang                command clang
libclang-rt-14-dev   file /usr/lib/llvm-14/lib/clang/14.0.6/include/fuzzer/FuzzedDataProvider.h
END
    frameworks) cat <<'END' ;;
python3-django       file /usr/lib/python3/dist-packages/django/__init__.py
python3-psycopg      file /usr/lib/python3/dist-packages/psycopg/__init__.py
python3-psycopg2     file /usr/lib/python3/dist-packages/psycopg2/__init__.py
python3-mysqldb      file /usr/lib/python3/dist-packages/MySQLdb/__init__.py
ruby-activerecord    file /usr/share/doc/ruby-activerecord
ruby-pg              file /usr/lib/ruby/vendor_ruby/pg.rb
ruby-mysql2          file /usr/lib/ruby/vendor_ruby/mysql2.rb
ruby-sqlite3         file /usr/lib/ruby/vendor_ruby/sqlite3.rb
libdbd-pg-perl       file /usr/share/doc/libdbd-pg-perl
libdbd-mariadb-perl  file /usr/share/doc/libdbd-mariadb-perl
END
    profile) cat <<'END' ;;
subversion           command svnadmin
python3-django       file /usr/lib/python3/dist-packages/django/__init__.py
ruby-activerecord    file /usr/share/doc/ruby-activerecord
ruby-sqlite3         file /usr/lib/ruby/vendor_ruby/sqlite3.rb
libdbd-sqlite3-perl  file /usr/share/doc/libdbd-sqlite3-perl
END
    test)
        packages_for profile
        packages_for servers
        packages_for bench
        packages_for fuzz
        packages_for frameworks
        cat <<'END'
check                module check
libpg-query-dev      header pg_query.h
g++                  command c++
gdb                  command gdb
bpftrace             command bpftrace
binutils             command readelf
chromium             command chromium
chromium-driver      command chromedriver
curl                 command curl
jq                   command jq
END
        ;;
    lint) cat <<'END' ;;
clang-format         command clang-format
clang-tidy           command clang-tidy
shellcheck           command shellcheck
END
    esac
}

is_present() {
    case $1 in
    command) command -v "$2" >/dev/null || [ -x "/usr/sbin/$2" ] ;;
    module) pkg-config --exists "$2" 2>/dev/null ;;
    header) echo "#include <$2>" | cc -E -x c - >/dev/null 2>&1 ;;
    file) [ -e "$2" ] ;;
    esac
}

# need_packages PURPOSE...: returns when all is there, ends the program when it cannot be.
need_packages() {
    local missing
    missing=$(missing_packages "$@")
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086 # a list of words
        install_packages $missing
        missing=$(missing_packages "$@")
        if [ -n "$missing" ]; then
            echo "run: still missing after the installation: ${missing//$'\n'/ }" >&2
            exit 1
        fi
    fi
}

# want_packages PURPOSE...: the same for what is optional: says what stays missing, and goes on.
want_packages() {
    local missing
    missing=$(missing_packages "$@")
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086 # a list of words
        (install_packages $missing) >&2 || true
        missing=$(missing_packages "$@")
        [ -z "$missing" ] || echo "run: going on without ${missing//$'\n'/ }" >&2
    fi
}

missing_packages() {
    local purpose package kind name
    for purpose in "$@"; do
        packages_for "$purpose" | while read -r package kind name; do
            if ! is_present "$kind" "$name"; then
                echo "$package"
            fi
        done
    done
}

install_packages() {
    local as_root=()
    if ! command -v apt-get >/dev/null; then
        echo "run: this is not a Debian system; please install what these packages hold: $*" >&2
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! may_use_sudo; then
            echo "run: packages are missing; please run:" >&2
            echo "  apt-get install --yes --no-install-recommends $*" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "Installing $*" >&2
    "${as_root[@]}" bash -c "$(declare -f install_as_root); install_as_root \"\$@\"" run "$@" >&2
}

may_use_sudo() {
    command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }
}

# Database packages would start a server of their own, and PostgreSQL's would make a cluster that
# starts with the machine. Both are held off while the packages are installed.
install_as_root() {
    set -eu
    export DEBIAN_FRONTEND=noninteractive LC_ALL=C
    local policy=/usr/sbin/policy-rc.d
    local cluster=/etc/postgresql-common/createcluster.d/rowan-setup.conf
    local install=(apt-get install --yes --no-install-recommends -o Dpkg::Use-Pty=0)
    ours=("$cluster")
    trap 'rm -f "${ours[@]}"' EXIT
    trap 'exit 130' INT TERM
    if [ ! -e "$policy" ]; then
        ours+=("$policy")
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    mkdir -p "${cluster%/*}"
    echo 'create_main_cluster = false' >"$cluster"
    if ! apt-get install --simulate "$@" >/dev/null 2>&1; then
        apt-get update
    fi
    "${install[@]}" "$@" || { apt-get update && "${install[@]}" "$@"; }
}
