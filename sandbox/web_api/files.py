"""The app's files: upload in three steps, look, delete (files.*)."""

from sandbox.errors import Json, SandboxError
from sandbox.names import BOT_USER
from sandbox.surfaces import refuse_blocks
from sandbox.web_api.call import Call, Method, page_of
from sandbox.workspace import Workspace


def get_upload_url(slack: Workspace, call: Call) -> Json:
    """The first step: a place for the bytes."""
    name, length = call.need("filename"), call.number("length", 0, most=2**40)
    if length <= 0:
        raise SandboxError("invalid_arguments", response_metadata={"messages": ["[ERROR] length must be positive"]})
    file = slack.files.announce(name, BOT_USER, length=length)
    return {"upload_url": f"{slack.files.base_url}/upload/v1/{file['id']}", "file_id": file["id"]}


def complete_upload(slack: Workspace, call: Call) -> Json:
    """The third step: the files get their titles and, where a room is named, are posted there as one message."""
    wanted = call.structure("files")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(f, dict) and "id" in f for f in wanted):
        raise SandboxError("invalid_arguments", response_metadata={"messages": ["[ERROR] files must name their ids"]})
    blocks = call.structure("blocks", "invalid_blocks_format")
    if blocks:
        refuse_blocks(blocks)
    names = [*call.names("channels"), *call.names("channel_id")]
    rooms = [_room(slack, name) for name in names]
    files = [slack.files.complete(f["id"], f.get("title")) for f in wanted]
    for room in rooms:
        content: Json = {"text": call.text("initial_comment"), "blocks": blocks, "subtype": "file_share",
                         "files": [slack.files.brief(f) for f in files], "upload": True}  # fmt: skip
        if call.text("thread_ts"):
            content["thread_ts"] = call.text("thread_ts")
        ts = slack.post_as_bot(room, content)["ts"]
        for file in files:
            slack.files.share(slack.files.find(file["id"]), room, ts)
            slack.deliveries.announce({"type": "file_shared", "file_id": file["id"], "user_id": BOT_USER,
                                       "file": {"id": file["id"]}, "channel_id": room["id"],
                                       "event_ts": ts}, room)  # fmt: skip
    return {"files": [slack.files.public(slack.files.find(f["id"])) for f in files]}


def _room(slack: Workspace, name: str) -> Json:
    room = slack.rooms.all.get(name)
    if room is None:
        raise SandboxError("channel_not_found")
    if BOT_USER not in room["members"]:
        raise SandboxError("not_in_channel")
    return room


def info(slack: Workspace, call: Call) -> Json:
    file = slack.files.find(call.need("file"))
    return {"file": slack.files.public(file), "comments": [], "response_metadata": {"next_cursor": ""}}


def list_(slack: Workspace, call: Call) -> Json:
    found = [slack.files.public(f) for f in slack.files.all.values() if f["_complete"]]
    if room := call.text("channel"):
        found = [f for f in found if room in (*f["channels"], *f["groups"], *f["ims"])]
    page, _ = page_of(found, call, 100)
    return {"files": page, "paging": {"count": 100, "total": len(found), "page": 1, "pages": 1}}


def delete(slack: Workspace, call: Call) -> Json:
    file = slack.files.find(call.need("file"))
    if file["user"] != BOT_USER:
        raise SandboxError("cant_delete_file")
    slack.files.delete(file["id"])
    return {}


METHODS: dict[str, Method] = {
    "files.completeUploadExternal": complete_upload,
    "files.delete": delete,
    "files.getUploadURLExternal": get_upload_url,
    "files.info": info,
    "files.list": list_,
}
