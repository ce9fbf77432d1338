"""The library's process: the shelf, its player, permission and log."""
