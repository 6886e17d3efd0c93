-- structs, their keys made by the database
INSERT INTO `genre` (`name`, `parent_id`) VALUES (?, ?) RETURNING `id`, `name`, `parent_id`

-- a composite key
INSERT INTO `loan` (`work_id`, `number`, `days`, `reader`) VALUES (?, ?, ?, ?)

-- one row by assignments
INSERT INTO `press` (`id`, `name`, `country`) VALUES (?, CONVERT(CAST(lower(CONVERT(CAST(CAST(? AS CHAR) AS BINARY) USING tis620)) AS BINARY) USING utf8mb4) COLLATE utf8mb4_nopad_bin, ?)

-- the rows of a query
INSERT INTO `genre` (`id`, `name`) SELECT (`press`.`id` + CAST(? AS SIGNED)), `press`.`name` FROM `press`

-- chosen columns of a struct
INSERT INTO `genre` (`id`, `name`) VALUES (?, ?)

-- overwrites by primary key
INSERT INTO `press` (`id`, `name`, `country`) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE `name` = VALUES(`name`), `country` = VALUES(`country`) RETURNING `id`, `name`, `country`

-- sets what is said, by another key
INSERT INTO `press` (`name`, `country`) VALUES (?, ?) ON DUPLICATE KEY UPDATE `country` = concat(VALUES(`country`), CAST(? AS CHAR)), `name` = concat(`press`.`name`, CAST(? AS CHAR))

-- raises the version
INSERT INTO `work` (`id`, `press_id`, `genre_id`, `title`, `subtitle`, `kind`, `cents`, `stock`, `weight`, `price`, `in_print`, `released`, `added`, `opens`, `code`, `extra`, `cover`, `score`, `version`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE `stock` = (`work`.`stock` + VALUES(`stock`)), `version` = `work`.`version` + 1

-- leaves what is there
SELECT `press`.`id`, `press`.`name`, `press`.`country` FROM `press` ORDER BY `press`.`id`

-- an update raises the version
UPDATE `work` SET `stock` = (`work`.`stock` - CAST(? AS SIGNED)), `subtitle` = ?, `kind` = ?, `price` = ?, `version` = `work`.`version` + 1 WHERE `work`.`id` IN (?, ?)

-- assignments see the old values
UPDATE `loan` SET `days` = `loan`.`number`, `number` = (`loan`.`days` + CAST(? AS SIGNED)) WHERE `loan`.`work_id` = ?

-- an update by a sub-query
UPDATE `press` SET `country` = ? WHERE EXISTS (SELECT 1 FROM `work` WHERE `work`.`press_id` = `press`.`id` AND `work`.`stock` > ?)

-- every row
UPDATE `loan` SET `reader` = ?

-- a delete
DELETE FROM `loan` WHERE `loan`.`days` < ?

-- a delete that returns its rows
DELETE FROM `loan` WHERE `loan`.`days` = ? RETURNING `work_id`, `number`, `days`, `reader`

