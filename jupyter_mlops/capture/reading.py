"""Reading one execution: what it takes from the world before it, and what it changes there."""

from __future__ import annotations

import ast
import builtins
import posixpath
from collections.abc import Iterable, Sequence
from typing import Any

from jupyter_mlops.capture.library import INJECTED
from jupyter_mlops.capture.secrets import mask_secrets
from jupyter_mlops.capture.syntax import MAGIC, SHELL
from jupyter_mlops.capture.world import (
    EMPTY,
    Binding,
    Branch,
    Code,
    Frame,
    Kind,
    Regions,
    Value,
    World,
    joined,
)

__all__ = ["Exhausted", "Reading"]

_BUILTIN = frozenset(dir(builtins))
# What stands for something without being bound by a cell.
_GIVEN = {
    **{name: f"builtins.{name}" for name in (*sorted(_BUILTIN), "get_ipython")},
    **{name: f"IPython.{name}" for name in (SHELL, MAGIC)},
    **INJECTED,
    "__builtins__": "builtins",
}
_SHOWN = frozenset({"_", "__", "___", "Out", "_oh"})
_TYPED = frozenset({"In", "_ih", "_i", "_ii", "_iii", "_dh"})
_PER_STEP = 16  # regions looked at in the time of a step
_BUDGET = 20_000  # steps; a cell of hundreds of lines takes a few thousand


class Exhausted(Exception):
    """The cell is too tangled to follow within its budget: it counts as opaque."""


class Reading:
    """The state of reading one execution; expressions, calls and statements are built on it."""

    def __init__(self, world: World, sequence: int, count: int | None = None) -> None:
        self.world = world
        self.sequence = sequence
        self.count = count
        self.rests: set[int] = set()
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.unseen: set[str] = set()
        self.halves: set[str] = set()
        self.outside: set[str] = set()
        self.opaque = False  # the names below may be incomplete
        self.everything = False  # it may have read anything
        self.drawing = False  # this cell has begun a figure of its own
        self.doubt = 0  # conditions around: what is bound under one may not be bound
        self.branches: list[Branch] = []  # the bodies under those conditions, the innermost last
        self.frames: list[Frame] = []
        self.active: list[Code] = []
        self.raised: list[Value] = []
        self._left, self._walked = _BUDGET, world.walked
        self._touched: set[int] = set()
        self._rested: dict[Regions, int] = {}  # what was touched, and how many edges the world had then
        self._thrown: dict[int, int] = {}  # hubs that something unknown got, likewise
        self._called: dict[int, set[Code]] = {}  # what something unknown got, by its hub
        self._invoked: dict[Code, Regions] = {}
        self._gave: dict[Code, Regions] = {}  # what they gave back
        self._marks: dict[int, Regions] = {}  # methods that were handed on and read, likewise

    def spend(self, steps: int = 1) -> None:
        """Count steps, and what was gone through since to say what reaches what: a web of callbacks is mostly that."""
        walked = (self.world.walked - self._walked) // _PER_STEP
        self._walked += walked * _PER_STEP
        self._left -= steps + walked
        if self._left < 0:
            raise Exhausted

    # names ---------------------------------------------------------------------------------------------------

    def load(self, name: str) -> Value:
        """Return what *name* stands for here, and rest on whoever made it so."""
        for frame in reversed(self.frames):
            if name in frame.values:
                value = frame.values[name]
                self.touch(value.regions)
                return value
            if name in frame.scope.worldwide:
                break
            if name in frame.scope.own and not frame.comprehension and not frame.classbody:
                return EMPTY
        return self.load_global(name)

    def load_global(self, name: str) -> Value:
        """Return what *name* stands for in the session."""
        settled = next((b.names[name] for b in reversed(self.branches) if name in b.names), None)
        binding = settled or self.world.names.get(name)
        if binding is None:
            return self._unbound(name)
        if binding.by != {self.sequence}:
            self.reads.add(name)
        self.rests |= binding.by
        if settled is None and name in self.world.halves:
            self.halves.add(name)
        if binding.by != {self.sequence} and Kind.PLOT in self.world.kinds_of(binding.value):
            self.read_state("figure")  # pyplot draws on the figure that is open, whoever holds it
        self.touch(binding.value.regions)
        return binding.value

    def _unbound(self, name: str) -> Value:
        if name in _GIVEN:
            return Value(path=_GIVEN[name])
        if name in _TYPED:
            return EMPTY
        if name in _SHOWN or (name[:1] == "_" and name[1:].isdigit()):
            return self._shown(name)
        self.reads.add(name)
        if self.world.stars:
            root = self.world.stars[-1]
            return Value(frozenset((self.world.module(root.partition(".")[0]),)), path=f"{root}.{name}")
        self.unseen.add(name)
        self.touch(frozenset((self.world.old,)))
        return Value(frozenset((self.world.old,)))

    def _shown(self, name: str) -> Value:
        """Return what an earlier cell displayed."""
        wanted = int(name[1:]) if name[1:].isdigit() else None
        shown = [s for s in self.world.shown if wanted is None or s[1] == wanted]
        self.rests.update(sequence for sequence, _, _ in shown)
        value = joined([value for _, _, value in shown] or [EMPTY])
        self.touch(value.regions)
        return self.world.fresh(Kind.CONTAINER, value.regions) if name in {"Out", "_oh"} else value

    def bind(self, name: str, value: Value, *, walrus: bool = False) -> None:
        """Let *name* stand for *value* from here on; under a condition, also for what it stood for before."""
        # What was written as a pair may have changed before it is taken apart.
        value = Value(value.regions, path=value.path, const=value.const, sure=value.sure)
        frame = self._frame_for(name, walrus)
        if frame is not None:
            before = frame.values.get(name)
            frame.values[name] = joined([before, value]) if before and self.doubt > frame.doubt else value
            return
        self.writes.add(name)
        before_binding = self.world.names.get(name)
        if before_binding is not None:
            self.ended(before_binding.value)
        own = frozenset((self.sequence,))
        self._bind_in_branches(name, Binding(value, own))
        if self.doubt and before_binding is not None:
            self.world.names[name] = Binding(joined([before_binding.value, value]), before_binding.by | own)
            return
        if self.doubt:
            self.world.halves.add(name)
        else:
            self.world.halves.discard(name)
        self.world.names[name] = Binding(value, own)

    def _bind_in_branches(self, name: str, made: Binding) -> None:
        """Within the body of a condition, what was bound there before is what *name* stands for; outside it may be."""
        for branch in self.branches:
            before = branch.names.get(name)
            if branch is self.branches[-1] and branch.doubt == self.doubt:
                branch.names[name] = made
            elif before is not None:
                branch.names[name] = Binding(joined([before.value, made.value]), before.by | made.by)

    def settle(self, ways: Sequence[Branch]) -> None:
        """Let the names that each of *ways* has bound stand for what they stand for at the end of one of them."""
        within = self.branches[-1] if self.branches else None
        if self.doubt != (within.doubt if within else 0):
            return
        for name in set.intersection(*(set(way.names) for way in ways)):
            ends = [way.names[name] for way in ways]
            both = Binding(joined([end.value for end in ends]), frozenset().union(*(end.by for end in ends)))
            if within is not None:
                within.names[name] = both
            else:
                self.world.names[name] = both
                self.world.halves.discard(name)

    def _frame_for(self, name: str, walrus: bool) -> Frame | None:
        shared = False
        for frame in reversed(self.frames):
            if frame.comprehension and (walrus or name not in frame.scope.own):
                continue
            if name in frame.scope.worldwide:
                return None
            if name in frame.scope.own:
                if shared and frame.region >= 0:
                    self.change((frame.region,))
                return frame
            shared = shared or name in frame.scope.shared
            if not shared:
                return None
        return None

    def unbind(self, name: str) -> None:
        """Take *name* out of the session, unless that is in doubt."""
        frame = self._frame_for(name, walrus=False)
        if frame is not None:
            frame.values.pop(name, None)
            return
        self.load_global(name)
        self.writes.add(name)
        for branch in self.branches:
            branch.names.pop(name, None)
        before = self.world.names.get(name)
        if before is None:
            return
        self.ended(before.value)
        if self.doubt:
            self.world.names[name] = Binding(before.value, before.by | {self.sequence})
        else:
            del self.world.names[name]

    # regions -------------------------------------------------------------------------------------------------

    def touch(self, regions: Regions) -> None:
        """Rest on everybody who changed what shows in *regions*, and on what their functions will load."""
        if self._rested.get(regions) == self.world.edges:
            return
        self._rested[regions] = self.world.edges
        reached = self.world.reach(regions, seeing=True)
        self.spend(len(reached) // _PER_STEP)
        for region in reached:
            self.rests |= self.world.changed[region]
            code = self.world.code.get(region)
            if code is not None and region not in self._touched:
                self._touched.add(region)
                self._touch_code(code)

    def _touch_code(self, code: Code) -> None:
        kept, self.frames = self.frames, list(code.frames)
        for name in code.scope.free:
            if name not in _BUILTIN or name in self.world.names:
                self.load(name)
        self.frames = kept
        for method in code.methods.values():
            self._touch_code(method)

    def change(self, regions: Iterable[int]) -> None:
        """Note that this execution may have changed *regions*."""
        for region in regions:
            self.world.changed[self.world.hub_of(region)].add(self.sequence)
            flags = self.world.flags.get(region)
            if flags:
                flags.discard("safe keys")

    def change_deep(self, regions: Regions, *, cells: bool = True) -> None:
        """Note that this execution may have changed *regions* and all that can be changed through them.

        Without *cells*, a table was changed and none of the objects that lie in it, which its copies share.
        """
        self.change(self.world.reach(regions, seeing=False, cells=cells))

    def all_changed(self, names: Iterable[str]) -> set[str]:
        """Return those of *names* whose objects this execution may have changed."""
        found = set()
        for name in names:
            binding = self.world.names.get(name)
            reached = self.world.reach(binding.value.regions, seeing=False) if binding else frozenset()
            if any(self.sequence in self.world.changed[region] for region in reached):
                found.add(name)
        return found

    # beyond --------------------------------------------------------------------------------------------------

    def become_opaque(self) -> None:
        """Anything may have been read, bound and changed here, and any two names may share an object from now on."""
        self.opaque = self.everything = True
        self.keep()
        for branch in self.branches:
            branch.names.clear()
        world = self.world
        everything = [r for binding in world.names.values() for r in binding.value.regions]
        hub = world.throw_together(world.reach(frozenset((world.old, *everything)), seeing=False))
        self.change((hub,))
        for name, binding in world.names.items():
            # A module stays a module: nobody lets exec turn numpy into something else.
            if not binding.value.path:
                world.names[name] = Binding(Value(binding.value.regions | {hub}), binding.by)

    def keep(self, what: str = "") -> None:
        """Let every later execution rest on this one, until another one does just *what* it did."""
        self.world.kept[f"{what}|{self.sequence}" if self.doubt or not what else what] = self.sequence

    def read_state(self, *states: str) -> None:
        """Rest on whoever set *states*."""
        for state in states:
            self.rests |= self.world.states.get(state, set())

    def write_state(self, state: str, *, anew: bool = False) -> None:
        """Note that this execution sets *state*; *anew*: whatever it was before."""
        if anew and not self.doubt:
            self.world.states[state] = set()
        self.world.states.setdefault(state, set()).add(self.sequence)

    def read_file(self, name: str | None) -> None:
        """Rest on whoever wrote the file; None: some file."""
        self.outside.add(f"file {mask_secrets(name).text}" if name else "files")
        key = posixpath.basename(name.replace("\\", "/")) if name else ""
        files = [
            s
            for s in self.world.states
            if s.startswith("file:") and (not key or s in {f"file:{key}", "file:"})
        ]
        self.read_state(*files)

    def write_file(self, name: str | None) -> None:
        """Note that this execution may have written the file; None: any file."""
        self.write_state(f"file:{posixpath.basename(name.replace(chr(92), '/')) if name else ''}")

    def draw(self, generator: str) -> None:
        """Take numbers from the random generator of a library: after a seed, every draw counts."""
        if generator in self.world.seeded:
            self.read_state(f"random:{generator}")
            self.write_state(f"random:{generator}")
        else:
            self.outside.add(f"random numbers without a seed ({generator})")

    def seed(self, generator: str, *, given: bool) -> None:
        """Set the random generator of a library; not *given*: from the clock."""
        self.write_state(f"random:{generator}", anew=True)
        if given:
            self.world.seeded.add(generator)
        elif not self.doubt:
            self.world.seeded.discard(generator)

    # built upon this -----------------------------------------------------------------------------------------

    def value_of(self, node: ast.expr) -> Value:
        """Return what an expression stands for."""
        raise NotImplementedError

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Read statements in order."""
        raise NotImplementedError

    def ended(self, value: Value) -> None:
        """A name lets go of *value*."""
        raise NotImplementedError

    def constant(self, node: ast.AST | None) -> Any:
        """Return the constant *node* is; Ellipsis where it is none."""
        return node.value if isinstance(node, ast.Constant) else ...
