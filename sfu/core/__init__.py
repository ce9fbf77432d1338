"""What a node decides: its tables, what should be in them, and the commands that lead there. No clock, no socket."""
