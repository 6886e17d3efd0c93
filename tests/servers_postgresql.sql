-- What the tests expect of a PostgreSQL server of their own.
CREATE DATABASE rowan;
CREATE ROLE rowan_password LOGIN PASSWORD 'secret';
\connect rowan
CREATE EXTENSION pg_stat_statements;
SELECT count(*) > 0 AS has_hypopg FROM pg_available_extensions WHERE name = 'hypopg' \gset
\if :has_hypopg
CREATE EXTENSION hypopg;
\endif
