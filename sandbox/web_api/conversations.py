"""Rooms as the app sees them: conversations.*."""

from sandbox.errors import Json, SandboxError
from sandbox.names import BOT_USER
from sandbox.rooms import kind
from sandbox.web_api.call import Call, Method, page_of
from sandbox.workspace import Workspace

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
MOST_INVITED = 100
CLOSED_TO = {"deleted": "cant_invite", "is_ultra_restricted": "user_is_ultra_restricted"}
"""Whom no app can invite. An ordinary guest can be invited, into any number of rooms."""


def _room(slack: Workspace, call: Call) -> Json:
    """By id only, and a private room only from inside."""
    room = slack.rooms.all.get(call.need("channel"))
    if room is None or (room["is_private"] and BOT_USER not in room["members"]):
        raise SandboxError("channel_not_found")
    return room


def _channel(slack: Workspace, call: Call) -> Json:
    room = _room(slack, call)
    if room["is_im"]:
        raise SandboxError("method_not_supported_for_channel_type")
    return room


def _shown(slack: Workspace, room: Json) -> Json:
    return {"channel": slack.rooms.public(slack.rooms.all[room["id"]])}


def list_(slack: Workspace, call: Call) -> Json:
    wanted = call.names("types") or ["public_channel"]
    if unknown := set(wanted) - set(TYPES):
        raise SandboxError("invalid_types", types=sorted(unknown))
    kinds = {TYPES[t] for t in wanted}
    found = [r for r in slack.rooms.all.values()
             if kind(r) in kinds and (kind(r) == "channel" or BOT_USER in r["members"])
             and not (call.flag("exclude_archived") and r["is_archived"])]  # fmt: skip
    channels, metadata = page_of([slack.rooms.public(r) for r in found], call, 100)
    return {"channels": channels, "response_metadata": metadata}


def info(slack: Workspace, call: Call) -> Json:
    shown = _shown(slack, _room(slack, call))
    if not call.flag("include_num_members"):
        shown["channel"].pop("num_members", None)
    return shown


def members(slack: Workspace, call: Call) -> Json:
    found, metadata = page_of([{"id": m} for m in _room(slack, call)["members"]], call, 100)
    return {"members": [m["id"] for m in found], "response_metadata": metadata}


def open_(slack: Workspace, call: Call) -> Json:
    """The direct messages with one user, or of several."""
    users = call.names("users")
    if not users and call.text("channel"):
        room = _room(slack, call)
    elif not users:
        raise SandboxError("users_list_not_supplied")
    elif len(users) > 8:
        raise SandboxError("too_many_users")
    else:
        ids = [slack.people.find(u)["id"] for u in users]
        room = slack.rooms.direct(BOT_USER, ids[0]) if len(ids) == 1 else slack.rooms.group(ids)
    if call.flag("return_im"):
        return {**_shown(slack, room), "no_op": False, "already_open": False}
    return {"channel": {"id": room["id"]}, "no_op": False, "already_open": False}


def create(slack: Workspace, call: Call) -> Json:
    return _shown(slack, slack.rooms.create(call.text("name"), BOT_USER, is_private=call.flag("is_private")))


def join(slack: Workspace, call: Call) -> Json:
    room = _channel(slack, call)
    if room["is_private"] and BOT_USER not in room["members"]:
        raise SandboxError("method_not_supported_for_channel_type")
    if BOT_USER in room["members"]:
        return {**_shown(slack, room), "warning": "already_in_channel",
                "response_metadata": {"warnings": ["already_in_channel"]}}  # fmt: skip
    slack.rooms.add_member(room, BOT_USER)
    return _shown(slack, room)


def invite(slack: Workspace, call: Call) -> Json:
    """All or none, each wrong user listed; with `force` those who can be, the others listed beside the success."""
    room = _channel(slack, call)
    users = list(dict.fromkeys(call.names("users")))
    if not users:
        raise SandboxError("no_user")
    if len(users) > MOST_INVITED:
        raise SandboxError("too_many_users")
    if BOT_USER not in room["members"]:
        raise SandboxError("not_in_channel")
    if room["is_archived"]:
        raise SandboxError("is_archived")
    problems = [p for p in (_invitable(slack, room, u) for u in users) if p]
    wrong = {p["user"] for p in problems}
    if problems and (len(wrong) == len(users) or not call.flag("force")):
        raise SandboxError(problems[0]["error"], errors=problems)
    for user in users:
        if user not in wrong:
            slack.rooms.add_member(slack.rooms.all[room["id"]], user, inviter=BOT_USER)
    return {**_shown(slack, room), **({"errors": problems} if problems else {})}


def _invitable(slack: Workspace, room: Json, user: str) -> Json | None:
    if user == BOT_USER:
        return {"ok": False, "error": "cant_invite_self", "user": user}
    person = slack.people.all.get(user)
    if person is None:
        return {"ok": False, "error": "user_not_found", "user": user}
    if user in room["members"]:
        return {"ok": False, "error": "already_in_channel", "user": user}
    code = next((code for sign, code in CLOSED_TO.items() if person.get(sign)), None)
    return {"ok": False, "error": code, "user": user} if code else None


def kick(slack: Workspace, call: Call) -> Json:
    room, user = _channel(slack, call), call.need("user")
    if user == BOT_USER:
        raise SandboxError("cant_kick_self")
    if room["is_general"]:
        raise SandboxError("cant_kick_from_general")
    slack.rooms.drop_member(room, user)
    return {"errors": {}}


def leave(slack: Workspace, call: Call) -> Json:
    room = _channel(slack, call)
    if BOT_USER not in room["members"]:
        return {"not_in_channel": True}
    slack.rooms.drop_member(room, BOT_USER)
    return {}


def archive(slack: Workspace, call: Call) -> Json:
    room = _channel(slack, call)
    if room["is_general"]:
        raise SandboxError("cant_archive_general")
    slack.rooms.archive(room, BOT_USER)
    return {}


def unarchive(slack: Workspace, call: Call) -> Json:
    slack.rooms.unarchive(_channel(slack, call), BOT_USER)
    return {}


def rename(slack: Workspace, call: Call) -> Json:
    room = slack.rooms.rename(_channel(slack, call), call.text("name"), BOT_USER)
    return _shown(slack, room)


def set_topic(slack: Workspace, call: Call) -> Json:
    room = slack.rooms.describe(_channel(slack, call), "topic", call.text("topic"), BOT_USER)
    return {**_shown(slack, room), "topic": room["topic"]["value"]}


def set_purpose(slack: Workspace, call: Call) -> Json:
    room = slack.rooms.describe(_channel(slack, call), "purpose", call.text("purpose"), BOT_USER)
    return {**_shown(slack, room), "purpose": room["purpose"]["value"]}


def history(slack: Workspace, call: Call) -> Json:
    """Newest first; replies stay in their threads unless they were broadcast."""
    room = _inside(slack, call)
    found = [m for m in reversed(slack.messages.of(room["id"]).values())
             if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype") == "thread_broadcast"]  # fmt: skip
    return _read(found, call, 100)


def replies(slack: Workspace, call: Call) -> Json:
    """The thread's first message, then its replies, oldest first."""
    room = _inside(slack, call)
    root = slack.messages.find(room["id"], call.need("ts"), "thread_not_found")
    return _read(list(slack.messages.thread(room["id"], root["ts"])), call, 1000)


def _inside(slack: Workspace, call: Call) -> Json:
    room = _room(slack, call)
    if BOT_USER not in room["members"]:
        raise SandboxError("not_in_channel")
    return room


def _read(messages: list[Json], call: Call, default: int) -> Json:
    oldest, latest = _ts(call, "oldest", 0.0), _ts(call, "latest", float("inf"))
    exact = {call.text("oldest"), call.text("latest")} if call.flag("inclusive") else set()
    found = [m for m in messages if oldest < float(m["ts"]) < latest or m["ts"] in exact]
    page, metadata = page_of(found, call, default)
    if not call.flag("include_all_metadata"):
        page = [{k: v for k, v in m.items() if k != "metadata"} for m in page]
    more = bool(metadata["next_cursor"])
    answer: Json = {"messages": page, "has_more": more}
    return {**answer, "response_metadata": metadata} if more else answer


def _ts(call: Call, name: str, default: float) -> float:
    try:
        return float(call.text(name) or default)
    except ValueError:
        raise SandboxError(f"invalid_ts_{name}") from None


METHODS: dict[str, Method] = {
    "conversations.archive": archive,
    "conversations.create": create,
    "conversations.history": history,
    "conversations.info": info,
    "conversations.invite": invite,
    "conversations.join": join,
    "conversations.kick": kick,
    "conversations.leave": leave,
    "conversations.list": list_,
    "conversations.members": members,
    "conversations.open": open_,
    "conversations.rename": rename,
    "conversations.replies": replies,
    "conversations.setPurpose": set_purpose,
    "conversations.setTopic": set_topic,
    "conversations.unarchive": unarchive,
}
