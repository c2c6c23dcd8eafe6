"""What is given to the process, written into given memory or into files: it is reached from elsewhere afterwards."""

from __future__ import annotations

from tests.capture.cases.case import Case, dropped, whole

SEEN = "seen = []"
RESULT = "result = len(seen) > 0"
LOGGER = "import logging\nseen = []\nlogger = logging.getLogger('of the slices')\nlogger.propagate = False"
PLACE = "import tempfile\nfrom pathlib import Path\nplace = Path(tempfile.mkdtemp())"
A = "import numpy as np\nX, out = np.ones(3), np.zeros(3)"
_INTO = {
    "at": "np.add.at(out, [0, 0], 1)",
    "at_by_another_name": "from numpy import add\nadd.at(out, [0, 0], 1)",
    "at_of_a_function_made": "np.frompyfunc(lambda a, b: a + b, 2, 1)\nnp.subtract.at(out, 0, 1)",
    "two": "np.add(X, X, out)",
    "one": "np.sqrt(X, out)",
    "clip": "np.clip(X, 0, 3, out)",
    "a_method": "X.clip(2, 3, out)",
    "copyto": "np.copyto(out, 1)",
    "put": "np.put(out, [0], [9])",
    "place": "np.place(out, out == 0, [4])",
}
CASES: list[Case] = [
    *(whole(f"an_array_is_written_into_where_it_is_told_{name}", A, cell, "result = out.sum()") for name, cell in _INTO.items()),
    whole("a_total_is_written_into_its_place", "import numpy as np\nX, out = np.ones((2, 2)), np.zeros(2)", "np.sum(X, 0, None, out)", "result = out.sum()"),
    whole("numbers_are_put_in_place_of_none_without_a_copy", "import numpy as np\nX = np.array([np.nan, 1.0])", "np.nan_to_num(X, False)", "result = X.sum()"),
    whole("the_parts_of_an_array_are_views", "import numpy as np\nX = np.zeros(4)", "for part in np.array_split(X, 2):\n    part += 1", "result = X.sum()"),
    whole("a_sum_over_indices_may_be_a_view", "import numpy as np\nX = np.zeros((2, 2))", "np.einsum('ii->i', X)[:] = 1", "result = X.sum()"),
    whole("a_model_told_later_not_to_copy_changes_its_data", "import numpy as np\nfrom sklearn.preprocessing import StandardScaler\nX = np.array([[3.0], [4.0]])\nmodel = StandardScaler()", "model.copy = False", "model.fit_transform(X)", "result = X.sum()"),
    whole("a_transformation_told_not_to_copy_by_place_changes_its_data", "import numpy as np\nfrom sklearn.preprocessing import StandardScaler\nX = np.array([[3.0], [4.0]])\nmodel = StandardScaler().fit(X)", "model.transform(X, False)", "result = X.sum()"),
    whole("a_chain_of_dictionaries_writes_into_the_first", "from collections import ChainMap\nd = {}\nchain = ChainMap(d)", "chain['k'] = 1", "result = d"),
    whole("the_keys_of_a_dictionary_show_what_comes_later", "d = {'a': 1}\nkeys = d.keys()", "d['b'] = 2", "result = list(keys)"),
    # texts that are code
    whole("a_query_reads_the_names_it_holds", "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})\nt = 1", "t = 2", "result = len(df.query('a > @t'))"),
    whole("a_query_that_is_put_together_reads_its_names", "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})\nt, column = 1, 'a'", "t = 2", "result = len(df.query(f'{column} > @t'))"),
    # the process
    whole("a_handler_is_called_with_what_is_logged", f"{LOGGER}\nclass Own(logging.Handler):\n    def emit(self, record):\n        seen.append(record.msg)", "logger.addHandler(Own())", "logger.warning('x')", RESULT),
    whole("a_handler_is_called_wherever_something_is_logged", f"{LOGGER}\nclass Own(logging.Handler):\n    def emit(self, record):\n        seen.append(record.msg)\nlogger.addHandler(Own())\ndef say():\n    logging.getLogger('of the slices').error('y')", "say()", RESULT),
    whole("a_filter_is_called_with_what_is_logged", f"{LOGGER}\nlogger.addHandler(logging.NullHandler())", "logger.addFilter(lambda record: seen.append(1) or True)", "logger.warning('x')", RESULT),
    whole("a_handler_writes_into_the_stream_it_was_given", "import io, logging\nout = io.StringIO()\nlogger = logging.getLogger('into a stream')\nlogger.propagate = False", "logger.addHandler(logging.StreamHandler(out))", "logger.warning('x')", "result = out.getvalue()[:2]"),
    whole("a_finalizer_runs_when_its_object_ends", f"import weakref\nclass Own:\n    pass\nown = Own()\n{SEEN}", "weakref.finalize(own, seen.append, 1)", "del own", RESULT),
    whole("a_weak_reference_calls_back", f"import weakref\nclass Own:\n    pass\nown = Own()\n{SEEN}", "reference = weakref.ref(own, seen.append)", "own = None", RESULT),
    whole("a_signal_is_handled_whenever_it_comes", f"import signal, os\n{SEEN}", "signal.signal(signal.SIGUSR1, lambda *args: seen.append(1))", "os.kill(os.getpid(), signal.SIGUSR1)", RESULT),
    whole("a_function_put_into_a_module_is_called_through_it", f"import textwrap\n{SEEN}", "textwrap.noted = lambda v: seen.append(v)", "textwrap.noted(1)", RESULT),
    whole("decimal_numbers_follow_their_context", "import decimal", "decimal.getcontext().prec = 3", "result = decimal.Decimal(1) / 3\ndecimal.getcontext().prec = 28"),
    # files
    whole("a_table_that_lies_in_a_file_is_written_to_it", f"{PLACE}\nimport numpy as np\nX = np.memmap(place / 'm.dat', dtype='u1', mode='w+', shape=(3,))", "X[0] = 4", "X.flush()", "result = np.fromfile(place / 'm.dat', dtype='u1').sum()"),
    whole("a_database_is_seen_by_its_other_connections", f"{PLACE}\nimport sqlite3\none = sqlite3.connect(place / 'x.db')\none.execute('create table t (a)')", "one.execute('insert into t values (1)')\none.commit()\none.close()", "other = sqlite3.connect(place / 'x.db')\nresult = other.execute('select count(*) from t').fetchone()\nother.close()"),
    whole("a_copied_file_is_read_under_its_new_name", f"{PLACE}\nimport shutil\n(place / 'one.txt').write_text('x')", "shutil.copy(place / 'one.txt', place / 'two.txt')", "result = (place / 'two.txt').read_text()"),
    whole("a_function_handed_on_removes_files", f"{PLACE}\nimport os\n(place / 'one.txt').write_text('x')", "list(map(os.remove, [place / 'one.txt']))", "result = os.path.exists(place / 'one.txt')"),
    # the other side
    dropped("logging_that_only_prints_is_dropped", "xs = [1]", "import logging\nlogger = logging.getLogger('that prints')\nlogger.addHandler(logging.NullHandler())\nlogger.info('x %s', xs)", "result = xs"),
    dropped("arrays_that_are_only_looked_at_are_dropped", A, "print(np.add(X, X), np.clip(X, 0, 1), X.sum(0), np.sum(X, 0), np.where(X > 0, X, 0))\nfor part in np.array_split(X, 2):\n    print(part.sum())", "result = X.sum()"),
    dropped("a_list_that_drops_an_element_is_no_file", f"{PLACE}\n(place / 'one.txt').write_text('x')", "xs = [1, 2]\nxs.remove(1)", "result = (place / 'one.txt').read_text()"),
]  # fmt: skip
