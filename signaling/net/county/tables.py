"""The tables of a county. Every change of them is a migration; what a row names is looked at when it is committed."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, MetaData, String, Table

metadata = MetaData()
VERSION_TABLE = "county_version"
"""Where Alembic keeps how new the tables are; the lesson store has its own."""

NAME = String(200)


def _id(name: str = "id") -> Column[str]:
    return Column(name, NAME, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, NAME, nullable=False)


def _named(table: str) -> ForeignKey:
    # Deferred: an import writes all of a county in one transaction, in whatever order.
    return ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")


def _of(table: str, name: str) -> Column[str]:
    return Column(name, NAME, _named(table), nullable=False, index=True)


def _key_of(table: str, name: str) -> Column[str]:
    return Column(name, NAME, _named(table), primary_key=True)


def _json(name: str) -> Column[object]:
    return Column(name, JSON, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


regions = Table(
    "regions",
    metadata,
    _id(),
    _text("name"),
    Column("level", String(16), nullable=False),
    Column("within", NAME, _named("regions")),
)
schools = Table("schools", metadata, _id(), _text("name"), _of("regions", "region"), _text("kind"))
classrooms = Table(
    "classrooms",
    metadata,
    _id(),
    _of("schools", "school"),
    _text("name"),
    _text("link"),
    _number("screens"),
    _json("devices"),
    Column("interactive", Boolean, nullable=False),
)
people = Table("people", metadata, _id(), _text("name"), _of("schools", "school"), _json("subjects"), _text("studio"))
classes = Table(
    "classes", metadata, _id(), _of("schools", "school"), _text("name"), _json("grades"), _number("headcount")
)
textbooks = Table(
    "textbooks",
    metadata,
    _key_of("schools", "school"),
    Column("grade", Integer, primary_key=True),
    _id("subject"),
    _text("edition"),
)
bells = Table(
    "bells",
    metadata,
    _key_of("schools", "school"),
    Column("begins", Date, primary_key=True),
    _json("periods"),
    _text("season"),
)
terms = Table(
    "terms",
    metadata,
    _id(),
    _text("name"),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    _json("exam_weeks"),
    _json("holidays"),
    _json("made_up"),
)
pairings = Table(
    "pairings", metadata, _id(), _of("terms", "term"), _of("classrooms", "lead"), _json("rural"), _json("subjects")
)
courses = Table(
    "courses",
    metadata,
    _id(),
    _of("pairings", "pairing"),
    _text("subject"),
    _number("grade"),
    _of("people", "teacher"),
    _json("assistants"),
    _json("classes"),
)
entries = Table(
    "entries",
    metadata,
    _key_of("courses", "course"),
    Column("weekday", Integer, primary_key=True),
    Column("period", Integer, primary_key=True),
    Column("weeks", String(8), primary_key=True),
)
changes = Table(
    "changes",
    metadata,
    _key_of("courses", "course"),
    Column("day", Date, primary_key=True),
    Column("period", Integer, primary_key=True),
    Column("teacher", NAME),
    _json("rooms"),
    Column("cancelled", Boolean, nullable=False),
    _text("reason"),
    _number("again"),
)

states = Table(
    "county_states",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _number("version"),
    Column("saved_at_ms", BigInteger, nullable=False),
)
"""One row: how often the county has been saved, and when last; who saves says which version it has looked at."""

bell_log = Table(
    "bell_log",
    metadata,
    Column("position", Integer, primary_key=True),
    _text("lesson"),
    Column("day", Date, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("what", String(16), nullable=False),
    Column("reason", String(400), nullable=False),
    Index("bell_log_day", "day"),
)
"""What the bell did, and why it did not; rows are only ever added."""

feeds = Table(
    "calendar_feeds",
    metadata,
    Column("feed", String(16), primary_key=True),
    Column("key_hash", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    _text("of"),
    Column("made_at_ms", BigInteger, nullable=False),
    Column("revoked_at_ms", BigInteger),
)
"""Who may subscribe to whose timetable; keys by their hash."""
