"""What a skops file may ask us to construct."""

from __future__ import annotations

import importlib

import pytest

from jupyter_mlops.formats.trusted import allowed_names, is_denied

EVERY = sorted({name for names in allowed_names().values() for name in names})


@pytest.mark.parametrize(
    "name",
    [
        "os.system", "posix.system", "nt.system", "subprocess.Popen", "builtins.eval", "builtins.getattr", "sys.exit",
        "importlib.import_module", "operator.attrgetter", "functools.partial", "pickle.loads", "_pickle.Unpickler",
        "joblib.load", "joblib.numpy_pickle.load", "cloudpickle.loads", "marshal.loads", "runpy.run_path", "code.interact",
        "pty.spawn", "socket.socket", "shutil.rmtree", "tempfile.mktemp", "ctypes.CDLL", "urllib.request.urlopen",
        "numpy.load", "numpy.loadtxt", "numpy.lib.npyio.load", "numpy.f2py.compile", "numpy.testing.runstring",
        "scipy.stats._distn_infrastructure.rv_frozen", "__main__.doubled", "os", "io.open", "types.FunctionType",
    ],
)  # fmt: skip
def test_what_reaches_the_system_is_denied_whoever_asks(name: str) -> None:
    assert is_denied(name)


@pytest.mark.parametrize(
    "name",
    [
        "numpy.mean",
        "sklearn.linear_model._ridge.Ridge",
        "oscar.system",
        "codecs_of_mine.f",
        "my.os.system",
        "ostrich",
    ],
)
def test_a_name_is_denied_by_its_own_package_and_not_for_looking_like_one(name: str) -> None:
    assert not is_denied(name)


@pytest.mark.parametrize(
    "loader", ["MethodNode", "OperatorFuncNode", "CachedNode", "DefaultDictNode", "ConstructorFromReduceNode"]
)
def test_no_name_is_allowed_where_loading_would_call_something(loader: str) -> None:
    assert loader not in allowed_names()


def test_functions_and_objects_that_are_allowed_are_none_that_are_denied() -> None:
    names = allowed_names()
    assert [
        n for kind in ("FunctionNode", "ObjectNode", "LossNode") for n in names[kind] if is_denied(n)
    ] == []


def test_only_plain_types_of_the_interpreter_itself_are_allowed() -> None:
    builtin = {name.removeprefix("builtins.") for name in EVERY if name.startswith("builtins.")}
    assert builtin == {
        "NoneType", "bool", "bytearray", "bytes", "dict", "float", "int", "list", "set", "slice", "str", "tuple",
    }  # fmt: skip


def test_what_is_allowed_comes_from_the_libraries_a_model_is_made_of() -> None:
    assert {name.partition(".")[0] for name in EVERY} <= {
        "builtins", "collections", "functools", "numpy", "scipy", "sklearn", "_loss",
    }  # fmt: skip


def test_no_distribution_of_scipy_is_allowed_because_it_executes_text() -> None:
    assert [name for name in EVERY if name.startswith("scipy.stats")] == []


@pytest.mark.parametrize("name", sorted(allowed_names()["FunctionNode"]))
def test_an_allowed_function_opens_no_file(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert not attribute.startswith(("load", "save", "open", "fetch", "dump", "from", "genfrom", "memmap"))
    assert module


def test_the_common_estimators_are_allowed_under_the_names_they_have_here() -> None:
    objects = allowed_names()["ObjectNode"]
    for module, kind in (
        ("linear_model", "Ridge"),
        ("ensemble", "RandomForestClassifier"),
        ("pipeline", "Pipeline"),
    ):
        found = getattr(importlib.import_module(f"sklearn.{module}"), kind)
        assert f"{found.__module__}.{found.__name__}" in objects
