"""What was found to be wrong or doubtful, in the words of whoever keeps a timetable: Chinese and English."""

from dataclasses import dataclass
from typing import Literal

Weight = Literal["error", "warning"]
"""An error keeps everything from being saved; a warning does not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and where in a file it is about, if it is about one."""

    code: str
    zh: str
    en: str
    weight: Weight = "error"
    sheet: str = ""
    row: int | None = None
    """As the spreadsheet numbers it: the header is row 1."""
    column: str = ""

    @property
    def fatal(self) -> bool:
        """Nothing may be saved with it."""
        return self.weight == "error"


def refuse(findings: tuple[Finding, ...]) -> bool:
    """Tells whether any of them keeps everything from being saved."""
    return any(finding.fatal for finding in findings)
