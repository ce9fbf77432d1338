"""What talks: databases, the library's address, and the worker's loop."""
