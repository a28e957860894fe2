"""Answers that grow while they are read: chat.startStream and its kin, and what stands above a composer meanwhile."""

from sandbox.errors import Json, SandboxError
from sandbox.names import BOT_USER
from sandbox.surfaces import refuse_blocks, stored
from sandbox.web_api.call import Call, Method
from sandbox.web_api.chat import own_message
from sandbox.workspace import Workspace

MOST = 12_000  # characters of markdown_text in one call


def _words(call: Call) -> str:
    words = call.text("markdown_text")
    for chunk in call.structure("chunks") or []:
        words += chunk.get("text", "") if chunk.get("type") == "markdown_text" else ""
    if len(words) > MOST:
        raise SandboxError("msg_too_long")
    return words


def start(slack: Workspace, call: Call) -> Json:
    """Only in a thread."""
    room = slack.rooms.find(call.need("channel"))
    thread_ts = call.need("thread_ts")
    if BOT_USER not in room["members"]:
        raise SandboxError("not_in_channel")
    message = slack.post_as_bot(room, {"text": _words(call) or " ", "thread_ts": thread_ts})
    slack.streams.add((room["id"], message["ts"]))
    return {"channel": room["id"], "ts": message["ts"]}


def append(slack: Workspace, call: Call) -> Json:
    room = slack.rooms.find(call.need("channel"))
    message = own_message(slack, room, call.need("ts"), "message_not_owned_by_app")
    if (room["id"], message["ts"]) not in slack.streams:
        raise SandboxError("message_not_in_streaming_state")
    text = (message["text"] + _words(call)).lstrip()
    slack.messages.mark(room, message["ts"], text=text, blocks=slack.blocks_of({"text": text}))
    return {"channel": room["id"], "ts": message["ts"]}


def stop(slack: Workspace, call: Call) -> Json:
    """The last words, with blocks below them; the app hears the whole message as changed."""
    blocks = call.structure("blocks", "invalid_blocks_format") or []
    refuse_blocks(blocks)
    where = append(slack, call)
    slack.streams.discard((where["channel"], where["ts"]))
    room = slack.rooms.find(where["channel"])
    words = slack.messages.find(room["id"], where["ts"])["blocks"]
    changes: Json = {"blocks": [*words, *stored(blocks)]}
    if (metadata := call.structure("metadata")) is not None:
        changes["metadata"] = metadata
    return {**where, "message": slack.messages.change(room, where["ts"], changes)}


def set_status(slack: Workspace, call: Call) -> Json:
    """`is thinking…` under a thread; an empty status takes it away."""
    room = slack.rooms.find(call.need("channel_id"))
    thread_ts = call.need("thread_ts")
    slack.notices.tell("status", {"room": room["id"], "thread_ts": thread_ts, "status": call.text("status")})
    return {}


METHODS: dict[str, Method] = {
    "assistant.threads.setStatus": set_status,
    "chat.appendStream": append,
    "chat.startStream": start,
    "chat.stopStream": stop,
}
