"""What networks are made of: one row an entry, in one table a kind."""
