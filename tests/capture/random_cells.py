"""What random sessions are drawn from: cells with places for names and numbers."""

from __future__ import annotations

# {t}: the name assigned to; {n}: some name; {k}: a number.
CELLS = """
{t} = [{k}, {k}]
----
{t} = {'x': [{k}], 'y': {k}}
----
{t} = {n}
----
{t} = [{n}, {n}]
----
{t} = {'x': {n}, 'z': {n}}
----
{t} = Box({n})
----
put({n}, {k})
----
put({n}, {n})
----
print(size({n}))
----
{t} = first({n})
----
{t} = Arr({k})
----
{t} = copy.deepcopy({n})
----
{t} = copy.copy({n})
----
if size({n}) % 2:
    {t} = [{k}]
----
for item in list(walk({n})):
    put(item, {k})
----
{t}, {t} = {n}, {n}
----
{t} = [first(q) for q in ({n}, {n})]
----
{t} = {n} if size({n}) > 2 else {n}
----
{n}.append({k})
----
{n}['x'] = {n}
----
{n}[0] = {k}
----
{t} = {n}[0]
----
{t} = {n}['x']
----
{n}.v = {n}
----
{n}.v.append({k})
----
{n}.grow({n})
----
{t} = {n}.peek()
----
{n} += [{k}]
----
{t} = pd.DataFrame({'p': [{k}, {k}], 'q': [1.0, {k}]})
----
{n}['p'] = {k}
----
{n}.loc[0, 'q'] = {k}
----
{t} = {n}['p']
----
{t} = {n}[['p']]
----
{t} = {n}.values
----
{t} = {n}.head(1)
----
{n}.sort_values('p', inplace=True)
----
{n}.drop(columns=['q'], inplace=True)
----
{t} = {n}.assign(w={k})
----
{t} = np.array([[1, {k}], [3, 4]])
----
{t} = {n}[0:1]
----
{t} = {n}.T
----
{n}[:, 0] = {k}
----
{n} *= 2
----
np.add({n}, 1, out={n})
----
{t} = {n} + {n}
----
{t} = iter(list(walk({n})))
----
next({n})
----
{t} = list({n})
----
{t} = map(first, [{n}, {n}])
----
{t} = (put(q, {k}) for q in [{n}])
----
{t} = functools.partial(put, {n})
----
{n}({k})
----
{t} = lambda q={n}: put(q, 1)
----
{n}()
----
{t} = collections.defaultdict(list, {'x': {n}})
----
{n}['new'].append({k})
----
setattr({n}, 'v', {n})
----
{t} = getattr({n}, 'v')
----
try:
    {n}.append({k})
    {t} = {n}.v
except Exception:
    {t} = [{k}]
----
while size({n}) < 4:
    {n}.append(1)
    break
----
with Ctx({n}) as {t}:
    pass
----
[*{n}]
----
{t} = sorted(walk({n}), key=lambda q: put({n}, 1) or 0)
----
({t} := [{n}]).append({k})
----
{t} = [*{n}, {n}]
----
{n}.extend({n})
----
{t} = {n}.pop()
----
{n}.insert(0, {n})
----
{t} = {n}.items()
----
for key, val in {n}.items():
    put(val, {k})
----
{n}.update({'u': {n}})
----
{t} = {n}.get('x', {n})
----
{t} = {n}.x
----
{t} = dict(x={n})
----
{t} = tuple([{n}, {n}])
----
{t} = {n}.setdefault('x', {n})
----
{t} = zip({n}, [{n}])
----
{t} = {n}.copy()
----
class Sub(Box):
    def grow(self, o):
        put(o, {k})
        super().grow({n})
{t} = Sub({n})
----
{t} = type('Dyn', (), {'v': {n}})
----
del {n}[0]
----
match {n}:
    case [one, *rest]:
        put(one, {k})
    case {'x': one}:
        put(one, {k})
----
{t} = np.asarray({n})
----
{t} = pd.Series({n})
----
{n}.fill({k})
----
{t} = {n}.reshape(-1)
----
{t} = {n}.groupby('p')
----
{t} = {n}.sum()
----
{t} = max({n}, {n}, key=size)
----
{n}.v[0] = {k}
----
{n}.v['x'] = {n}
----
{t} = 'a b c'.split()
----
{t} = {n}.v
----
{n}.n += 1
----
{n}.v += [{k}]
----
{n}['x'] += [{n}]
----
class Shared:
    items = {n}
    seen = [{k}]
    @property
    def prop(self):
        self.seen.append({k})
        return self.items
    @prop.setter
    def prop(self, q):
        put({n}, q)
    def __add__(self, o):
        put(o, 1)
        return o
    @classmethod
    def make(cls):
        put(cls.seen, 1)
        return cls()
    @staticmethod
    def st(o):
        put(o, 2)
{t} = Shared()
----
{n}.prop
----
{t} = {n}.prop
----
{n}.prop = {k}
----
{t} = Shared.make()
----
Shared.st({n})
----
{n}.st({n})
----
Shared.seen.append({k})
----
Shared.extra = {n}
----
{t} = {n}.extra
----
{t} = {n}.seen
----
{n} + {n}
----
{t} = functools.reduce(lambda u, w: put(w, 1) or u, [{n}, {n}, {n}])
----
{t} = sum([[{n}], [{n}]], [])
----
{t} = copy.copy({n})
----
{t} = [{n}] * 2
----
{t} = {**{'x': {n}}, 'w': {k}}
----
{n}.pop('x')
----
{n}.sort(key=size)
----
{t} = {n}.v.items()
----
{t} = itertools.chain({n}, [{n}])
----
{t} = collections.deque([{n}, {n}])
----
{n}.appendleft({n})
----
{n}.rotate(1)
----
{t} = dict(zip('xy', [{n}, {n}]))
----
for i, q in enumerate([{n}, {n}]):
    put(q, i)
----
{t} = next(iter([{n}]))
----
{t} = abs({n})
----
{t} = {n}.tolist()
----
{t} = {n}.to_dict()
----
{t} = pd.Series([{n}, {n}])
----
{t} = {n}.iloc[0]
----
{t} = {n}.apply(lambda q: put({n}, 1))
----
{t} = {n}.groupby('p').sum()
----
{t} = np.where({n} > 1, 1, 0)
----
{t} = {n}.ravel()
----
{t} = {n}[{n} > 1]
----
{t} = {n}.astype(float)
----
{n}.flat[0] = {k}
----
{n}.T[0] = {k}
----
def mk(q):
    def add(z={n}):
        put(q, z)
        return q
    return add
{t} = mk({n})
----
def mk2(q):
    def gen():
        put(q, 1)
        yield q
    return gen()
{t} = mk2({n})
----
{t} = {n}.__class__
----
vars({n})['v'] = {n}
----
{n}.__dict__['v'] = {n}
----
exec('{t} = {n}')
----
globals()['{t}'] = {n}
----
{t} = eval('{n}')
----
a, b = b, a
----
{t} = ({n}, {n})
x1, x2 = {n}, {n}
put(x1, x2)
----
x1, *x2 = [{n}, {n}, {n}]
put(x2[0], {k})
----
try:
    raise ValueError({n})
except ValueError as err:
    put(err.args[0], {k})
----
{t} = [q for q in [{n}, {n}] if put(q, {k}) is None]
----
{t} = {i: q for i, q in enumerate([{n}])}
----
assert put({n}, {k}) is None
----
{n}.meth = lambda q: put({n}, q)
----
{n}.meth({k})
----
{n}.peek = lambda: put({n}, 5)
----
{n}.peek()
----
{t} = list(zip([{n}], [{k}]))[0][0]
----
{t} = list({n}.items())[0][1]
----
{t} = {**{n}, 'z': {k}}
----
{t} = dict([('x', {n})])
----
{t} = next(itertools.repeat({n}))
----
{t} = list(itertools.product([{n}], [{n}]))[0][1]
----
{t} = [p for p in enumerate([{n}])][0][1]
----
{t} = collections.OrderedDict([('x', {n})])
----
{t} = {n}.popitem()[1]
----
{t} = [*zip([{n}], [{n}])][0]
----
{t} = {'x': {n}}['x']
----
for {t} in [{n}, {n}]:
    put({t}, {k})
----
for {t} in [{n}, {n}]:
    {t} = {n}
    put({t}, {k})
    if size({n}) > {k}:
        break
    {t} = [{k}]
----
if size({n}) > {k}:
    {t} = [{k}]
    put({t}, {k})
else:
    {t} = {n}
    put({t}, {k})
----
if size({n}) > {k}:
    {t} = {n}
elif size({n}) > {k}:
    {t} = [{n}]
else:
    {t} = [{k}]
----
try:
    {t} = {n}
    {t} = [1 / (size({n}) - {k})]
    put({t}, {k})
except (ZeroDivisionError, TypeError):
    put({t}, {n})
----
while size({n}) < {k}:
    {t} = {n}
    put({n}, {k})
    {t} = {n}
    put({t}, {k})
    break
----
for q in [{n}, {n}]:
    if size(q) > {k}:
        {t} = q
    else:
        {t} = [q]
    put({t}, {k})
----
for {t} in [{n}]:
    del {t}
    {t} = {n}
----
with contextlib.suppress(Exception):
    {t} = {n}
    {t} = [{k} / (size({n}) - {k})]
----
if size({n}) > {k}:
    def {f}(x):
        global {t}
        {t} = x
    {t} = [{k}]
    {f}({n})
    put({t}, {k})
""".strip().split("\n----\n")
