"""The tables of the store. Every change of them is a migration."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, MetaData, String, Table, Text

metadata = MetaData()

lessons = Table(
    "lessons",
    metadata,
    Column("lesson", String(32), primary_key=True),
    Column("created_at_ms", BigInteger, nullable=False, index=True),
    Column("over", Boolean, nullable=False, index=True),
)

events = Table(
    "events",
    metadata,
    Column("lesson", String(32), ForeignKey("lessons.lesson"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("type", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("lesson", String(32), ForeignKey("lessons.lesson"), nullable=False),
    Column("seat", String(32), nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("used_at_ms", BigInteger, nullable=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("lesson", String(32), ForeignKey("lessons.lesson"), nullable=False),
    Column("seat", String(32), nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False, index=True),
)
"""Session tokens that are good; one that is not here has been given back or has expired."""
