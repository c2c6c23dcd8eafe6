"""SciPy itself says at which place its functions take the memory to work in."""

from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest

from jupyter_mlops.capture.library import RISKY_KEYWORDS
from jupyter_mlops.capture.library_scipy import scipy_gives_into
from tests.capture.reads import rests

MODULES = ("linalg", "fft", "fftpack", "signal", "ndimage", "special")
# Designs of filters: theirs is the form of the answer.
WORDS = {"bessel", "butter", "cheby1", "cheby2", "ellip", "iirdesign", "iirfilter"}


def place_of(function: object) -> int | None:
    if isinstance(function, np.ufunc):
        return function.nin
    try:
        parameters = list(inspect.signature(function).parameters.values())  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None
    return next(
        (
            place
            for place, one in enumerate(parameters)
            if one.kind is one.POSITIONAL_OR_KEYWORD
            and (one.name.startswith("overwrite") or one.name in {"out", "output", "distances"})
        ),
        None,
    )


@pytest.mark.parametrize("module", MODULES)
def test_where_scipys_functions_take_what_they_may_work_in_is_known(module: str) -> None:
    found = importlib.import_module(f"scipy.{module}")
    names = [name for name in dir(found) if not name.startswith("_") and name not in WORDS]
    places = {
        name: place
        for name in names
        if inspect.isroutine(getattr(found, name)) or isinstance(getattr(found, name), np.ufunc)
        if (place := place_of(getattr(found, name))) is not None
    }
    assert places
    for name, place in places.items():
        assert scipy_gives_into(f"scipy.{module}.{name}", place + 1), name
        assert not scipy_gives_into(f"scipy.{module}.{name}", place), name


def test_what_is_called_alike_elsewhere_is_another_function() -> None:
    assert scipy_gives_into("scipy.ndimage.convolve", 3)
    assert not scipy_gives_into("scipy.signal.convolve", 3)
    assert not scipy_gives_into("scipy.stats.norm", 9)
    assert not scipy_gives_into("scipy", 9)


@pytest.mark.parametrize(
    ("call", "kept"),
    [
        ("linalg.svd(a, True, True, True)", True),
        ("linalg.svd(a, True)", False),
        ("linalg.det(a, True)", True),
        ("linalg.det(a)", False),
        ("ndimage.laplace(b, a)", True),
        ("special.expit(b, a)", True),
        ("special.expit(a)", False),
        ("ndimage.distance_transform_edt(b, None, True, False, a)", True),
        ("ndimage.distance_transform_edt(b, distances=a)", True),
        ("ndimage.distance_transform_edt(a)", False),
        ("linalg.cholesky_banded(a, overwrite_ab=True)", True),
        ("linalg.cholesky_banded(a, overwrite_ab=False)", False),
        ("linalg.qr_delete(a, a, 0, overwrite_qr=True)", True),
        ("linalg.blas.dscal(2.0, a)", True),
        ("linalg.lapack.dgetrf(a, overwrite_a=1)", True),
    ],
)
def test_who_works_in_an_array_is_kept_by_who_reads_it(call: str, kept: bool) -> None:
    first = "import numpy as np\nfrom scipy import linalg, ndimage, special\na = np.eye(3)\nb = np.eye(3)"
    assert (2 in rests(first, call, "a.sum()")) is kept


@pytest.mark.parametrize("module", MODULES)
def test_every_word_by_which_scipy_works_in_what_it_is_given_is_known(module: str) -> None:
    found = importlib.import_module(f"scipy.{module}")
    words = set()
    for name in dir(found):
        try:
            words |= {
                word for word in inspect.signature(getattr(found, name)).parameters if "overwrite" in word
            }
        except (ValueError, TypeError):
            continue
    assert words <= RISKY_KEYWORDS.keys()
