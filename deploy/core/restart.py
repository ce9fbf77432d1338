"""When a child process that ended is started again."""

from dataclasses import dataclass

# sysexits.h EX_CONFIG, and what argparse ends with: the service could not use what it was given, and will not.
HOPELESS = frozenset({78, 2})


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """How long to wait; the delay doubles with each crash until the child has held for a while."""

    first_delay_s: float = 0.5
    longest_delay_s: float = 30.0
    steady_after_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Start:
    """Start it again after this delay; `crashes` counts those in a row, this one included."""

    delay_s: float
    crashes: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It would only fail again; everything ends with this sentence."""

    sentence: str


def after_exit(policy: RestartPolicy, *, name: str, code: int, lived_s: float, crashes: int) -> Start | GiveUp:
    """Decides about a child that ended unasked; a negative `code` is a signal, `crashes` counts the earlier ones."""
    if code in HOPELESS:
        return GiveUp(f"{name} cannot use its configuration; its last lines above say what to change.")
    row = 1 if lived_s >= policy.steady_after_s else crashes + 1
    return Start(min(policy.first_delay_s * 2 ** min(row - 1, 16), policy.longest_delay_s), row)


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
