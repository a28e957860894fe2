"""What Slack says no with, sorted by what is to be done about it."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError


class SlackError(Exception):
    """Slack did not do it. `code` is Slack's own word for why."""

    def __init__(self, method: str, code: str, said: str = ""):
        super().__init__(f"{method}: {code} {said}".rstrip())
        self.method, self.code, self.said = method, code, said


class RateLimited(SlackError):
    """Too often (429): this method rests in this workspace for `retry_after`."""

    def __init__(self, method: str, retry_after: timedelta):
        super().__init__(method, "ratelimited", f"for {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class Unreachable(SlackError):
    """No answer, or one that says nothing: it may have been done or not, and works later."""


class TokenWrong(SlackError):
    """The token is not good (any more), or lacks a permission; `said` names the one that is needed."""


class Gone(SlackError):
    """The message, thread, view, person or room is not there, or is not ours to change."""

    @property
    def is_room(self) -> bool:
        """The whole room cannot be used; nothing in it can be."""
        return self.code in _ROOM_GONE


class TooLate(SlackError):
    """A trigger lives three seconds and works once; this one is over."""


class Refused(SlackError):
    """It will never be accepted like this."""


_TOKEN = frozenset(
    {
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
_ROOM_GONE = frozenset({"channel_not_found", "is_archived", "is_inactive", "not_in_channel"})
_GONE = _ROOM_GONE | frozenset(
    {
        "cant_update_message",
        "edit_window_closed",
        "file_deleted",
        "file_not_found",
        "message_not_found",
        "not_found",
        "thread_not_found",
        "user_not_found",
        "user_not_in_channel",
        "users_not_found",
        "view_not_found",
    }
)
_TOO_LATE = frozenset({"exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id", "trigger_expired"})
_PASSING = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
_USUAL_REST = timedelta(seconds=30)
"""Where Slack says "too often" without saying for how long."""


def sort(method: str, error: Exception) -> SlackError:
    """An error of the client library as one of ours; what it does not know is raised as it is."""
    if isinstance(error, SlackApiError):
        return _answered(method, error)
    if isinstance(error, (aiohttp.ClientError, TimeoutError, ConnectionError, SlackClientError)):
        return Unreachable(method, type(error).__name__, str(error))
    raise error


def _answered(method: str, error: SlackApiError) -> SlackError:
    answer = error.response
    status = getattr(answer, "status_code", None) or getattr(answer, "status", 0)
    data = getattr(answer, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return RateLimited(method, _rest(getattr(answer, "headers", None) or {}))
    if status >= 500 or not isinstance(data, dict) or not code or code in _PASSING:
        return Unreachable(method, code or f"status {status}")
    if code in _TOKEN:
        return TokenWrong(method, code, str(data.get("needed") or ""))
    if code in _TOO_LATE:
        return TooLate(method, code)
    if code in _GONE:
        return Gone(method, code)
    return Refused(method, code, _details(data))


def _rest(headers: object) -> timedelta:
    said = headers.get("Retry-After") or headers.get("retry-after") if hasattr(headers, "get") else None  # type: ignore[attr-defined]
    try:
        return timedelta(seconds=max(1.0, float(said))) if said else _USUAL_REST
    except (TypeError, ValueError):
        return _USUAL_REST


def _details(data: dict[str, object]) -> str:
    """What Slack says beside its code: which block is wrong, and why."""
    metadata = data.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    return " ".join(map(str, messages)) if isinstance(messages, list) else ""
