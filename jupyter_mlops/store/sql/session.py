"""A connection inside one transaction, and whether it may change anything."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from jupyter_mlops.errors import Invalid
from jupyter_mlops.store.sql.dialect import Dialect

__all__ = ["Session"]


@dataclass(frozen=True, slots=True)
class Session:
    """What collections and series share."""

    connection: Connection
    dialect: Dialect
    writable: bool

    def writing(self) -> Connection:
        """Return the connection to write through; a view for reading has none."""
        if not self.writable:
            raise Invalid("this is a view for reading", remedy="Open store.write() to change something.")
        return self.connection
