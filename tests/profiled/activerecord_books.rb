# Active Record of Rails over books and their authors:
# activerecord_books.rb URL make|by_author|by_book|prefetch|join|drop
#
# Prints how many statements about these tables Ruby's sqlite3 saw itself, for SQLite.
require 'active_record'
require 'cgi'
require 'uri'

def database(url)
  at = URI.parse(url)
  query = CGI.parse(at.query || '')
  named = { database: at.path[1..], username: at.user, password: at.password }
  case at.scheme
  when 'sqlite' then { adapter: 'sqlite3', database: at.path }
  when 'postgresql' then named.merge(adapter: 'postgresql', host: query['host'][0], port: at.port)
  else named.merge(adapter: 'mysql2', socket: query['socket'][0])
  end
end

class Author < ActiveRecord::Base
  self.table_name = 'rails_author'
  has_many :books
end

class Book < ActiveRecord::Base
  self.table_name = 'rails_book'
  belongs_to :author
end

def make
  ActiveRecord::Schema.define do
    create_table(:rails_author) { |t| t.string :name }
    create_table(:rails_book) do |t|
      t.string :title
      t.bigint :author_id
    end
  end
  Author.insert_all!(Array.new(8) { |i| { id: 100 + 3 * i, name: "author #{i}" } })
  Book.insert_all!(Array.new(24) { |i| { title: "book #{i}", author_id: 100 + 3 * (i % 8) } })
end

def drop
  ActiveRecord::Schema.define do
    drop_table :rails_book
    drop_table :rails_author
  end
end

def count_books(authors)
  raise 'books are missing' unless authors.sum { |author| author.books.to_a.size } == 24
end

def read_authors(books)
  raise 'books are missing' unless books.map { |book| book.author.name }.size == 24
end

ActiveRecord::Schema.verbose = false
ActiveRecord::Base.establish_connection(database(ARGV[0]))
seen = 0
if ARGV[0].start_with?('sqlite')
  ActiveRecord::Base.connection.raw_connection.trace do |sql|
    seen += 1 if sql.to_s.match?(/FROM "rails_(author|book)"/)
  end
end
case ARGV[1]
when 'make' then make
when 'drop' then drop
when 'by_author' then count_books(Author.order(:name))
when 'by_book' then read_authors(Book.order(:id))
when 'prefetch' then count_books(Author.order(:name).includes(:books))
when 'join' then read_authors(Book.order(:id).eager_load(:author))
end
puts seen
