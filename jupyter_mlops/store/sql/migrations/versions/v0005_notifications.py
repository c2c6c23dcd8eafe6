"""Who is told of what, and each message that was made.

Revision: 0005
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def words() -> Any:
    """Text that compares by code point in every database."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "subscriptions",
        sa.Column("id", words(), nullable=False),
        sa.Column("name", words(), nullable=True),
        sa.Column("created", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index("ix_subscriptions_name", "subscriptions", ["name"])
    op.create_table(
        "notifications",
        sa.Column("subscription", words(), nullable=False),
        sa.Column("cause", words(), nullable=False),
        sa.Column("channel", words(), nullable=True),
        sa.Column("subject", words(), nullable=True),
        sa.Column("thing", words(), nullable=True),
        sa.Column("status", words(), nullable=True),
        sa.Column("due", words(), nullable=True),
        sa.Column("made", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subscription", "cause", name="pk_notifications"),
    )
    op.create_index("ix_notifications_status_due", "notifications", ["status", "due"])
    op.create_index("ix_notifications_channel_made", "notifications", ["channel", "made"])
    op.create_index("ix_notifications_made", "notifications", ["made"])
    op.create_index("ix_notifications_subject", "notifications", ["subject"])
    op.create_index(
        "ix_notifications_subscription_thing_made", "notifications", ["subscription", "thing", "made"]
    )
