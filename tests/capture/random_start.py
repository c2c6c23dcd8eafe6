"""What random sessions begin with: imports, helpers, six names; and the functions they define."""

from __future__ import annotations

IMPORTS = "import collections\nimport contextlib\nimport copy\nimport functools\nimport itertools\nimport numpy as np\nimport pandas as pd"
START = (
    "a = [1]\nb = {'x': [2]}\nc = [3]\nd = {'x': [1], 'y': 2}\n"
    "e = pd.DataFrame({'p': [3, 1], 'q': [1.0, 2.0]})\nf = np.array([[1, 2], [3, 4]])"
)
HELPERS = """
class Box:
    def __init__(self, v):
        self.v = v
    def grow(self, o):
        put(self.v, 1)
        self.other = o
    def peek(self):
        return self.v
    def __len__(self):
        return 2
class Ctx:
    def __init__(self, v):
        self.v = v
    def __enter__(self):
        put(self.v, 3)
        return self.v
    def __exit__(self, *a):
        put(self.v, 4)
class Arr:
    def __init__(self, n):
        self.v = [n]
    def __getitem__(self, i):
        self.v.append(i)
        return self.v
def put(o, v):
    if isinstance(o, list): o.append(v)
    elif isinstance(o, dict): o['p%d' % len(o)] = v
    elif isinstance(o, Box): o.v = [o.v, v]
def size(o):
    try: return len(o)
    except TypeError: return 0
def first(o):
    for q in walk(o): return q
    return o
def walk(o):
    if isinstance(o, list): yield from list(o)
    elif isinstance(o, dict): yield from list(o.values())
    elif isinstance(o, Box): yield o.v
    else: yield o
"""
FUNCTIONS = """
def {f}(q):
    put(q, {k})
    return q
----
def {f}(q):
    put({n}, q)
    return q
----
def {f}(q):
    global {t}
    {t} = q
----
def {f}(q):
    return [q, {n}]
----
def register(fn):
    put({n}, {k})
    return fn
@register
def {f}(q):
    return put(q, 1)
----
{t} = {f}({n})
----
{t} = {f}({n})
----
{t} = list(map({f}, [{n}]))
----
{t} = {f}
""".strip().split("\n----\n")
