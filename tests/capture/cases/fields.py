"""Fields of structured arrays, picked by a list of their names and written to; and frames, of which such a list makes a copy."""

from __future__ import annotations

from tests.capture.cases.case import PANDAS, Case, dropped, whole

FIELDS = "import numpy as np\na = np.array([(3, 1.5, 'u'), (1, 2.5, 'v')], dtype=[('x', int), ('y', float), ('z', 'U3')])"
RESULT = "result = a.tolist()"

# How the fields are picked, and how something is written through them.
WRITTEN = {
    "an_item": ("v = a[['x', 'y']]", "v['x'] = 0"),
    "all_of_them": ("v = a[['x', 'y']]", "v[:] = (7, 7)"),
    "one_row": ("v = a[['x', 'y']]", "v[0] = (7, 7)"),
    "a_single_field_in_a_list": ("v = a[['x']]", "v['x'] += 1"),
    "fill": ("v = a[['x', 'y']]", "v.fill(0)"),
    "a_function_that_is_told_where_to_put_its_result": ("v = a[['y']]", "np.add(v['y'], 1, out=v['y'])"),
    "copyto": ("v = a[['x', 'y']]", "np.copyto(v, np.zeros(2, dtype=v.dtype))"),
    "sorting": ("v = a[['x', 'y']]", "v['x'].sort()"),
    "a_list_of_some_names": ("v = a[[n for n in a.dtype.names if n != 'z']]", "v['x'] = 0"),
    "names_that_are_held": ("n, m = 'x', 'y'\nv = a[[n, m]]", "v['x'] = 0"),
    "a_slice_of_the_array": ("v = a[:1][['x', 'y']]", "v['x'] = 0"),
    "a_row_of_the_array": ("v = a[0][['x', 'y']]", "v['x'] = 0"),
    "a_record_array": ("v = a.view(np.recarray)[['x', 'y']]", "v.x = 0"),
    "a_function_of_the_notebook": ("def pick(t):\n    return t[['x', 'y']]\nv = pick(a)", "v['x'] = 0"),
    "a_view_of_the_view": ("v = a[['x', 'y']][:1]", "v['x'] = 0"),
    "a_field_of_the_view": ("v = a[['x', 'y']]['x']", "v[:] = 0"),
    "a_list_the_array_lies_in": ("held = [a]\nv = held[0][['x', 'y']]", "v['x'] = 0"),
}  # fmt: skip

# Where the array comes from, whose fields are written to.
MADE = {
    "zeros": "a = np.zeros(2, dtype=[('x', int), ('y', float)])",
    "zeros_by_place": "a = np.zeros(2, [('x', int), ('y', float)])",
    "a_type_that_is_held": "kind = np.dtype([('x', int), ('y', float)])\na = np.empty(2, dtype=kind)\na['x'] = a['y'] = 1",
    "a_text_as_type": "a = np.ones(2, dtype='i4,f8')\na.dtype.names = ('x', 'y')",
    "another_type": "a = np.zeros((2, 2)).astype(np.dtype([('x', float), ('y', float)]))[:, 0]",
    "a_view_as_another_type": "a = np.zeros((2, 2)).view([('x', float), ('y', float)])[:, 0]",
    "another_type_in_place": "a = np.zeros(4)\na.dtype = [('x', float), ('y', float)]",
    "a_file_of_text": "import io\na = np.genfromtxt(io.StringIO('x,y\\n1,2\\n3,4'), delimiter=',', names=True)",
    "records": "a = np.rec.fromarrays([[1, 2], [3.0, 4.0]], names='x,y')",
    "records_of_a_frame": "import pandas as pd\na = pd.DataFrame({'x': [1, 2], 'y': [3.0, 4.0]}).to_records(index=False)",
    "a_copy": "b = np.zeros(2, dtype=[('x', int), ('y', float)])\na = b.copy()",
    "some_rows": "b = np.zeros(2, dtype=[('x', int), ('y', float)])\na = b[[1, 0]]",
    "a_sum_of_parts": "b = np.zeros(2, dtype=[('x', int), ('y', float)])\na = np.concatenate([b, b])",
}

CASES: list[Case] = [
    *(whole(f"fields_are_written_to_by_{name}", FIELDS, *cells, RESULT) for name, cells in WRITTEN.items()),
    *(
        whole(f"fields_of_an_array_made_as_{name}", f"import numpy as np\n{made}", "v = a[['x', 'y']]\nv['x'] = 9", RESULT)
        for name, made in MADE.items()
    ),
    whole("records_of_a_frame_are_taken_for_an_array", f"{PANDAS}\nr = df.to_records()", "import numpy as np\na = np.asarray(r)", "v = a[['a', 'b']]\nv['a'] = 9", "result = a.tolist()"),
    whole("the_fields_are_the_run", FIELDS, "v = a[['x', 'y']]", "a['x'] = 0", "result = v.tolist()"),
    dropped("columns_of_a_frame_are_a_copy", PANDAS, "c = df[['a', 'b']]\nc['a'] = 0\nc['n'] = 1", "result = df.a.sum()"),
    dropped("columns_of_some_rows_are_a_copy", PANDAS, "c = df.query('a > 1').dropna()[['a', 'b']]\nc['a'] = 0", "result = df.a.sum()"),
    dropped("columns_of_polars_are_a_copy", "import polars as pl\ndf = pl.DataFrame({'a': [1, 2], 'b': [3, 4]})", "c = df[['a', 'b']]\nc[0, 'a'] = 5", "result = df['a'].sum()"),
    dropped("columns_by_some_names_are_a_copy", PANDAS, "c = df[[n for n in df if n != 'b']]\nc['a'] = 0", "result = df.a.sum()"),
    dropped("columns_of_a_join_are_a_copy", f"{PANDAS}\nj = df.merge(df, on='a').astype({{'a': float}})", "c = j[['a']]\nc['a'] = 0", "result = j.a.sum()"),
    dropped("rows_of_a_structured_array_are_a_copy", FIELDS, "c = a[[1, 0]]\nc['x'] = 0", RESULT),
    dropped("rows_of_an_array_by_computed_places_are_a_copy", "import numpy as np\na = np.arange(6.0)", "c = a[[i + 1 for i in range(3)]]\nc[:] = 0", RESULT),
]  # fmt: skip
