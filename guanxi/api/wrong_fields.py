"""What is wrong with the fields of a request, as a caller names them and in one sentence each.

A field may be of several kinds (ids, an upload, a condition). pydantic says of each kind why it is
not that one, under a name of its own; here stands what is wrong with the kind that was meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: Fields that an answer names at most.
_MOST = 20
#: How far what is of another kind is from the one that was meant.
_ANOTHER = 2
#: Errors that say no more than that something else was meant.
_OTHER_KIND = ("_type", "_parsing", "int_from_float")
_NOT_THAT_OBJECT = ("missing", "extra_forbidden")
_OBJECT = ("model_type", "model_attributes_type", "dict_type")
#: What a value of JSON is called, and what may stand where accounts are asked for.
_KINDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
_ACCOUNTS = "a list of ids or an upload"
_WHO = "a list of ids, an upload or a condition"


def wrong_fields(errors: Sequence[Any], body: Any) -> list[dict[str, str]]:
    """`place` (`body.k`) and `message` of each field; what was sent is not repeated."""
    kinds: dict[tuple[Any, ...], dict[Any, list[Any]]] = {}
    for error in map(_whole, errors):
        place, kind = _split(error, body)
        kinds.setdefault(place, {}).setdefault(kind, []).append(error)
    found: dict[str, str] = {}
    for place, of_place in kinds.items():
        meant = min(of_place, key=lambda kind: _strangeness(of_place[kind], len(place) + 1))
        strange = _strangeness(of_place[meant], len(place) + 1) == _ANOTHER
        for error in of_place[meant]:
            sentence = _sentence(error, _value(error, body))
            if strange and "Uploaded" in of_place:
                expected = _WHO if "Meeting" in of_place else _ACCOUNTS
                sentence = f"This is {_kind(_value(error, body))}; {expected} is expected."
            found.setdefault(_named(error, body), sentence)
    return [{"place": place, "message": found[place]} for place in list(found)[:_MOST]]


def _whole(error: Any) -> Any:
    """The error; a body that is no JSON is wrong as a whole, not at a field of that number."""
    return {**error, "loc": ("body",)} if error.get("type") == "json_invalid" else error


def _strangeness(errors: list[Any], depth: int) -> int:
    """How far what was sent is from a kind: the one that is least far was meant. `depth`: parts of
    a place up to the kind; what is wrong deeper is wrong with a member of what was meant.
    """
    types = [(str(error.get("type", "")), len(error["loc"])) for error in errors]
    if any(type.endswith(_OTHER_KIND) and length <= depth for type, length in types):
        return _ANOTHER
    return int(any(type in _NOT_THAT_OBJECT for type, _ in types))


def _split(error: Any, body: Any) -> tuple[tuple[Any, ...], Any]:
    """A place up to where a field may be of several kinds, and the kind (None: of one only)."""
    place = tuple(error["loc"])
    for number, is_kind in enumerate(_kinds(error, body)):
        if is_kind:
            return place[:number], place[number]
    return place, None


def _named(error: Any, body: Any) -> str:
    """A place without pydantic's names of kinds."""
    parts = zip(error["loc"], _kinds(error, body), strict=True)
    return ".".join(str(part) for part, is_kind in parts if not is_kind)


def _kinds(error: Any, body: Any) -> list[bool]:
    """Whether each part of a place is the name of a kind: what was sent has nothing there."""
    place = error["loc"]
    if not place or place[0] != "body":
        return [False] * len(place)
    found, here = [False], body
    for number, part in enumerate(place[1:], start=1):
        there = isinstance(part, int) or (isinstance(here, dict) and part in here)
        missing = error.get("type") == "missing" and number == len(place) - 1
        found.append(not there and not missing)
        if there:
            here = _inside(here, part)
    return found


def _inside(value: Any, part: Any) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    within = isinstance(value, list) and isinstance(part, int) and part < len(value)
    return value[part] if within else None


def _value(error: Any, body: Any) -> Any:
    """What was sent at the place of an error."""
    here = body
    for part, is_kind in list(zip(error["loc"], _kinds(error, body), strict=True))[1:]:
        here = here if is_kind else _inside(here, part)
    return here


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "something else")


def _sentence(error: Any, value: Any) -> str:
    if error.get("type") == "json_invalid":
        return "This is not valid JSON."
    if error.get("type") == "string_type" and error["loc"][0] == "body":
        quoted = ": put it in quotes" if _kind(value) == "a number" else ""
        return f"This is {_kind(value)}; a text is expected{quoted}."
    if error.get("type") in _OBJECT:
        return "Input should be an object of JSON."
    message = str(error["msg"]).split(", unable to ")[0]
    text = message[:1].upper() + message[1:300].rstrip(".")
    return text if text.endswith("?") else f"{text}."
