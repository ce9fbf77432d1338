"""`python -m recorder.check --config FILE` reads all that was recorded, and says what is damaged."""

import argparse
import sys
from pathlib import Path

from recorder.net.check import damaged
from recorder.net.library_settings import LibrarySettings, SettingsError


def main() -> int:
    """0: all is as it was; 1: something is not, or cannot be told now; 2: the configuration cannot be used."""
    parser = argparse.ArgumentParser(prog="check", description="Reads every recorded file, and says what is damaged.")
    parser.add_argument("--config", type=Path, default=Path("var/three-classrooms.toml"))
    try:
        return 1 if damaged(LibrarySettings.load(parser.parse_args().config), print) else 0
    except (SettingsError, OSError) as error:
        print(f"check: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
