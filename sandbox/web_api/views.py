"""Modals and the App Home: views.*."""

from sandbox import forms
from sandbox.errors import Json, SandboxError
from sandbox.surfaces import refuse_view
from sandbox.web_api.call import Call, Method, missing
from sandbox.workspace import Workspace


def _content(slack: Workspace, call: Call, *kinds: str) -> Json:
    view = call.structure("view")
    if view is None:
        raise missing("view")
    refuse_view(view, *kinds)
    if any(element["type"] == "file_input" for _, element in forms.elements(view["blocks"])):
        slack.manifest.check_scope(("files:read",))  # docs: file input element
    return view


def _trigger(call: Call) -> str:
    """`interactivity_pointer` is the same under another name."""
    return call.text("trigger_id") or call.text("interactivity_pointer")


def open_(slack: Workspace, call: Call) -> Json:
    content = _content(slack, call, "modal")
    return {"view": slack.views.open(slack.interactions.pull(_trigger(call)), content)}


def push(slack: Workspace, call: Call) -> Json:
    content = _content(slack, call, "modal")
    return {"view": slack.views.push(slack.interactions.pull(_trigger(call)), content)}


def update(slack: Workspace, call: Call) -> Json:
    content = _content(slack, call, "modal", "home")
    if call.text("view_id"):
        view = slack.views.find(call.text("view_id"))
    elif call.text("external_id"):
        view = slack.views.find_external(call.text("external_id"))
    else:
        raise missing("view_id")
    if call.text("hash") and call.text("hash") != view["hash"]:
        raise SandboxError("hash_conflict")
    return {"view": slack.views.update(view, content)}


def publish(slack: Workspace, call: Call) -> Json:
    content = _content(slack, call, "home")
    user = slack.people.find(call.need("user_id"))
    return {"view": slack.views.publish(user["id"], content, call.text("hash") or None)}


METHODS: dict[str, Method] = {
    "views.open": open_,
    "views.publish": publish,
    "views.push": push,
    "views.update": update,
}
