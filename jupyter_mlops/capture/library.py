"""What is known of well-known libraries: which calls change what they are given, and which touch the world outside.

A cell is left out of a slice only where these tables show that it changed nothing the run rests on. What stands
in no table may have changed everything it was given.
"""

from __future__ import annotations

from jupyter_mlops.capture.world import Kind

__all__ = [
    "AMBIENT_PATHS", "ANY", "BY_ADDRESS", "CALLING", "CONTAINER_CHANGING", "DETERMINISTIC", "ESTIMATOR_READING", "FILE_READERS",
    "FILE_WRITERS", "GENERATORS", "GOES_ON", "INJECTED", "ITERATING", "KNOWN", "LOOKING", "MAKES_CONTAINER", "MAKES_ITERATOR",
    "NEW_ENDINGS", "NEW_FUNCTIONS", "NUMBERS", "OPAQUE", "OUTSIDE", "PLAIN", "RISKY_KEYWORDS", "SETTING", "SPLITTING", "changes_arguments",
    "gives_into", "result_kind",
]  # fmt: skip


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Top-level modules whose functions do not change what they are given, and what they give back.
# None: something that cannot change.
KNOWN: dict[str, Kind | None] = {
    "numpy": Kind.DATA, "pandas": Kind.DATA, "polars": Kind.DATA, "scipy": Kind.DATA, "pyarrow": Kind.DATA,
    "sklearn": Kind.DATA, "statsmodels": Kind.ESTIMATOR, "xgboost": Kind.ESTIMATOR, "lightgbm": Kind.ESTIMATOR,
    "matplotlib": Kind.PLOT, "seaborn": Kind.PLOT, "plotly": Kind.PLOT, "altair": Kind.PLOT, "bokeh": Kind.PLOT,
    "math": None, "cmath": None, "statistics": None, "re": None, "datetime": None, "time": None, "decimal": None,
    "fractions": None, "uuid": None, "hashlib": Kind.ITERATOR, "string": None, "textwrap": None, "platform": None,
    "getpass": None, "pprint": None, "json": Kind.CONTAINER, "pathlib": None, "os": None, "sys": None, "shutil": None,
    "glob": Kind.CONTAINER, "warnings": None, "logging": None, "typing": None, "abc": None, "enum": Kind.CLASS,
    "dataclasses": None, "collections": Kind.CONTAINER, "itertools": Kind.ITERATOR, "csv": Kind.ITERATOR,
    "functools": Kind.FUNCTION, "operator": Kind.FUNCTION, "copy": Kind.CONTAINER, "random": None, "numbers": None,
    "contextlib": None, "gc": None, "inspect": None, "io": Kind.ITERATOR, "gzip": Kind.ITERATOR, "pickle": Kind.UNKNOWN,
    "joblib": Kind.UNKNOWN, "heapq": None, "bisect": None, "tqdm": Kind.ITERATOR, "IPython": None, "ipywidgets": Kind.PLOT,
    "tempfile": Kind.ITERATOR, "zlib": None, "base64": None, "binascii": None, "struct": None, "locale": None,
    "calendar": None, "types": None, "traceback": None, "secrets": None, "timeit": None, "unicodedata": None,
    "jupyter_mlops": Kind.TRACKER, "mlflow": Kind.TRACKER, "requests": Kind.ITERATOR, "urllib": Kind.ITERATOR,
    "sqlite3": Kind.ITERATOR, "__future__": None, "typing_extensions": None, "importlib": Kind.UNKNOWN,
}  # fmt: skip

# Names the kernel or this package puts into the namespace.
INJECTED: dict[str, str] = {
    "run": "jupyter_mlops.run",
    "display": "IPython.display.display",
    "exit": "IPython.exit",
    "quit": "IPython.quit",
    "__name__": "IPython.name",
    "__file__": "IPython.file",
    "__doc__": "IPython.doc",
}

# builtins ----------------------------------------------------------------------------------------------------
PLAIN = _words(
    "print len str repr int float bool complex bytes isinstance issubclass id hash callable any all input "
    "hasattr format chr ord hex bin oct ascii slice range help object compile breakpoint"
)
NUMBERS = _words("int float len range hash ord id")
MAKES_CONTAINER = _words("list tuple set dict frozenset sorted bytearray dir")
MAKES_ITERATOR = _words("iter zip enumerate map filter reversed aiter")
ITERATING = (MAKES_CONTAINER | MAKES_ITERATOR | _words("sum max min any all")) - {"dir"}
OPAQUE = _words("exec eval globals locals vars __import__ get_ipython ?")
ANY = "builtins.?"  # something whose name nobody knows, from where it may be exec

# keywords, functions and methods that change their arguments ---------------------------------------------------
# Each stands for "works in the given memory" where it is not one of the values beside it.
RISKY_KEYWORDS: dict[str, tuple[object, ...]] = {
    "inplace": (False, None), "out": (None,), "copy": (True, None, "deep", "warn"), "copy_X": (True,), "copy_x": (True,),
    "copy_X_train": (True,), "overwrite_x": (False,), "overwrite_a": (False,), "overwrite_b": (False,),
    "overwrite_ab": (False,), "overwrite_a_band": (False,), "overwrite_c": (False,), "overwrite_qr": (False,),
    "overwrite_qru": (False,), "overwrite_qruv": (False,),
    "output": (None,), "overwrite_X": (False,), "overwrite_input": (False,), "overwrite_data": (False,), "evals_result": (None,),
    "callbacks": (None,), "callback": (None,), "memory": (None,), "clone_kernel": (True,),
}  # fmt: skip
_CHANGING = _words(
    "pack_into shuffle put place copyto fill_diagonal putmask put_along_axis setitem delitem iadd isub imul insort insort_left "
    "insort_right heappush heappop heapify heapreplace heappushpop setattr delattr load readinto update_wrapper "
    "iconcat ior ixor iand ipow imod itruediv ifloordiv imatmul exec_module setflags register_dataframe_accessor at"
)
# They reach anything by its place in memory.
BY_ADDRESS = frozenset({"ctypes", "_ctypes", "cffi", "numpy.ctypeslib"})
_OWN_TYPES = _words("list dict set bytearray object type super")
# The place of ``out`` among the arguments of NumPy's functions, and of an array's methods.
_OUT_AT = {
    1: _words(
        "abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh bitwise_count "
        "bitwise_invert bitwise_not cbrt ceil conj conjugate cos cosh deg2rad degrees exp exp2 expm1 fabs fix floor frexp "
        "invert isfinite isinf isnan isnat isneginf isposinf log log10 log1p log2 logical_not modf negative positive rad2deg "
        "radians reciprocal rint sign signbit sin sinh spacing sqrt square tan tanh trunc nan_to_num"
    ),
    2: _words(
        "add all amax amin any arctan2 argmax argmin around atan2 bitwise_and bitwise_left_shift bitwise_or "
        "bitwise_right_shift bitwise_xor choose concat concatenate copysign divide divmod dot equal float_power floor_divide "
        "fmax fmin fmod gcd greater greater_equal heaviside hypot lcm ldexp left_shift less less_equal logaddexp logaddexp2 "
        "logical_and logical_or logical_xor matmul matvec max maximum median min minimum mod multiply nanargmax nanargmin "
        "nanmax nanmedian nanmin nextafter not_equal outer pow power ptp remainder right_shift round stack subtract "
        "true_divide vecdot vecmat"
    ),
    3: _words(
        "clip compress cumprod cumsum mean nancumprod nancumsum nanmean nanpercentile nanprod nanquantile nanstd nansum "
        "nanvar percentile prod quantile std sum take var reduce accumulate reduceat"
    ),
    5: _words("trace busday_count"),
}  # fmt: skip
_OUT_OF_ARRAY_AT = {
    1: _words("all any argmax argmin choose dot max min round"),
    2: _words("clip compress cumprod cumsum mean prod std sum take var"),
    4: _words("trace"),
}


def gives_into(name: str, count: int, *, method: bool = False) -> bool:
    """Say whether NumPy's function *name* (or an array's *method*), given *count* arguments, was told where to put its result."""
    places = _OUT_OF_ARRAY_AT if method else _OUT_AT
    return any(count > place and name in names for place, names in places.items())


def changes_arguments(path: str) -> bool:
    """Say whether the known function at *path* changes what it is given."""
    root, _, name = path.rpartition(".")
    if root.startswith("builtins."):
        return root.removeprefix("builtins.") in _OWN_TYPES and name not in LOOKING
    return (
        name in _CHANGING
        and path not in {"sklearn.utils.shuffle", "numpy.load"}
        and not root.startswith("joblib")
    )


CONTAINER_CHANGING = _words(
    "append extend insert pop remove clear sort reverse update add discard setdefault popitem appendleft extendleft "
    "popleft rotate subtract move_to_end difference_update intersection_update symmetric_difference_update __setitem__ "
    "__delitem__ __iadd__ write"
)
ESTIMATOR_READING = _words(
    "predict predict_proba predict_log_proba decision_function score score_samples transform inverse_transform "
    "get_params get_feature_names_out feature_importances summary apply kneighbors kneighbors_graph staged_predict "
    "get_n_splits split staged_predict_proba decision_path get_depth get_n_leaves cost_complexity_pruning_path "
    "build_preprocessor build_tokenizer build_analyzer get_booster get_xgb_params evals_result get_score save_model "
    "get_metadata_routing get_support log_marginal_likelihood sample_y error_norm mahalanobis bic aic perplexity "
    "radius_neighbors radius_neighbors_graph staged_decision_function staged_score is_stationary conf_int f_test t_test plot plot_importance to_html __sklearn_tags__"
)
# Functions that give something new which shares nothing with their arguments.
NEW_FUNCTIONS = _words(
    "sqrt exp log log1p log2 log10 expm1 sin cos tan tanh mean median std var sum prod min max argmax argmin argsort sort "
    "unique zeros ones empty full zeros_like ones_like empty_like full_like arange linspace logspace eye identity where "
    "concatenate vstack hstack column_stack stack dot matmul cumsum cumprod isnan isfinite percentile quantile "
    "round abs sign clip outer cov corrcoef histogram bincount digitize floor ceil power add subtract multiply divide "
    "deepcopy clone read_csv read_parquet read_json read_excel read_table read_pickle read_feather read_sql loadtxt "
    "genfromtxt concat merge get_dummies to_datetime to_numeric cut qcut crosstab pivot_table melt date_range isna notna "
    "interp polyfit polyval tile repeat nanmean nanstd nansum any all allclose isclose array_equal count_nonzero diff "
    "product norm inv solve det eig svd lstsq Counter cross_val_score cross_val_predict cross_validate "
    "permutation_importance permutation_test_score partial_dependence"
)
# scikit-learn's measures: numbers and small tables of their own.
NEW_ENDINGS = ("_score", "_error", "_loss", "_curve", "_matrix", "_report", "_distance", "_deviance")
SPLITTING = _words("train_test_split load_iris load_wine load_digits load_breast_cancer load_diabetes make_classification "
                   "make_regression make_blobs make_moons make_circles meshgrid unique histogram")  # fmt: skip
# Setting a library up: later calls of the same library rest on it.
SETTING = _words("set_config rcParams style rc set_theme set_style set_palette set_context set_option seterr rcdefaults "
                 "options reset_option basicConfig switch_backend reset_defaults use_inf_as_na setLevel set_default_dtype "
                 "set_printoptions register_dialect field_size_limit setfirstweekday Config default_renderer templates")  # fmt: skip

# beyond the namespace ------------------------------------------------------------------------------------------
FILE_READERS = _words(
    "open read_csv read_parquet read_json read_excel read_table read_pickle read_feather read_sql read_hdf read_orc "
    "read_fwf read_xml read_html read_stata read_sas scan_csv scan_parquet scan_ndjson read_ndjson read_ipc loadtxt "
    "genfromtxt fromfile memmap HDFStore imread read_text read_bytes load load_npz loadmat read_avro read_database glob rglob "
    "listdir iterdir walk scandir exists is_file isfile stat getsize ParquetFile iglob load_svmlight_file fetch_openml "
    "ExcelFile load_model open_memmap extractall extract Booster read_spss read_delta read_clipboard read_sql_query "
    "read_sql_table read_csv_auto mmread scan_ipc"
)
FILE_WRITERS = _words(
    "to_csv to_parquet to_pickle to_json to_excel to_feather to_hdf to_sql to_html to_latex write_csv write_parquet "
    "write_json write_ipc savefig imsave save savez savez_compressed savetxt tofile write_text write_bytes dump unlink "
    "mkdir makedirs remove rename replace rmtree copyfile copy2 move rmdir touch save_model write_html write_image "
    "save_npz savemat symlink_to to_stata dump_svmlight_file urlretrieve to_orc to_xml to_string to_markdown write_ndjson "
    "write_avro write_excel write_ipc_stream write_delta write_database sink_parquet sink_csv sink_ipc sink_ndjson "
    "write_table write_feather write_dataset write_to_dataset ParquetWriter ExcelWriter write mmwrite open_memmap "
    "extractall extract save_binary dump_model hardlink_to"
)
OUTSIDE: tuple[tuple[str, str], ...] = (
    ("os.environ", "environment variables"), ("os.getenv", "environment variables"), ("os.putenv", "environment variables"),
    ("subprocess", "the shell"), ("os.system", "the shell"), ("os.popen", "the shell"),
    ("time.time", "the clock"), ("time.perf_counter", "the clock"), ("time.monotonic", "the clock"),
    ("datetime.datetime.now", "the clock"), ("datetime.date.today", "the clock"), ("datetime.datetime.today", "the clock"),
    ("datetime.datetime.utcnow", "the clock"), ("pandas.Timestamp.now", "the clock"), ("pandas.Timestamp.today", "the clock"),
    ("uuid.uuid", "random numbers without a seed"), ("secrets.", "random numbers without a seed"),
    ("os.urandom", "random numbers without a seed"), ("random.SystemRandom", "random numbers without a seed"),
    ("importlib.reload", "reloaded modules"), ("pandas.read_sql", "a database"), ("polars.read_database", "a database"),
    ("sklearn.datasets.fetch_", "the network (sklearn.datasets)"), ("seaborn.load_dataset", "the network (seaborn)"),
    ("jupyter_mlops.load_model", "registered models"), ("jupyter_mlops.load_data", "registered data"),
    ("builtins.input", "typed input"), ("getpass.getpass", "typed input"), ("threading", "background threads"),
    ("multiprocessing", "other processes"), ("concurrent", "background threads"), ("asyncio.create_task", "background tasks"),
    *((f"{name}", f"the network ({name})") for name in (
        "requests", "urllib.request", "urllib3", "httpx", "aiohttp", "socket", "boto3", "s3fs", "gcsfs", "fsspec",
        "huggingface_hub", "kagglehub", "openai", "anthropic", "yfinance", "wget", "paramiko", "ftplib", "smtplib",
    )),
    *((f"{name}", f"a database ({name})") for name in (
        "sqlite3", "sqlalchemy", "psycopg", "psycopg2", "pymysql", "duckdb", "pymongo", "redis", "snowflake", "pyodbc",
    )),
)  # fmt: skip

# They reach everybody in the process.
AMBIENT_PATHS = (
    "os.environ",
    "os.putenv",
    "os.chdir",
    "sys.path",
    "os.unsetenv",
    "sys.set",
    "os.umask",
    "decimal.setcontext",
    "locale.setlocale",
)
# They call what they are given, and may hand it anything.
CALLING = _words(
    "map apply applymap agg aggregate transform pipe filter map_elements map_batches map_groups map_rows groupby group_by "
    "assign rename combine vectorize frompyfunc apply_along_axis apply_over_axes fromfunction piecewise sub subn call starmap "
    "reduce accumulate takewhile dropwhile filterfalse partial methodcaller cmp_to_key lru_cache cache singledispatch "
    "minimize minimize_scalar root root_scalar curve_fit least_squares quad dblquad solve_ivp odeint fsolve brentq newton "
    "differential_evolution basinhopping dual_annealing bootstrap register callback push make_scorer FunctionTransformer"
)
LOOKING = _words("get copy keys items values index count path")
# Functions of pyplot that go on with the figure that is open.
GOES_ON = _words(
    "savefig gcf gca get_fignums title xlabel ylabel legend xlim ylim grid suptitle colorbar tight_layout xticks yticks"
)

# scikit-learn that draws no random numbers unless told to --------------------------------------------------------
DETERMINISTIC = _words(
    "LinearRegression Ridge RidgeCV RidgeClassifier RidgeClassifierCV Lasso LassoCV LassoLars LassoLarsCV LassoLarsIC "
    "ElasticNet ElasticNetCV BayesianRidge ARDRegression HuberRegressor PoissonRegressor GammaRegressor TweedieRegressor "
    "QuantileRegressor LogisticRegression LogisticRegressionCV KNeighborsClassifier KNeighborsRegressor NearestNeighbors "
    "RadiusNeighborsClassifier RadiusNeighborsRegressor NearestCentroid GaussianNB MultinomialNB BernoulliNB ComplementNB "
    "CategoricalNB LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis SVR NuSVR KernelRidge IsotonicRegression "
    "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler Normalizer Binarizer PolynomialFeatures SplineTransformer "
    "PowerTransformer OneHotEncoder OrdinalEncoder LabelEncoder LabelBinarizer MultiLabelBinarizer FunctionTransformer "
    "SimpleImputer KNNImputer MissingIndicator CountVectorizer TfidfVectorizer TfidfTransformer HashingVectorizer "
    "DictVectorizer Pipeline FeatureUnion ColumnTransformer TransformedTargetRegressor make_pipeline make_union "
    "make_column_transformer make_column_selector GridSearchCV VotingClassifier VotingRegressor StackingClassifier "
    "StackingRegressor CalibratedClassifierCV OneVsRestClassifier OneVsOneClassifier MultiOutputRegressor "
    "MultiOutputClassifier SelectKBest SelectPercentile SelectFromModel VarianceThreshold RFE RFECV AgglomerativeClustering "
    "DBSCAN OPTICS KFold StratifiedKFold GroupKFold TimeSeriesSplit LeaveOneOut PredefinedSplit cross_val_score "
    "cross_validate cross_val_predict learning_curve validation_curve make_scorer clone set_config get_config "
    "config_context f_classif f_regression chi2 check_array check_X_y load_iris load_wine load_digits load_diabetes "
    "load_breast_cancer load_files check_random_state GaussianProcessRegressor BaseEstimator RegressorMixin ClassifierMixin TransformerMixin "
    "estimator_html_repr ParameterGrid compute_class_weight compute_sample_weight show_versions type_of_target"
)
_ESTIMATOR_MAKERS = _words("make_pipeline make_union make_column_transformer clone make_scorer")


_PLAIN_ROOTS = _words(
    "math cmath datetime time decimal fractions string uuid numbers pathlib struct zlib base64 binascii unicodedata "
    "textwrap secrets getpass platform calendar locale gc timeit __future__ random os sys shutil statistics pprint re json"
)
_LISTS = _words(
    "listdir findall split walk scandir multimode quantiles choices sample wrap uname monthcalendar get_objects "
    "getrusage sysconf_names environ modules argv finditer get_archive_formats pformat_list"
)
GENERATORS = (
    "numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator", "random.Random",
)  # fmt: skip
_INERT = _words("logging warnings traceback IPython")


def result_kind(path: str) -> Kind | None:
    """Return what the known function or class at *path* gives back; None: something that cannot change."""
    root, name = path.partition(".")[0], path.rpartition(".")[2]
    if root in _INERT:
        return Kind.TRACKER
    if root == "sklearn":
        return _sklearn_kind(path, name)
    if path.startswith(GENERATORS):
        return Kind.ITERATOR
    kind = KNOWN.get(root, Kind.UNKNOWN)
    if kind is not None and not path.startswith("json.dump"):
        return kind
    if name in _LISTS:
        return Kind.CONTAINER
    plain = root in _PLAIN_ROOTS and path != "random.choice"
    # What is left wraps or hands on what it was given.
    return None if plain else Kind.UNKNOWN


def _sklearn_kind(path: str, name: str) -> Kind:
    if any(part.endswith("Display") for part in path.split(".")):
        return Kind.PLOT
    if name[:1].isupper():
        return Kind.PLOT if path.startswith("sklearn.metrics.") else Kind.ESTIMATOR
    return Kind.ESTIMATOR if name in _ESTIMATOR_MAKERS else Kind.DATA
