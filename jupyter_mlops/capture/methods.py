"""Methods: what a call does to the object it is called on, according to what is known of it."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.calls import Calls
from jupyter_mlops.capture.functions import PLAIN_DECORATORS
from jupyter_mlops.capture.library_methods import (
    DATA_CHANGING,
    DATA_CONTAINERS,
    DATA_NEW,
    DATA_NUMBERS,
    DATA_OBJECTS,
    DATA_ONE,
    DATA_READING,
    DATA_ROWS,
    TEXT_PLAIN,
)
from jupyter_mlops.capture.tables import FIELDLESS
from jupyter_mlops.capture.world import EMPTY, Code, Kind, Value, joined

__all__ = ["Methods"]

_FITTING = frozenset({"fit", "partial_fit", "set_params", "set_output"})
_LAZY = frozenset({"groupby", "rolling", "expanding", "ewm", "resample", "lazy", "group_by"})
_PREDICTING = frozenset(
    {"predict", "predict_proba", "decision_function", "predict_log_proba", "fit_predict", "kneighbors"}
)
_PICTURES = frozenset({"plot", "hist", "boxplot"})
_OF_OBJECTS = (
    _PREDICTING | _PICTURES | {"add", "subtract"}
)  # of a set, a counter, or of the notebook's own class
_LOOKING = DATA_READING | (_PREDICTING - {"fit_predict"})  # no table predicts
_DRAWING = frozenset(
    {
        "random",
        "normal",
        "uniform",
        "integers",
        "standard_normal",
        "choice",
        "permutation",
        "randn",
        "rand",
        "randint",
    }
)
_WRITING = ("write", "flush", "close", "truncate")
_STORING = ("put", "append", "remove", "exec", "commit", "fetch", "__exit__")  # of what lies in a file
# Methods of containers that compare with what is inside, and those that show the container as it will be.
_COMPARING = frozenset(
    {
        "index",
        "count",
        "remove",
        "sort",
        "__contains__",
        "get",
        "pop",
        "setdefault",
        "add",
        "discard",
        "update",
        "union",
    }
    | {"intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint"}
)
_VIEWS = frozenset({"keys", "items", "values"})
# They have to do with files only where their object is one.
_NO_FILE = frozenset(
    {
        "remove", "rename", "replace", "move", "copy", "load", "dump", "exists", "walk", "stat", "save", "extract", "write",
    }
)  # fmt: skip
_TOLD_APART = frozenset({Kind.DATA, Kind.ESTIMATOR, Kind.PLOT, Kind.CONTAINER, Kind.INSTANCE})
_NOT_PLAINLY_CALLED = frozenset(
    {"staticmethod", "classmethod", "property", "cached_property", "contextmanager"}
)


class Methods(Calls):
    """What a method call does."""

    def method(self, base: Value, name: str, arguments: Arguments) -> Value:
        """Call a method of an object."""
        kinds = self.world.kinds_of(base)
        if len(kinds) > 1 and kinds <= _TOLD_APART:
            return joined([self.method(part, name, arguments) for part in self._by_kind(base)])
        if name not in _NO_FILE or not kinds or not kinds <= _TOLD_APART:
            self.file_effects(name, base.const, arguments)
        if kinds in (set(), {Kind.INSTANCE}, {Kind.TRACKER}):
            first = next(iter(kinds), None)
            own = {Kind.INSTANCE: self._of_instance, Kind.TRACKER: self._of_tracker}
            return own.get(first, self._of_plain)(base, name, arguments)  # type: ignore[arg-type]
        if self.world.patched:
            # Somebody gave a library's class a method of their own; it may be this one.
            return self.unknown_call([base, Value(frozenset(self.world.patched)), *arguments.every()])
        risky = self.world.flagged(self.world.reach(base.regions, seeing=False), "risky")
        if risky or self.forced(arguments):
            return self.unknown_call([base, *arguments.every()])
        handlers: dict[Kind, Callable[[Value, str, Arguments], Value]] = {
            Kind.DATA: self._of_data,
            Kind.ESTIMATOR: self._of_estimator,
            Kind.PLOT: self._of_plot,
            Kind.CONTAINER: self._of_container,
            Kind.ITERATOR: self._of_iterator,
            Kind.CLASS: self._of_class,
        }
        handler = handlers.get(next(iter(kinds))) if len(kinds) == 1 else None
        return (handler or self._of_unknown)(base, name, arguments)

    def _of_tracker(self, base: Value, name: str, arguments: Arguments) -> Value:
        if self.world.flagged(base.regions, "logs"):
            self.logs(base, name, arguments)
        return Value(base.regions)

    def _by_kind(self, base: Value) -> list[Value]:
        """Take apart what may be one of several things, such as a model out of a list of names and models."""
        kinds = self.world.kinds
        found = {
            kind: {r for r in base.regions if kinds[r] is kind} for kind in sorted(self.world.kinds_of(base))
        }
        return [Value(frozenset(regions), const=base.const) for regions in found.values()]

    def _of_plain(self, base: Value, name: str, arguments: Arguments) -> Value:
        for value in arguments.every():
            self.consume(value)
        self.invoke(arguments.regions(), Value(arguments.regions()), lambda method: method[:2] == "__")
        functions = frozenset(r for r in arguments.regions() if self.world.kinds[r] is Kind.FUNCTION)
        self.invoke(functions, Value(arguments.regions()))  # pattern.sub(function, text)
        if self.calls_unknown(name, arguments):
            self.unknown_call(arguments.every())
        if name == "samples" and "seed" not in arguments.nodes:  # of a normal distribution
            self.draw("random")
        if name == "open":
            return Value(self.world.fresh(Kind.ITERATOR).regions, const=base.const)
        if name in TEXT_PLAIN:
            return Value(
                const=base.const if name in {"with_suffix", "resolve", "absolute", "expanduser"} else None
            )
        # "a b".split() is a list: whoever appends to it changes it.
        parts = [r for value in arguments.every() for r in self.elements(value).regions]
        return self.world.fresh(Kind.CONTAINER, [*parts, *arguments.regions()])

    def _of_data(self, base: Value, name: str, arguments: Arguments) -> Value:
        pool = Value(base.regions | arguments.regions())
        if self.lies_in_one(base):
            self.protocol(base, lambda method: method == name)  # it may be an object of the notebook's own
        into = name == "at" or lib.gives_into(name, len(arguments.values), method=True)
        if into or self.calls_unknown(name, arguments):
            self.unknown_call([base, *arguments.every()])
        if name in {"rvs", "resample"} and not self.given_generator(arguments):
            self.draw("numpy")
        named = self.names_in(arguments).regions if name in {"query", "eval"} else EMPTY.regions
        inside = self.inside(base if self._is_function(arguments) else pool)
        given = self.invoke(arguments.regions(), inside)
        self.consume_iterators(arguments)
        if name not in _LOOKING or self._of_object(base, name):
            self.change_deep(base.regions, cells=name not in DATA_CHANGING or self.lies(base))
            own = self.inside(base) if name == "pop" else base
            for region in base.regions:
                self.world.hold(region, self.given(arguments) | named)
            if base.const is not None:
                self.write_file(base.const)  # the array lies in a file
            return Value(own.regions | arguments.regions() | named)
        return self.shares(self._of_read(base, name, arguments), given)

    def _of_object(self, base: Value, name: str) -> bool:
        """Say whether what reads a table may be what changes an object that lies in one: a set, a counter, a generator."""
        if not self.lies_in_one(base):
            return False
        return name in _OF_OBJECTS or bool(self.iterators_in(base))

    def _is_function(self, arguments: Arguments) -> bool:
        """Say whether all that is given is one function of the notebook: it gets parts of the table, and not itself."""
        given = [value for value in arguments.every() if value.regions]
        codes = [self.world.code.get(region) for value in given for region in value.regions]
        return len(given) == 1 and all(code is not None and not code.defaults for code in codes)

    def _of_read(self, base: Value, name: str, arguments: Arguments) -> Value:
        """Return what a method gives that leaves its table as it is."""
        pool = Value(base.regions | self.not_called(name, arguments.regions()))
        if name in _PREDICTING:
            return self.of_numbers(self.table(plain=True))
        if name == "sample" and not self.given_generator(arguments):
            self.draw("numpy")
        if name in _PICTURES:
            return self.plot(pool.regions)
        if name in DATA_CONTAINERS:
            return self.world.fresh(Kind.CONTAINER, self.inside(base).regions)
        shallow = name == "copy" and self.world.flagged(base.regions, "bunch")
        if name not in DATA_NEW or name in _LAZY or shallow:
            return self.keeps_fieldless(
                self.viewed(pool, plain=name not in DATA_OBJECTS), base, name, arguments
            )
        if name in DATA_NUMBERS:
            return self.of_numbers(self.numbers(name))
        one = name in DATA_ONE | DATA_OBJECTS or self.lies(base)
        made = self.copied(pool, plain=name not in DATA_OBJECTS, one=one)
        self.keeps_fieldless(made, base, name, arguments)
        return self.kept("frame", base, made) if name in DATA_ROWS else made

    def _of_estimator(self, base: Value, name: str, arguments: Arguments) -> Value:
        held = self.world.reach(base.regions, seeing=False)
        # X, copy: a second table is no answer to whether to copy.
        switches = [value for value in arguments.values[1:] if not value.regions]
        copying = name in {"transform", "inverse_transform"} and switches
        if copying or self.unknown_within(base.regions):
            return self.unknown_call([base, *arguments.every()])
        pool = Value(held | arguments.regions())
        self.invoke(pool.regions, pool)
        self.consume_iterators(arguments)
        if name not in lib.ESTIMATOR_READING:
            self.change(r for r in held if self.world.kinds[r] is not Kind.DATA)
            for region in base.regions:
                self.world.see(region, self.given(arguments))
            if self.world.flagged(held, "draws"):
                self.draw("numpy")
        elif name == "split":  # a generator that shuffles is moved on by it
            self.change(r for r in held if self.world.kinds[r] is Kind.ITERATOR)
            if self.world.flagged(held, "draws"):
                self.draw("numpy")
        return self._of_fitted(base, name, arguments)

    def _of_fitted(self, base: Value, name: str, arguments: Arguments) -> Value:
        if name in _FITTING:
            return Value(base.regions)
        if name in {"score", "get_depth", "get_n_leaves", "get_n_splits"}:
            return EMPTY
        if name in _PREDICTING:
            return self.of_numbers(self.table(plain=True))
        if name == "split" or name.startswith("staged_"):
            return self._one_by_one(base, name, arguments)
        if name in {"transform", "fit_transform", "inverse_transform"}:
            made = self.table(self.given(arguments), plain=True)
            return self.kept(FIELDLESS, Value(self.given(arguments)), made)
        return self.world.fresh(Kind.ESTIMATOR, base.regions | self.given(arguments))

    def _one_by_one(self, base: Value, name: str, arguments: Arguments) -> Value:
        parts = self.of_numbers(self.table(plain=True)).regions
        if name == "split":
            return self.world.fresh(Kind.CONTAINER, parts)
        # Each stage is computed when it is asked for, from the model as it is then.
        stages = self.world.fresh(Kind.ITERATOR, sees=base.regions | self.given(arguments))
        self.world.gives |= dict.fromkeys(stages.regions, parts)
        return stages

    def _of_plot(self, base: Value, _name: str, arguments: Arguments) -> Value:
        self.invoke(base.regions | arguments.regions(), Value(arguments.regions()))  # what listens to it, too
        held = self.world.reach(base.regions, seeing=False)
        self.change(r for r in held if self.world.kinds[r] in {Kind.PLOT, Kind.CONTAINER})
        for region in base.regions:
            self.world.see(region, self.given(arguments))
        return Value(base.regions)

    def _of_container(self, base: Value, name: str, arguments: Arguments) -> Value:
        inside = self.elements(base)
        pool = Value(inside.regions | arguments.regions())
        self.invoke(arguments.regions(), pool)
        for value in arguments.every():
            self.consume(value)
        if name in _COMPARING:
            self.operators(base)
        if name in lib.CONTAINER_CHANGING:
            self.change(base.regions)
            handed = joined([*arguments.every(), *(self.elements(v) for v in arguments.every()), EMPTY])
            for region in base.regions:
                self.world.hold(region, handed.regions - {region})
        if name == "copy":
            return self.world.fresh(Kind.CONTAINER, inside.regions)
        if name in {"items", "most_common", "popitem"}:
            pool = Value(self.pairs(pool.regions))
        if name in {"get", "pop", "setdefault", "popitem", "popleft"}:
            return pool
        return self.world.fresh(Kind.CONTAINER, pool.regions, base.regions if name in _VIEWS else ())

    def _of_iterator(self, base: Value, name: str, arguments: Arguments) -> Value:
        held = base.regions | arguments.regions()
        self.change_deep(base.regions)
        self.invoke(held, Value(held))
        if name in {"shuffle", "permuted", "readinto", "bytes"}:
            self.change_deep(arguments.regions())
        if name.startswith(_WRITING):
            self.write_file(base.const)
        if base.const is not None and name.startswith(_STORING):
            self.read_file(base.const)
            self.write_file(base.const)
        if name in _DRAWING:
            made = self.copied(Value(arguments.regions()), one=name == "choice")
            return made if arguments.regions() else self.of_numbers(made)
        made = self.world.fresh(Kind.ITERATOR, held)
        return Value(made.regions, const=base.const) if name in {"cursor", "execute"} else made

    def _of_class(self, base: Value, name: str, arguments: Arguments) -> Value:
        if name == "__subclasses__":
            return self.world.fresh(Kind.CONTAINER, self.attribute(base, name).regions)
        found = [
            self.method_of(code, name) for r in base.regions if (code := self.world.code.get(r)) is not None
        ]
        methods = [method for method in found if method is not None]
        if len(methods) != len(base.regions) or not all(
            set(m.decorators) <= PLAIN_DECORATORS for m in methods
        ):
            return self._of_unknown(base, name, arguments)
        return joined(
            self.call_code(m, arguments, base if "classmethod" in m.decorators else None) for m in methods
        )

    def _of_instance(self, base: Value, name: str, arguments: Arguments) -> Value:
        results = [EMPTY]
        for region in base.regions:
            own = Value(frozenset((region,)))
            classes = self.world.classes.get(region, EMPTY).regions or (-1,)
            results += [self._of_one(own, self.world.code.get(c), name, arguments) for c in classes]
        return joined(results)

    def _of_one(self, own: Value, code: Code | None, name: str, arguments: Arguments) -> Value:
        method = None if code is None else self.method_of(code, name)
        if self.world.flagged(
            own.regions, f"own {name}"
        ):  # a function was put into the object under that name
            return self.unknown_call([own, self.attribute(own, name), *arguments.every()])
        if (
            code is None
            or (method is None and name not in lib.ESTIMATOR_READING)
            or not self.plain_bases(code)
        ):
            return self.unknown_call([own, *arguments.every()])
        if method is None or not set(method.decorators) <= PLAIN_DECORATORS - _NOT_PLAINLY_CALLED:
            pool = Value(own.regions | arguments.regions())
            if method is not None and not set(method.decorators) <= PLAIN_DECORATORS:
                return self.unknown_call([pool])
            self.invoke(pool.regions, pool)
            if method is None and name in _PREDICTING:
                return self.world.fresh(Kind.DATA)
            return self.world.fresh(Kind.UNKNOWN, pool.regions)
        return self.call_code(method, arguments, own)

    def _of_unknown(self, base: Value, _name: str, arguments: Arguments) -> Value:
        self.unknown_files(arguments)
        if self.world.flagged(base.regions, "draws"):
            self.draw("numpy")
        return self.unknown_call([base, *arguments.every()])
