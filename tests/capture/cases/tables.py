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

SERIES = "import pandas as pd\ns = pd.Series({'a': [3], 'b': [2]})"
OWN = "import pandas as pd\nclass P:\n    n = 1\n    def filter(self):\n        return self\n    def predict(self):\n        self.n += 1\n    __add__ = __neg__ = lambda self, *_: self\ndf = pd.DataFrame({'t': [P(), P()]})"

# How an object that lies in a table is reached: what is run, and what is left of it.
REACHED = {
    "a_loop_over_the_index": (LISTS, "c = df.copy()", "for i in c.index:\n    c.t[i].append('x')", RESULT),
    "a_loop_over_the_index_without_a_copy": (LISTS, "for i in df.index:\n    df.t[i].append('x')", RESULT),
    "a_loop_over_rows_and_the_index": (LISTS, "c = df.copy()", "for i, row in c.iterrows():\n    c.t[i].append('x')", RESULT),
    "a_loop_over_places": (LISTS, "import numpy as np\nc = df.copy()", "for i in np.where(c.n > 1)[0]:\n    c.t[i].append('x')", RESULT),
    "a_loop_over_numbers": (LISTS, "c = df.copy()", "for n in c.n:\n    c.t[n - 1].append('x')", RESULT),
    "the_largest": (LISTS, "c = df.copy()", "c.t[c.n.idxmax()].append('x')", RESULT),
    "the_last": (LISTS, "c = df.copy()\ni = c.index[-1]", "c.t[i].append('x')", RESULT),
    "an_attribute_of_a_row": (LISTS, "c = df.iloc[0].copy()", "c.t.append('x')", RESULT),
    "an_attribute_of_a_row_in_place": (LISTS, "c = df.loc[0].dropna()", "c.t += ['x']", RESULT),
    "an_attribute_of_a_series": (SERIES, "c = s.sort_index()", "c.a.append(1)", "result = str(s.tolist())"),
    "an_attribute_by_name": (SERIES, "c = s.copy()", "getattr(c, 'a').append(1)", "result = str(s.tolist())"),
    "an_attribute_that_is_deleted_from": (SERIES, "c = s[['a']]", "del c.a[0]", "result = str(s.tolist())"),
    "pop": (SERIES, "c = s.copy()", "c.pop('a').append(1)", "result = str(s.tolist())"),
    "an_aggregation": (SERIES, "c = s.copy()\nx = c.agg('max')", "x.append(1)", "result = str(s.tolist())"),
    "an_aggregation_by_a_function": (SERIES, "c = s.copy()\nx = c.agg(lambda v: v.iloc[0])", "x.append(1)", "result = str(s.tolist())"),
    "a_choice": (OBJECTS, "x = np.random.default_rng(0).choice(a)", "x.append(5)", "result = str(a.tolist())"),
    "a_method_that_gives_its_object": (OWN, "x = df.t[0].filter()", "x.n = 3", "result = df.t[0].n"),
    "an_operator_that_gives_its_object": (OWN, "x = -df.t[0]", "x.n = 3", "result = df.t[0].n"),
    "a_sum_that_is_its_object": (OWN, "(df.t[0] + 1).n = 7", "result = df.t[0].n"),
    "a_prediction": (OWN, "df.t[0].predict()", "result = df.t[0].n"),
    "a_deep_copy_of_a_frame": (LISTS, "import copy\nc = copy.deepcopy(df)", "c.t[0].append('x')", RESULT),
    "a_deep_copy_of_a_list_of_frames": (LISTS, "import copy\nc = copy.deepcopy([df])", "c[0].t[0].append('x')", RESULT),
    "a_column_that_is_called_name": ("import pandas as pd\ndf = pd.DataFrame({'name': [[3], [4]]})", "df.name[0].append(1)", "result = str(df.name.tolist())"),
    "an_attribute_that_is_called_shape": (OWN, "df.t[0].shape = []", "df.t[0].shape.append(1)", "result = df.t[0].shape"),
    "going_over_an_iterator": ("import pandas as pd\ng = iter([1, 2, 3])\ns = pd.Series([g, None], dtype=object)", "a, *b = s[0]", "result = list(g)"),
    "filling_an_array": ("import numpy as np\nx = {'k': 1}\na = np.full((2, 2), x)", "a[0, 0].update(k=5)", "result = x['k']"),
    "an_array_of_a_dictionary": ("import numpy as np\nx = {'k': 1}\na = np.array(x)", "a.item().update(k=5)", "result = x['k']"),
    "an_array_in_an_array": ("import numpy as np\nsub = np.zeros(2)\na = np.empty(2, dtype=object)\na[0] = sub", "c = a.copy()", "c[0][0] = 5", "result = sub.tolist()"),
    "columns_beside_each_other": (LISTS, "import numpy as np\nc = np.c_[df.t.values, df.n.values]", "df.t[0].append(1)", "result = str(c)"),
    "what_an_object_gives_when_it_is_called": ("import pandas as pd\nt = {'k': [1]}\nclass L:\n    def __call__(self, k):\n        return t[k]\ne = pd.Series(['k']).map(L())", "e[0].append(5)", "result = t['k'] + [0]"),
    "what_a_method_gives": ("import pandas as pd\nt = {'k': [1]}\nclass L:\n    def look(self, k):\n        return t[k]\ne = pd.Series(['k']).map(L().look)", "e[0].append(5)", "result = t['k'] + [0]"),
    "a_property": (LISTS, "class H:\n    @property\n    def d(self):\n        return df.copy()\nh = H()", "h.d.t[0].append('x')", RESULT),
    "a_property_of_an_object": ("import pandas as pd\nclass P:\n    n = 0\n    @property\n    def shape(self):\n        self.n += 1\ndf = pd.DataFrame({'t': [P(), P()]})", "df.t[0].shape", "result = df.t[0].n"),
    "looking_for_something_in_an_iterator": ("import pandas as pd\ng = iter([1, 2, 3])\ns = pd.Series([g, None], dtype=object)", "2 in s[0]", "result = list(g)"),
    "a_table_made_of_an_iterator": ("import pandas as pd\ng = iter([1, 2, 3])\ns = pd.Series([g, None], dtype=object)", "pd.Series(s[0])", "result = list(g)"),
    "an_item_that_is_its_object": ("import pandas as pd\nclass P:\n    n = 1\n    __getitem__ = lambda self, k: self\ndf = pd.DataFrame({'t': [P(), P()]})", "x = df.t[0][[0]]", "x.n = 3", "result = df.t[0].n"),
    "an_object_as_an_array": ("import numpy as np\nx = {'k': 1}\na = np.object_(x)", "a.update(k=5)", "result = x['k']"),
    "a_field_of_a_structured_array": ("import numpy as np\na = np.zeros(2, dtype=[('k', int), ('o', object)])\nfor i in range(2):\n    a['o'][i] = [i]", "c = a[0].copy()", "c['o'].append(5)", "result = str(a['o'].tolist())"),
    "a_view_of_an_array": ("import numpy as np\na = np.empty((1, 2), dtype=object)\na.ravel()[0] = [1]", "c = a.copy()", "c[0, 0].append(5)", "result = str(a[0, 0])"),
    "an_evaluated_name": (LISTS, "c = pd.eval('df.t')", "c[0].append('x')", RESULT),
}  # fmt: skip

CASES = [
    *(whole(f"an_object_in_a_table_is_reached_by_{name}", *cells) for name, cells in REACHED.items()),
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
    dropped("a_deep_copy", "ts = [['a'], ['b']]", "import copy\nc = copy.deepcopy(ts)\nc[0].append('x')", "result = str(ts)"),
    dropped("new_lists_of_texts", PLAIN, "c = df.t.str.split('b')\nc[0].append('x')", RESULT),
    Case("a_copy_of_numbers_is_changed_by_part", [("a", PLAIN), ("b", "c = df[df.n > 1]\nc['n'] += 1\nc.n.values.sort()"), ("c", RESULT)], ["a:1", "c:3"]),
]  # fmt: skip
