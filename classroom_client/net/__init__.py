"""The client against real servers: `run(settings, stop)`."""

from classroom_client.net.run import run
from classroom_client.net.settings import ClientSettings, SettingsError, SourceFile, server_and_code

__all__ = ["ClientSettings", "SettingsError", "SourceFile", "run", "server_and_code"]
