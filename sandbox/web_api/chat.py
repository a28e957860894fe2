"""Saying things as the app: chat.*."""

import json

from sandbox.errors import Json, SandboxError
from sandbox.names import BOT_ID, BOT_USER, TEAM_ID
from sandbox.surfaces import refuse_content, stored_attachments
from sandbox.web_api.call import Call, Method
from sandbox.workspace import TEXT_LIMIT, Workspace

METADATA_LIMIT = 16_000  # characters of JSON (metadata_too_large)
LOOKS = ("username", "icon_url", "icon_emoji")


def content_of(call: Call) -> Json:
    """What is to be said, checked by Slack's limits; `blocks` None where none were given."""
    blocks = call.structure("blocks", "invalid_blocks_format")
    text, markdown = call.text("text"), call.text("markdown_text")
    if markdown and (text or blocks):
        raise SandboxError("markdown_text_conflict")
    if markdown:
        blocks, text = [{"type": "markdown", "text": markdown}], markdown
    if blocks is not None and not isinstance(blocks, list):
        raise SandboxError("invalid_blocks_format")
    content: Json = {"text": text, "blocks": blocks, "metadata": _metadata(call)}
    content["attachments"] = call.structure("attachments", "invalid_attachments")
    refuse_content(content)
    return content


def _refuse_empty(content: Json) -> None:
    if not (content["text"] or content["blocks"] or content["attachments"]):
        raise SandboxError("no_text")


def _metadata(call: Call) -> Json | None:
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata is None or metadata == {}:
        return metadata
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise SandboxError("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        raise SandboxError("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA_LIMIT:
        raise SandboxError("metadata_too_large")
    return metadata


def _open_room(slack: Workspace, call: Call) -> Json:
    room = slack.rooms.find(call.text("channel"))
    if room["is_archived"]:
        raise SandboxError("is_archived")
    return room


def _may_speak(slack: Workspace, room: Json) -> None:
    """Outside its rooms the app may post in public ones only, with chat:write.public."""
    if BOT_USER in room["members"]:
        return
    if room["is_private"]:
        raise SandboxError("channel_not_found")
    if not slack.manifest.grants("chat:write.public"):
        raise SandboxError("not_in_channel")


def post_message(slack: Workspace, call: Call) -> Json:
    room = _open_room(slack, call)
    _may_speak(slack, room)
    content = content_of(call)
    _refuse_empty(content)
    content["text"] = content["text"][:TEXT_LIMIT]
    content.update({name: call.text(name) for name in LOOKS})
    if thread_ts := call.text("thread_ts"):
        content["thread_ts"] = thread_ts
        if call.flag("reply_broadcast"):
            if slack.faults.refuse_broadcasts:
                raise SandboxError("cant_broadcast_message")
            content["subtype"] = "thread_broadcast"
    message = slack.post_as_bot(room, content)
    return {"channel": room["id"], "ts": message["ts"], "message": message}


def update(slack: Workspace, call: Call) -> Json:
    """Text without blocks takes the blocks away; attachments and metadata stay unless they are given."""
    room = _open_room(slack, call)
    message = own_message(slack, room, call.need("ts"), "cant_update_message")
    content = content_of(call)
    if len(content["text"]) > TEXT_LIMIT:
        raise SandboxError("msg_too_long")
    if not (content["text"] or content["blocks"] or content["attachments"] is not None or content["metadata"]):
        raise SandboxError("no_text")
    changes: Json = {"edited": {"user": BOT_USER, "ts": slack.stamps.next()}}
    if content["text"] or content["blocks"]:
        changes.update(text=content["text"] or message.get("text", ""), blocks=slack.blocks_of(content) or None)
    if content["attachments"] is not None:
        changes["attachments"] = stored_attachments(content["attachments"]) or None
    if content["metadata"] is not None:
        changes["metadata"] = content["metadata"] or None
    after = slack.messages.change(room, message["ts"], changes)
    return {"channel": room["id"], "ts": after["ts"], "text": after.get("text", ""), "message": after}


def own_message(slack: Workspace, room: Json, ts: str, refusal: str) -> Json:
    message = slack.messages.find(room["id"], ts)
    if message.get("bot_id") != BOT_ID:
        raise SandboxError(refusal)
    return message


def delete(slack: Workspace, call: Call) -> Json:
    room = _open_room(slack, call)
    message = own_message(slack, room, call.need("ts"), "cant_delete_message")
    slack.messages.delete(room, message["ts"])
    return {"channel": room["id"], "ts": message["ts"]}


def post_ephemeral(slack: Workspace, call: Call) -> Json:
    room = _open_room(slack, call)
    content = content_of(call)
    _refuse_empty(content)
    user = slack.people.find(call.need("user"))
    _may_speak(slack, room)
    if user["id"] not in room["members"]:
        raise SandboxError("user_not_in_channel")
    content["thread_ts"] = call.text("thread_ts")
    return {"message_ts": slack.whisper(room, user["id"], content)["ts"]}


def get_permalink(slack: Workspace, call: Call) -> Json:
    room = slack.rooms.find(call.need("channel"))
    message = slack.messages.find(room["id"], call.need("message_ts"))
    link = f"{slack.people.base_url}/archives/{room['id']}/p{message['ts'].replace('.', '')}"
    if message.get("thread_ts", message["ts"]) != message["ts"]:
        link += f"?thread_ts={message['thread_ts']}&cid={room['id']}"
    return {"channel": room["id"], "permalink": link}


def schedule_message(slack: Workspace, call: Call) -> Json:
    room = _open_room(slack, call)
    content = content_of(call)
    _refuse_empty(content)
    _may_speak(slack, room)
    content["thread_ts"] = call.text("thread_ts")
    scheduled = slack.schedule.add(room, call.number("post_at", 0, most=2**40), content)
    shown = {"text": content["text"], "type": "delayed_message", "user": BOT_USER, "bot_id": BOT_ID, "team": TEAM_ID}
    return {"channel": room["id"], "scheduled_message_id": scheduled["id"], "post_at": scheduled["post_at"],
            "message": shown}  # fmt: skip


def delete_scheduled(slack: Workspace, call: Call) -> Json:
    slack.schedule.drop(call.need("scheduled_message_id"), slack.rooms.find(call.need("channel")))
    return {}


def list_scheduled(slack: Workspace, call: Call) -> Json:
    waiting = [w for w in slack.schedule.all.values() if call.text("channel", w["channel_id"]) == w["channel_id"]]
    fields = ("id", "channel_id", "post_at", "date_created")
    shown = [{**{k: w[k] for k in fields}, "text": w["content"]["text"]} for w in waiting]
    return {"scheduled_messages": shown, "response_metadata": {"next_cursor": ""}}


def unfurl(slack: Workspace, call: Call) -> Json:
    """Show previews of links in a message; the app hears its change."""
    room = slack.rooms.find(call.need("channel"))
    message = slack.messages.find(room["id"], call.need("ts"), "cannot_find_message")
    unfurls = call.structure("unfurls", "cannot_parse_attachment")
    if not isinstance(unfurls, dict) or not unfurls:
        raise SandboxError("missing_unfurls")
    attachments = [{**found, "from_url": url, "is_app_unfurl": True} for url, found in unfurls.items()]
    refuse_content({"attachments": attachments})
    slack.messages.change(room, message["ts"], {"attachments": stored_attachments(attachments)})
    return {}


METHODS: dict[str, Method] = {
    "chat.delete": delete,
    "chat.deleteScheduledMessage": delete_scheduled,
    "chat.getPermalink": get_permalink,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post_message,
    "chat.scheduleMessage": schedule_message,
    "chat.scheduledMessages.list": list_scheduled,
    "chat.unfurl": unfurl,
    "chat.update": update,
}
