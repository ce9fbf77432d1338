"""A county's week: who is paired with whom, when bells ring, which lessons follow, and what stands in their way.

`things` is what lasts, `bells` and `term` are its times, `county` holds all of it together. `planner` makes lessons of
it, `clashes` looks at them before they are saved, `substitutes` finds who and where else, `findings` says it in words.
"""
