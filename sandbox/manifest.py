"""What the app's manifest promises: its commands, shortcuts, scopes and the events it has subscribed to."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.errors import Json, SandboxError

MESSAGE_EVENTS = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}


class Manifest:
    """Without one, everything is allowed and every command is known: handy for tests of one thing."""

    def __init__(self, source: Path | Mapping[str, Any] | None) -> None:
        content = json.loads(source.read_text("utf-8")) if isinstance(source, Path) else source
        self._content: Json | None = dict(content) if content is not None else None

    def hears(self, event: Json) -> bool:
        subscribed = self._section("settings", "event_subscriptions").get("bot_events")
        if self._content is None:
            return True
        name = event["type"]
        if name == "message":
            name = MESSAGE_EVENTS[event["channel_type"]]
        return name in (subscribed or ())

    def grants(self, *scopes: str) -> bool:
        """Whether the app holds one of these scopes."""
        return self._content is None or bool(set(scopes) & set(self.scopes))

    def check_scope(self, needed: tuple[str, ...]) -> None:
        """Raises SandboxError(missing_scope) unless one of `needed` is granted; none needed is fine."""
        if needed and not self.grants(*needed):
            raise SandboxError("missing_scope", needed=",".join(needed), provided=",".join(self.scopes))

    @property
    def scopes(self) -> list[str]:
        return list(self._section("oauth_config", "scopes").get("bot") or ())

    @property
    def commands(self) -> list[Json]:
        fields = ("command", "description", "usage_hint", "should_escape")
        found = self._section("features").get("slash_commands") or ()
        return [{k: c[k] for k in fields if k in c} for c in found]

    @property
    def shortcuts(self) -> list[Json]:
        found = self._section("features").get("shortcuts") or ()
        return [{k: s.get(k) for k in ("name", "type", "callback_id", "description")} for s in found]

    def command(self, name: str) -> Json:
        """Raises SandboxError(unknown_command) where the manifest does not know it."""
        if self._content is None:
            return {"command": name}
        found = next((c for c in self.commands if c["command"] == name), None)
        if found is None:
            raise SandboxError("unknown_command")
        return found

    def check_shortcut(self, callback_id: str, kind: str) -> None:
        known = any(s["callback_id"] == callback_id and s["type"] == kind for s in self.shortcuts)
        if self._content is not None and not known:
            raise SandboxError("unknown_shortcut")

    def check_way_in(self) -> None:
        """Raises SandboxError(invalid_manifest) where the app would hear of nothing: Slack does not take it then."""
        settings = self._section("settings")
        if self._content is None or settings.get("socket_mode_enabled"):
            return
        named = {"/settings/event_subscriptions/request_url": self._section("settings", "event_subscriptions")}
        if self._section("settings", "interactivity").get("is_enabled"):
            named["/settings/interactivity/request_url"] = settings["interactivity"]
        urls = {pointer: part.get("request_url") for pointer, part in named.items()}
        commands = self._section("features").get("slash_commands") or ()
        urls |= {f"/features/slash_commands/{n}/url": command.get("url") for n, command in enumerate(commands)}
        wrong = [{"message": "Must be an HTTPS URL", "pointer": pointer}
                 for pointer, url in urls.items() if not str(url or "").startswith("https://")]  # fmt: skip
        if wrong:
            raise SandboxError("invalid_manifest", errors=wrong)

    def _section(self, *path: str) -> Json:
        section: Any = self._content or {}
        for name in path:
            section = section.get(name) or {}
        return section
