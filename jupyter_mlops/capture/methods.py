"""Methods, attributes and items: what happens to an object according to what is known of it."""

from __future__ import annotations

import ast
from collections.abc import Callable

from jupyter_mlops.capture import library as lib
from jupyter_mlops.capture.calls import Calls
from jupyter_mlops.capture.functions import Arguments
from jupyter_mlops.capture.world import EMPTY, Code, Kind, Value, joined

__all__ = ["Methods"]

_FITTING = frozenset({"fit", "partial_fit", "set_params", "set_output"})
_LAZY = frozenset({"groupby", "rolling", "expanding", "ewm", "resample", "lazy", "group_by"})
_MEASURES = frozenset(
    {"shape", "dtype", "dtypes", "columns", "size", "ndim", "name", "names", "nbytes", "nnz", "itemsize"}
)


class Methods(Calls):
    """What a method call does, and what an attribute or item stands for."""

    def method(self, base: Value, name: str, arguments: Arguments) -> Value:
        """Call a method of an object."""
        kinds = self.world.kinds_of(base)
        self.file_effects(name, base.const, arguments)
        if not kinds:
            return self._of_plain(base, name, arguments)
        if kinds == {Kind.INSTANCE}:
            return self._of_instance(base, name, arguments)
        if kinds == {Kind.TRACKER}:
            return Value(base.regions)
        forced = self._risky(arguments) or self._dangerous(arguments)
        if self.world.patched:
            # Somebody gave a library's class a method of their own; it may be this one.
            patches = Value(frozenset(self.world.patched))
            return self.unknown_call([base, patches, *arguments.every()])
        if forced or self.world.flagged(self.world.reach(base.regions, seeing=False), "risky"):
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

    def _of_plain(self, base: Value, name: str, arguments: Arguments) -> Value:
        for value in arguments.every():
            self.consume(value)
        self.invoke(arguments.regions(), Value(arguments.regions()), lambda method: method[:2] == "__")
        if name == "open":
            return self.world.fresh(Kind.ITERATOR)
        return Value(
            const=base.const if name in {"with_suffix", "resolve", "absolute", "expanduser"} else None
        )

    def _of_data(self, base: Value, name: str, arguments: Arguments) -> Value:
        pool = Value(base.regions | arguments.regions())
        self.invoke(arguments.regions(), pool)
        self._consume_iterators(arguments)
        if name in lib.DATA_CHANGING:
            self.change_deep(base.regions)
            for region in base.regions:
                self.world.hold(region, self._given(arguments))
            return Value(base.regions)
        if name == "sample" and "random_state" not in arguments.nodes:
            self.draw("numpy")
        if name in {"plot", "hist", "boxplot"}:
            return self._plot(pool.regions)
        if name in lib.DATA_NEW:
            callbacks = [r for r in arguments.regions() if self.world.kinds[r] is not Kind.DATA]
            return self.world.fresh(Kind.DATA, callbacks, base.regions if name in _LAZY else ())
        return self.world.fresh(Kind.DATA, pool.regions)

    def _of_estimator(self, base: Value, name: str, arguments: Arguments) -> Value:
        held = self.world.reach(base.regions, seeing=False)
        if self._unknown_within(base.regions):
            return self.unknown_call([base, *arguments.every()])
        pool = Value(held | arguments.regions())
        self.invoke(pool.regions, pool)
        self._consume_iterators(arguments)
        if name not in lib.ESTIMATOR_READING:
            self.change(r for r in held if self.world.kinds[r] is not Kind.DATA)
            for region in base.regions:
                self.world.see(region, self._given(arguments))
            if self.world.flagged(held, "draws"):
                self.draw("numpy")
        if name in _FITTING:
            return Value(base.regions)
        if name in {"score", "get_depth", "get_n_leaves", "get_n_splits"}:
            return EMPTY
        if name in {
            "predict",
            "predict_proba",
            "decision_function",
            "predict_log_proba",
            "fit_predict",
            "kneighbors",
        }:
            return self.world.fresh(Kind.DATA)
        if name == "split":
            return self.world.fresh(Kind.CONTAINER, self.world.fresh(Kind.DATA).regions)
        kind = Kind.DATA if name in {"transform", "fit_transform", "inverse_transform"} else Kind.ESTIMATOR
        return self.world.fresh(
            kind, [*(base.regions if kind is Kind.ESTIMATOR else ()), *self._given(arguments)]
        )

    def _of_plot(self, base: Value, name: str, arguments: Arguments) -> Value:
        self.invoke(arguments.regions(), Value(arguments.regions()))
        held = self.world.reach(base.regions, seeing=False)
        self.change(r for r in held if self.world.kinds[r] in {Kind.PLOT, Kind.CONTAINER})
        for region in base.regions:
            self.world.see(region, self._given(arguments))
        return Value(base.regions)

    def _of_container(self, base: Value, name: str, arguments: Arguments) -> Value:
        inside = self.elements(base)
        pool = Value(inside.regions | arguments.regions())
        self.invoke(arguments.regions(), pool)
        for value in arguments.every():
            self.consume(value)
        if name in lib.CONTAINER_CHANGING:
            self.change(base.regions)
            handed = joined([*arguments.every(), *(self.elements(v) for v in arguments.every()), EMPTY])
            for region in base.regions:
                self.world.hold(region, handed.regions - {region})
        if name == "copy":
            return self.world.fresh(Kind.CONTAINER, inside.regions)
        if name in {"get", "pop", "setdefault", "popitem", "popleft"}:
            return pool
        return self.world.fresh(Kind.CONTAINER, pool.regions)

    def _of_iterator(self, base: Value, name: str, arguments: Arguments) -> Value:
        self.change_deep(base.regions)
        self.invoke(base.regions | arguments.regions(), Value(base.regions | arguments.regions()))
        if name in {"shuffle", "permuted", "readinto", "bytes"}:
            self.change_deep(arguments.regions())
        held = base.regions | arguments.regions()
        if name in {
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
        }:
            return self.world.fresh(Kind.DATA)
        return self.world.fresh(Kind.ITERATOR, held)

    def _of_class(self, base: Value, name: str, arguments: Arguments) -> Value:
        found = [
            self.method_of(code, name) for r in base.regions if (code := self.world.code.get(r)) is not None
        ]
        if len(found) != len(base.regions) or any(method is None for method in found):
            return self._of_unknown(base, name, arguments)
        bound = base if any(m is not None and "classmethod" in m.decorators for m in found) else None
        return joined(self.call_code(m, arguments, bound) for m in found if m is not None)

    def _of_instance(self, base: Value, name: str, arguments: Arguments) -> Value:
        results = []
        for region in base.regions:
            own = Value(frozenset((region,)))
            for class_region in self.world.classes.get(region, EMPTY).regions or (-1,):
                results.append(self._of_one(own, self.world.code.get(class_region), name, arguments))
        return joined(results or [EMPTY])

    def _of_one(self, own: Value, code: Code | None, name: str, arguments: Arguments) -> Value:
        method = None if code is None else self.method_of(code, name)
        if (
            code is None
            or (method is None and name not in lib.ESTIMATOR_READING)
            or not self.plain_bases(code)
        ):
            return self.unknown_call([own, *arguments.every()])
        if method is None or not {
            "staticmethod",
            "classmethod",
            "property",
            "cached_property",
            "",
        }.isdisjoint(method.decorators):
            pool = Value(own.regions | arguments.regions())
            self.invoke(own.regions | self.world.classes[next(iter(own.regions))].regions, pool)
            return self.world.fresh(Kind.UNKNOWN, pool.regions)
        return self.call_code(method, arguments, own)

    def _of_unknown(self, base: Value, name: str, arguments: Arguments) -> Value:
        kinds = self.world.kinds_of(base)
        looking = name in lib.ALWAYS_READING and not kinds & {
            Kind.INSTANCE,
            Kind.ITERATOR,
            Kind.PLOT,
            Kind.MODULE,
        }
        if not looking:
            return self.unknown_call([base, *arguments.every()])
        pool = Value(base.regions | arguments.regions())
        self.invoke(pool.regions, pool)
        if name == "sample" and "random_state" not in arguments.nodes:
            self.draw("numpy")
        return self.world.fresh(Kind.UNKNOWN, pool.regions)

    # attributes and items ------------------------------------------------------------------------------------

    def attribute(self, base: Value, name: str) -> Value:
        """Return what an attribute stands for: a part of its object, through which that can be changed."""
        if base.path:
            path = f"{base.path}.{name}"
            if path.startswith("os.environ"):
                self.outside.add("environment variables")
            return Value(base.regions, path=path)
        self._protocol(base, lambda method: method in {name, "__getattr__", "__getattribute__", "__get__"})
        if name in _MEASURES and self.world.kinds_of(base) <= {Kind.DATA, Kind.UNKNOWN}:
            return EMPTY
        return Value(base.regions, const=base.const if name in {"parent", "name"} else None)

    def item(self, base: Value, node: ast.expr) -> Value:
        """Return what ``base[node]`` stands for."""
        index = self.value_of(node)
        if base.path:
            return self._path_item(base)
        self._protocol(base, lambda method: method in {"__getitem__", "__class_getitem__", "__missing__"})
        if self.world.flagged(base.regions, "grows"):
            self.change(base.regions)
            self.invoke(base.regions, base)
        if self.world.kinds_of(base) == {Kind.DATA} and self._picks(node, index):
            return self.world.fresh(Kind.DATA)
        if isinstance(node, ast.Slice) and base.regions:
            return joined([base, self.elements(base)])
        return self.elements(base)

    def _path_item(self, base: Value) -> Value:
        root = base.path.partition(".")[0]
        if root not in {*lib.KNOWN, "builtins"}:
            return self.unknown_call([Value(base.regions)])
        return EMPTY if base.path.startswith("os.environ") else Value(base.regions, path=base.path)

    def _picks(self, node: ast.expr, index: Value) -> bool:
        """Say whether an index takes a copy: a mask or a list of places, never a slice or a single key."""
        if isinstance(node, (ast.List, ast.ListComp, ast.Compare)):
            return True
        if isinstance(node, (ast.UnaryOp, ast.BinOp)):
            return self.world.kinds_of(index) == {Kind.DATA}
        return (
            self.world.kinds_of(index) in ({Kind.CONTAINER}, {Kind.DATA})
            and index.items is None
            and not index.split
        )

    def elements(self, value: Value) -> Value:
        """Return what comes out of *value* by iterating or by a key."""
        regions: set[int] = set()
        for region in value.regions:
            if self.world.kinds[region] is Kind.CONTAINER:
                regions |= self.world.holds[region]
            else:
                regions.add(region)
        return Value(frozenset(regions))

    def consume(self, value: Value) -> None:
        """Iterate over *value*: an iterator is used up by it, and so may be something unknown."""
        kinds = self.world.kinds_of(value)
        if kinds & {Kind.ITERATOR, Kind.UNKNOWN}:
            self.change_deep(value.regions)
            self.invoke(value.regions, value)
        self._protocol(
            value, lambda method: method in {"__iter__", "__next__", "__len__", "__getitem__", "__contains__"}
        )

    def _protocol(self, value: Value, wanted: Callable[[str], bool]) -> None:
        """Read the special methods of the notebook's own classes that an operator or attribute calls."""
        for region in value.regions:
            if self.world.kinds[region] is not Kind.INSTANCE:
                continue
            classes = self.world.classes.get(region, EMPTY)
            self.invoke(classes.regions, value, wanted)

    def operate(self, values: list[Value]) -> Value:
        """Return the result of an operator: something new, that may share the parts of what it was made from."""
        both = joined(values)
        for value in values:
            self._protocol(value, lambda method: method[:2] == "__" and method not in {"__init__", "__new__"})
        kinds = self.world.kinds_of(both)
        if not kinds:
            return EMPTY
        if Kind.DATA in kinds and kinds <= {Kind.DATA, Kind.CONTAINER}:
            return self.world.fresh(Kind.DATA)
        return self.world.fresh(Kind.CONTAINER if kinds == {Kind.CONTAINER} else Kind.UNKNOWN, both.regions)

    def store(self, base: Value, value: Value) -> None:
        """Put *value* into *base*, as an attribute or an item."""
        if base.path:
            self._set_library(base, value)
            return
        self._protocol(
            base, lambda method: method in {"__setattr__", "__setitem__", "__delitem__", "__delattr__"}
        )
        kinds = self.world.kinds_of(base)
        if kinds <= {Kind.CONTAINER, Kind.INSTANCE, Kind.FUNCTION, Kind.TRACKER}:
            self.change(base.regions)
        else:
            self.change_deep(base.regions)
        for region in base.regions:
            self.world.hold(region, value.regions - {region})

    def _set_library(self, base: Value, value: Value) -> None:
        root = base.path.partition(".")[0]
        region = self.world.module(root)
        if base.path.startswith(("os.environ", "sys.path")):
            self.outside.add("environment variables")
        self.change((region,))
        self.world.hold(region, value.regions - {region})
        if any(part in lib.SETTING for part in base.path.split(".")[1:]):
            self.set_up(root, base.path)
            return
        self.keep()
        self.world.flags.setdefault(region, set()).add("patched")
        if lib.KNOWN.get(root) is not None:
            self.world.patched.add(region)
