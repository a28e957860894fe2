"""Asking about people: users.* and usergroups.*."""

from sandbox.errors import Json, SandboxError
from sandbox.names import BOT_USER, seconds_now
from sandbox.web_api.call import Call, Method, page_of
from sandbox.workspace import Workspace


def info(slack: Workspace, call: Call) -> Json:
    user = slack.people.find(call.need("user"))
    return {"user": slack.people.public(user, {user["id"]} if call.flag("include_locale") else ())}


def list_(slack: Workspace, call: Call) -> Json:
    localised = set(slack.people.all) if call.flag("include_locale") else set()
    users = [slack.people.public(user, localised) for user in slack.people.all.values()]
    members, metadata = page_of(users, call, 1000)
    return {"members": members, "cache_ts": seconds_now(), "response_metadata": metadata}


def lookup_by_email(slack: Workspace, call: Call) -> Json:
    user = slack.people.by_email(call.need("email"))
    if user is None:
        raise SandboxError("users_not_found")
    return {"user": slack.people.public(user)}


def profile_get(slack: Workspace, call: Call) -> Json:
    return {"profile": slack.people.public(slack.people.find(call.need("user")))["profile"]}


def get_presence(slack: Workspace, call: Call) -> Json:
    """Whoever has the page open counts as active; the sandbox does not look, it says active."""
    slack.people.find(call.need("user"))
    return {"presence": "active"}


def conversations(slack: Workspace, call: Call) -> Json:
    """The rooms of a user, or of the bot."""
    user = call.text("user", BOT_USER)
    rooms = [slack.rooms.public(r) for r in slack.rooms.all.values() if user in r["members"]]
    channels, metadata = page_of(rooms, call, 100)
    return {"channels": channels, "response_metadata": metadata}


def usergroups_list(slack: Workspace, call: Call) -> Json:
    return {"usergroups": list(slack.journal.table("usergroups").values())}


def usergroups_users(slack: Workspace, call: Call) -> Json:
    group = slack.journal.table("usergroups").get(call.need("usergroup"))
    if group is None:
        raise SandboxError("no_such_subteam")
    return {"users": group["users"]}


METHODS: dict[str, Method] = {
    "usergroups.list": usergroups_list,
    "usergroups.users.list": usergroups_users,
    "users.conversations": conversations,
    "users.getPresence": get_presence,
    "users.info": info,
    "users.list": list_,
    "users.lookupByEmail": lookup_by_email,
    "users.profile.get": profile_get,
}
