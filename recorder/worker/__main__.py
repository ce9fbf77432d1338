"""`python -m recorder.worker --config var/three-classrooms.toml` works after the bell until SIGINT or SIGTERM."""

import sys

from recorder.net.process import main
from recorder.net.worker_service import run

if __name__ == "__main__":
    sys.exit(main("worker", "Makes films of takes, and removes what has had its time.", run))
