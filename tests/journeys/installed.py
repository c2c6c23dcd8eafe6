"""A fresh environment as an installation leaves it, and a person who types at its prompt.

What the tests themselves run on is seen through it, so that making it takes no package and no network; its programs are those
the project's own metadata names.
"""

from __future__ import annotations

import os
import subprocess
import sysconfig
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path(__file__).parents[2]
_BESIDE = {"jupyter": "jupyter_core.command:main", "jupyter-lab": "jupyterlab.labapp:main"}
_PATIENCE = 300  # seconds; to stop what hangs, not to measure


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str


def install(folder: Path) -> Path:
    """Make an environment in *folder*, with the programs of an installation in its ``bin``; return that."""
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    bin_ = folder / "bin"
    (site,) = (folder / "lib").glob("python3*/site-packages")
    (site / "seen.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    told = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    for source, target in told["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"].items():
        place = folder / target
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.exists():  # one lies inside another
            place.symlink_to(HOUSE / source)
    for name, target in {**_BESIDE, **told["project"]["scripts"]}.items():
        module, _, function = target.partition(":")
        _program(
            bin_ / name,
            f"#!{bin_}/python\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n",
        )
    _program(bin_ / "pip", "#!/bin/sh\nexit 0\n")  # everything is installed
    return bin_


def _program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


class Terminal:
    """A person at a prompt: in a folder, with the environment active or not."""

    def __init__(self, folder: Path, bin_: Path | None) -> None:
        self.folder = folder
        strange = ("JUPYTER", "VIRTUAL_ENV", "JPY_", "PYTHONPATH", "CI")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
        active = {"VIRTUAL_ENV": str(bin_.parent)} if bin_ else {}
        path = os.pathsep.join([*([str(bin_)] if bin_ else []), "/usr/local/bin", "/usr/bin", "/bin"])
        self.environment = {**kept, **active, "PATH": path, "COLUMNS": "100", "PYTHONWARNINGS": "ignore"}

    def type(self, line: str, *, code: int = 0) -> Said:
        """Type one line; a ``cd`` stays. It must end with *code*."""
        done = subprocess.run(
            ["sh", "-c", f"{line}\ncode=$?; pwd >&2; exit $code"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        *told, folder = done.stderr.splitlines()
        said = Said(done.returncode, done.stdout, "\n".join(told))
        assert said.code == code, (line, said)
        self.folder = Path(folder)
        return said
