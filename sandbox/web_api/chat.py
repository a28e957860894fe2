"""Saying things as the app: chat.*."""

from sandbox.errors import Json, SandboxError
from sandbox.names import BOT_ID, BOT_USER
from sandbox.web_api.call import Call, Method
from sandbox.workspace import TEXT_LIMIT, Workspace

METADATA_LIMIT = 16_000  # characters of JSON (metadata_too_large)
POSTING = ("thread_ts", "username", "icon_url", "icon_emoji", "reply_broadcast")


def _content(slack: Workspace, call: Call) -> Json:
    """What is to be said, checked by Slack's limits."""
    blocks = call.structure("blocks", "invalid_blocks_format")
    attachments = call.structure("attachments")
    text, markdown = call.text("text"), call.text("markdown_text")
    if markdown and (text or blocks):
        raise SandboxError("markdown_text_conflict")
    if not (text or blocks or attachments or markdown):
        raise SandboxError("no_text")
    if markdown:
        blocks, text = [{"type": "markdown", "text": markdown}], markdown
    if blocks:
        pass
    if attachments and len(attachments) > 100:
        raise SandboxError("too_many_attachments")
    content: Json = {"text": text, "blocks": blocks, "attachments": attachments, "metadata": _metadata(call)}
    return content


def _metadata(call: Call) -> Json | None:
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise SandboxError("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        raise SandboxError("invalid_metadata_format")
    if len(str(metadata)) > METADATA_LIMIT:
        raise SandboxError("metadata_too_large")
    return metadata


def _place(slack: Workspace, call: Call) -> Json:
    if not call.text("channel"):
        raise SandboxError("channel_not_found")
    room = slack.rooms.find(call.text("channel"))
    if room["is_archived"]:
        raise SandboxError("is_archived")
    return room


def post_message(slack: Workspace, call: Call) -> Json:
    room = _place(slack, call)
    if BOT_USER not in room["members"]:
        _check_public(slack, room)
    content = _content(slack, call)
    content["text"] = content["text"][:TEXT_LIMIT]
    for name in POSTING:
        if call.text(name):
            content[name] = call.text(name)
    message = slack.post_as_bot(room, content)
    return {"channel": room["id"], "ts": message["ts"], "message": message}


def _check_public(slack: Workspace, room: Json) -> None:
    """Outside its rooms the app may post in public ones only, with chat:write.public."""
    if room["is_private"]:
        raise SandboxError("channel_not_found")
    try:
        slack.manifest.check_scope(("chat:write.public",))
    except SandboxError:
        raise SandboxError("not_in_channel") from None


def update(slack: Workspace, call: Call) -> Json:
    """Text without blocks takes the blocks away; attachments and metadata stay unless they are given."""
    room = _place(slack, call)
    message = slack.messages.find(room["id"], call.need("ts"))
    if message.get("bot_id") != BOT_ID:
        raise SandboxError("cant_update_message")
    content = _content(slack, call)
    if len(content["text"]) > TEXT_LIMIT:
        raise SandboxError("msg_too_long")
    changes: Json = {"text": content["text"] or message.get("text", ""), "blocks": slack.blocks_of(content) or None,
                     "edited": {"user": BOT_USER, "ts": message["ts"]}}  # fmt: skip
    for name in ("attachments", "metadata"):
        if content[name] is not None:
            changes[name] = content[name]
    after = slack.messages.change(room, message["ts"], changes)
    return {"channel": room["id"], "ts": after["ts"], "text": after["text"], "message": after}


def delete(slack: Workspace, call: Call) -> Json:
    room = _place(slack, call)
    message = slack.messages.find(room["id"], call.need("ts"))
    if message.get("bot_id") != BOT_ID:
        raise SandboxError("cant_delete_message")
    slack.messages.delete(room, message["ts"])
    return {"channel": room["id"], "ts": message["ts"]}


def post_ephemeral(slack: Workspace, call: Call) -> Json:
    room = _place(slack, call)
    content = _content(slack, call)
    user = slack.people.find(call.need("user"))
    if BOT_USER not in room["members"]:
        _check_public(slack, room)
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


METHODS: dict[str, Method] = {
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post_message,
    "chat.update": update,
}
