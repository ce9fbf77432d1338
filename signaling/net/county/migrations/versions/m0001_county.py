"""A county's things, what the bell did, and the feeds of its calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.String(200)
MADE = (
    "regions", "schools", "classrooms", "people", "classes", "textbooks", "bells", "terms", "pairings", "courses",
    "entries", "changes", "county_states", "bell_log", "calendar_feeds",
)  # fmt: skip


def _key(name: str = "id") -> sa.Column[str]:
    return sa.Column(name, NAME, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, NAME, nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON, nullable=False)


def _named(table: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")


def _of(table: str, name: str) -> sa.Column[str]:
    return sa.Column(name, NAME, _named(table), nullable=False, index=True)


def _key_of(table: str, name: str) -> sa.Column[str]:
    return sa.Column(name, NAME, _named(table), primary_key=True)


def _number(name: str, *, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, primary_key=key, nullable=False, autoincrement=False)


def _day(name: str, *, key: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date, primary_key=key, nullable=False)


def upgrade() -> None:
    """Makes the first tables."""
    op.create_table(
        "regions", _key(), _text("name"), sa.Column("level", sa.String(16), nullable=False),
        sa.Column("within", NAME, _named("regions")),
    )  # fmt: skip
    op.create_table("schools", _key(), _text("name"), _of("regions", "region"), _text("kind"))
    op.create_table(
        "classrooms", _key(), _of("schools", "school"), _text("name"), _text("link"), _number("screens"),
        _json("devices"), sa.Column("interactive", sa.Boolean, nullable=False),
    )  # fmt: skip
    op.create_table("people", _key(), _text("name"), _of("schools", "school"), _json("subjects"), _text("studio"))
    op.create_table(
        "classes", _key(), _of("schools", "school"), _text("name"), _json("grades"), _number("headcount")
    )  # fmt: skip
    op.create_table(
        "textbooks", _key_of("schools", "school"), _number("grade", key=True), _key("subject"), _text("edition")
    )  # fmt: skip
    op.create_table(
        "bells", _key_of("schools", "school"), _day("begins", key=True), _json("periods"), _text("season")
    )  # fmt: skip
    op.create_table(
        "terms", _key(), _text("name"), _day("first"), _day("last"), _json("exam_weeks"), _json("holidays"),
        _json("made_up"),
    )  # fmt: skip
    _make_lessons()
    states = op.create_table(
        "county_states", _number("id", key=True), _number("version"),
        sa.Column("saved_at_ms", sa.BigInteger, nullable=False),
    )  # fmt: skip
    op.bulk_insert(states, [{"id": 1, "version": 0, "saved_at_ms": 0}])
    op.create_table(
        "bell_log", sa.Column("position", sa.Integer, primary_key=True), _text("lesson"), _day("day"),
        sa.Column("at_ms", sa.BigInteger, nullable=False), sa.Column("what", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
    )  # fmt: skip
    op.create_index("bell_log_day", "bell_log", ["day"])
    op.create_table(
        "calendar_feeds", sa.Column("feed", sa.String(16), primary_key=True),
        sa.Column("key_hash", sa.String(64), nullable=False), sa.Column("kind", sa.String(16), nullable=False),
        _text("of"), sa.Column("made_at_ms", sa.BigInteger, nullable=False), sa.Column("revoked_at_ms", sa.BigInteger),
    )  # fmt: skip


def _make_lessons() -> None:
    op.create_table(
        "pairings", _key(), _of("terms", "term"), _of("classrooms", "lead"), _json("rural"), _json("subjects")
    )  # fmt: skip
    op.create_table(
        "courses", _key(), _of("pairings", "pairing"), _text("subject"), _number("grade"), _of("people", "teacher"),
        _json("assistants"), _json("classes"),
    )  # fmt: skip
    op.create_table(
        "entries", _key_of("courses", "course"), _number("weekday", key=True), _number("period", key=True),
        sa.Column("weeks", sa.String(8), primary_key=True),
    )  # fmt: skip
    op.create_table(
        "changes", _key_of("courses", "course"), _day("day", key=True), _number("period", key=True),
        sa.Column("teacher", NAME), _json("rooms"), sa.Column("cancelled", sa.Boolean, nullable=False),
        _text("reason"), _number("again"),
    )  # fmt: skip


def downgrade() -> None:
    """Drops them."""
    for table in reversed(MADE):
        op.drop_table(table)
