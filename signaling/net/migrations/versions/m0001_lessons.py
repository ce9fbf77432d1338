"""Lessons, their events, invitations and session tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the first tables."""
    op.create_table(
        "lessons",
        sa.Column("lesson", sa.String(32), primary_key=True),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False, index=True),
        sa.Column("over", sa.Boolean, nullable=False, index=True),
    )
    op.create_table(
        "events",
        sa.Column("lesson", sa.String(32), sa.ForeignKey("lessons.lesson"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "invitations",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("lesson", sa.String(32), sa.ForeignKey("lessons.lesson"), nullable=False),
        sa.Column("seat", sa.String(32), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
        sa.Column("used_at_ms", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "tokens",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("lesson", sa.String(32), sa.ForeignKey("lessons.lesson"), nullable=False),
        sa.Column("seat", sa.String(32), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=False, index=True),
    )


def downgrade() -> None:
    """Drops them."""
    for table in ("tokens", "invitations", "events", "lessons"):
        op.drop_table(table)
