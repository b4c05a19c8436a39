from guanxi.graph.schema import DEFAULT_KINDS, MEANINGFUL_COLUMNS, RESERVED_COLUMNS, Direction


def test_who_influences_whom() -> None:
    by_actor = {kind for kind, way in DEFAULT_KINDS.items() if way is Direction.ACTOR_INFLUENCES}
    assert {"invite", "gift", "share"} <= by_actor
    by_target = set(DEFAULT_KINDS) - by_actor
    assert {"repost", "mention", "reply", "like", "comment", "purchase"} <= by_target
    assert all(kind == kind.lower().strip() for kind in DEFAULT_KINDS)


def test_no_name_is_both_kept_and_given() -> None:
    assert not RESERVED_COLUMNS & MEANINGFUL_COLUMNS.keys()
    assert "person" in RESERVED_COLUMNS
