"""The index of a metric holds all that its points come to, not the last one alone.

Revision: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Put a wider index in place of the narrow one."""
    op.drop_index("ix_metric_summaries_key_last", table_name="metric_summaries")
    op.create_index(
        "ix_metric_summaries_numbers",
        "metric_summaries",
        ["key", "last", "minimum", "maximum", "total", "numbers", "count"],
    )
