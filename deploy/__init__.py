"""The command line and the supervisor: starts the other services as processes and imports none of them."""
