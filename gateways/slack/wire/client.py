"""Slack's Web API as far as we use it: one shared connection pool, and every refusal sorted by what to do about it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from gateways.slack.wire.blocks import Block, Blocks
from gateways.slack.wire.errors import Gone, RateLimited, Refused, SlackError, TokenWrong, Unreachable, sort

log = logging.getLogger("deskbell.slack")

EVENT = "deskbell"
"""The event_type of our message metadata; its payload's `key` says what a message is, so that it can be found again."""

_PAGE = 200
"""Messages that Slack is asked for at once."""

MOST_INVITED = 100
"""Users that Slack takes in one invitation."""

_FURTHEST = 10
"""Pages that a search looks back; what we look for was posted moments ago."""

_SLOWEST = 200_000
"""Bytes a second: so slow a large file may go."""

_REST = timedelta(seconds=30)
"""How long an answer to a click rests that came too often: those say nothing of it themselves."""


class Myself(NamedTuple):
    """Who we are in the workspace. `scopes` is what the token may do."""

    team: str
    team_name: str
    user: str
    name: str
    bot: str
    url: str  # "https://acme.slack.com/"
    scopes: frozenset[str]


class Channel(NamedTuple):
    """A room as Slack lists it; only those that we can see. `is_shared`: with another workspace (Slack Connect)."""

    id: str
    name: str
    is_member: bool
    is_private: bool
    is_shared: bool = False


class Stored(NamedTuple):
    """A file that lies in Slack. `url` is where the app's token gets its bytes; empty where they lie elsewhere."""

    id: str
    name: str
    type: str
    size: int
    url: str


class Stretch(NamedTuple):
    """What stands somewhere between two times. `has_more`: Slack did not give all of it at once."""

    messages: Sequence[Mapping[str, Any]]
    has_more: bool


class Stream(NamedTuple):
    """Bytes that come part by part, `size` in all; `parts` gives them from the beginning each time that it is asked."""

    size: int
    parts: Callable[[], AsyncIterable[bytes]]


class Upload(NamedTuple):
    """A file on its way. `title` is what people read in place of its name."""

    name: str
    content: bytes | Stream
    title: str = ""

    @property
    def size(self) -> int:
        return self.content.size if isinstance(self.content, Stream) else len(self.content)


class Slack:
    """A workspace, through its token. Every method raises SlackError; none retries by itself: the ledger does."""

    def __init__(self, token: str, api_url: str = AsyncWebClient.BASE_URL, timeout: float = 10):
        self._token, self.api_url = token, api_url
        self.page = _PAGE
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None
        self._web: AsyncWebClient | None = None
        self._me: Myself | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        self._session = self._web = None

    @property
    def secret(self) -> bytes:
        """What only this installation knows, in all its processes."""
        return self._token.encode()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connections that everything shares; opened on the running loop when first needed."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    def bare_web(self) -> AsyncWebClient:
        """The library's client on our connections, without the token: for the library's own use."""
        quiet = logging.getLogger("deskbell.slack.sdk")
        quiet.setLevel(logging.WARNING)  # below INFO it writes every request into strings, logged or not
        return AsyncWebClient(base_url=self.api_url, session=self.session, logger=quiet, retry_handlers=[])

    # Who we are

    async def me(self) -> Myself:
        """Asked once: a token belongs to one workspace for good."""
        if self._me is None:
            asked = await self._ask("auth.test", self._api().auth_test())
            answer: dict[str, Any] = dict(asked.data) if isinstance(asked.data, dict) else {}
            scopes = str(asked.headers.get("x-oauth-scopes") or "")  # aiohttp's headers know no letter case
            self._me = Myself(
                team=answer["team_id"],
                team_name=answer.get("team") or "",
                user=answer["user_id"],
                name=answer.get("user") or "",
                bot=answer.get("bot_id") or "",
                url=answer.get("url") or "https://slack.com/",
                scopes=frozenset(filter(None, scopes.split(","))),
            )
        return self._me

    async def may(self, scope: str) -> bool:
        """Whether the token lets us do this. Where it did not, we ask again: the app may have been installed anew."""
        me = await self.me()
        if me.scopes and scope not in me.scopes:
            self._me = None
            me = await self.me()
        return not me.scopes or scope in me.scopes

    async def socket_url(self, app_token: str) -> str:
        """Where to connect for Socket Mode; good once."""
        web = self.bare_web()
        answer = await self._call("apps.connections.open", web.apps_connections_open(app_token=app_token))
        return answer["url"]

    # Messages

    async def post(
        self,
        room: str,
        text: str,
        blocks: Blocks,
        key: str,
        thread: str | None = None,
        username: str | None = None,
        in_room: bool = False,
    ) -> str:
        """Post, and return the message's ts. `key` goes into its metadata; see `find`. `text` is mrkdwn.

        `in_room`: what is posted in a thread stands in the room as well, where it is seen.
        """
        answer = await self._call(
            "chat.postMessage",
            self._api().chat_postMessage(
                channel=room,
                text=text,
                blocks=blocks,
                thread_ts=thread,
                username=username,
                reply_broadcast=in_room or None,
                metadata={"event_type": EVENT, "event_payload": {"key": key}},
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return answer["ts"]

    async def update(self, room: str, ts: str, text: str, blocks: Blocks) -> None:
        await self._call("chat.update", self._api().chat_update(channel=room, ts=ts, text=text, blocks=blocks))

    async def delete(self, room: str, ts: str) -> None:
        """Take a message of ours away."""
        await self._call("chat.delete", self._api().chat_delete(channel=room, ts=ts))

    async def find(self, room: str, key: str, since: float, thread: str | None = None) -> str | None:
        """The ts of our message with this key, posted after `since` (Unix seconds) in a room or in a thread."""
        async for message in self.messages(room, since, thread):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT and metadata.get("event_payload", {}).get("key") == key:
                return message["ts"]
        return None

    async def file_names(self, room: str, thread: str) -> set[str]:
        """The names of the files that we have put into a thread."""
        me = await self.me()
        return {
            str(file.get("name"))
            async for message in self.messages(room, 0, thread)
            if message.get("bot_id") == me.bot or message.get("user") == me.user
            for file in message.get("files") or ()
        }

    async def find_file(self, room: str, thread: str, file: Upload, but: Collection[str]) -> str | None:
        """The id of a file that we have put into a thread, with this name and size; none of those in `but`."""
        me = await self.me()
        async for message in self.messages(room, 0, thread):
            if message.get("bot_id") == me.bot or message.get("user") == me.user:
                for one in message.get("files") or ():
                    is_it = (one.get("name"), one.get("size")) == (file.name, len(file.content))
                    if is_it and one.get("id") not in but:
                        return str(one["id"])
        return None

    async def messages(self, room: str, since: float, thread: str | None) -> AsyncIterator[Mapping[str, Any]]:
        """What stands in a room, newest first, or in a thread, oldest first, since then; only so far back."""
        cursor: str | None = None
        for _ in range(_FURTHEST):
            asked: dict[str, Any] = {
                "channel": room,
                "oldest": f"{max(since, 0):.6f}",
                "limit": self.page,
                "include_all_metadata": True,
                "cursor": cursor,
            }
            if thread is None:
                answer = await self._call("conversations.history", self._api().conversations_history(**asked))
            else:
                answer = await self._call(
                    "conversations.replies", self._api().conversations_replies(ts=thread, **asked)
                )
            for message in answer.get("messages") or ():
                yield message
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    async def stretch(self, room: str, since: float, to: float | None = None, thread: str | None = None) -> Stretch:
        """What stands in a room, the newest of it, or in a thread, the oldest of it, since then and until `to`: as much
        as Slack gives in one call. A thread's first message comes along each time.
        """
        asked: dict[str, Any] = {"channel": room, "oldest": f"{max(since, 0):.6f}", "limit": self.page}
        if to is not None:
            asked["latest"] = f"{to:.6f}"
        if thread is None:
            answer = await self._call("conversations.history", self._api().conversations_history(**asked))
        else:
            answer = await self._call("conversations.replies", self._api().conversations_replies(ts=thread, **asked))
        return Stretch(answer.get("messages") or (), bool(answer.get("has_more")))

    async def message_at(self, room: str, ts: str) -> Mapping[str, Any] | None:
        """A message by its time, in a thread or not; None where there is none."""
        try:
            answer = await self._call(
                "conversations.replies",
                self._api().conversations_replies(channel=room, ts=ts, oldest=ts, latest=ts, inclusive=True, limit=1),
            )
        except Gone as gone:
            if gone.is_room:
                raise
            return None
        return next((one for one in answer.get("messages") or () if one.get("ts") == ts), None)

    async def whisper(self, room: str, user: str, text: str, blocks: Blocks | None, thread: str | None = None) -> None:
        """A message that one person sees in a room; they must be in it, and must be there to see it."""
        await self._call(
            "chat.postEphemeral",
            self._api().chat_postEphemeral(channel=room, user=user, text=text, blocks=blocks, thread_ts=thread),
        )

    async def write_to(self, user: str, text: str, blocks: Blocks | None = None) -> None:
        """A direct message."""
        await self._call(
            "chat.postMessage",
            self._api().chat_postMessage(
                channel=user, text=text, blocks=blocks, unfurl_links=False, unfurl_media=False
            ),
        )

    async def respond(self, url: str, text: str, blocks: Blocks | None, thread: str | None = None) -> None:
        """Answer a click or command where it came from, for the one who did it (five times within half an hour)."""
        body: dict[str, Any] = {"response_type": "ephemeral", "replace_original": False, "text": text}
        if blocks:
            body["blocks"] = blocks
        if thread:
            body["thread_ts"] = thread
        await self._respond(url, body)

    async def dismiss(self, url: str) -> None:
        """Take away the ephemeral message that a click came from."""
        await self._respond(url, {"delete_original": True})

    async def _respond(self, url: str, body: Mapping[str, Any]) -> None:
        try:
            async with self.session.post(url, json=body) as answer:
                status = f"status {answer.status}"
                match answer.status:
                    case 404 | 410:
                        raise Gone("response_url", "used_url")
                    case 429:
                        raise RateLimited("response_url", _REST)
                    case wrong if wrong >= 500:
                        raise Unreachable("response_url", status)
                    case wrong if wrong >= 400:
                        raise Refused("response_url", status, (await answer.text())[:200])
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable("response_url", type(error).__name__, str(error)) from error

    # Views

    async def open_view(self, trigger: str, view: Block) -> str:
        """Its id. Raises TooLate three seconds after the click."""
        answer = await self._call("views.open", self._api().views_open(trigger_id=trigger, view=view))
        return str(answer["view"]["id"])

    async def push_view(self, trigger: str, view: Block) -> str:
        answer = await self._call("views.push", self._api().views_push(trigger_id=trigger, view=view))
        return str(answer["view"]["id"])

    async def update_view(self, id: str, view: Block) -> None:
        await self._call("views.update", self._api().views_update(view_id=id, view=view))

    async def publish_home(self, user: str, view: Block) -> None:
        await self._call("views.publish", self._api().views_publish(user_id=user, view=view))

    # Rooms

    async def channels(self) -> AsyncIterator[Channel]:
        """Every public room, and the private ones that we are in; archived ones are left out."""
        cursor: str | None = None
        while True:
            answer = await self._call(
                "conversations.list",
                self._api().conversations_list(
                    types="public_channel,private_channel", exclude_archived=True, limit=1000, cursor=cursor
                ),
            )
            for found in answer.get("channels") or ():
                yield Channel(
                    found["id"],
                    found["name"],
                    bool(found.get("is_member")),
                    bool(found.get("is_private")),
                    bool(found.get("is_ext_shared") or found.get("is_pending_ext_shared")),
                )
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    async def create_room(self, name: str) -> str:
        answer = await self._call("conversations.create", self._api().conversations_create(name=name))
        return answer["channel"]["id"]

    async def describe_room(self, room: str, purpose: str) -> None:
        await self._call(
            "conversations.setPurpose", self._api().conversations_setPurpose(channel=room, purpose=purpose[:250])
        )

    async def join(self, room: str) -> None:
        await self._call("conversations.join", self._api().conversations_join(channel=room))

    async def members(self, room: str) -> set[str]:
        found: set[str] = set()
        cursor: str | None = None
        while True:
            answer = await self._call(
                "conversations.members", self._api().conversations_members(channel=room, limit=1000, cursor=cursor)
            )
            found.update(answer.get("members") or ())
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return found

    async def invite(self, room: str, users: Sequence[str]) -> dict[str, str]:
        """Invite up to MOST_INVITED; those who cannot be, each with Slack's word for why. They stop nobody else.

        Raises SlackError where the room, the token or Slack itself is what is wrong.
        """
        invitation = self._api().conversations_invite(channel=room, users=list(users), force=True)
        try:
            answer = await self._call("conversations.invite", invitation)
        except SlackError as error:
            sdk = error.__cause__
            data = sdk.response.data if isinstance(sdk, SlackApiError) else None
            said = _each(data)
            if said:
                return said if len(said) == len(users) else await self._one_by_one(room, users, said)
            if error.code not in _ABOUT_ONE:
                raise
            return {users[0]: error.code} if len(users) == 1 else await self._one_by_one(room, users, {})
        return _each(answer)

    async def _one_by_one(self, room: str, users: Sequence[str], said: Mapping[str, str]) -> dict[str, str]:
        """Where Slack let nobody in for the sake of some."""
        refused = dict(said)
        for user in users:
            if user not in said:
                refused |= await self.invite(room, [user])
        return refused

    # People

    async def person(self, user: str) -> Mapping[str, Any]:
        """A user object with its locale (strangers have none)."""
        answer = await self._call("users.info", self._api().users_info(user=user, include_locale=True))
        return answer["user"]

    async def person_at(self, email: str) -> str | None:
        """The id of the user with this mail address; None where there is none."""
        try:
            answer = await self._call("users.lookupByEmail", self._api().users_lookupByEmail(email=email))
        except Gone:
            return None
        return answer["user"]["id"]

    # Files

    async def upload(self, room: str, thread: str, files: Sequence[Upload]) -> list[str]:
        """Files into a thread, as one message; their ids."""
        sent: list[dict[str, str | None]] = []
        for file in files:
            answer = await self._call(
                "files.getUploadURLExternal",
                self._api().files_getUploadURLExternal(filename=file.name, length=file.size),
            )
            await self._send_bytes(answer["upload_url"], file)
            sent.append({"id": answer["file_id"], "title": file.title or file.name})
        await self._call(
            "files.completeUploadExternal",
            self._api().files_completeUploadExternal(files=sent, channel_id=room, thread_ts=thread),
        )
        return [str(one["id"]) for one in sent]

    async def delete_file(self, id: str) -> None:
        """Take a file of ours away, wherever it was shown."""
        await self._call("files.delete", self._api().files_delete(file=id))

    async def _send_bytes(self, url: str, file: Upload) -> None:
        slow = aiohttp.ClientTimeout(total=300 + file.size / _SLOWEST)
        content = file.content.parts() if isinstance(file.content, Stream) else file.content
        headers = {"Content-Length": str(file.size), "Content-Type": "application/octet-stream"}
        try:
            async with self.session.post(url, data=content, headers=headers, timeout=slow) as answer:
                if answer.status != 200:
                    raise Unreachable("upload", f"status {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable("upload", type(error).__name__, str(error)) from error

    async def file(self, id: str) -> Stored:
        """What there is to know of a file."""
        file = (await self._call("files.info", self._api().files_info(file=id)))["file"]
        name = str(file.get("name") or file.get("title") or "")
        is_here = not file.get("is_external") and file.get("mode") not in ("external", "tombstone", "hidden_by_limit")
        url = str(file.get("url_private_download") or file.get("url_private") or "") if is_here else ""
        return Stored(id, name, str(file.get("mimetype") or ""), int(file.get("size") or 0), url)

    async def download(self, file: Stored, most: int) -> bytes:
        """A file's bytes; of one that is larger than `most`, a little more than that.

        Who may not read files gets a page to sign in on in their place, with a status that says that all is well.
        """
        if not self._is_slacks(file.url):  # our token is for nobody else
            raise Refused("download", "foreign_url", file.url)
        headers = {"Authorization": f"Bearer {self._token}"}
        slow = aiohttp.ClientTimeout(total=300)
        try:
            async with self.session.get(file.url, headers=headers, timeout=slow, allow_redirects=False) as answer:
                status = f"status {answer.status}"
                match answer.status:
                    case 200:
                        content = await _at_most(answer, most)
                    case 429:
                        raise RateLimited("download", _REST)
                    case wrong if wrong >= 500:
                        raise Unreachable("download", status)
                    case 301 | 302 | 303 | 307 | 308 | 401 | 403:
                        raise TokenWrong("download", "missing_scope", "files:read")
                    case _:
                        raise Gone("download", "file_not_found", status)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unreachable("download", type(error).__name__, str(error)) from error
        if answer.content_type == "text/html" and file.type != "text/html":
            raise TokenWrong("download", "missing_scope", "files:read")
        return content

    def _is_slacks(self, url: str) -> bool:
        """Whether it is at Slack, or where Slack's Web API is for us."""
        there, ours = urlsplit(url), urlsplit(self.api_url)
        is_slack = there.scheme == "https" and (there.hostname or "").endswith(".slack.com")
        return is_slack or (there.scheme, there.netloc) == (ours.scheme, ours.netloc)

    # How a call is made

    def _api(self) -> AsyncWebClient:
        if self._web is None:
            self._web = self.bare_web()
            self._web.token = self._token
        return self._web

    async def _call(self, method: str, asked: Awaitable[AsyncSlackResponse]) -> dict[str, Any]:
        answer = (await self._ask(method, asked)).data
        assert isinstance(answer, dict)  # bytes come only from administrators' methods
        return answer

    async def _ask(self, method: str, asked: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        try:
            return await asked
        except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise sort(method, error) from error


async def _at_most(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The body; of one that is too long, a little more than it may be."""
    pieces: list[bytes] = []
    length = 0
    async for piece in answer.content.iter_chunked(64 * 1024):
        pieces.append(piece)
        length += len(piece)
        if length > most:
            break
    return b"".join(pieces)


_ABOUT_ONE = frozenset(
    {
        "already_in_channel",
        "cant_invite",
        "cant_invite_self",
        "invitee_cant_see_channel",
        "is_bot",
        "no_external_invite_permission",
        "ura_max_channels",
        "user_disabled",
        "user_is_bot",
        "user_is_restricted",
        "user_is_ultra_restricted",
        "user_not_found",
    }
)
"""What an invitation is refused with for the sake of one of those who are invited."""


def _each(answer: object) -> dict[str, str]:
    """Whom an invitation did not let in, and why, as Slack lists them beside a success or a refusal."""
    listed = answer.get("errors") if isinstance(answer, dict) else None
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return {str(one["user"]): str(one.get("error") or "?") for one in found if one.get("user")}
