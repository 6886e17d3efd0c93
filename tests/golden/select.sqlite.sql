-- every comparison
SELECT "work"."id" FROM "work" WHERE "work"."cents" = ? AND "work"."id" <> ? OR "work"."cents" < ? AND "work"."stock" <= ? AND "work"."id" > ? OR "work"."weight" >= ? ORDER BY "work"."id"

-- absent conditions leave no trace
SELECT "press"."id", "press"."name", "press"."country" FROM "press" WHERE "press"."id" = ? ORDER BY "press"."id"

-- an empty OR is false
SELECT "press"."id", "press"."name", "press"."country" FROM "press" WHERE FALSE AND "press"."id" = ?

-- an empty AND is no condition
SELECT "press"."id", "press"."name", "press"."country" FROM "press" ORDER BY "press"."id" DESC

-- OR inside AND and NOT
SELECT "work"."id" FROM "work" WHERE ("work"."kind" = ? OR "work"."kind" = ?) AND NOT ("work"."cents" < ? OR "work"."cents" > ?) ORDER BY "work"."id"

-- NOT of NULL tests and lists
SELECT "work"."id" FROM "work" WHERE "work"."weight" IS NOT NULL AND "work"."id" NOT IN (?, ?, ?, ?) ORDER BY "work"."id"

-- equal or both NULL
SELECT "work"."id" FROM "work" WHERE "work"."subtitle" IS ? OR "work"."genre_id" IS ? ORDER BY "work"."id"

-- a bool as a condition
SELECT "work"."id" FROM "work" WHERE "work"."in_print" = ? AND "work"."in_print" <> ? ORDER BY "work"."id"

-- columns with columns
SELECT "work"."id" FROM "work" WHERE "work"."stock" < "work"."id" ORDER BY "work"."id"

-- LIKE heeds case
SELECT "work"."id" FROM "work" WHERE "work"."title" LIKE ? ESCAPE '\' ORDER BY "work"."id"

-- a backslash escapes in LIKE
SELECT "work"."id" FROM "work" WHERE "work"."title" LIKE ? ESCAPE '\' OR "work"."title" LIKE ? ESCAPE '\' ORDER BY "work"."id"

-- ILIKE does not heed case of ASCII
SELECT "work"."id" FROM "work" WHERE lower("work"."title") LIKE lower(?) ESCAPE '\' OR lower("work"."title") LIKE lower(?) ESCAPE '\' ORDER BY "work"."id"

-- functions of texts
SELECT length("work"."title") AS "a", lower("work"."title") AS "s", ((upper("work"."title") || ?) || "work"."subtitle") AS "t" FROM "work" ORDER BY "work"."id"

-- texts compare by their bytes
SELECT "work"."title" AS "s", ("work"."title" = ?) AS "f" FROM "work" ORDER BY "work"."title"

-- an enum by its label
SELECT "work"."id", "work"."kind" FROM "work" WHERE "work"."kind" IN (?, ?) ORDER BY "work"."kind" DESC, "work"."id"

-- every column
SELECT "work"."id", "work"."press_id", "work"."genre_id", "work"."title", "work"."subtitle", "work"."kind", "work"."cents", "work"."stock", "work"."weight", "work"."price", "work"."in_print", "work"."released", "work"."added", "work"."opens", "work"."code", "work"."extra", "work"."cover", "work"."score", "work"."version" FROM "work" ORDER BY "work"."id"

-- dates and times
SELECT "work"."id" FROM "work" WHERE "work"."released" > ? OR "work"."added" < ? OR "work"."opens" = ? ORDER BY "work"."released", "work"."id"

-- uuids, JSON and bytes
SELECT "work"."id" FROM "work" WHERE "work"."code" = ? OR "work"."extra" = ? OR "work"."cover" = ? ORDER BY "work"."id"

-- decimals compare by value
SELECT "work"."id", "work"."price" FROM "work" WHERE "work"."price" >= ? AND "work"."price" <> ? ORDER BY "work"."price"

-- values that the column could not hold
SELECT "work"."id" FROM "work" WHERE "work"."stock" < ? AND "work"."cents" > ? AND "work"."score" <> ? AND "work"."stock" IN (?, ?) ORDER BY "work"."id"

-- arithmetic of integers
SELECT ((? - "work"."cents") / ?) AS "a", ((? - "work"."cents") % ?) AS "b", ("work"."cents" / ?) AS "d" FROM "work" ORDER BY "work"."id"

-- small integers do not overflow among themselves
SELECT ("work"."cents" * "work"."stock") AS "a", (("work"."stock" + "work"."stock") + "work"."stock") AS "b" FROM "work" ORDER BY "work"."id"

-- division by zero is NULL
SELECT ("work"."cents" / "work"."stock") AS "a", ("work"."cents" % "work"."stock") AS "b", ("work"."weight" / "work"."weight") AS "d" FROM "work" ORDER BY "work"."id"

-- COALESCE, CASE and ABS
SELECT coalesce("work"."genre_id", "work"."press_id", ?) AS "a", abs("work"."stock") AS "b", coalesce("work"."subtitle", ?) AS "s", CASE WHEN "work"."cents" > ? THEN ? ELSE ? END AS "t", coalesce("work"."weight", ?) AS "d", ("work"."genre_id" IS NULL) AS "f" FROM "work" ORDER BY "work"."id"

-- values alone
SELECT ? AS "a", ? AS "s", ? AS "t", ? AS "d", ? AS "f"

-- aggregates of everything
SELECT count(*) AS "a", sum("work"."cents") AS "b", min("work"."title") AS "s", max("work"."title") AS "t", avg("work"."stock") AS "d" FROM "work"

-- aggregates of nothing
SELECT count("work"."id") AS "a", sum("work"."cents") AS "b", min("work"."title") AS "s", avg("work"."stock") AS "d" FROM "work" WHERE "work"."id" = ?

-- groups with HAVING
SELECT "work"."press_id" AS "a", count(DISTINCT "work"."genre_id") AS "b", sum("work"."weight") AS "d" FROM "work" GROUP BY "work"."press_id" HAVING count(*) > ? ORDER BY count(*) DESC, "work"."press_id"

-- groups by an expression, ordered by a name of the result
SELECT length("work"."title") AS "a", count(*) AS "b" FROM "work" GROUP BY length("work"."title") ORDER BY "a" DESC

-- groups by an expression with values
SELECT count(*) AS "b", ("work"."cents" / ?) AS "a" FROM "work" GROUP BY ("work"."cents" / ?) ORDER BY ("work"."cents" / ?) DESC

-- the smallest and largest of each type
SELECT min("work"."id") AS "id", max("work"."kind") AS "kind", min("work"."price") AS "price", max("work"."in_print") AS "in_print", min("work"."released") AS "released", max("work"."added") AS "added", max("work"."opens") AS "opens", max("work"."code") AS "code", max("work"."score") AS "score", max("work"."extra") AS "extra" FROM "work"

-- DISTINCT
SELECT DISTINCT "work"."press_id", "work"."extra" FROM "work" WHERE "work"."press_id" IN (?, ?) ORDER BY "work"."press_id", "work"."extra"

-- numbers and ranks in a window
SELECT "work"."id" AS "a", row_number() OVER (PARTITION BY "work"."press_id" ORDER BY "work"."cents" DESC, "work"."id") AS "b", lag("work"."title") OVER (ORDER BY "work"."id") AS "s", lead("work"."title") OVER (PARTITION BY "work"."press_id", "work"."kind" ORDER BY "work"."id") AS "t" FROM "work" ORDER BY "work"."id"

-- sums and ranks in a window
SELECT rank() OVER (ORDER BY "work"."weight") AS "a", sum("work"."cents") OVER (PARTITION BY "work"."press_id") AS "b", avg("work"."cents") OVER () AS "d", "work"."title" AS "s" FROM "work" ORDER BY "work"."id"

-- an inner and a left join
SELECT "work"."id" AS "a", "press"."name" AS "s", "genre"."name" AS "t" FROM "work" JOIN "press" ON "work"."press_id" = "press"."id" LEFT JOIN "genre" ON "work"."genre_id" = "genre"."id" ORDER BY "genre"."name", "work"."id" DESC

-- a table joined with itself
SELECT "genre"."name" AS "s", "parent"."name" AS "t" FROM "genre" LEFT JOIN "genre" AS "parent" ON "genre"."parent_id" = "parent"."id" ORDER BY "parent"."name", "genre"."name"

-- a cross join, and a join without a condition
SELECT count(*) AS "a" FROM "press" AS "p" CROSS JOIN "genre" CROSS JOIN "press" AS "q" WHERE "p"."id" = "q"."id"

-- all columns of one of two tables
SELECT "p"."id", "p"."name", "p"."country" FROM "work" AS "w" JOIN "press" AS "p" ON "w"."press_id" = "p"."id" WHERE "w"."id" = ?

-- a query as a source
SELECT "press"."name" AS "s", "sums"."a" AS "a" FROM (SELECT "work"."press_id" AS "a", sum("work"."stock") AS "b" FROM "work" WHERE "work"."stock" > ? GROUP BY "work"."press_id") AS "sums" JOIN "press" ON "press"."id" = "sums"."a" ORDER BY "press"."name"

-- a struct with fewer columns
SELECT "press"."id", "press"."name", "press"."country" FROM "press" WHERE "press"."id" = ?

-- EXISTS and its opposite, correlated
SELECT "press"."id", "press"."name", "press"."country" FROM "press" WHERE EXISTS (SELECT 1 FROM "work" WHERE "work"."press_id" = "press"."id" AND "work"."kind" = ?) AND NOT EXISTS (SELECT 1 FROM "work" WHERE "work"."press_id" = "press"."id" AND "work"."stock" < ?) ORDER BY "press"."id"

-- a value of a sub-query
SELECT "press"."id" AS "a", (SELECT max("work"."cents") AS "m" FROM "work" WHERE "work"."press_id" = "press"."id") AS "b" FROM "press" ORDER BY "press"."id"

-- IN a query, with a limit
SELECT "work"."id" FROM "work" WHERE "work"."press_id" IN (SELECT "press"."id" FROM "press" ORDER BY "press"."id" DESC LIMIT ?) AND "work"."id" NOT IN (SELECT "loan"."work_id" FROM "loan") ORDER BY "work"."id"

-- a CTE
WITH "small" AS (SELECT "work"."id", "work"."title" FROM "work" WHERE "work"."cents" < ?) SELECT "small"."title" FROM "small" ORDER BY "small"."title"

-- a recursive CTE whose texts grow
WITH RECURSIVE "tree" AS (SELECT "genre"."id", "genre"."name", ? AS "parent_id" FROM "genre" WHERE "genre"."parent_id" IS NULL UNION ALL SELECT "genre"."id", (("tree"."name" || ?) || "genre"."name") AS "name", ("tree"."parent_id" + ?) AS "parent_id" FROM "genre" JOIN "tree" ON "genre"."parent_id" = "tree"."id"), "small" AS (SELECT "work"."id", "work"."title" FROM "work" WHERE "work"."cents" < ?) SELECT "tree"."id", "tree"."name", "tree"."parent_id" FROM "tree" WHERE NOT EXISTS (SELECT 1 FROM "small" WHERE "small"."id" = "tree"."id") ORDER BY "tree"."name"

-- UNION and EXCEPT, ordered and paged
SELECT "work"."id" AS "a" FROM "work" WHERE "work"."cents" > ? UNION SELECT "work"."id" AS "a" FROM "work" WHERE "work"."kind" = ? EXCEPT SELECT ? AS "a" ORDER BY "a" DESC LIMIT ? OFFSET ?

-- sets go from left to right, and operands have limits
SELECT "work"."id" AS "a" FROM "work" WHERE "work"."cents" > ? UNION SELECT "work"."id" AS "a" FROM "work" WHERE "work"."kind" = ? INTERSECT SELECT * FROM (SELECT "work"."id" AS "a" FROM "work" ORDER BY "work"."id" DESC LIMIT ?) ORDER BY "a" DESC

-- UNION ALL keeps what is there twice
SELECT "work"."id" AS "a" FROM "work" WHERE "work"."cents" > ? UNION ALL SELECT * FROM (SELECT "work"."id" AS "a" FROM "work" ORDER BY "work"."id" DESC LIMIT ?) ORDER BY "a" DESC

-- INTERSECT twice
SELECT "work"."id" AS "a" FROM "work" WHERE "work"."cents" > ? INTERSECT SELECT "work"."id" AS "a" FROM "work" WHERE "work"."kind" = ? INTERSECT SELECT * FROM (SELECT "work"."id" AS "a" FROM "work" ORDER BY "work"."id" DESC LIMIT ?) ORDER BY "a" DESC

-- rows with JSON in a UNION
SELECT "work"."id", "work"."extra" FROM "work" WHERE "work"."id" < ? UNION SELECT "work"."id", "work"."extra" FROM "work" WHERE "work"."id" < ? ORDER BY "id"

-- NULL first ascending, last descending
SELECT "work"."id", "work"."weight", "work"."genre_id" FROM "work" ORDER BY "work"."weight", "work"."genre_id" DESC, "work"."id"

-- an offset without a limit
SELECT "work"."id" FROM "work" ORDER BY "work"."id" LIMIT -1 OFFSET ?

-- after a row, in three terms
SELECT "work"."id" FROM "work" WHERE ("work"."id" > ? OR "work"."id" = ?) AND "work"."kind" >= ? AND ("work"."kind" > ? OR "work"."kind" = ? AND ("work"."weight" < ? OR "work"."weight" IS NULL) OR "work"."kind" = ? AND "work"."weight" = ? AND "work"."id" > ?) ORDER BY "work"."kind", "work"."weight" DESC, "work"."id" LIMIT ?

-- after a row with NULL
SELECT "work"."id" FROM "work" WHERE ("work"."weight" IS NULL AND "work"."genre_id" IS NOT NULL OR "work"."weight" IS NULL AND "work"."genre_id" IS NULL AND "work"."id" > ?) ORDER BY "work"."weight" DESC, "work"."genre_id", "work"."id"

-- after the last one
SELECT "work"."id" FROM "work" WHERE FALSE ORDER BY "work"."weight" DESC

-- a fragment's values at any depth
SELECT "work"."id" FROM "work" WHERE "work"."in_print" = ? AND ("work"."cents" % ? = 0 -- ? is no value here
) AND EXISTS (SELECT 1 FROM "press" WHERE "press"."id" = "work"."press_id" AND ("press"."name" <> '?' AND length("press"."name") > 0 /* ? */
)) AND "work"."id" > ? ORDER BY "work"."id"

-- a fragment is one operand
SELECT (("work"."id" = ?) OR ("work"."id" = ?)) AS "f", "work"."id" AS "a" FROM "work" WHERE "work"."id" < ? ORDER BY "work"."id"

