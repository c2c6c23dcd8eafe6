"""What a skops file may ask us to construct: our own list, never the file's.

Trust is given per use, not per name: a function may stand where a function is kept, and cannot be smuggled in as a
constructor. The list grows with this package's versions; ``VERSION`` says which one judged a file.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from functools import cache

from jupyter_mlops.formats.importing import skops_module

__all__ = ["VERSION", "allowed_names", "is_denied"]

VERSION = 1

_LOSSES = ("HalfTweedieLoss", "HalfTweedieLossIdentity")
_KERNELS = (
    "CompoundKernel", "ConstantKernel", "DotProduct", "ExpSineSquared", "Exponentiation", "Matern", "PairwiseKernel",
    "Product", "RBF", "RationalQuadratic", "Sum", "WhiteKernel",
)  # fmt: skip
_DISTANCES = (
    "BrayCurtis", "Canberra", "Chebyshev", "Dice", "Euclidean", "Hamming", "Haversine", "Jaccard", "Mahalanobis",
    "Manhattan", "Minkowski", "RogersTanimoto", "RussellRao", "SEuclidean", "SokalSneath",
)  # fmt: skip
_SPLITTERS = (
    "GroupKFold", "GroupShuffleSplit", "KFold", "LeaveOneGroupOut", "LeaveOneOut", "LeavePGroupsOut", "LeavePOut",
    "PredefinedSplit", "RepeatedKFold", "RepeatedStratifiedKFold", "ShuffleSplit", "StratifiedGroupKFold",
    "StratifiedKFold", "StratifiedShuffleSplit", "TimeSeriesSplit", "_CVIterableWrapper",
)  # fmt: skip

# Objects inside fitted scikit-learn estimators that are not public estimators themselves. Not here, on purpose:
# scipy.stats distributions, whose __setstate__ executes text found in their state.
_PARTS = (
    *(f"sklearn._loss.loss.{name}" for name in _LOSSES),
    *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS),
    *(f"sklearn.metrics._dist_metrics.{name}Distance{bits}" for name in _DISTANCES for bits in (32, 64)),
    *(f"sklearn.model_selection._split.{name}" for name in _SPLITTERS),
    "scipy.interpolate._bsplines.BSpline",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.cluster._bisect_k_means._BisectingTree",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.metrics._scorer._CurveScorer",
    "sklearn.metrics._scorer._MultimetricScorer",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.multiclass._ConstantPredictor",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._ball_tree.BallTree32",
    "sklearn.neighbors._ball_tree.BallTree64",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neighbors._kd_tree.KDTree32",
    "sklearn.neighbors._kd_tree.KDTree64",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
)
_FUNCTIONS = (
    "numpy.max",
    "numpy.mean",
    "numpy.median",
    "numpy.min",
    "numpy.sum",
    "scipy._lib.array_api_compat.numpy._aliases.asarray",
    "sklearn.cluster._kmeans._kmeans_single_elkan",
    "sklearn.cluster._kmeans._kmeans_single_lloyd",
    "sklearn.utils.validation.check_array",
)
# Only these modules' public functions: what an estimator keeps as its score function or scorer.
_FUNCTION_MODULES = ("sklearn.metrics", "sklearn.feature_selection")
_SPARSE = tuple(
    f"scipy.sparse._{kind}.{kind}_{form}"
    for kind in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
    for form in ("matrix", "array")
)
_DENIED_MODULES = frozenset({
    "_ctypes", "_pickle", "_posixsubprocess", "asyncio", "bdb", "builtins", "cloudpickle", "code", "codeop",
    "commands", "copyreg", "ctypes", "dill", "functools", "gc", "importlib", "inspect", "io", "joblib", "marshal",
    "multiprocessing", "nt", "operator", "os", "pathlib", "pdb", "pickle", "pip", "posix", "pty", "pydoc", "runpy",
    "shelve", "shutil", "signal", "site", "socket", "ssl", "subprocess", "sys", "tempfile", "threading", "timeit",
    "types", "urllib", "webbrowser",
})  # fmt: skip
_DENIED_PREFIXES = (
    "numpy.load",
    "numpy.lib",
    "numpy.f2py",
    "numpy.testing",
    "scipy.stats._distn",
    "__main__",
)


def is_denied(name: str) -> bool:
    """Tell whether *name* reaches the system or runs code, so that no list may allow it."""
    return name.partition(".")[0] in _DENIED_MODULES or name.startswith(_DENIED_PREFIXES)


@cache
def allowed_names() -> Mapping[str, Collection[str]]:
    """Return, for each kind of node a skops file may hold, the names it may have.

    The public estimators, functions and number types are those of the installed scikit-learn and NumPy.
    """
    losses_allowed = skops_module("skops.io._sklearn").ALLOWED_LOSSES
    types = skops_module("skops.io._trusted_types")

    numbers = frozenset(types.NUMPY_DTYPE_TYPE_NAMES)
    plain = {
        f"builtins.{name}" for name in ("bool", "float", "int", "str", "NoneType", "list", "set", "tuple")
    }
    losses = frozenset(f"{kind.__module__}.{kind.__name__}" for kind in losses_allowed)
    shared = {f"sklearn.{kind.__module__}.{kind.__name__}" for kind in losses_allowed}
    return {
        "BytearrayNode": {"builtins.bytearray"},
        "BytesNode": {"builtins.bytes"},
        "DTypeNode": {"numpy.dtype"},
        "DictNode": {"builtins.dict", "collections.OrderedDict", "sklearn.utils._bunch.Bunch"},
        "FunctionNode": _functions(),
        "JsonNode": {"builtins.str"},
        "ListNode": {"builtins.list"},
        "LossNode": losses | shared,
        "MaskedArrayNode": {"numpy.ma.MaskedArray"},
        "NdArrayNode": {"numpy.ndarray", *numbers},
        "ObjectNode": frozenset(
            [
                *_PARTS,
                *types.SKLEARN_ESTIMATOR_TYPE_NAMES,
                *getattr(types, "SKLEARN_INTERNAL_TYPE_NAMES", ()),
            ]
        ),
        "PartialNode": {"functools.partial"},  # around check_array only, see audit.py
        "RandomGeneratorNode": {"numpy.random._generator.Generator"},
        "RandomStateNode": {"numpy.random.mtrand.RandomState"},
        "SetNode": {"builtins.set"},
        "SliceNode": {"builtins.slice"},
        "SparseMatrixNode": frozenset(_SPARSE),
        "TreeNode": {"sklearn.tree._tree.Tree"},
        "TupleNode": {"builtins.tuple"},
        "TypeNode": numbers | plain,
    }


def _functions() -> frozenset[str]:
    from importlib import import_module

    types = skops_module("skops.io._trusted_types")

    names = {*_FUNCTIONS, *types.NUMPY_UFUNC_TYPE_NAMES, *types.SCIPY_UFUNC_TYPE_NAMES}
    for module in map(import_module, _FUNCTION_MODULES):
        public = (getattr(module, name, None) for name in module.__all__)
        names |= {f"{f.__module__}.{f.__name__}" for f in public if inspect.isfunction(f)}
    return frozenset(name for name in names if not is_denied(name))
