-- What the tests expect of a MariaDB server of their own.
CREATE DATABASE rowan;
CREATE USER rowan@localhost IDENTIFIED BY 'secret', rowan@'%' IDENTIFIED BY 'secret';
GRANT ALL ON *.* TO rowan@localhost WITH GRANT OPTION;
GRANT ALL ON *.* TO rowan@'%' WITH GRANT OPTION;
