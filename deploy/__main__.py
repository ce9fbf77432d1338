"""`python -m deploy` is `three-classrooms`."""

from deploy.command import main

main()
