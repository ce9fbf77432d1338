"""Takes on a disk: sealed files, an index that names only what is safe, and what is done after a kill."""
