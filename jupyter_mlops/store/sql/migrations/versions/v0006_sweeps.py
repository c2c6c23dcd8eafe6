"""The trials of a sweep are jobs, found by the sweep's own job.

Revision: 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def words() -> Any:
    """Text that compares by code point in every database."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


_KEPT = "id, status, run, queued, followed, spec_notebook, spec_experiment, spec_name, turn"


def upgrade() -> None:
    """Make the table anew, since a database adds columns at the end only; no job before this was a trial."""
    op.execute("CREATE TABLE jobs_kept AS SELECT * FROM jobs")
    op.drop_table("jobs")
    op.create_table(
        "jobs",
        sa.Column("id", words(), nullable=False),
        sa.Column("status", words(), nullable=True),
        sa.Column("run", words(), nullable=True),
        sa.Column("queued", words(), nullable=True),
        sa.Column("followed", sa.Boolean(), nullable=True),
        sa.Column("spec_notebook", words(), nullable=True),
        sa.Column("spec_experiment", words(), nullable=True),
        sa.Column("spec_name", words(), nullable=True),
        sa.Column("turn", words(), nullable=True),
        sa.Column("sweep", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.execute(f"INSERT INTO jobs ({_KEPT}, sweep, body) SELECT {_KEPT}, '', body FROM jobs_kept")  # noqa: S608
    op.drop_table("jobs_kept")
    op.create_index("ix_jobs_queued", "jobs", ["queued"])
    op.create_index("ix_jobs_run", "jobs", ["run"])
    op.create_index("ix_jobs_status_queued", "jobs", ["status", "queued"])
    op.create_index("ix_jobs_status_turn", "jobs", ["status", "turn"])
    op.create_index("ix_jobs_sweep", "jobs", ["sweep"])
