"""Jobs, resources, playbacks, tombstones, and one-time tokens that were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the first tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(120), primary_key=True),
        sa.Column("take", sa.String(80), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before_ms", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("lease_until_ms", sa.BigInteger, nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "resources",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("lesson", sa.String(32), nullable=False, index=True),
        sa.Column("take", sa.String(80), nullable=False, unique=True),
        sa.Column("region", sa.String(80), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("title", "school", "teacher")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("school_words", "teacher_words", "words")),
        sa.Column("held_at_ms", sa.BigInteger, nullable=False, index=True),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("pupils", sa.Boolean, nullable=False),
        sa.Column("objection", sa.Text, nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("raw", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "playbacks",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False, index=True),
        sa.Column("resource", sa.String(40), nullable=False, index=True),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("file", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("seat", sa.String(32), nullable=False),
        sa.Column("school", sa.Text, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_table(
        "tombstones",
        sa.Column("resource", sa.String(40), primary_key=True),
        sa.Column("part", sa.String(8), primary_key=True),
        sa.Column("deleted_at_ms", sa.BigInteger, nullable=False, index=True),
        sa.Column("signed", sa.Text, nullable=False),
    )
    op.create_table(
        "shown_tokens",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("expires_at_ms", sa.BigInteger, nullable=False, index=True),
    )


def downgrade() -> None:
    """Drops them."""
    for table in ("shown_tokens", "tombstones", "playbacks", "resources", "jobs"):
        op.drop_table(table)
