"""Database backend: PostgreSQL, by default an embedded server that starts with the first connection."""
