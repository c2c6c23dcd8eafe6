"""Methods and functions that are handed on: whoever gets them may call them."""

from __future__ import annotations

from jupyter_mlops.records.run import Grade
from tests.capture.cases.case import Case, dropped, whole

XS = "xs = []"
SERIES = f"import pandas as pd\ns, df = pd.Series([1, 2]), pd.DataFrame({{'a': [1, 2], 'b': [3, 4]}})\n{XS}"
RESULT = "result = len(xs) > 0"
_TO_TABLES = {
    "map": "s.map(xs.append)",
    "apply": "s.apply(xs.append)",
    "agg": "s.agg(xs.append)",
    "map_of_a_frame": "df.map(xs.append)",
    "pipe": "df.pipe(xs.append)",
    "groupby": "df.groupby('a')['b'].apply(xs.append)",
    "agg_by_column": "df.agg({'a': xs.append})",
    "assign": "df.assign(c=xs.append)",
    "rename": "df.rename(columns=xs.append)",
    "loc": "df.loc[lambda d: xs.append(1) or [True, False]]",
}
_TO_BUILTINS = {
    "map": "list(map(xs.append, [1]))",
    "filter": "list(filter(xs.append, [1]))",
    "sorted": "sorted([1], key=xs.append)",
    "max": "max([1], key=xs.append)",
    "sort": "[1].sort(key=xs.append)",
    "map_of_an_unbound_one": "list(map(list.append, [xs], [1]))",
    "a_decorator": "@xs.append\ndef f():\n    pass",
    "a_thread": "import threading\nt = threading.Thread(target=xs.append, args=(1,))\nt.start()\nt.join()",
    "a_pool": "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(1) as pool:\n    pool.submit(xs.append, 1)",
    "a_stack": "import contextlib\nwith contextlib.ExitStack() as stack:\n    stack.callback(xs.append, 1)",
    "json": "import json\njson.loads('{}', object_hook=xs.append)",
    "a_pattern": "import re\nre.compile('a').sub(lambda m: str(xs.append(1)), 'a')",
    "methodcaller": "import operator\noperator.methodcaller('append', 1)(xs)",
    "call": "import operator\noperator.call(xs.append, 1)",
    "a_partial": "from functools import partial\npartial(xs.append, 1)()",
    "starmap": "import itertools\nlist(itertools.starmap(xs.insert, [(0, 1)]))",
    "delayed": "from joblib import Parallel, delayed\nParallel(1)(delayed(xs.append)(x) for x in [1])",
    "getattr": "getattr(xs, 'app' + 'end')(1)",
}
CASES: list[Case] = [
    *(whole(f"a_method_handed_to_a_table_is_called_{name}", SERIES, cell, RESULT) for name, cell in _TO_TABLES.items()),
    *(whole(f"a_method_handed_on_is_called_{name}", XS, cell, RESULT) for name, cell in _TO_BUILTINS.items()),
    whole(
        "a_partial_of_an_unbound_method_holds_its_object",
        f"from functools import partial\n{XS}",
        "push = partial(list.append, xs)",
        "push(1)",
        RESULT,
    ),
    whole("a_partial_of_a_method_is_called_later", f"from functools import partial\n{XS}\npush = partial(xs.append, 1)", "push()", RESULT),
    whole("a_partial_prints_into_what_it_holds", "import io\nfrom functools import partial\nout = io.StringIO()\nsay = partial(print, file=out)", "say('x')", "result = out.getvalue()"),
    whole("a_partial_draws_from_what_it_holds", "import numpy as np\nfrom functools import partial\nrng = np.random.default_rng(0)\ndraw = partial(rng.normal, 0)", "draw()", "result = draw()"),
    whole("a_partial_draws_from_the_seeded_generator", "import random\nfrom functools import partial\nrandom.seed(0)\ndraw = partial(random.randint, 0, 9999)", "draw()", "result = draw()"),
    whole("a_method_caller_is_called_later", f"import operator\n{XS}\npush = operator.methodcaller('append', 1)", "push(xs)", RESULT),
    whole("a_method_in_a_dictionary_is_called", f"{XS}\nhooks = {{'on': xs.append}}", "hooks['on'](1)", RESULT),
    whole("a_method_that_a_class_keeps_is_called", f"{XS}\nclass Own:\n    add = xs.append\nown = Own()", "own.add(1)", RESULT),
    whole("a_method_of_the_notebooks_own_class_is_called_by_its_name", f"{XS}\nclass Own:\n    def go(self):\n        xs.append(1)\nown = Own()", "for name in ['go']:\n    getattr(own, name)()", RESULT),
    whole("something_unknown_that_is_handed_to_a_table_is_called", f"{SERIES}\nimport queue\nq = queue.Queue()", "s.map(q.put)", "result = q.qsize()"),
    whole("a_method_of_a_model_that_is_handed_on_fits_it", "from sklearn.linear_model import Ridge\nmodel = Ridge()", "list(map(model.fit, [[[1], [2]]], [[1, 2]]))", "result = float(model.coef_[0])"),
    whole("a_method_of_a_frame_that_is_held_changes_it", "import pandas as pd\nfrom functools import partial\ndf = pd.DataFrame({'a': [1]})", "partial(df.insert, 0)('z', [4])", "result = list(df)"),
    whole("a_default_of_a_dictionary_is_made_by_a_method", "from collections import defaultdict\nxs = [1, 2]\nd = defaultdict(xs.pop)", "d['k']", "result = xs"),
    whole("a_picture_is_drawn_upon_by_a_method_that_was_handed_on", "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()", "list(map(ax.axvline, [1, 2]))", "result = len(ax.lines)"),
    whole("a_key_may_be_a_class", f"{XS}\nclass Key:\n    def __init__(self, x):\n        xs.append(x)\n    def __gt__(self, other):\n        return True", "max([1, 2], key=Key)", RESULT),
    whole("a_registered_case_of_a_function_is_called", f"from functools import singledispatch\n{XS}\n@singledispatch\ndef f(x):\n    pass", "@f.register\ndef _(x: int):\n    xs.append(x)", "f(1)", RESULT),
    whole("a_transformer_calls_the_method_it_was_made_of", f"from sklearn.preprocessing import FunctionTransformer\n{XS}\nt = FunctionTransformer(xs.append)", "t.transform([[1.0]])", RESULT),
    # code that cannot be known
    *(
        Case(
            f"code_whose_name_is_computed_may_bind_any_name_{name}",
            [("a", f"import builtins, functools\ny = 1\nname = 'ex' + 'ec'{more}"), ("b", cell), ("c", "result = y")],
            ["a:1", "b:2", "c:3"],
            grade=Grade.CLEAN,
        )
        for name, more, cell in (
            ("getattr", "", "getattr(builtins, 'ex' + 'ec')('y = 2')"),
            ("by_a_name", "", "getattr(builtins, name)('y = 2')"),
            ("in_the_modules_dictionary", "", "vars(builtins)[name]('y = 2')"),
            ("handed_on", "", "list(map(exec, ['y = 2']))"),
            ("in_a_partial", "", "functools.partial(exec, 'global y\\ny = 2')()"),
            ("in_a_functions_globals", "\ndef f():\n    pass", "f.__globals__['y'] = 2"),
            ("in_a_frame", "\nimport sys", "sys._getframe().f_globals['y'] = 2"),
        )
    ),
    # the other side
    dropped("functions_that_only_look_are_dropped_when_handed_on", "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})", "print(df['a'].map(str).apply(lambda x: x + '1'), df.groupby('a').agg({'b': 'mean'}), df.assign(c=1))", "result = df.shape"),
    dropped("a_key_that_only_looks_is_dropped", "xs = [3, 1]", "print(sorted(xs, key=lambda x: -x), max(xs, key=abs), hasattr(xs, 'x'))", "result = xs"),
    dropped("an_attribute_got_by_its_name_is_dropped", "import numpy as np\nX = np.ones(3)", "print(getattr(X, 'shape'), getattr(np, 'mean')(X))", "result = X.sum()"),
]  # fmt: skip
