"""What is put beside messages and rooms: reactions, pins, bookmarks."""

from sandbox.errors import Json, SandboxError
from sandbox.names import APP_ID, BOT_USER, fresh_id, seconds_now
from sandbox.web_api.call import Call, Method
from sandbox.workspace import Workspace


def _room(slack: Workspace, call: Call, name: str = "channel") -> Json:
    room = slack.rooms.find(call.need(name))
    if room["is_archived"]:
        raise SandboxError("is_archived")
    return room


def _item(call: Call) -> tuple[str, str]:
    """The emoji and the message; `no_item_specified` where one is missing."""
    if not call.text("name"):
        raise SandboxError("invalid_name")
    if not call.text("channel") or not call.text("timestamp"):
        raise SandboxError("no_item_specified")
    return call.text("name").strip(":"), call.text("timestamp")


def react(slack: Workspace, call: Call) -> Json:
    name, ts = _item(call)
    slack.messages.react(_room(slack, call), ts, BOT_USER, name)
    return {}


def unreact(slack: Workspace, call: Call) -> Json:
    name, ts = _item(call)
    slack.messages.unreact(_room(slack, call), ts, BOT_USER, name)
    return {}


def reactions_get(slack: Workspace, call: Call) -> Json:
    room = slack.rooms.find(call.need("channel"))
    message = slack.messages.find(room["id"], call.need("timestamp"))
    return {"type": "message", "channel": room["id"], "message": message}


def pin(slack: Workspace, call: Call) -> Json:
    room = _room(slack, call)
    message = slack.messages.find(room["id"], call.need("timestamp"))
    if room["id"] in message.get("pinned_to", []):
        raise SandboxError("already_pinned")
    pinned = {"channel": room["id"], "pinned_by": BOT_USER, "pinned_ts": seconds_now()}
    slack.messages.mark(room, message["ts"], pinned_to=[room["id"]], pinned_info=pinned)
    return {}


def unpin(slack: Workspace, call: Call) -> Json:
    room = _room(slack, call)
    message = slack.messages.find(room["id"], call.need("timestamp"))
    if room["id"] not in message.get("pinned_to", []):
        raise SandboxError("no_pin")
    slack.messages.mark(room, message["ts"], pinned_to=[], pinned_info={})
    return {}


def pins(slack: Workspace, call: Call) -> Json:
    room = slack.rooms.find(call.need("channel"))
    pinned = [m for m in slack.messages.of(room["id"]).values() if m.get("pinned_to")]
    return {"items": [{"type": "message", "channel": room["id"], "created": m["pinned_info"]["pinned_ts"],
                       "created_by": m["pinned_info"]["pinned_by"], "message": m} for m in pinned]}  # fmt: skip


def bookmark(slack: Workspace, call: Call) -> Json:
    room = _room(slack, call, "channel_id")
    if call.need("type") != "link":
        raise SandboxError("invalid_bookmark_type")
    now = seconds_now()
    made: Json = {
        "id": fresh_id("Bk"), "channel_id": room["id"], "title": call.need("title"), "link": call.need("link"),
        "emoji": call.text("emoji"), "icon_url": "", "type": "link", "entity_id": None, "date_created": now,
        "date_updated": 0, "rank": "a", "last_updated_by_user_id": BOT_USER, "last_updated_by_team_id": None,
        "shortcut_id": None, "app_id": APP_ID,
    }  # fmt: skip
    slack.journal.put("bookmarks", made["id"], made)
    return {"bookmark": made}


def bookmarks(slack: Workspace, call: Call) -> Json:
    room = slack.rooms.find(call.need("channel_id"))
    return {"bookmarks": [b for b in slack.journal.table("bookmarks").values() if b["channel_id"] == room["id"]]}


def _bookmark(slack: Workspace, call: Call) -> Json:
    found = slack.journal.table("bookmarks").get(call.need("bookmark_id"))
    if found is None or found["channel_id"] != call.need("channel_id"):
        raise SandboxError("not_found")
    return found


def bookmark_edit(slack: Workspace, call: Call) -> Json:
    before = _bookmark(slack, call)
    changes = {name: call.text(name) for name in ("title", "link", "emoji") if call.text(name)}
    edited = {**before, **changes, "date_updated": seconds_now()}
    slack.journal.put("bookmarks", edited["id"], edited)
    return {"bookmark": edited}


def bookmark_remove(slack: Workspace, call: Call) -> Json:
    slack.journal.drop("bookmarks", _bookmark(slack, call)["id"])
    return {}


METHODS: dict[str, Method] = {
    "bookmarks.add": bookmark,
    "bookmarks.edit": bookmark_edit,
    "bookmarks.list": bookmarks,
    "bookmarks.remove": bookmark_remove,
    "pins.add": pin,
    "pins.list": pins,
    "pins.remove": unpin,
    "reactions.add": react,
    "reactions.get": reactions_get,
    "reactions.remove": unreact,
}
