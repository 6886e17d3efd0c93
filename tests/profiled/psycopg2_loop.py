"""A loop by psycopg2, which puts values into the text: psycopg2_loop.py URL plain|named

With `named` the parents come through a cursor of the server.
"""
import sys

import psycopg2

db = psycopg2.connect(sys.argv[1])
with db.cursor() as cursor:
    cursor.execute("CREATE TEMPORARY TABLE parent (id bigint PRIMARY KEY, name text)")
    cursor.executemany("INSERT INTO parent VALUES (%s, %s)",
                       [(500 + 7 * i, f"it's {i}") for i in range(3)])
    cursor.execute("INSERT INTO parent SELECT 600 + 7 * i, 'more' FROM generate_series(1, 6) i")
with db.cursor("named" if sys.argv[2] == "named" else None) as parents, db.cursor() as one:
    parents.execute("SELECT id, name FROM parent ORDER BY id")
    for (key, name) in parents:
        one.execute("SELECT name FROM parent WHERE id = %s", (key,))
        assert one.fetchone() == (name,)
db.commit()
