"""What the app opened before people: modal views in a stack of at most three, and each person's App Home."""

import json
import secrets
from collections import defaultdict

from sandbox import forms
from sandbox.errors import Json, SandboxError
from sandbox.journal import Journal
from sandbox.names import APP_ID, BOT_ID, TEAM_ID, fresh_id, seconds_now
from sandbox.notices import Notices
from sandbox.surfaces import stored, stored_text

STACK = 3
LARGEST = 250_000  # characters of JSON (view_too_large)


class Views:
    def __init__(self, journal: Journal, notices: Notices) -> None:
        self._journal = journal
        self._notices = notices
        self._open: dict[str, Json] = {}
        self._owner: dict[str, str] = {}
        self.stacks: dict[str, list[str]] = defaultdict(list)

    # -- looking

    def find(self, view_id: object) -> Json:
        """An open modal or an App Home; raises SandboxError(not_found)."""
        view = self._open.get(str(view_id)) or next((h for h in self.homes.values() if h["id"] == view_id), None)
        if view is None:
            raise SandboxError("not_found")
        return view

    def find_external(self, external_id: str) -> Json:
        everywhere = (*self._open.values(), *self.homes.values())
        view = next((v for v in everywhere if external_id and v["external_id"] == external_id), None)
        if view is None:
            raise SandboxError("not_found")
        return view

    def owner(self, view_id: str) -> str:
        return self._owner.get(view_id) or next(u for u, h in self.homes.items() if h["id"] == view_id)

    @property
    def homes(self) -> dict[str, Json]:
        return self._journal.table("homes")

    def stack(self, user: str) -> list[Json]:
        """Bottom first."""
        return [self._open[view_id] for view_id in self.stacks[user]]

    # -- what the app does

    def open(self, user: str, content: Json) -> Json:
        """A modal; one that was open before makes way."""
        self._check(content, None)
        self._forget(user)
        return self._add(user, content, None)

    def push(self, user: str, content: Json) -> Json:
        stack = self.stacks[user]
        if not stack:
            raise SandboxError("invalid_trigger_id")  # the modal that pulled it is closed
        if len(stack) >= STACK:
            raise SandboxError("push_limit_reached")
        self._check(content, None)
        return self._add(user, content, self._open[stack[-1]])

    def update(self, view: Json, content: Json) -> Json:
        """Inputs that keep block_id and action_id keep what was typed; the hash changes."""
        if content["type"] != view["type"]:
            raise SandboxError("invalid_arguments", response_metadata=_message("view type cannot change"))
        self._check(content, view["id"])
        fresh = _view(view["id"], content, view["previous_view_id"], view["root_view_id"], view["state"]["values"])
        self._keep(fresh)
        return fresh

    def publish(self, user: str, content: Json, expected_hash: str | None) -> Json:
        before = self.homes.get(user)
        if before and expected_hash and expected_hash != before["hash"]:
            raise SandboxError("hash_conflict")
        self._check(content, before["id"] if before else None)
        view_id = before["id"] if before else fresh_id("V")
        home = _view(view_id, content, None, view_id, before["state"]["values"] if before else None)
        self._journal.put("homes", user, home)
        self._notices.tell("home", {"user": user, "view": home})
        return home

    # -- what people do

    def fill(self, view: Json, values: Json) -> Json:
        """Note what somebody typed into it so far; returns the view with it."""
        filled = {**view, "state": {"values": forms.merge(view["state"]["values"], values)}}
        if view["id"] in self._open:
            self._open[view["id"]] = filled
        else:
            self._journal.put("homes", self.owner(view["id"]), filled)
        return filled

    def close(self, user: str, view_id: str) -> Json:
        """The topmost view goes, the one below is seen again."""
        if not self.stacks[user] or self.stacks[user][-1] != view_id:
            raise SandboxError("not_found")
        closed = self._open.pop(self.stacks[user].pop())
        self._owner.pop(view_id)
        self._shown(user)
        return closed

    def clear(self, user: str) -> list[Json]:
        """Every view of the stack goes; returns them, topmost first."""
        closed = self._forget(user)
        self._shown(user)
        return closed

    # -- keeping

    def _add(self, user: str, content: Json, below: Json | None) -> Json:
        view_id = fresh_id("V")
        root, previous = (below["root_view_id"], below["id"]) if below else (view_id, None)
        view = _view(view_id, content, previous, root, None)
        self._open[view_id] = view
        self._owner[view_id] = user
        self.stacks[user].append(view_id)
        self._shown(user)
        return view

    def _keep(self, view: Json) -> None:
        user = self.owner(view["id"])
        if view["id"] in self._open:
            self._open[view["id"]] = view
            self._shown(user)
        else:
            self._journal.put("homes", user, view)
            self._notices.tell("home", {"user": user, "view": view})

    def _forget(self, user: str) -> list[Json]:
        closed = [self._open.pop(view_id) for view_id in reversed(self.stacks.pop(user, []))]
        for view in closed:
            self._owner.pop(view["id"])
        return closed

    def _shown(self, user: str) -> None:
        self._notices.tell("views", {"user": user, "stack": self.stack(user)})

    def _check(self, content: Json, own_id: str | None) -> None:
        if len(json.dumps(content)) > LARGEST:
            raise SandboxError("view_too_large")
        external = content.get("external_id")
        everywhere = (*self._open.values(), *self.homes.values())
        if external and any(v["external_id"] == external and v["id"] != own_id for v in everywhere):
            raise SandboxError("duplicate_external_id")


def _message(words: str) -> Json:
    return {"messages": [f"[ERROR] {words}"]}


def _view(view_id: str, content: Json, previous: str | None, root: str, kept: Json | None) -> Json:
    blocks = stored(content["blocks"])
    view: Json = {
        "id": view_id, "team_id": TEAM_ID, "type": content["type"], "blocks": blocks,
        "private_metadata": content.get("private_metadata") or "", "callback_id": content.get("callback_id") or "",
        "state": {"values": forms.state(blocks, kept)}, "hash": f"{seconds_now()}.{secrets.token_hex(4)}",
        "title": stored_text(content.get("title") or {"type": "plain_text", "text": "View Title"}),
        "clear_on_close": bool(content.get("clear_on_close")),
        "notify_on_close": bool(content.get("notify_on_close")), "close": stored_text(content.get("close")),
        "submit": stored_text(content.get("submit")), "previous_view_id": previous, "root_view_id": root,
        "app_id": APP_ID,
        "external_id": content.get("external_id") or "", "app_installed_team_id": TEAM_ID, "bot_id": BOT_ID,
    }  # fmt: skip
    if content["type"] == "modal":
        view["submit_disabled"] = bool(content.get("submit_disabled"))
    return view
