-- structs, their keys made by the database
INSERT INTO "genre" ("name", "parent_id") SELECT * FROM unnest(CAST($1 AS text[]), CAST($2 AS bigint[])) RETURNING "id", "name", "parent_id"

-- a composite key
INSERT INTO "loan" ("work_id", "number", "days", "reader") VALUES ($1, $2, $3, $4)

-- one row by assignments
INSERT INTO "press" ("id", "name", "country") VALUES ($1, lower(CAST($2 AS text) COLLATE "C"), $3)

-- the rows of a query
INSERT INTO "genre" ("id", "name") SELECT ("press"."id" + CAST($1 AS bigint)), "press"."name" FROM "press"

-- chosen columns of a struct
INSERT INTO "genre" ("id", "name") VALUES ($1, $2)

-- overwrites by primary key
INSERT INTO "press" ("id", "name", "country") SELECT * FROM unnest(CAST($1 AS bigint[]), CAST($2 AS text[]), CAST($3 AS text[])) ON CONFLICT ("id") DO UPDATE SET "name" = excluded."name", "country" = excluded."country" RETURNING "id", "name", "country"

-- sets what is said, by another key
INSERT INTO "press" ("name", "country") VALUES ($1, $2) ON CONFLICT ("name") DO UPDATE SET "country" = (excluded."country" || CAST($3 AS text)), "name" = ("press"."name" || CAST($4 AS text))

-- raises the version
INSERT INTO "work" ("id", "press_id", "genre_id", "title", "subtitle", "kind", "cents", "stock", "weight", "price", "in_print", "released", "added", "opens", "code", "extra", "cover", "score", "version") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) ON CONFLICT ("id") DO UPDATE SET "stock" = (CAST("work"."stock" AS bigint) + excluded."stock"), "version" = "work"."version" + 1

-- leaves what is there
SELECT "press"."id", "press"."name", "press"."country" FROM "press" ORDER BY "press"."id"

-- an update raises the version
UPDATE "work" SET "stock" = ("work"."stock" - CAST($1 AS bigint)), "subtitle" = $2, "kind" = $3, "price" = $4, "version" = "work"."version" + 1 WHERE "work"."id" = ANY($5)

-- assignments see the old values
UPDATE "loan" SET "days" = "loan"."number", "number" = ("loan"."days" + CAST($1 AS bigint)) WHERE "loan"."work_id" = $2

-- an update by a sub-query
UPDATE "press" SET "country" = $1 WHERE EXISTS (SELECT 1 FROM "work" WHERE "work"."press_id" = "press"."id" AND "work"."stock" > $2)

-- every row
UPDATE "loan" SET "reader" = $1

-- a delete
DELETE FROM "loan" WHERE "loan"."days" < $1

-- a delete that returns its rows
DELETE FROM "loan" WHERE "loan"."days" = $1 RETURNING "work_id", "number", "days", "reader"

