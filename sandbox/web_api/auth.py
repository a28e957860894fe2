"""Who the app is and where it is installed: auth.test, team.info, bots.info, apps.connections.open, oauth."""

from sandbox.errors import Json, SandboxError
from sandbox.names import APP_ID, BOT_ID, BOT_NAME, BOT_USER, TEAM_DOMAIN, TEAM_ID, TEAM_NAME
from sandbox.web_api.call import Call, Method
from sandbox.workspace import Workspace


def auth_test(slack: Workspace, call: Call) -> Json:
    return {"url": f"{slack.people.base_url}/", "team": TEAM_NAME, "user": BOT_NAME, "team_id": TEAM_ID,
            "user_id": BOT_USER, "bot_id": BOT_ID, "is_enterprise_install": False}  # fmt: skip


def api_test(slack: Workspace, call: Call) -> Json:
    if error := call.text("error"):
        raise SandboxError(error, args=call.params)
    return {"args": call.params}


def connections_open(slack: Workspace, call: Call) -> Json:
    return {"url": slack.deliveries.sockets.ticket()}


def oauth_access(slack: Workspace, call: Call) -> Json:
    call.need("code")
    owner = next(u for u in slack.people.all.values() if u["is_primary_owner"])
    return {"app_id": APP_ID, "authed_user": {"id": owner["id"]}, "scope": ",".join(slack.manifest.scopes),
            "token_type": "bot", "access_token": slack.keys.bot_token, "bot_user_id": BOT_USER,
            "team": {"id": TEAM_ID, "name": TEAM_NAME}, "enterprise": None, "is_enterprise_install": False}  # fmt: skip


def team_info(slack: Workspace, call: Call) -> Json:
    team = {"id": TEAM_ID, "name": TEAM_NAME, "domain": TEAM_DOMAIN, "url": f"{slack.people.base_url}/",
            "email_domain": "desk.example", "icon": {"image_default": True}, "is_verified": False}  # fmt: skip
    return {"team": team}


def bots_info(slack: Workspace, call: Call) -> Json:
    if call.text("bot", BOT_ID) != BOT_ID:
        raise SandboxError("bot_not_found")
    return {"bot": {"id": BOT_ID, "deleted": False, "name": BOT_NAME, "updated": 0, "app_id": APP_ID,
                    "user_id": BOT_USER, "icons": {}}}  # fmt: skip


METHODS: dict[str, Method] = {
    "api.test": api_test,
    "apps.connections.open": connections_open,
    "auth.test": auth_test,
    "bots.info": bots_info,
    "oauth.v2.access": oauth_access,
    "team.info": team_info,
}
