#!/usr/bin/env bash
# test_mariadb_packets on a MariaDB server of its own, which takes packets of 64 KiB only, and does
# so on every connection: less than the driver would put into one.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

program=$(dirname "$ROWAN_TOOL")/tests/test_mariadb_packets
if ! [ -x "$program" ] || ! command -v mariadbd >/dev/null && ! [ -x /usr/sbin/mariadbd ]; then
    echo "100%: Checks: 0, Failures: 0, Errors: 0"
    echo "skipped: there is no MariaDB server here"
    exit 0
fi
state=$(mktemp -d)
trap 'tests/servers.sh stop "$state" >/dev/null; rm -rf "$state"' EXIT
tests/servers.sh start "$state" mariadb >/dev/null || exit 1
url=$(<"$state/mariadb.url")
mariadb --no-defaults -S "${url#*socket=}" -u rowan -psecret \
    -e 'SET GLOBAL max_allowed_packet = 65536' || exit 1
ROWAN_TEST_MARIADB=$url "$program"
