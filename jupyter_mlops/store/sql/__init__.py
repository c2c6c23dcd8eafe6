"""The SQL adapter: SQLite by default, PostgreSQL by URL. SQLAlchemy Core, no ORM, so rows cannot leak."""
