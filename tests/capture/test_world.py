"""Regions: what reaches what, and what is thrown together."""

from __future__ import annotations

from jupyter_mlops.capture.world import EMPTY, Kind, Value, World, joined


def test_what_is_held_can_be_changed_and_what_is_seen_cannot() -> None:
    world = World()
    data, model, box = world.new(Kind.DATA), world.new(Kind.ESTIMATOR), world.new(Kind.CONTAINER)
    world.see(model, [data])
    world.hold(box, [model])
    assert world.reach(frozenset({box}), seeing=False) == {box, model}
    assert world.reach(frozenset({box}), seeing=True) == {box, model, data}


def test_a_new_edge_is_seen_by_an_answer_asked_before() -> None:
    world = World()
    one, other = world.new(Kind.CONTAINER), world.new(Kind.CONTAINER)
    assert world.reach(frozenset({one}), seeing=False) == {one}
    world.hold(one, [other])
    assert world.reach(frozenset({one}), seeing=False) == {one, other}


def test_what_can_be_called_is_found_also_after_a_new_edge() -> None:
    world = World()
    box, mark = world.new(Kind.CONTAINER), world.new(Kind.FUNCTION)
    world.bound[mark] = (Value(frozenset({box})), "append")
    assert world.callables(frozenset({box})) == set()
    world.hold(box, [mark])
    assert world.callables(frozenset({box})) == {mark}


def test_what_is_thrown_together_reaches_each_other_also_later() -> None:
    world = World()
    one, other, third = (world.new(Kind.DATA) for _ in range(3))
    world.changed[other].add(7)
    hub = world.throw_together([one, other])
    assert hub in world.reach(frozenset({one}), seeing=False)
    assert 7 in world.changed[hub]
    world.hold(other, [third])
    assert third in world.reach(frozenset({one}), seeing=False)


def test_two_groups_thrown_together_are_one() -> None:
    world = World()
    regions = [world.new(Kind.DATA) for _ in range(4)]
    world.throw_together(regions[:2])
    world.throw_together(regions[2:])
    world.throw_together([regions[0], regions[3]])
    assert len({world.hub_of(region) for region in regions}) == 1


def test_a_group_stays_small_however_often_it_is_thrown_together() -> None:
    world = World()
    first = world.new(Kind.DATA)
    for _ in range(500):
        world.throw_together([first, world.new(Kind.DATA)])
    assert len(world.reach(frozenset({first}), seeing=True)) <= 2


def test_a_flag_follows_into_the_group_and_trust_in_keys_ends_there() -> None:
    world = World()
    one, other = world.fresh(Kind.ESTIMATOR), world.fresh(Kind.CONTAINER)
    world.flag(one, "risky")
    world.flag(other, "safe keys")
    hub = world.throw_together(one.regions | other.regions)
    assert world.flagged([hub], "risky")
    assert not world.flagged([hub], "safe keys")
    assert not world.flagged(other.regions, "safe keys")


def test_a_function_of_a_library_stays_what_it_is_in_a_container() -> None:
    world = World()
    module = frozenset({world.module("numpy")})
    placed = world.placed(Value(module, path="numpy.sum"))
    assert placed == world.placed(Value(module, path="numpy.sum"))
    assert [world.paths[region] for region in placed] == ["numpy.sum"]
    assert world.placed(Value(module, path="numpy")) == module


def test_joined_values_keep_what_they_agree_in() -> None:
    assert joined([Value(path="a.b"), Value(path="a.b")]).path == "a.b"
    assert joined([Value(path="a.b", const="x"), Value(path="a.c", const="x")]) == Value(const="x")
    assert joined([]) == EMPTY
