"""`python -m recorder.library --config var/three-classrooms.toml` runs the library until SIGINT or SIGTERM."""

import sys

from recorder.net.library_service import run
from recorder.net.process import main

if __name__ == "__main__":
    sys.exit(main("library", "Shows and plays what was taken, to those who may.", run))
