"""What calls do to files: which ones they read and write, told by their names and what they are given."""

from __future__ import annotations

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.parts import Parts

__all__ = ["FileCalls"]

# How a file is opened where nobody says, and where the mode stands.
_MODES = {"open": ("r", 1), "HDFStore": ("a", 1), "memmap": ("r+", 2), "open_memmap": ("r+", 1)}
# They read and write the files they are given.
_MOVING = {
    "os": frozenset({"rename", "renames", "replace", "link", "symlink", "system", "popen"}),
    "shutil": frozenset({"copy", "copy2", "copyfile", "copytree", "move", "unpack_archive", "make_archive"}),
}
_RENAMING = frozenset({"rename", "replace", "symlink_to", "hardlink_to"})
# Without a place they give a text and write nothing.
_TEXTS = frozenset({"to_string", "to_markdown", "to_json", "to_html", "to_latex", "to_xml"})
# What they name is a folder or a pattern: they may come upon any file.
_FOLDERS = frozenset(
    {"glob", "rglob", "iglob", "listdir", "iterdir", "walk", "scandir", "extractall", "extract"}
)


def _as_file(place: str | None) -> str | None:
    """Return *place* where it is a file's: without an ending it may be a folder, with any file in it."""
    return place if place and "." in place.replace("\\", "/").rpartition("/")[2] else None


class FileCalls(Parts):
    """Files that calls read and write."""

    def file_effects(self, name: str, own: str | None, arguments: Arguments) -> None:
        """Read or write the file that a call names, by its method's or function's name; *own*: the path whose method it is."""
        reading, writing = name in lib.FILE_READERS, name in lib.FILE_WRITERS
        if name in _TEXTS and not arguments.every():
            return
        texts = [value.const for value in arguments.every() if value.const is not None]
        if name in _RENAMING:
            self._renames(own, texts)
        place = own or next((text for text in texts if "." in text or "/" in text), None)
        if name in _FOLDERS:
            place = None
        if name in _MODES:
            mode = self._mode(name, arguments, method=own is not None)
            if set(mode) & set("wax+"):
                reading, writing = "r" in mode or "+" in mode or name != "open", True
        if reading:
            self.read_file(place)
        if writing:
            self.write_file(place)

    def _renames(self, own: str | None, texts: list[str]) -> None:
        """Both names are touched: the one it had, and the one it has now."""
        for place in (own, *texts):
            if place is not None:
                self.read_file(_as_file(place))
                self.write_file(_as_file(place))

    @staticmethod
    def _mode(name: str, arguments: Arguments, *, method: bool) -> str:
        """Return how a file is opened; one that is computed may be any."""
        default, place = _MODES[name]
        given = arguments.values[place - method] if len(arguments.values) > place - method else None
        given = arguments.keywords.get("mode", given)
        if given is None:
            return "r+" if arguments.spread else default
        return given.const or "r+"

    def moves(self, root: str, name: str, arguments: Arguments) -> None:
        """Read and write the files that are copied, moved, packed or unpacked."""
        if name not in _MOVING.get(root, ()):
            return
        if name.endswith(("archive", "tree")):
            self.any_file()
        for value in arguments.every():
            place = _as_file(value.const)
            self.read_file(place)
            self.write_file(place)

    def any_file(self) -> None:
        """What is called here may read any file, and write any."""
        self.read_file(None)
        self.write_file(None)

    def unknown_files(self, arguments: Arguments) -> None:
        """A function nobody knows may read or write what looks like a file in its arguments."""
        for value in arguments.every():
            if value.const is not None and ("." in value.const or "/" in value.const):
                self.read_file(value.const)
                self.write_file(value.const)
