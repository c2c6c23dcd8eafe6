"""Functions and classes of the notebook: their bodies are read at each call, with the arguments of the call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace

from jupyter_mlops.capture.arguments import Arguments
from jupyter_mlops.capture.library import KNOWN
from jupyter_mlops.capture.reading import Reading
from jupyter_mlops.capture.scopes import FunctionNode, parameters_of, scope_of
from jupyter_mlops.capture.world import EMPTY, Code, Frame, Kind, Regions, Value, joined

__all__ = ["CACHED", "PLAIN_DECORATORS", "Functions", "is_special"]

_DEEPEST = 12
_SELVES = frozenset({Kind.INSTANCE, Kind.CLASS, Kind.UNKNOWN})
CACHED = frozenset({"lru_cache", "cache"})
_NEVER = frozenset({"__init__", "__new__", "__post_init__", "__del__", "__init_subclass__", "__set_name__"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# They leave the function what it is, or call it only when it is called.
PLAIN_DECORATORS = frozenset({
    "staticmethod", "classmethod", "property", "cached_property", "lru_cache", "cache", "wraps", "dataclass", "setter",
    "deleter", "getter", "contextmanager", "abstractmethod", "override", "total_ordering", "final", "overload",
})  # fmt: skip


class Functions(Reading):
    """Definitions and calls of what the notebook itself defines."""

    def define(self, node: FunctionNode) -> Value:
        """Return the value of a function definition or lambda."""
        code = self._code_of(node)
        region = self.world.new(Kind.FUNCTION, [r for v in code.defaults.values() for r in v.regions])
        self._settle(code, region)
        return self._decorated(code, Value(frozenset((region,))))

    def _code_of(self, node: FunctionNode) -> Code:
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        with_default = positional[len(positional) - len(arguments.defaults) :]
        pairs = [*zip(with_default, arguments.defaults, strict=True)]
        pairs += [
            (a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None
        ]
        return Code(
            node=node,
            scope=scope_of(node),
            frames=tuple(self.frames),
            defaults={argument.arg: self.value_of(default) for argument, default in pairs},
            decorators=() if isinstance(node, ast.Lambda) else tuple(map(_word, node.decorator_list)),
        )

    def _settle(self, code: Code, region: int) -> None:
        code.region = region
        self.world.code[region] = code
        for frame in self.frames:
            if frame.region < 0:
                frame.region = self.world.new(Kind.CONTAINER)
            self.world.hold(region, (frame.region,))
            frame.made.append(code)

    def _decorated(self, code: Code, made: Value) -> Value:
        assert isinstance(code.node, (*_FUNCTIONS, ast.ClassDef))
        written = () if isinstance(code.node, ast.Lambda) else code.node.decorator_list
        for decorator in written if not code.bound else ():
            if _word(decorator) in PLAIN_DECORATORS:  # of a method, it may be a name of its class
                self.value_of(decorator)
        results = [
            self._decorate(decorator, made, method=code.bound)
            for decorator in reversed(written)
            if _word(decorator) not in PLAIN_DECORATORS
        ]
        return joined([made, *results])

    def _decorate(self, decorator: ast.expr, made: Value, *, method: bool) -> Value:
        given = Arguments(values=[made])
        if isinstance(decorator, ast.Attribute):
            base = self.value_of(decorator.value)
            if not base.path:
                return self.method(base, decorator.attr, given)
        called = self.value_of(decorator)
        if method and called.path.partition(".")[0] in KNOWN:
            return EMPTY  # it hands on what it was given, which is found by its name
        return self.apply(called, given)

    def define_class(self, node: ast.ClassDef) -> Value:
        """Return the value of a class definition."""
        bases = [self.value_of(base) for base in node.bases]
        given = {keyword.arg: self.value_of(keyword.value) for keyword in node.keywords}
        frame = Frame(scope=scope_of(node), doubt=self.doubt, classbody=True)
        code = Code(node=node, scope=frame.scope, frames=tuple(self.frames), bases=tuple(bases))
        code.decorators = tuple(map(_word, node.decorator_list))
        code.metas = self._metas(bases, given)
        region = self.world.new(Kind.CLASS, [r for base in bases for r in base.regions])
        made: list[int] = []
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                made += self._add_method(code, self._code_of(statement), frame).regions
            else:
                self.frames.append(frame)
                self.run([statement])
                self.frames.pop()
        code.attributes = frame.values
        attributes = [r for value in frame.values.values() for r in value.regions]
        self.world.hold(region, [*attributes, *made])
        if attributes or self.world.flagged((r for base in bases for r in base.regions), "shares"):
            self.world.flags.setdefault(region, set()).add("shares")
        self._settle(code, region)
        self.write_state("subclasses")
        self.made_by(code, given.values())
        return self._decorated(code, Value(frozenset((region,))))

    def _metas(self, bases: list[Value], given: dict[str | None, Value]) -> tuple[Value, ...]:
        codes = [c for base in bases for r in base.regions if (c := self.world.code.get(r)) is not None]
        own = [given["metaclass"]] if "metaclass" in given else []
        return (*own, *(meta for code in codes for meta in code.metas))

    def made_by(self, code: Code, given: Iterable[Value]) -> None:
        """Read what is called when a class is defined."""
        raise NotImplementedError

    def _add_method(self, code: Code, method: Code, frame: Frame) -> Value:
        """Keep a method under its name; a property's second half, which has the same name, beside the first.

        Return what its decorators have made of it.
        """
        assert isinstance(method.node, (ast.FunctionDef, ast.AsyncFunctionDef))
        name = method.node.name
        if {"setter", "deleter", "getter"} & set(method.decorators):
            while name in code.methods:
                name += " "
        method.bound = "staticmethod" not in method.decorators
        code.methods[name] = method
        if set(method.decorators) <= PLAIN_DECORATORS:
            return EMPTY
        self.frames.append(replace(frame, values={**self._defined(code.methods), **frame.values}))
        own = self._defined({name: method})[name]
        made = self._decorated(method, own)
        self.frames.pop()
        return Value(made.regions - own.regions)

    def _defined(self, methods: dict[str, Code]) -> dict[str, Value]:
        """Return the methods of a class as the functions they are while its body runs."""
        found = {name: self.world.fresh(Kind.FUNCTION) for name in methods}
        self.world.code |= {r: methods[name] for name, value in found.items() for r in value.regions}
        return found

    # calls ---------------------------------------------------------------------------------------------------

    def call_code(self, code: Code, arguments: Arguments, bound: Value | None = None) -> Value:
        """Read the body of a function with the arguments of one call; return what it gives back."""
        if code in self.active or len(self.active) >= _DEEPEST:
            return self.unknown_call([*([bound] if bound else []), *arguments.every()])
        return self._body(code, self._parameters(code, arguments, bound))

    def call_with_all(self, code: Code, pool: Value) -> Value:
        """Read the body of a function whose parameters may each be anything in *pool*."""
        if code in self.active or len(self.active) >= _DEEPEST:
            return self.unknown_call([pool])
        if not isinstance(code.node, _FUNCTIONS):
            return EMPTY
        # A callback gets what was handed over, or any part of it.
        world = self.world
        part = Value(world.parts(pool.regions))
        given = dict.fromkeys(parameters_of(code.node), part)
        if code.bound and given:
            first = next(iter(given))
            every = part.regions | world.reach(pool.regions, seeing=False)  # it may lie in a table
            given[first] = Value(frozenset(world.hub_of(r) for r in every if world.kinds[r] in _SELVES))
        return self._body(code, given)

    def _parameters(self, code: Code, arguments: Arguments, bound: Value | None) -> dict[str, Value]:
        assert isinstance(code.node, _FUNCTIONS)
        names = parameters_of(code.node)
        values = [*([bound] if bound else []), *arguments.values]
        if arguments.spread or arguments.spread_keywords:
            pool = joined([*values, *arguments.keywords.values(), *code.defaults.values(), EMPTY])
            spread = dict.fromkeys(names, self._packed([pool]))
            return {name: joined([pool, value]) for name, value in spread.items()}
        written = code.node.args
        positional = [a.arg for a in (*written.posonlyargs, *written.args)]
        given = {**code.defaults, **dict(zip(positional, values, strict=False))}
        given |= {name: value for name, value in arguments.keywords.items() if name in names}
        if written.vararg is not None:
            given[written.vararg.arg] = self._packed(values[len(positional) :])
        if written.kwarg is not None:
            given[written.kwarg.arg] = self._packed(
                v for k, v in arguments.keywords.items() if k not in names
            )
        return given

    def _packed(self, values: Iterable[Value]) -> Value:
        return self.world.fresh(Kind.CONTAINER, [r for value in values for r in value.regions])

    def _body(self, code: Code, parameters: dict[str, Value]) -> Value:
        frame = Frame(scope=code.scope, values=parameters)
        kept_frames, kept_doubt = self.frames, self.doubt
        self.frames, self.doubt = [*code.frames, frame], self.doubt + 1
        frame.doubt = self.doubt
        self.active.append(code)
        try:
            node = code.node
            if isinstance(node, ast.Lambda):
                frame.returns.append(self.value_of(node.body))
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.run(node.body)
        finally:
            self.active.pop()
            self.frames, self.doubt = kept_frames, kept_doubt
        self._close(frame)
        if code.scope.generator or isinstance(code.node, ast.AsyncFunctionDef):
            held = [r for value in (*parameters.values(), *frame.returns) for r in value.regions]
            made = self.world.fresh(Kind.ITERATOR, [*held, *([code.region] if code.region >= 0 else [])])
            if not code.scope.generator:  # a coroutine gives what it returns
                given = joined([*frame.returns, EMPTY]).regions
                self.world.gives.update(dict.fromkeys(made.regions, given))
            if code.scope.ends:
                self.world.flag(made, "finally")
            return made
        return joined(frame.returns or [EMPTY])

    def _close(self, frame: Frame) -> None:
        """Let the functions made in a frame go on holding what they use of it."""
        for code in frame.made:
            free = code.scope.free.union(*(method.scope.free for method in code.methods.values()))
            used = [r for name in free & frame.values.keys() for r in frame.values[name].regions]
            self.world.hold(frame.region, used)

    def invoke(self, regions: Regions, pool: Value, wanted: Callable[[str], bool] | None = None) -> Regions:
        """Read every function that can be reached from *regions*, as if called with anything of *pool*.

        *wanted* picks methods by name; without it all count, of what lies in tables the special ones.
        Return what the functions give back.
        """
        if wanted is not None:
            return self._methods_of(self.world.callables(regions), pool, wanted)
        # What came out of a table may be a function itself.
        within = self.world.reach(regions, seeing=True, cells=False) & self.world.cells.within
        direct = self.world.callables(regions - within, cells=False)
        if within and not self.world.holds_nothing(frozenset(within)):
            direct |= self.world.callables(frozenset(within))
        every = self.world.callables(regions) if self.world.cells.known else direct
        given = set(self._methods_of(every - direct, pool, is_special))
        for region in direct:
            code = self.world.code.get(region)
            if code is None:
                given |= self.invoke_bound(region, pool)
            elif self.world.kinds[region] is Kind.FUNCTION:
                given |= self._invoke_one(code, pool)
        return self._methods_of(direct, pool, lambda _: True) | given

    def _methods_of(self, regions: Regions, pool: Value, wanted: Callable[[str], bool]) -> Regions:
        """Read those methods of the classes among *regions* whose names are *wanted*."""
        given = set[int]()
        for region in regions:
            code = self.world.code.get(region)
            for name, method in code.methods.items() if code is not None else ():
                if wanted(name.rstrip()):
                    given |= self._invoke_one(method, pool)
        return frozenset(given)

    def invoke_bound(self, mark: int, pool: Value) -> Regions:
        """Call a method that was handed on, with anything of *pool*."""
        raise NotImplementedError

    def _invoke_one(self, code: Code, pool: Value) -> Regions:
        # What was read once with these objects has nothing new to say: without this, a web of callbacks never ends.
        seen = self._invoked.get(code, frozenset())
        hubs = frozenset(map(self.world.hub_of, pool.regions))
        known = code in self._invoked and hubs <= self.world.reach(seen, seeing=False)
        if code not in self.active and not known:
            self._invoked[code] = seen | hubs
            self._gave[code] = self._gave.get(code, frozenset()) | self.call_with_all(code, pool).regions
            if CACHED & set(code.decorators):  # the next call gives the same object
                self.world.hold(code.region, self._gave[code])
        return self._gave.get(code, frozenset())

    def instantiate(self, code: Code, arguments: Arguments) -> Value:
        """Return an instance of a class of the notebook."""
        world, region = self.world, code.region
        shared = list(world.holds[region]) if world.flagged((region,), "shares") else []
        made = world.fresh(Kind.INSTANCE, shared, [region])
        for instance in made.regions:
            world.classes[instance] = Value(frozenset((region,)))
        given = [Value(frozenset((region,))), *arguments.every()]
        again = self._specially(code, "__new__", [made, *given])  # it may give one that was made before
        self._specially(code, "__post_init__", [made, *arguments.every()])
        self._factories(code, made, arguments)
        if self.method_of(code, "__del__") is not None:
            world.dying |= made.regions
        maker = self.method_of(code, "__init__")
        if maker is not None:
            self.call_code(maker, arguments, made)
        else:
            for instance in made.regions:
                world.hold(instance, arguments.regions())
        if not self.plain_bases(code):
            self.unknown_call([made, *arguments.every()])
        return joined([made, again])

    def _specially(self, code: Code, name: str, given: list[Value]) -> Value:
        method = self.method_of(code, name)
        return EMPTY if method is None else self.call_with_all(method, joined(given))

    def _factories(self, code: Code, made: Value, arguments: Arguments) -> None:
        """Read what makes the fields of a dataclass, and what a metaclass does in place of making an instance."""
        for meta in code.metas:
            self.invoke(meta.regions, joined([made, *arguments.every()]), lambda method: method == "__call__")
        if "dataclass" in code.decorators:
            for value in code.attributes.values():
                if Kind.UNKNOWN in self.world.kinds_of(value):
                    self.invoke(value.regions, value)

    def method_of(self, code: Code, name: str) -> Code | None:
        """Return the method of a class or of those it is derived from, within the notebook."""
        return code.methods[name] if name in code.methods else self._inherited(code, name)

    def _inherited(self, code: Code, name: str) -> Code | None:
        for base in code.bases:
            for region in base.regions:
                inherited = self.world.code.get(region)
                found = self.method_of(inherited, name) if inherited is not None else None
                if found is not None:
                    return found
        return None

    def plain_bases(self, code: Code) -> bool:
        """Say whether all ancestors are the notebook's own or of well-known libraries."""
        for base in code.bases:
            if base.path and base.path.partition(".")[0] in {*KNOWN, "builtins"}:
                continue
            ancestors = [self.world.code.get(region) for region in base.regions]
            if not ancestors or not all(a is not None and self.plain_bases(a) for a in ancestors):
                return False
        return True

    def unknown_call(self, values: Iterable[Value]) -> Value:
        """Something got *values* and nobody knows what it does: it may change each, and join any two."""
        world = self.world
        if world.addressed:  # an address is a number, and that may come from anywhere: as text, out of a file
            self.become_opaque()
        for generator in sorted(world.seeded):
            self.draw(generator)
        strange = (value for value in values if value.path.partition(".")[0] not in KNOWN)
        changeable = frozenset(r for value in strange for r in value.regions)
        if not changeable:
            return world.fresh(Kind.UNKNOWN)
        hubs = {world.hub_of(r) for r in changeable}
        if len(hubs) == 1 and self._thrown.get(min(hubs)) == world.edges:
            return Value(frozenset(hubs))  # the same was read in this cell, or is being read further out
        hub = world.throw_together(world.reach(changeable, seeing=False))
        self.change_deep(frozenset((hub,)))
        self._thrown[hub] = world.edges
        self._invoke_all(hub)
        if not self.active:
            self._thrown[hub] = world.edges
        return Value(frozenset((hub,)))

    def _invoke_all(self, hub: int) -> None:
        """Read every function that something unknown may call, with whatever it may hand over; each once a cell."""
        pool, before, given = Value(frozenset((hub,))), len(self.world.kinds), set[int]()
        while True:
            reached = self.world.reach(pool.regions, seeing=True)
            self.spend(1 + len(reached) // 16)
            known = self._called.setdefault(self.world.hub_of(hub), set())
            codes = [code for r in reached if (code := self.world.code.get(r)) is not None]
            new = [each for code in codes for each in (code, *code.methods.values()) if each not in known]
            if not new:
                break
            known.update(new)
            for each in new:
                if each not in self.active:
                    given |= self.call_with_all(each, pool).regions
        # What they give back, something unknown may keep, change and hand out.
        older = {r for r in self.world.reach(frozenset(given), seeing=False) if r < before}
        if older - self.world.reach(pool.regions, seeing=False):
            self.change_deep(frozenset((self.world.throw_together((hub, *older)),)))

    def apply(self, callee: Value, arguments: Arguments) -> Value:
        """Call *callee*."""
        raise NotImplementedError

    def method(self, base: Value, name: str, arguments: Arguments) -> Value:
        """Call a method of an object."""
        raise NotImplementedError


def is_special(method: str) -> bool:
    """Say whether a method is one that operators and builtins call, by its name."""
    return method[:2] == "__" and method not in _NEVER


def _word(node: ast.expr) -> str:
    """Return the last word of a decorator: ``lru_cache`` of ``functools.lru_cache(maxsize=1)``."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""
