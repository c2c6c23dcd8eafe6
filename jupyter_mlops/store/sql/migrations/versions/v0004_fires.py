"""Each time a schedule was due has a row of its own, a schedule a column that says when it is due next, a job one for its turn.

Revision: 0004
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def words() -> Any:
    """Text that compares by code point in every database."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table and the columns; active schedules are due at once to be looked at by the next turn."""
    op.create_table(
        "fires",
        sa.Column("definition", words(), nullable=False),
        sa.Column("cause", words(), nullable=False),
        sa.Column("status", words(), nullable=True),
        sa.Column("due", words(), nullable=True),
        sa.Column("claimed", words(), nullable=True),
        sa.Column("job", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("definition", "cause", name="pk_fires"),
    )
    op.create_index("ix_fires_status_due", "fires", ["status", "due"])
    op.create_index("ix_fires_definition_status", "fires", ["definition", "status"])
    op.create_index("ix_fires_definition_claimed", "fires", ["definition", "claimed"])
    op.create_index("ix_fires_job", "fires", ["job"])
    # The table is made anew, since a database adds columns at the end only; there are few schedules.
    connection = op.get_bind()
    kept = connection.execute(sa.text("SELECT id, name, active, created, body FROM definitions")).all()
    op.drop_table("definitions")
    definitions = op.create_table(
        "definitions",
        sa.Column("id", words(), nullable=False),
        sa.Column("name", words(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("created", words(), nullable=True),
        sa.Column("due", words(), nullable=True),
        sa.Column("watches", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_definitions"),
    )
    op.create_index("ix_definitions_active_due", "definitions", ["active", "due"])
    op.create_index("ix_definitions_active_watches", "definitions", ["active", "watches"])
    if kept:
        connection.execute(sa.insert(definitions), [_filled(row) for row in kept])
    _give_turns(connection)


_OF_A_JOB = "id, status, run, queued, followed, spec_notebook, spec_experiment, spec_name"


def _give_turns(connection: Any) -> None:
    """Give jobs the column that the queue is ordered by; a queued one has the turn of the moment it was queued."""
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
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.execute(f"INSERT INTO jobs ({_OF_A_JOB}, body) SELECT {_OF_A_JOB}, body FROM jobs_kept")  # noqa: S608
    op.drop_table("jobs_kept")
    op.create_index("ix_jobs_queued", "jobs", ["queued"])
    op.create_index("ix_jobs_run", "jobs", ["run"])
    op.create_index("ix_jobs_status_queued", "jobs", ["status", "queued"])
    op.create_index("ix_jobs_status_turn", "jobs", ["status", "turn"])
    waiting = sa.text("SELECT id, queued, body FROM jobs WHERE status = 'queued'")
    given = sa.text("UPDATE jobs SET turn = :turn, body = :body WHERE id = :id")
    for row in connection.execute(waiting).all():
        body = json.loads(row.body)
        body["turn"] = body["queued"]
        connection.execute(given, {"id": row.id, "turn": row.queued, "body": _text(body)})


def _text(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _filled(row: Any) -> dict[str, Any]:
    body = json.loads(row.body)
    clock = (body.get("when") or {}).get("type") == "Cron"
    body["due"] = (body.get("last_fired") or body["created"]) if row.active and clock else None
    body["watches"] = "" if clock or not body.get("when") else "drift"
    text = _text(body)
    columns = {"id": row.id, "name": row.name, "active": bool(row.active), "created": row.created}
    return {**columns, "due": body["due"], "watches": body["watches"], "body": text}
