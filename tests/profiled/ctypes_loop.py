"""A loop by functions of libmariadb that are looked up by their names: ctypes_loop.py SOCKET USER"""
import ctypes
import sys

mariadb = ctypes.CDLL("libmariadb.so.3")
for name in ("mysql_init", "mysql_real_connect", "mysql_store_result"):
    getattr(mariadb, name).restype = ctypes.c_void_p
mariadb.mysql_fetch_row.restype = ctypes.POINTER(ctypes.c_char_p)
mysql = ctypes.c_void_p(mariadb.mysql_init(None))
socket, user = (text.encode() for text in sys.argv[1:3])
assert mariadb.mysql_real_connect(mysql, b"localhost", user, b"secret", b"rowan", 0, socket,
                                  ctypes.c_ulong(0))


def rows(sql):
    assert mariadb.mysql_query(mysql, sql.encode()) == 0
    result = ctypes.c_void_p(mariadb.mysql_store_result(mysql))
    while row := mariadb.mysql_fetch_row(result):
        yield row[0].decode()
    mariadb.mysql_free_result(result)


for key in list(rows("SELECT seq * 7 AS id FROM seq_101_to_109")):
    assert list(rows(f"SELECT seq FROM seq_1_to_1000 WHERE seq = {key}")) == [key]
mariadb.mysql_close(mysql)
