"""Objects that lie in tables and arrays, changed through a copy of the table."""

from __future__ import annotations

from tests.capture.cases.case import Case, dropped, whole

LISTS = "import pandas as pd\ndf = pd.DataFrame({'n': [1, 2, 3], 't': [['a'], ['b'], ['c']]})"
OBJECTS = "import numpy as np\na = np.empty(2, dtype=object)\na[0], a[1] = [1], [2]"
PLAIN = "import pandas as pd\ndf = pd.DataFrame({'n': [1, 2, 3], 't': ['a', 'b', 'c']})"
RESULT = "result = df.t.astype(str).tolist()"
KEEP = "import pandas as pd\nd = {'a': [1], 'b': [2]}\ns = pd.Series(['a', 'b'])"

CHANGED = {
    "a_copy_of_the_frame": ("c = df.copy()", "c.loc[0, 't'].append('x')"),
    "a_cell_by_at": ("c = df.copy()", "c.at[0, 't'].append('x')"),
    "a_cell_that_got_a_name": ("c = df.copy()\nt = c['t'][0]", "t.append('x')"),
    "some_rows": ("c = df[df.n > 1]", "c.t.iloc[0].append('x')"),
    "some_columns": ("c = df[['t']]", "c.t.iloc[0].append('x')"),
    "another_order": ("c = df.sort_values('n', ascending=False)", "c.iloc[0].t.append('x')"),
    "a_query": ("c = df.query('n > 1')", "c.t.values[0].append('x')"),
    "a_join": ("c = df.merge(pd.DataFrame({'n': [2, 3], 'k': [0, 1]}), on='n')", "c.t[0].append('x')"),
    "two_frames_on_each_other": ("c = pd.concat([df, df.head(1)])", "c.t.iloc[-1].append('x')"),
    "a_loop_over_a_column": ("c = df.copy()", "for t in c['t']:\n    t.append('x')"),
    "a_loop_over_rows": ("c = df.copy()", "for _, row in c.iterrows():\n    row['t'].append('x')"),
    "a_loop_over_tuples": ("c = df.copy()", "for row in c.itertuples():\n    row.t.append('x')"),
    "a_loop_over_two_columns": ("c = df.copy()", "for n, t in zip(c['n'], c['t']):\n    t.append(n)"),
    "a_list_of_the_column": ("c = df.dropna().t.tolist()", "c[0].append('x')"),
    "a_dictionary_of_the_table": ("c = df.copy().to_dict('list')", "c['t'][0].append('x')"),
    "a_function_for_each": ("c = df.copy()", "c['t'].map(lambda t: t.append('x'))"),
    "a_function_for_each_row": ("c = df.copy()", "def f(row):\n    row['t'].append('x')\nc.apply(f, axis=1)"),
    "an_item_of_a_cell": ("c = df.copy()", "c.loc[0, 't'][0] = 'x'"),
    "an_operator_in_place": ("c = df.copy()\nt = c.t[0]", "t += ['x']"),
    "a_deleted_item": ("c = df.copy()", "del c.loc[0, 't'][0]"),
    "a_split": (
        "from sklearn.model_selection import train_test_split\nc, other = train_test_split(df, random_state=0)",
        "for t in c.t:\n    t.append('x')",
    ),
    "a_copy_of_a_copy": ("c = df.copy().sort_values('n').reset_index(drop=True)", "c.t[0].append('x')"),
    "a_function_of_the_notebook": ("def f(table):\n    table.t[0].append('x')\nc = df.copy()", "f(c)"),
    "something_unknown": ("import operator\nf = operator.methodcaller('append', 'x')\nc = df.copy()", "f(c.t[0])"),
    "a_method_that_was_handed_on": ("c = df.copy()", "list(map(c.t[0].append, 'xy'))"),
}  # fmt: skip

CASES = [
    *(whole(f"a_list_in_a_column_is_changed_by_{name}", LISTS, *cells, RESULT) for name, cells in CHANGED.items()),
    whole("the_copy_is_the_run", LISTS, "c = df.copy()", "df.t[0].append('x')", "result = str(c.t[0])"),
    whole("two_copies_share_what_lies_in_them", LISTS, "b = df.copy()\nc = df.copy()", "b.t[0].append('x')", "result = str(c.t[0])"),
    whole("the_list_itself_is_the_run", "import pandas as pd\nt = ['a']\ndf = pd.DataFrame({'t': [t, ['b']]})", "c = df.copy()", "c.t[0].append('x')", "result = list(t)"),
    whole("a_list_put_into_a_cell_later", PLAIN, "t = []\ndf['t'] = [t, [], []]", "c = df.copy()", "c.t[0].append('x')", "result = str(df.t[0]) + str(t)"),
    whole("lists_made_of_texts", "import pandas as pd\ndf = pd.DataFrame({'s': ['a,b', 'c']})", "df['t'] = df.s.str.split(',')", "c = df[df.s != 'c']", "c.t[0].append('x')", RESULT),
    whole("lists_out_of_a_dictionary_by_a_function", KEEP, "c = s.map(lambda k: d[k])", "c[0].append(5)", "result = d['a'] + [0]"),
    whole("lists_out_of_a_dictionary", KEEP, "c = s.map(d)", "c[0].append(5)", "result = d['a'] + [0]"),
    whole("lists_out_of_a_file", "import io\nimport pandas as pd\ndf = pd.read_json(io.StringIO('[{\"t\": [1]}, {\"t\": [2]}]'))", "c = df.copy()", "c.t[0].append(3)", RESULT),
    whole("a_set_in_a_column", "import pandas as pd\ndf = pd.DataFrame({'t': [{1}, {2}]})", "c = df.copy()", "c.t[0].add(3)", "result = len(df.t[0])"),
    whole("a_counter_in_a_column", "import pandas as pd\nfrom collections import Counter\ndf = pd.DataFrame({'t': [Counter('aab')]})", "c = df.copy()", "c.t[0].subtract('a')", "result = df.t[0]['a']"),
    whole("a_dictionary_in_a_column", "import pandas as pd\ndf = pd.DataFrame({'t': [{'k': 1}, {'k': 2}]})", "c = df.copy()", "c.t[0]['k'] = 3", "result = df.t[0]['k']"),
    whole("a_dictionary_in_a_column_by_setdefault", "import pandas as pd\ndf = pd.DataFrame({'t': [{'k': 1}, {'k': 2}]})", "c = df.copy()", "c.t[0].setdefault('m', 3)", "result = len(df.t[0])"),
    whole("an_instance_in_a_column", "import pandas as pd\nclass P:\n    n = 1\ndf = pd.DataFrame({'t': [P(), P()]})", "c = df.copy()", "c.t[0].n = 3", "result = df.t[0].n"),
    whole("an_instance_in_a_column_by_a_method", "import pandas as pd\nclass P:\n    n = 1\n    def more(self):\n        self.n += 1\ndf = pd.DataFrame({'t': [P(), P()]})", "c = df.copy()", "c.t[0].more()", "result = df.t[0].n"),
    whole("an_array_in_a_column", "import numpy as np\nimport pandas as pd\ndf = pd.DataFrame({'t': [np.zeros(2), np.ones(2)]})", "c = df.copy()", "c.t[0][0] = 5", "result = df.t[0].tolist()"),
    whole("an_array_of_objects", OBJECTS, "c = a.copy()", "c[0].append(5)", "result = str(a[0])"),
    whole("an_array_of_objects_in_another_order", OBJECTS, "c = a[[1, 0]]", "c[0].append(5)", "result = str(a[1])"),
    whole("arrays_of_objects_in_one", OBJECTS, "c = np.concatenate([a, a])", "c[0].append(5)", "result = str(a[0])"),
    whole("the_largest_of_an_array_of_objects", OBJECTS, "c = a.max()", "c.append(5)", "result = str(a[1])"),
    whole("the_largest_of_an_array_of_objects_by_a_function", OBJECTS, "c = np.max(a)", "c.append(5)", "result = str(a[1])"),
    whole("an_array_of_objects_is_added_to_another", OBJECTS, "b = np.empty(2, dtype=object)\nb[:] = [[[0]], [[1]]]\nc = b + a", "c[0][0].append(5)", "result = str(b[0])"),
    whole("objects_that_are_chosen", OBJECTS, "c = np.random.default_rng(0).choice(a, 2, replace=False)", "c[0].append(5)\nc[1].append(5)", "result = str(a[0])"),
    whole("an_address", "import ctypes\nimport numpy as np\na = np.zeros(3)", "ctypes.memset(a.ctypes.data, 1, 8)", "result = a.tolist()"),
    whole("an_address_of_an_object", "import ctypes\nt = [1]\nn = id(t)", "ctypes.cast(n, ctypes.py_object).value.append(2)", "result = len(t)"),
    dropped("a_new_column_of_a_copy", LISTS, "c = df.copy()\nc['m'] = c.n * 2", RESULT),
    dropped("a_column_of_a_copy_by_insert", LISTS, "c = df.copy()\nc.insert(0, 'm', [1, 2, 3])\nc.pop('n')", RESULT),
    dropped("rows_of_a_copy_are_overwritten", LISTS, "c = df[df.n > 1].copy()\nc.loc[c.n > 2, 'n'] = 0", RESULT),
    dropped("a_list_in_a_copy_is_replaced", LISTS, "c = df.copy()\nc.at[0, 't'] = ['x']", RESULT),
    dropped("a_copy_is_sorted_where_it_lies", PLAIN, "c = df.copy()\nc.drop(columns='n', inplace=True)\nc.t[0] = 'x'", RESULT),
    dropped("a_deep_copy", LISTS, "import copy\nc = copy.deepcopy(df.t.tolist())\nc[0].append('x')", RESULT),
    dropped("new_lists_of_texts", PLAIN, "c = df.t.str.split('b')\nc[0].append('x')", RESULT),
    Case("a_copy_of_numbers_is_changed_by_part", [("a", PLAIN), ("b", "c = df[df.n > 1]\nc['n'] += 1\nc.n.values.sort()"), ("c", RESULT)], ["a:1", "c:3"]),
]  # fmt: skip
