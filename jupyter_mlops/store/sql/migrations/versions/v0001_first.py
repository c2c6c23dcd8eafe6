"""The first schema.

Revision: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def words() -> Any:
    """Text that compares by code point in every database."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def number() -> Any:
    """A double."""
    return sa.Float().with_variant(postgresql.DOUBLE_PRECISION(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "aliases",
        sa.Column("model", words(), nullable=False),
        sa.Column("name", words(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("moved", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model", "name", name="pk_aliases"),
    )
    op.create_index("ix_aliases_model_version", "aliases", ["model", "version"])
    op.create_table(
        "artifacts",
        sa.Column("run", words(), nullable=False),
        sa.Column("name", words(), nullable=False),
        sa.Column("digest", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "name", name="pk_artifacts"),
    )
    op.create_index("ix_artifacts_digest", "artifacts", ["digest"])
    op.create_table(
        "cells",
        sa.Column("owner", words(), nullable=False),
        sa.Column("session", words(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "session", "sequence", name="pk_cells"),
    )
    op.create_table(
        "datasets",
        sa.Column("name", words(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", words(), nullable=True),
        sa.Column("run", words(), nullable=True),
        sa.Column("created", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name="pk_datasets"),
    )
    op.create_index("ix_datasets_digest", "datasets", ["digest"])
    op.create_index("ix_datasets_run", "datasets", ["run"])
    op.create_table(
        "definitions",
        sa.Column("id", words(), nullable=False),
        sa.Column("name", words(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("created", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_definitions"),
    )
    op.create_table(
        "deployments",
        sa.Column("id", words(), nullable=False),
        sa.Column("model", words(), nullable=True),
        sa.Column("alias", words(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("status", words(), nullable=True),
        sa.Column("started", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deployments"),
    )
    op.create_index("ix_deployments_model_version", "deployments", ["model", "version"])
    op.create_index("ix_deployments_status", "deployments", ["status"])
    op.create_table(
        "events",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", words(), nullable=False),
        sa.Column("subject", words(), nullable=False),
        sa.Column("digest", words(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_events"),
    )
    op.create_index("ix_events_kind_sequence", "events", ["kind", "sequence"])
    op.create_index("ix_events_subject_sequence", "events", ["subject", "sequence"])
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
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_queued", "jobs", ["queued"])
    op.create_index("ix_jobs_run", "jobs", ["run"])
    op.create_index("ix_jobs_status_queued", "jobs", ["status", "queued"])
    op.create_table(
        "metric_points",
        sa.Column("owner", words(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("key", words(), nullable=False),
        sa.Column("value", number(), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "sequence", name="pk_metric_points"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "metric_summaries",
        sa.Column("run", words(), nullable=False),
        sa.Column("key", words(), nullable=False),
        sa.Column("last", number(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("minimum", number(), nullable=True),
        sa.Column("maximum", number(), nullable=True),
        sa.Column("total", number(), nullable=True),
        sa.Column("numbers", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run", "key", name="pk_metric_summaries"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_metric_summaries_key_last", "metric_summaries", ["key", "last"])
    op.create_table(
        "models",
        sa.Column("name", words(), nullable=False),
        sa.Column("created", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_models"),
    )
    op.create_table(
        "policies",
        sa.Column("model", words(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model", name="pk_policies"),
    )
    op.create_table(
        "predictions",
        sa.Column("owner", words(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "sequence", name="pk_predictions"),
    )
    op.create_table(
        "reports",
        sa.Column("id", words(), nullable=False),
        sa.Column("deployment", words(), nullable=True),
        sa.Column("model", words(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("started", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
    )
    op.create_index("ix_reports_deployment", "reports", ["deployment"])
    op.create_index("ix_reports_model_version", "reports", ["model", "version"])
    op.create_table(
        "reviews",
        sa.Column("id", words(), nullable=False),
        sa.Column("model", words(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("alias", words(), nullable=True),
        sa.Column("status", words(), nullable=True),
        sa.Column("opened", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
    )
    op.create_index("ix_reviews_model_version", "reviews", ["model", "version"])
    op.create_index("ix_reviews_status", "reviews", ["status"])
    op.create_table(
        "run_params",
        sa.Column("run", words(), nullable=False),
        sa.Column("key", words(), nullable=False),
        sa.Column("number", number(), nullable=True),
        sa.Column("text", words(), nullable=True),
        sa.Column("flag", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("run", "key", name="pk_run_params"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_run_params_key_number", "run_params", ["key", "number"])
    op.create_table(
        "run_tags",
        sa.Column("run", words(), nullable=False),
        sa.Column("key", words(), nullable=False),
        sa.Column("value", words(), nullable=False),
        sa.PrimaryKeyConstraint("run", "key", name="pk_run_tags"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_run_tags_key_run", "run_tags", ["key", "run"])
    op.create_table(
        "runs",
        sa.Column("id", words(), nullable=False),
        sa.Column("experiment", words(), nullable=True),
        sa.Column("name", words(), nullable=True),
        sa.Column("status", words(), nullable=True),
        sa.Column("grade", words(), nullable=True),
        sa.Column("document", words(), nullable=True),
        sa.Column("started", words(), nullable=True),
        sa.Column("ended", words(), nullable=True),
        sa.Column("parent", words(), nullable=True),
        sa.Column("job", words(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=True),
        sa.Column("source_notebook", words(), nullable=True),
        sa.Column("actor_name", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_archived_parent_started", "runs", ["archived", "parent", "started"])
    op.create_index("ix_runs_archived_started", "runs", ["archived", "started"])
    op.create_index(
        "ix_runs_experiment_archived_parent_started", "runs", ["experiment", "archived", "parent", "started"]
    )
    op.create_index("ix_runs_id_archived", "runs", ["id", "archived"])
    op.create_index("ix_runs_job", "runs", ["job"])
    op.create_index("ix_runs_parent", "runs", ["parent"])
    op.create_index("ix_runs_started", "runs", ["started"])
    op.create_index("ix_runs_status_started", "runs", ["status", "started"])
    op.create_table(
        "versions",
        sa.Column("model", words(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", words(), nullable=True),
        sa.Column("run", words(), nullable=True),
        sa.Column("created", words(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model", "version", name="pk_versions"),
    )
    op.create_index("ix_versions_digest", "versions", ["digest"])
    op.create_index("ix_versions_run", "versions", ["run"])
