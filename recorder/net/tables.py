"""The tables of library and worker. Every change of them is a migration."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, MetaData, String, Table, Text

metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("take", String(80), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("not_before_ms", BigInteger, nullable=False),
    Column("owner", String(80), nullable=False),
    Column("lease_until_ms", BigInteger, nullable=False),
    Column("progress", Float, nullable=False),
    Column("cause", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

resources = Table(
    "resources",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("lesson", String(32), nullable=False, index=True),
    Column("take", String(80), nullable=False, unique=True),
    Column("region", String(80), nullable=False),
    Column("title", Text, nullable=False),
    Column("school", Text, nullable=False),
    Column("teacher", Text, nullable=False),
    Column("school_words", Text, nullable=False),
    Column("teacher_words", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("held_at_ms", BigInteger, nullable=False, index=True),
    Column("duration_ms", BigInteger, nullable=False),
    Column("pupils", Boolean, nullable=False),
    Column("objection", Text, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("raw", Boolean, nullable=False),
    Column("body", Text, nullable=False),
)
"""`words`: what is searched, folded. `body`: the whole entry as JSON. `objection`: why, or empty."""

playbacks = Table(
    "playbacks",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False, index=True),
    Column("resource", String(40), nullable=False, index=True),
    Column("act", String(16), nullable=False),
    Column("file", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("seat", String(32), nullable=False),
    Column("school", Text, nullable=False),
    Column("token", String(64), nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("why", Text, nullable=False),
)
"""Who wanted to see what, when, by which token, and whether they could."""

tombstones = Table(
    "tombstones",
    metadata,
    Column("resource", String(40), primary_key=True),
    Column("part", String(8), primary_key=True),
    Column("deleted_at_ms", BigInteger, nullable=False, index=True),
    Column("signed", Text, nullable=False),
)

shown_tokens = Table(
    "shown_tokens",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
)
"""One-time tokens that were exchanged for a session already."""
