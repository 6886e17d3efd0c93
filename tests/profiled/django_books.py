"""Django's ORM over books and their authors: django_books.py URL make|by_author|by_book|prefetch|join|drop

Prints how many statements about these tables Python's sqlite3 saw itself, for SQLite.
"""
import sys
from urllib.parse import parse_qs, urlparse

import django
from django.conf import settings


def database(url):
    at = urlparse(url)
    query = {name: values[0] for name, values in parse_qs(at.query).items()}
    named = {"NAME": at.path[1:], "USER": at.username, "PASSWORD": at.password}
    if at.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": at.path}
    if at.scheme == "postgresql":
        return {"ENGINE": "django.db.backends.postgresql", "HOST": query["host"], "PORT": at.port,
                **named}
    return {"ENGINE": "django.db.backends.mysql", "HOST": query["socket"], **named}


settings.configure(DATABASES={"default": database(sys.argv[1])}, USE_TZ=True,
                   DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

from django.db import connection, models  # noqa: E402, after the settings


class Author(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        app_label = "profiled"
        db_table = "django_author"


class Book(models.Model):
    title = models.CharField(max_length=50)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")

    class Meta:
        app_label = "profiled"
        db_table = "django_book"


def make():
    with connection.schema_editor() as editor:
        editor.create_model(Author)
        editor.create_model(Book)
    Author.objects.bulk_create(Author(id=100 + 3 * i, name=f"author {i}") for i in range(8))
    Book.objects.bulk_create(Book(title=f"book {i}", author_id=100 + 3 * (i % 8))
                             for i in range(24))


def drop():
    with connection.schema_editor() as editor:
        editor.delete_model(Book)
        editor.delete_model(Author)


def count_books(authors):
    assert sum(len(author.books.all()) for author in authors) == 24


def read_authors(books):
    assert len([book.author.name for book in books]) == 24


seen = 0


def see(sql):
    global seen
    seen += "django_author" in sql or "django_book" in sql


if connection.vendor == "sqlite":
    connection.ensure_connection()
    connection.connection.set_trace_callback(see)
actions = {
    "make": make,
    "drop": drop,
    "by_author": lambda: count_books(Author.objects.order_by("name")),
    "by_book": lambda: read_authors(Book.objects.order_by("id")),
    "prefetch": lambda: count_books(Author.objects.order_by("name").prefetch_related("books")),
    "join": lambda: read_authors(Book.objects.order_by("id").select_related("author")),
}
actions[sys.argv[2]]()
print(seen)
