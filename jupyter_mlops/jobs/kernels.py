"""Which kernel a job gets: this interpreter's own for Python, the one installed under its name otherwise."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager

from jupyter_mlops.errors import Invalid

__all__ = ["OWN", "KernelPlace", "kernel_for", "starts_with"]

OWN = "python3"
_SOCKET_LIMIT = 90  # bytes; the system's limit for a socket's path is 108, and jupyter_client appends to it


class _OwnFirst(KernelSpecManager):
    """Finds kernels as Jupyter does, but ``python3`` is always the interpreter that asks.

    A kernelspec of that name may be missing, or left behind by another environment: a job must run with the
    packages that the workspace's own interpreter sees.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name != OWN:
            return super().get_kernel_spec(kernel_name)
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
            metadata={"debugger": False},
        )


class _PatientManager(AsyncKernelManager):
    """Its clients take in all that a kernel says, however fast.

    ZeroMQ's own limit of a thousand waiting messages makes the kernel's side drop outputs in silence.
    """

    def client(self, **settings: Any) -> Any:
        made: Any = super().client(**settings)
        made.context.rcvhwm = 0
        return made


class KernelPlace:
    """A private folder for a kernel's sockets, gone when the job is over."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mlops-"))

    def close(self) -> None:
        """Remove the folder and what is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def kernel_for(name: str, place: KernelPlace, prepared: str | None = None) -> AsyncKernelManager:
    """Return a manager, not yet started, of the kernel called *name*.

    Parameters
    ----------
    name, place
        Its name, and where its sockets lie.
    prepared
        The socket of a prepared process that forks this interpreter's kernel, where there is one.

    Raises
    ------
    Invalid
        No kernel of that name is installed.
    """
    manager = _PatientManager(kernel_name=name, kernel_spec_manager=_OwnFirst())
    try:
        found = manager.kernel_spec
    except NoSuchKernel:
        found = None
    if found is None:
        known = ", ".join(sorted({OWN, *_OwnFirst().find_kernel_specs()}))
        raise Invalid(f"no kernel called {name!r} is installed", remedy=f"Installed: {known}.")
    manager.connection_file = str(place.folder / "kernel.json")
    if name == OWN and os.name == "posix" and len(os.fsencode(place.folder)) < _SOCKET_LIMIT:
        # Sockets in a private folder: nobody else on the machine can reach them, as they could over TCP.
        manager.transport = "ipc"
        with suppress(Exception):
            manager.ip = str(place.folder / "kernel")
    if name == OWN and prepared is not None:
        from jupyter_mlops.jobs.prepared.provisioner import PreparedProvisioner

        manager.provisioner = PreparedProvisioner(kernel_spec=found, parent=manager)
        manager.provisioner.place = prepared
    return manager


def starts_with(name: str) -> tuple[str, ...]:
    """Return the words that start the kernel called *name*; none where it is not installed."""
    try:
        return tuple(_OwnFirst().get_kernel_spec(name).argv)
    except NoSuchKernel:
        return ()
