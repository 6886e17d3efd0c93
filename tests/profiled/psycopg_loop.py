"""A loop by psycopg2, which puts values into the text, or by psycopg 3, which binds them and finds
libpq's functions by their names: psycopg_loop.py psycopg2|psycopg URL plain|named

With `named` the parents come through a cursor of the server.
"""
import importlib
import sys

driver = importlib.import_module(sys.argv[1])
db = driver.connect(sys.argv[2])
with db.cursor() as cursor:
    cursor.execute("CREATE TEMPORARY TABLE parent (id bigint PRIMARY KEY, name text)")
    cursor.executemany("INSERT INTO parent VALUES (%s, %s)",
                       [(500 + 7 * i, f"it's {i}") for i in range(3)])
    cursor.execute("INSERT INTO parent SELECT 600 + 7 * i, 'more' FROM generate_series(1, 6) i")
with db.cursor(*["named"] * (sys.argv[3] == "named")) as parents, db.cursor() as one:
    parents.execute("SELECT id, name FROM parent ORDER BY id")
    for (key, name) in parents:
        one.execute("SELECT name FROM parent WHERE id = %s", (key,))
        assert one.fetchone() == (name,)
db.commit()
