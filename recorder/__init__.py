"""What is taken of a lesson: capture that survives anything, and what is made of it afterwards.

`core` decides and writes containers as bytes, `disk` keeps them, `net` talks. FORMAT.md has what lies on the disk.
"""
