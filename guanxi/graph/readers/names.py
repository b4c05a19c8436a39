"""The usual names of columns, English and Chinese, and how names are compared.

Names are compared without regard to case, spaces, `_`, `-` and `.`, and with full-width
characters taken as ordinary ones.
"""

from __future__ import annotations

import re
import unicodedata

from guanxi.errors import UsageError
from guanxi.graph.schema import RESERVED_COLUMNS, Role

_ACTOR = {"actor", "actorid", "follower", "followerid", "fan", "fanid", "source", "sourceid"}
_ACTOR |= {"src", "srcid", "from", "fromid", "fromuser", "fromuserid"}
_ACTOR |= {"关注者", "关注者id", "关注者编号", "粉丝", "粉丝id", "粉丝编号"}
_TARGET = {"target", "targetid", "followee", "followeeid", "followed", "followedid", "follow"}
_TARGET |= {"followid", "following", "followingid", "dst", "dstid", "dest", "to", "toid", "touser"}
_TARGET |= {"touserid", "被关注者", "被关注者id", "被关注者编号"}
_TARGET |= {"博主", "博主id", "博主编号", "关注对象"}
_TIME = {"time", "timestamp", "ts", "at", "createdat", "date", "datetime", "unixtime"}
_TIME |= {"时间", "日期", "创建时间"}

#: For each role, what its columns can mean, and the usual names of each meaning.
NAMES: dict[Role, dict[str, set[str]]] = {
    Role.ACCOUNTS: {
        "id": {"id", "userid", "uid", "accountid", "account", "用户id", "账号", "账号id", "帐号id"}
        | {"用户编号", "账号编号", "微博id"},
        "name": {"name", "nickname", "screenname", "displayname", "昵称", "名称", "用户名"},
        "platform": {"platform", "平台"},
        "price": {"price", "报价", "价格"},
        "opted_out": {"optedout", "optout", "donotcontact", "unsubscribed"}
        | {"退订", "已退订", "是否退订", "勿扰", "拒绝联系"},
        "stage": {"stage", "阶段"},
        "followers_reported": {"followersreported", "followerscount", "followercount", "粉丝数"},
        "city": {"city", "城市"},
    },
    Role.FOLLOWS: {
        "actor": _ACTOR,
        "target": _TARGET,
        "since": _TIME | {"since", "followedat", "followtime", "关注时间"},
    },
    Role.INTERACTIONS: {
        "actor": _ACTOR
        | {"sender", "senderid", "initiator", "发起者", "发起人", "发送者", "互动者"},
        "target": _TARGET
        | {"receiver", "receiverid", "recipient", "接收者", "互动对象", "被互动者", "目标", "对象"},
        "kind": {"kind", "type", "action", "interaction", "interactiontype", "eventtype"}
        | {"互动类型", "类型", "行为", "动作"},
        "time": _TIME | {"eventtime", "interactedat", "互动时间", "发生时间"},
        "count": {"count", "cnt", "times", "次数", "互动次数"},
        "weight": {"weight", "权重"},
        "value": {"value", "amount", "金额"},
        "event_id": {"eventid", "id", "事件id", "事件编号"},
    },
}

#: The meanings without which a file cannot be read.
REQUIRED: dict[Role, list[str]] = {
    Role.ACCOUNTS: ["id"],
    Role.FOLLOWS: ["actor", "target"],
    Role.INTERACTIONS: ["actor", "target"],
}

#: Names that stand for whichever end of an edge has no name of its own: the user of
#: `user_id,follow_id` is the actor, that of `user_id,follower_id` the target.
WEAK = {"userid", "uid", "user", "用户id", "用户"}


def plain(name: str) -> str:
    """`name` as names are compared.

    >>> plain("Follower ID"), plain("ｆollow_id"), plain("关注者")
    ('followerid', 'followid', '关注者')
    """
    return re.sub(r"[\s_.\-]+", "", unicodedata.normalize("NFKC", name).casefold())


def meaning_of(role: Role, name: str) -> str | None:
    """The meaning that `name` usually has in a file of `role`, or None."""
    return next((meaning for meaning, names in NAMES[role].items() if plain(name) in names), None)


def account_column(name: str) -> str:
    """The name under which guanxi keeps a column of the accounts: lower case, words joined by `_`.

    Letters of any script stay. Raises UsageError for names that guanxi needs itself.

    >>> account_column("Home Town"), account_column("gmvLastYear"), account_column("性别")
    ('home_town', 'gmv_last_year', '性别')
    """
    safe = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", unicodedata.normalize("NFKC", name).strip())
    safe = re.sub(r"\W+", "_", safe.lower()).strip("_")
    if not safe:
        raise UsageError(
            f"A column of the accounts cannot be called '{name}'; give it another "
            f"name by --columns, such as --columns \"other='{name}'\"."
        )
    if safe[0].isdigit():
        safe = f"c_{safe}"
    if safe in RESERVED_COLUMNS:
        raise UsageError(
            f"An accounts file cannot have a column '{name}': guanxi keeps that name for itself. "
            f"Rename it by --columns my_{safe}={name}, or leave it out by --columns _={name}."
        )
    return safe
