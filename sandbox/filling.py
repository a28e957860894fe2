"""What people do with a modal: submit it or close it, and what the app's answer makes of it."""

from typing import Any

from sandbox import envelopes, forms
from sandbox.errors import Json, SandboxError
from sandbox.interactions import ResponseUrl
from sandbox.surfaces import view_problems
from sandbox.workspace import Workspace


class Filling:
    _slack: Workspace

    async def submit(self, user: str, view_id: str, values: Json | None = None) -> Json:
        """`values`: state.values, or the part of it that changed since the last click.

        Returns {ack, errors}: the app's answer, and the errors by block that it wants corrected. Raises SandboxError:
        invalid_form (Slack's client would not send it; `errors` by block), timeout, invalid_response (the app answered
        with what Slack refuses; `problems`).
        """
        slack = self._slack
        view = self._topmost(user, view_id)
        view = slack.views.fill(view, slack.files.uploaded(values or {}, user))
        if found := forms.problems(view["blocks"], view["state"]["values"]):
            self._show_errors(user, view_id, found)
            raise SandboxError("invalid_form", errors=found)
        person, token = slack.people.find(user), slack.keys.verification_token
        trigger = slack.interactions.trigger(user)
        payload = envelopes.view_submission(person, token, trigger, view, self._response_urls(user, view))
        answer = await slack.deliveries.ask("interactive", payload)
        return {"ack": answer, "errors": self._take(user, view_id, answer)}

    async def close_view(self, user: str, view_id: str) -> None:
        """The app hears of it where the view asks to (`notify_on_close`)."""
        slack = self._slack
        view = self._topmost(user, view_id)
        cleared = bool(view["clear_on_close"])
        closed = slack.views.clear(user) if cleared else [slack.views.close(user, view_id)]
        person, token = slack.people.find(user), slack.keys.verification_token
        for each in closed:
            if each["notify_on_close"]:
                slack.deliveries.tell("interactive", envelopes.view_closed(person, token, each, cleared))

    def _topmost(self, user: str, view_id: str) -> Json:
        stack = self._slack.views.stack(user)
        if not stack or stack[-1]["id"] != view_id:
            raise SandboxError("not_found")
        return stack[-1]

    def _show_errors(self, user: str, view_id: str, errors: dict[str, str]) -> None:
        self._slack.notices.tell("view_errors", {"user": user, "view_id": view_id, "errors": errors})

    def _take(self, user: str, view_id: str, answer: Any) -> dict[str, str]:
        """Docs: modals, `response_action`; without one the view closes. Returns errors to correct."""
        views = self._slack.views
        action = answer.get("response_action") if isinstance(answer, dict) else None
        if not any(view["id"] == view_id for view in views.stack(user)):
            return {}  # the app closed or replaced it while it thought
        if action is None:
            views.close(user, view_id)
        elif action == "clear":
            views.clear(user)
        elif action == "errors":
            errors = self._checked_errors(view_id, answer.get("errors"))
            self._show_errors(user, view_id, errors)
            return errors
        elif action == "update":
            views.update(views.find(view_id), self._checked_view(answer))
        elif action == "push":
            views.push(user, self._checked_view(answer))
        else:
            raise SandboxError("invalid_response", problems=[f"unknown response_action: {action}"])
        return {}

    def _checked_errors(self, view_id: str, errors: Any) -> dict[str, str]:
        inputs = {b["block_id"] for b in self._slack.views.find(view_id)["blocks"] if b["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
            raise SandboxError("invalid_response", problems=[f"errors must name input blocks, not {errors}"])
        return errors

    @staticmethod
    def _checked_view(answer: Json) -> Json:
        found = [problem.words() for problem in view_problems(answer.get("view"), "modal")]
        if found:
            raise SandboxError("invalid_response", problems=found)
        return answer["view"]

    def _response_urls(self, user: str, view: Json) -> list[Json]:
        """For each room that was chosen in a select with `response_url_enabled`."""
        found = []
        for block, element in forms.elements(view["blocks"]):
            if element.get("response_url_enabled") and block["type"] == "input":
                chosen = view["state"]["values"][block["block_id"]][element["action_id"]]
                room = chosen.get("selected_conversation") or chosen.get("selected_channel")
                if room:
                    url = self._slack.interactions.response_url(ResponseUrl(room, user))
                    found.append({"block_id": block["block_id"], "action_id": element["action_id"],
                                  "channel_id": room, "response_url": url})  # fmt: skip
        return found
