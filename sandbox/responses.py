"""What the app answers an interaction with: through its response URL, or in the ack of a slash command."""

from typing import Any

from sandbox.errors import Json, SandboxError
from sandbox.interactions import ResponseUrl
from sandbox.names import BOT_ID
from sandbox.surfaces import refuse_content
from sandbox.workspace import Workspace


def respond(slack: Workspace, url: ResponseUrl, answer: Json) -> None:
    """Docs: message responses. Ephemeral unless `response_type` is in_channel; the source changes only when asked."""
    room = slack.rooms.find(url.room)
    if _yes(answer, "delete_original"):
        _delete_source(slack, url, room)
        return
    refuse_content(answer)
    if not any(answer.get(name) for name in ("text", "blocks", "attachments")):
        raise SandboxError("no_text")
    if _yes(answer, "replace_original") and _replace_source(slack, url, room, answer):
        return
    if answer.get("response_type") == "in_channel":
        slack.post_as_bot(room, answer)
    else:
        slack.whisper(room, url.user, answer)


def _yes(answer: Json, name: str) -> bool:
    """Slack's own examples write "true" as a word."""
    return answer.get(name) in (True, "true")


def take_command_answer(slack: Workspace, url: ResponseUrl, said: Any) -> None:
    """What came with the ack of a slash command, if anything: text or a message."""
    content = {"text": said} if isinstance(said, str) else said
    if isinstance(content, dict) and any(content.get(k) for k in ("text", "blocks", "attachments")):
        respond(slack, url, content)


def _delete_source(slack: Workspace, url: ResponseUrl, room: Json) -> None:
    if url.ephemeral_id:
        slack.hush(url.ephemeral_id)
    elif url.ts and slack.messages.find(room["id"], url.ts).get("bot_id") == BOT_ID:
        slack.messages.delete(room, url.ts)
    else:
        raise SandboxError("cant_delete_message")


def _replace_source(slack: Workspace, url: ResponseUrl, room: Json, answer: Json) -> bool:
    """Whether there was something of the app's to replace."""
    if url.ephemeral_id:
        if url.ephemeral_id not in slack.ephemerals.all:
            return False
        slack.whisper(room, url.user, {**answer, "thread_ts": url.thread_ts}, replaces=url.ephemeral_id)
        return True
    if url.ts is None or slack.messages.find(room["id"], url.ts).get("bot_id") != BOT_ID:
        return False
    slack.messages.change(room, url.ts, {"text": answer.get("text") or "", "blocks": slack.blocks_of(answer) or None,
                                         "attachments": answer.get("attachments") or None})  # fmt: skip
    return True
