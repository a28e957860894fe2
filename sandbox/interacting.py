"""What people do with what the app shows them: click, choose, call a command or a shortcut."""

from dataclasses import dataclass
from typing import Any

from sandbox import composer, envelopes, forms
from sandbox.errors import Json, SandboxError
from sandbox.interactions import ResponseUrl
from sandbox.responses import take_command_answer
from sandbox.surfaces import option_problems
from sandbox.talking import room_of
from sandbox.workspace import Workspace

CHOICES = {"overflow", "static_select", "radio_buttons"}
SEVERAL_CHOICES = {"checkboxes", "multi_static_select"}


@dataclass(frozen=True)
class Place:
    """Where an element stands: `about` is what the app is told of it; a message has a response URL, a view has none."""

    blocks: list[Json]
    about: Json
    view: Json | None = None
    url: ResponseUrl | None = None


class Interacting:
    _slack: Workspace

    async def click(
        self,
        user: str,
        action: Json | str,
        room: str | None = None,
        ts: str | None = None,
        ephemeral_id: str | None = None,
        view_id: str | None = None,
        block_id: str | None = None,
        values: Json | None = None,
    ) -> Json:
        """Use an element: {action_id, value | selected_option | …}, or only its action_id for a button.

        Returns {ack: the body of the app's answer}. Raises SandboxError(timeout) when nobody acks in 3 seconds.
        """
        slack = self._slack
        given = {"action_id": action} if isinstance(action, str) else dict(action)
        place = self._place(user, room, ts, ephemeral_id, view_id)
        block, element = forms.find(place.blocks, given.get("action_id", ""), block_id)
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise SandboxError("not_dispatched")  # Slack sends no block_actions for such an input
        done = _done(element, given)
        changes = dict(values or {})
        if element["type"] in forms.STATEFUL:
            field, _ = forms.STATEFUL[element["type"]]
            typed = {**changes.get(block["block_id"], {}), element["action_id"]: {field: done.get(field)}}
            changes[block["block_id"]] = typed
        done.update(block_id=block["block_id"], action_ts=slack.stamps.next())
        trigger = slack.interactions.trigger(user)
        about = self._with_state(place, changes)
        person = slack.people.find(user)
        payload = envelopes.block_actions(person, slack.keys.verification_token, trigger, done, about)
        return {"ack": await slack.deliveries.ask("interactive", payload)}

    async def dismiss(self, user: str, ephemeral_id: str) -> None:
        """Put away a message that only `user` sees; the app does not hear of it."""
        if self._slack.ephemerals.find(ephemeral_id)["user"] != user:
            raise SandboxError("message_not_found")
        self._slack.hush(ephemeral_id)

    async def options(
        self,
        user: str,
        action_id: str,
        value: str,
        room: str | None = None,
        ts: str | None = None,
        ephemeral_id: str | None = None,
        view_id: str | None = None,
        block_id: str | None = None,
    ) -> Json:
        """What an external_select offers for what was typed so far: {options} or {option_groups}."""
        slack = self._slack
        place = self._place(user, room, ts, ephemeral_id, view_id)
        block, element = forms.find(place.blocks, action_id, block_id)
        if len(value) < element.get("min_query_length", 3):
            return {"options": []}
        asked = {"action_id": action_id, "block_id": block["block_id"], "value": value}
        person = slack.people.find(user)
        payload = envelopes.block_suggestion(person, slack.keys.verification_token, asked, place.about)
        answer = await slack.deliveries.ask("interactive", payload)
        if found := option_problems(answer):
            raise SandboxError("invalid_response", problems=[problem.words() for problem in found])
        return {k: answer[k] for k in ("options", "option_groups") if k in answer}

    async def slash(self, user: str, room: str, command: str, text: str = "", thread_ts: str | None = None) -> Json:
        """Raises SandboxError: unknown_command, slash_in_thread (Slack has no commands there), timeout."""
        slack = self._slack
        where = room_of(slack, user, room)
        known = slack.manifest.command(command)
        self._refuse_strangers(user)
        if thread_ts:
            raise SandboxError("slash_in_thread")
        if known.get("should_escape"):
            text = composer.typed(text, slack.people.by_name, slack.rooms.by_name)
        url = ResponseUrl(where["id"], user)
        answer = {"response_url": slack.interactions.response_url(url), "trigger_id": slack.interactions.trigger(user)}
        person, token = slack.people.find(user), slack.keys.verification_token
        payload = envelopes.slash_command(person, token, where, command, text, answer)
        said = await slack.deliveries.ask("slash_commands", payload)
        take_command_answer(slack, url, said)
        return {"ack": said}

    async def shortcut(self, user: str, callback_id: str) -> Json:
        slack = self._slack
        slack.manifest.check_shortcut(callback_id, "global")
        self._refuse_strangers(user)
        person, token = slack.people.find(user), slack.keys.verification_token
        trigger, at = slack.interactions.trigger(user), slack.stamps.next()
        payload = envelopes.shortcut(person, token, trigger, callback_id, at)
        return {"ack": await slack.deliveries.ask("interactive", payload)}

    async def message_shortcut(self, user: str, room: str, ts: str, callback_id: str) -> Json:
        slack = self._slack
        slack.manifest.check_shortcut(callback_id, "message")
        self._refuse_strangers(user)
        where = room_of(slack, user, room)
        message = slack.messages.find(where["id"], ts)
        url = ResponseUrl(where["id"], user, ts=ts, thread_ts=message.get("thread_ts"))
        about = {"channel": envelopes.room_brief(where), "message": message, "message_ts": ts,
                 "response_url": slack.interactions.response_url(url)}  # fmt: skip
        person, token = slack.people.find(user), slack.keys.verification_token
        trigger, at = slack.interactions.trigger(user), slack.stamps.next()
        payload = envelopes.message_action(person, token, trigger, callback_id, at, about)
        return {"ack": await slack.deliveries.ask("interactive", payload)}

    def _refuse_strangers(self, user: str) -> None:
        """People of other workspaces have buttons and modals, no commands and shortcuts (docs: Slack Connect)."""
        if self._slack.people.find(user)["is_stranger"]:
            raise SandboxError("not_for_strangers")

    # -- where it happens

    def _place(
        self, user: str, room: str | None, ts: str | None, ephemeral_id: str | None, view_id: str | None
    ) -> Place:
        if view_id:
            return self._in_view(user, view_id)
        if ephemeral_id:
            return self._in_ephemeral(user, ephemeral_id)
        return self._in_message(user, room or "", ts or "")

    def _in_view(self, user: str, view_id: str) -> Place:
        view = self._slack.views.find(view_id)
        if self._slack.views.owner(view_id) != user:
            raise SandboxError("not_found")
        return Place(view["blocks"], {"container": {"type": "view", "view_id": view_id}, "view": view}, view=view)

    def _in_ephemeral(self, user: str, ephemeral_id: str) -> Place:
        item = self._slack.ephemerals.find(ephemeral_id)
        if item["user"] != user:
            raise SandboxError("message_not_found")
        room = self._slack.rooms.find(item["room"])
        container = envelopes.message_container(room, item["ts"], item["thread_ts"], True)
        about = {"container": container, "channel": envelopes.room_brief(room)}
        url = ResponseUrl(room["id"], user, ephemeral_id=ephemeral_id, thread_ts=item["thread_ts"])
        return Place(item["blocks"], about, url=url)

    def _in_message(self, user: str, room: str, ts: str) -> Place:
        where = room_of(self._slack, user, room)
        message = self._slack.messages.find(where["id"], ts)
        container = envelopes.message_container(where, ts, message.get("thread_ts"), False)
        about = {"container": container, "channel": envelopes.room_brief(where), "message": message}
        url = ResponseUrl(where["id"], user, ts=ts, thread_ts=message.get("thread_ts"))
        return Place(message.get("blocks", []), about, url=url)

    def _with_state(self, place: Place, changes: Json) -> Json:
        """What the app is told, with what is filled in: a view keeps it, a message's state is the clicker's own."""
        if place.view is not None:
            uploaded = self._slack.files.uploaded(changes, self._slack.views.owner(place.view["id"]))
            return {**place.about, "view": self._slack.views.fill(place.view, uploaded)}
        assert place.url is not None
        values = forms.merge(forms.state(place.blocks), changes)
        response_url = self._slack.interactions.response_url(place.url)
        return {**place.about, "state": {"values": values}, "response_url": response_url}


def _done(element: Json, given: Json) -> Json:
    """The action as the app is told of it. Raises SandboxError(invalid_action) for a choice that is not offered."""
    kind = element["type"]
    done: Json = {"type": kind, "action_id": element["action_id"]}
    if kind in ("button", "workflow_button"):
        return {**done, **{k: element[k] for k in ("text", "value", "style", "url") if k in element}}
    if kind in ("feedback_buttons", "icon_button"):
        return {**done, **{k: given[k] for k in ("text", "value") if k in given}}
    field = "selected_option" if kind == "overflow" else forms.STATEFUL[kind][0]
    value = given.get(field, given.get("value") if kind in CHOICES else None)
    if kind in CHOICES:
        value = _offered(element, value)
    elif kind in SEVERAL_CHOICES:
        value = [_offered(element, each) for each in value or []]
    return {**done, field: value}


def _offered(element: Json, chosen: Any) -> Json:
    wanted = chosen.get("value") if isinstance(chosen, dict) else chosen
    groups = [element, *(element.get("option_groups") or ())]
    for option in (o for g in groups for o in g.get("options") or ()):
        if option.get("value") == wanted:
            return option
    raise SandboxError("invalid_action", value=wanted)
