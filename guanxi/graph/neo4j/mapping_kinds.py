"""The kind of interaction that the name of a relationship type speaks of."""

from __future__ import annotations

#: Words in names of relationship types, and the kind of interaction that they speak of.
_USUAL_KINDS = {
    "retweet": "repost", "repost": "repost", "mention": "mention", "repl": "reply",
    "lik": "like", "favo": "like", "comment": "comment", "invit": "invite", "gift": "gift",
    "gave": "gift", "share": "share", "purchas": "purchase", "bought": "purchase",
    "转发": "转发", "提及": "提及", "回复": "回复", "点赞": "点赞", "评论": "评论",
    "购买": "购买", "邀请": "邀请", "赠送": "赠送", "送礼": "送礼", "分享": "分享",
}  # fmt: skip


def known_kind(relationship: str) -> str | None:
    """The usual kind of interaction that the name of a relationship type speaks of, if any."""
    name = relationship.lower()
    return next((kind for part, kind in _USUAL_KINDS.items() if part in name), None)


def usual_kind(relationship: str) -> str:
    """The kind that a relationship type speaks of; its own name where it is no usual one.

    >>> usual_kind("RETWEETED"), usual_kind("SENT_GIFT_TO"), usual_kind("WAVED_AT")
    ('repost', 'gift', 'waved_at')
    """
    return known_kind(relationship) or relationship.strip().lower()
