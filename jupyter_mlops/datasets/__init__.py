"""The book of data: named, versioned by content, loaded only as what was registered."""

from jupyter_mlops.datasets.books import (
    find_datasets,
    get_dataset,
    load_data,
    register_dataset,
    register_frame,
)

__all__ = ["find_datasets", "get_dataset", "load_data", "register_dataset", "register_frame"]
