"""Which scopes let the app call which method: one of those listed (docs: each method's page)."""


def _rooms(what: str) -> tuple[str, ...]:
    return tuple(f"{kind}:{what}" for kind in ("channels", "groups", "im", "mpim"))


READ, HISTORY = _rooms("read"), _rooms("history")
MANAGE = ("channels:manage", "groups:write", "im:write", "mpim:write")
INVITE = ("channels:write.invites", "groups:write.invites", *MANAGE)

SCOPES: dict[str, tuple[str, ...]] = {
    "apps.connections.open": (),  # the app token's own scope, connections:write
    "assistant.threads.setStatus": ("assistant:write", "chat:write"),
    "bookmarks.add": ("bookmarks:write",),
    "bookmarks.edit": ("bookmarks:write",),
    "bookmarks.list": ("bookmarks:read",),
    "bookmarks.remove": ("bookmarks:write",),
    "bots.info": ("users:read",),
    "chat.appendStream": ("chat:write",),
    "chat.delete": ("chat:write",),
    "chat.deleteScheduledMessage": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.scheduleMessage": ("chat:write",),
    "chat.startStream": ("chat:write",),
    "chat.stopStream": ("chat:write",),
    "chat.unfurl": ("links:write",),
    "chat.update": ("chat:write",),
    "conversations.archive": MANAGE,
    "conversations.create": MANAGE,
    "conversations.history": HISTORY,
    "conversations.info": READ,
    "conversations.invite": INVITE,
    "conversations.join": ("channels:join",),
    "conversations.kick": MANAGE,
    "conversations.leave": MANAGE,
    "conversations.list": READ,
    "conversations.members": READ,
    "conversations.open": ("im:write", "mpim:write"),
    "conversations.rename": MANAGE,
    "conversations.replies": HISTORY,
    "conversations.setPurpose": (*MANAGE, "channels:write.topic", "groups:write.topic"),
    "conversations.setTopic": (*MANAGE, "channels:write.topic", "groups:write.topic"),
    "conversations.unarchive": MANAGE,
    "files.completeUploadExternal": ("files:write",),
    "files.delete": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "files.list": ("files:read",),
    "pins.add": ("pins:write",),
    "pins.list": ("pins:read",),
    "pins.remove": ("pins:write",),
    "reactions.add": ("reactions:write",),
    "reactions.get": ("reactions:read",),
    "reactions.remove": ("reactions:write",),
    "team.info": ("team:read",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.conversations": READ,
    "users.getPresence": ("users:read",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "users.lookupByEmail": ("users:read.email",),
    "users.profile.get": ("users.profile:read",),
}
