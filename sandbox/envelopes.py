"""The shapes in which Slack tells an app what happened: events, interactions, slash commands."""

import secrets
import uuid

from sandbox.errors import Json
from sandbox.names import APP_ID, BOT_USER, TEAM_DOMAIN, TEAM_ID, fresh_id, seconds_now


def event_callback(event: Json, room: Json | None, token: str) -> Json:
    """The outer event (docs: Events API, callback field overview)."""
    return {
        "token": token,
        "team_id": TEAM_ID,
        "context_team_id": TEAM_ID,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": fresh_id("Ev"),
        "event_time": seconds_now(),
        "authorizations": [
            {"enterprise_id": None, "team_id": TEAM_ID, "user_id": BOT_USER, "is_bot": True,
             "is_enterprise_install": False}
        ],
        "is_ext_shared_channel": bool(room and room["is_ext_shared"]),
        "event_context": "4-" + secrets.token_urlsafe(60),
    }  # fmt: skip


def app_rate_limited(token: str) -> Json:
    return {"token": token, "type": "app_rate_limited", "team_id": TEAM_ID, "api_app_id": APP_ID,
            "minute_rate_limited": seconds_now() // 60 * 60}  # fmt: skip


def _person(user: Json) -> Json:
    return {"id": user["id"], "username": user["name"], "name": user["name"], "team_id": user["team_id"]}


def _common(kind: str, user: Json, token: str) -> Json:
    return {
        "type": kind,
        "user": _person(user),
        "api_app_id": APP_ID,
        "token": token,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def room_brief(room: Json) -> Json:
    return {"id": room["id"], "name": "directmessage" if room["is_im"] else room["name"]}


def message_container(room: Json, ts: str, thread_ts: str | None, is_ephemeral: bool) -> Json:
    container = {"type": "message", "message_ts": ts, "channel_id": room["id"], "is_ephemeral": is_ephemeral}
    return {**container, **({"thread_ts": thread_ts} if thread_ts else {})}


def block_actions(user: Json, token: str, trigger_id: str, action: Json, where: Json) -> Json:
    """`where`: container and view, or container, channel, message, state and response_url."""
    return {**_common("block_actions", user, token), "trigger_id": trigger_id, **where, "actions": [action]}


def block_suggestion(user: Json, token: str, asked: Json, where: Json) -> Json:
    """`asked`: action_id, block_id, value (what was typed so far)."""
    return {**_common("block_suggestion", user, token), **asked, **where}


def view_submission(user: Json, token: str, trigger_id: str, view: Json, response_urls: list[Json]) -> Json:
    common = _common("view_submission", user, token)
    return {**common, "trigger_id": trigger_id, "view": view, "response_urls": response_urls}


def view_closed(user: Json, token: str, view: Json, is_cleared: bool) -> Json:
    return {**_common("view_closed", user, token), "view": view, "is_cleared": is_cleared}


def shortcut(user: Json, token: str, trigger_id: str, callback_id: str, action_ts: str) -> Json:
    common = {k: v for k, v in _common("shortcut", user, token).items() if k != "api_app_id"}
    return {**common, "callback_id": callback_id, "trigger_id": trigger_id, "action_ts": action_ts}


def message_action(user: Json, token: str, trigger_id: str, callback_id: str, action_ts: str, where: Json) -> Json:
    """`where`: channel, message, message_ts, response_url."""
    common = {k: v for k, v in _common("message_action", user, token).items() if k != "api_app_id"}
    return {**common, "callback_id": callback_id, "trigger_id": trigger_id, "action_ts": action_ts, **where}


def slash_command(user: Json, token: str, room: Json, command: str, text: str, answer: Json) -> Json:
    """A form, so every value is text; `answer`: trigger_id, response_url."""
    return {
        "token": token,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": room["id"],
        "channel_name": room_brief(room)["name"],
        "user_id": user["id"],
        "user_name": user["name"],
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        **answer,
    }


def socket(kind: str, payload: Json, accepts_answer: bool) -> Json:
    return {
        "envelope_id": str(uuid.uuid4()),
        "payload": payload,
        "type": kind,
        "accepts_response_payload": accepts_answer,
    }
