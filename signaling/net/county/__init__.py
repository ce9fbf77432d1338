"""Where a county is kept: SQLite beside the lessons, or PostgreSQL by its URL."""
