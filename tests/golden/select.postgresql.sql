-- every comparison
SELECT "work"."id" FROM "work" WHERE "work"."cents" = $1 AND "work"."id" <> $2 OR "work"."cents" < $3 AND "work"."stock" <= $4 AND "work"."id" > $5 OR "work"."weight" >= $6 ORDER BY "work"."id"

-- absent conditions leave no trace
SELECT "press"."id", "press"."name", "press"."country" FROM "press" WHERE "press"."id" = $1 ORDER BY "press"."id"

-- an empty OR is false
SELECT "press"."id", "press"."name", "press"."country" FROM "press" WHERE FALSE AND "press"."id" = $1

-- an empty AND is no condition
SELECT "press"."id", "press"."name", "press"."country" FROM "press" ORDER BY "press"."id" DESC

-- OR inside AND and NOT
SELECT "work"."id" FROM "work" WHERE ("work"."kind" = $1 OR "work"."kind" = $2) AND NOT ("work"."cents" < $3 OR "work"."cents" > $4) ORDER BY "work"."id"

-- NOT of NULL tests and lists
SELECT "work"."id" FROM "work" WHERE "work"."weight" IS NOT NULL AND "work"."id" <> ALL($1) ORDER BY "work"."id"

-- equal or both NULL
SELECT "work"."id" FROM "work" WHERE "work"."subtitle" IS NOT DISTINCT FROM $1 OR "work"."genre_id" IS NOT DISTINCT FROM $2 ORDER BY "work"."id"

-- a bool as a condition
SELECT "work"."id" FROM "work" WHERE "work"."in_print" = $1 AND "work"."in_print" <> $2 ORDER BY "work"."id"

-- columns with columns
SELECT "work"."id" FROM "work" WHERE "work"."stock" < "work"."id" ORDER BY "work"."id"

-- LIKE heeds case
SELECT "work"."id" FROM "work" WHERE "work"."title" LIKE $1 ORDER BY "work"."id"

-- a backslash escapes in LIKE
SELECT "work"."id" FROM "work" WHERE "work"."title" LIKE $1 OR "work"."title" LIKE $2 ORDER BY "work"."id"

-- ILIKE does not heed case of ASCII
SELECT "work"."id" FROM "work" WHERE lower("work"."title" COLLATE "C") LIKE lower(CAST($1 AS text) COLLATE "C") OR lower("work"."title" COLLATE "C") LIKE lower(CAST($2 AS text) COLLATE "C") ORDER BY "work"."id"

-- functions of texts
SELECT length("work"."title") AS "a", lower("work"."title" COLLATE "C") AS "s", ((upper("work"."title" COLLATE "C") || CAST($1 AS text)) || "work"."subtitle") AS "t" FROM "work" ORDER BY "work"."id"

-- texts compare by their bytes
SELECT "work"."title" AS "s", ("work"."title" = $1) AS "f" FROM "work" ORDER BY "work"."title"

-- an enum by its label
SELECT "work"."id", "work"."kind" FROM "work" WHERE "work"."kind" = ANY($1) ORDER BY "work"."kind" DESC, "work"."id"

-- every column
SELECT "work"."id", "work"."press_id", "work"."genre_id", "work"."title", "work"."subtitle", "work"."kind", "work"."cents", "work"."stock", "work"."weight", "work"."price", "work"."in_print", "work"."released", "work"."added", "work"."opens", "work"."code", "work"."extra", "work"."cover", "work"."score", "work"."version" FROM "work" ORDER BY "work"."id"

-- dates and times
SELECT "work"."id" FROM "work" WHERE "work"."released" > $1 OR "work"."added" < $2 OR "work"."opens" = $3 ORDER BY "work"."released" NULLS FIRST, "work"."id"

-- uuids, JSON and bytes
SELECT "work"."id" FROM "work" WHERE "work"."code" = $1 OR CAST("work"."extra" AS text) = $2 OR "work"."cover" = $3 ORDER BY "work"."id"

-- decimals compare by value
SELECT "work"."id", "work"."price" FROM "work" WHERE "work"."price" >= $1 AND "work"."price" <> $2 ORDER BY "work"."price"

-- values that the column could not hold
SELECT "work"."id" FROM "work" WHERE "work"."stock" < CAST($1 AS bigint) AND "work"."cents" > CAST($2 AS bigint) AND "work"."score" <> CAST($3 AS double precision) AND "work"."stock" = ANY(CAST($4 AS bigint[])) ORDER BY "work"."id"

-- arithmetic of integers
SELECT ((CAST($1 AS bigint) - "work"."cents") / NULLIF(CAST($2 AS bigint), 0)) AS "a", ((CAST($3 AS bigint) - "work"."cents") % NULLIF(CAST($4 AS bigint), 0)) AS "b", ("work"."cents" / NULLIF(CAST($5 AS double precision), 0)) AS "d" FROM "work" ORDER BY "work"."id"

-- small integers do not overflow among themselves
SELECT (CAST("work"."cents" AS bigint) * "work"."stock") AS "a", ((CAST("work"."stock" AS bigint) + "work"."stock") + "work"."stock") AS "b" FROM "work" ORDER BY "work"."id"

-- division by zero is NULL
SELECT (CAST("work"."cents" AS bigint) / NULLIF("work"."stock", 0)) AS "a", (CAST("work"."cents" AS bigint) % NULLIF("work"."stock", 0)) AS "b", ("work"."weight" / NULLIF("work"."weight", 0)) AS "d" FROM "work" ORDER BY "work"."id"

-- COALESCE, CASE and ABS
SELECT coalesce("work"."genre_id", "work"."press_id", CAST($1 AS bigint)) AS "a", abs("work"."stock") AS "b", coalesce("work"."subtitle", CAST($2 AS text)) AS "s", CASE WHEN "work"."cents" > $3 THEN CAST($4 AS text) ELSE CAST($5 AS text) END AS "t", coalesce("work"."weight", CAST($6 AS double precision)) AS "d", ("work"."genre_id" IS NULL) AS "f" FROM "work" ORDER BY "work"."id"

-- values alone
SELECT CAST($1 AS bigint) AS "a", CAST($2 AS text) AS "s", $3 AS "t", CAST($4 AS double precision) AS "d", CAST($5 AS boolean) AS "f"

-- aggregates of everything
SELECT count(*) AS "a", CAST(sum("work"."cents") AS bigint) AS "b", min("work"."title") AS "s", max("work"."title") AS "t", avg(CAST("work"."stock" AS double precision)) AS "d" FROM "work"

-- aggregates of nothing
SELECT count("work"."id") AS "a", CAST(sum("work"."cents") AS bigint) AS "b", min("work"."title") AS "s", avg(CAST("work"."stock" AS double precision)) AS "d" FROM "work" WHERE "work"."id" = $1

-- groups with HAVING
SELECT "work"."press_id" AS "a", count(DISTINCT "work"."genre_id") AS "b", sum("work"."weight") AS "d" FROM "work" GROUP BY "work"."press_id" HAVING count(*) > $1 ORDER BY count(*) DESC, "work"."press_id"

-- groups by an expression, ordered by a name of the result
SELECT length("work"."title") AS "a", count(*) AS "b" FROM "work" GROUP BY length("work"."title") ORDER BY "a" DESC NULLS LAST

-- groups by an expression with values
SELECT count(*) AS "b", ("work"."cents" / NULLIF(CAST($1 AS bigint), 0)) AS "a" FROM "work" GROUP BY 2 ORDER BY 2 DESC NULLS LAST

-- the smallest and largest of each type
SELECT min("work"."id") AS "id", max("work"."kind") AS "kind", min("work"."price") AS "price", bool_or("work"."in_print") AS "in_print", min("work"."released") AS "released", max("work"."added") AS "added", max("work"."opens") AS "opens", CAST(max(CAST("work"."code" AS text)) AS uuid) AS "code", max("work"."score") AS "score", CAST(max(CAST("work"."extra" AS text)) AS json) AS "extra" FROM "work"

-- DISTINCT
SELECT DISTINCT "work"."press_id", CAST("work"."extra" AS text) AS "extra" FROM "work" WHERE "work"."press_id" = ANY($1) ORDER BY "work"."press_id", CAST("work"."extra" AS text) NULLS FIRST

-- numbers and ranks in a window
SELECT "work"."id" AS "a", row_number() OVER (PARTITION BY "work"."press_id" ORDER BY "work"."cents" DESC, "work"."id") AS "b", lag("work"."title") OVER (ORDER BY "work"."id") AS "s", lead("work"."title") OVER (PARTITION BY "work"."press_id", "work"."kind" ORDER BY "work"."id") AS "t" FROM "work" ORDER BY "work"."id"

-- sums and ranks in a window
SELECT rank() OVER (ORDER BY "work"."weight" NULLS FIRST) AS "a", CAST(sum("work"."cents") OVER (PARTITION BY "work"."press_id") AS bigint) AS "b", avg(CAST("work"."cents" AS double precision)) OVER () AS "d", "work"."title" AS "s" FROM "work" ORDER BY "work"."id"

-- an inner and a left join
SELECT "work"."id" AS "a", "press"."name" AS "s", "genre"."name" AS "t" FROM "work" JOIN "press" ON "work"."press_id" = "press"."id" LEFT JOIN "genre" ON "work"."genre_id" = "genre"."id" ORDER BY "genre"."name" NULLS FIRST, "work"."id" DESC

-- a table joined with itself
SELECT "genre"."name" AS "s", "parent"."name" AS "t" FROM "genre" LEFT JOIN "genre" AS "parent" ON "genre"."parent_id" = "parent"."id" ORDER BY "parent"."name" NULLS FIRST, "genre"."name"

-- a cross join, and a join without a condition
SELECT count(*) AS "a" FROM "press" AS "p" CROSS JOIN "genre" CROSS JOIN "press" AS "q" WHERE "p"."id" = "q"."id"

-- all columns of one of two tables
SELECT "p"."id", "p"."name", "p"."country" FROM "work" AS "w" JOIN "press" AS "p" ON "w"."press_id" = "p"."id" WHERE "w"."id" = $1

-- a query as a source
SELECT "press"."name" AS "s", "sums"."a" AS "a" FROM (SELECT "work"."press_id" AS "a", CAST(sum("work"."stock") AS bigint) AS "b" FROM "work" WHERE "work"."stock" > $1 GROUP BY "work"."press_id") AS "sums" JOIN "press" ON "press"."id" = "sums"."a" ORDER BY "press"."name"

-- a struct with fewer columns
SELECT "press"."id", "press"."name", "press"."country" FROM "press" WHERE "press"."id" = $1

-- EXISTS and its opposite, correlated
SELECT "press"."id", "press"."name", "press"."country" FROM "press" WHERE EXISTS (SELECT 1 FROM "work" WHERE "work"."press_id" = "press"."id" AND "work"."kind" = $1) AND NOT EXISTS (SELECT 1 FROM "work" WHERE "work"."press_id" = "press"."id" AND "work"."stock" < $2) ORDER BY "press"."id"

-- a value of a sub-query
SELECT "press"."id" AS "a", (SELECT max("work"."cents") AS "m" FROM "work" WHERE "work"."press_id" = "press"."id") AS "b" FROM "press" ORDER BY "press"."id"

-- IN a query, with a limit
SELECT "work"."id" FROM "work" WHERE "work"."press_id" IN (SELECT "press"."id" FROM "press" ORDER BY "press"."id" DESC LIMIT $1) AND "work"."id" NOT IN (SELECT "loan"."work_id" FROM "loan") ORDER BY "work"."id"

-- a CTE
WITH "small" AS (SELECT "work"."id", "work"."title" FROM "work" WHERE "work"."cents" < $1) SELECT "small"."title" FROM "small" ORDER BY "small"."title" NULLS FIRST

-- a recursive CTE whose texts grow
WITH RECURSIVE "tree" AS (SELECT "genre"."id", CAST("genre"."name" AS text) AS "name", CAST($1 AS bigint) AS "parent_id" FROM "genre" WHERE "genre"."parent_id" IS NULL UNION ALL SELECT "genre"."id", (("tree"."name" || CAST($2 AS text)) || "genre"."name") AS "name", ("tree"."parent_id" + CAST($3 AS bigint)) AS "parent_id" FROM "genre" JOIN "tree" ON "genre"."parent_id" = "tree"."id"), "small" AS (SELECT "work"."id", "work"."title" FROM "work" WHERE "work"."cents" < $4) SELECT "tree"."id", "tree"."name", "tree"."parent_id" FROM "tree" WHERE NOT EXISTS (SELECT 1 FROM "small" WHERE "small"."id" = "tree"."id") ORDER BY "tree"."name" NULLS FIRST

-- UNION and EXCEPT, ordered and paged
SELECT "work"."id" AS "a" FROM "work" WHERE "work"."cents" > $1 UNION SELECT "work"."id" AS "a" FROM "work" WHERE "work"."kind" = $2 EXCEPT SELECT CAST($3 AS bigint) AS "a" ORDER BY "a" DESC NULLS LAST LIMIT $4 OFFSET $5

-- sets go from left to right, and operands have limits
(SELECT "work"."id" AS "a" FROM "work" WHERE "work"."cents" > $1 UNION SELECT "work"."id" AS "a" FROM "work" WHERE "work"."kind" = $2) INTERSECT (SELECT "work"."id" AS "a" FROM "work" ORDER BY "work"."id" DESC LIMIT $3) ORDER BY "a" DESC NULLS LAST

-- UNION ALL keeps what is there twice
SELECT "work"."id" AS "a" FROM "work" WHERE "work"."cents" > $1 UNION ALL (SELECT "work"."id" AS "a" FROM "work" ORDER BY "work"."id" DESC LIMIT $2) ORDER BY "a" DESC NULLS LAST

-- INTERSECT twice
SELECT "work"."id" AS "a" FROM "work" WHERE "work"."cents" > $1 INTERSECT SELECT "work"."id" AS "a" FROM "work" WHERE "work"."kind" = $2 INTERSECT (SELECT "work"."id" AS "a" FROM "work" ORDER BY "work"."id" DESC LIMIT $3) ORDER BY "a" DESC NULLS LAST

-- rows with JSON in a UNION
SELECT "work"."id", CAST("work"."extra" AS text) AS "extra" FROM "work" WHERE "work"."id" < $1 UNION SELECT "work"."id", CAST("work"."extra" AS text) AS "extra" FROM "work" WHERE "work"."id" < $2 ORDER BY "id" NULLS FIRST

-- NULL first ascending, last descending
SELECT "work"."id", "work"."weight", "work"."genre_id" FROM "work" ORDER BY "work"."weight" NULLS FIRST, "work"."genre_id" DESC NULLS LAST, "work"."id"

-- an offset without a limit
SELECT "work"."id" FROM "work" ORDER BY "work"."id" OFFSET $1

-- after a row, in three terms
SELECT "work"."id" FROM "work" WHERE ("work"."id" > $1 OR "work"."id" = $2) AND "work"."kind" >= $3 AND ("work"."kind" > $4 OR "work"."kind" = $5 AND ("work"."weight" < $6 OR "work"."weight" IS NULL) OR "work"."kind" = $7 AND "work"."weight" = $8 AND "work"."id" > $9) ORDER BY "work"."kind", "work"."weight" DESC NULLS LAST, "work"."id" LIMIT $10

-- after a row with NULL
SELECT "work"."id" FROM "work" WHERE ("work"."weight" IS NULL AND "work"."genre_id" IS NOT NULL OR "work"."weight" IS NULL AND "work"."genre_id" IS NULL AND "work"."id" > $1) ORDER BY "work"."weight" DESC NULLS LAST, "work"."genre_id" NULLS FIRST, "work"."id"

-- after the last one
SELECT "work"."id" FROM "work" WHERE FALSE ORDER BY "work"."weight" DESC NULLS LAST

-- a fragment's values at any depth
SELECT "work"."id" FROM "work" WHERE "work"."in_print" = $1 AND ("work"."cents" % $2 = 0 -- ? is no value here
) AND EXISTS (SELECT 1 FROM "press" WHERE "press"."id" = "work"."press_id" AND ("press"."name" <> '?' AND length("press"."name") > 0 /* ? */
)) AND "work"."id" > $3 ORDER BY "work"."id"

-- a fragment is one operand
SELECT (("work"."id" = $1) OR ("work"."id" = $2)) AS "f", "work"."id" AS "a" FROM "work" WHERE "work"."id" < $3 ORDER BY "work"."id"

