"""What people and the app upload, and who may fetch it."""

import base64
import binascii
import mimetypes
from typing import Any

from sandbox.errors import Json, SandboxError
from sandbox.journal import Journal
from sandbox.names import TEAM_ID, fresh_id, seconds_now

PRETTY = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "gif": "GIF", "pdf": "PDF", "txt": "Plain Text", "csv": "CSV",
          "eml": "Email", "html": "HTML", "json": "JSON", "zip": "Zip"}  # fmt: skip
ELSEWHERE = ("shares", "comments_count")  # what files.info tells and a message does not


def unpacked(base64_text: str) -> bytes:
    """Raises SandboxError(invalid_base64)."""
    try:
        return base64.b64decode(base64_text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SandboxError("invalid_base64") from error


class Files:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.base_url = ""

    @property
    def all(self) -> dict[str, Json]:
        return self._journal.table("files")

    def find(self, file_id: object) -> Json:
        file = self.all.get(str(file_id))
        if file is None or not file["_complete"]:
            raise SandboxError("file_not_found")
        return file

    def announce(self, name: str, user: str, length: int | None = None) -> Json:
        """A file that is still to be uploaded, so many bytes long; nobody sees it before it is complete."""
        suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
        now = seconds_now()
        file: Json = {
            "id": fresh_id("F"), "created": now, "timestamp": now, "name": name, "title": name,
            "mimetype": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "filetype": suffix or "binary", "pretty_type": PRETTY.get(suffix, "Binary"), "user": user,
            "user_team": TEAM_ID, "editable": False, "size": 0, "mode": "hosted", "is_external": False,
            "external_type": "", "is_public": True, "public_url_shared": False, "display_as_bot": False,
            "username": "", "channels": [], "groups": [], "ims": [], "shares": {}, "comments_count": 0,
            "file_access": "visible", "media_display_type": "unknown", "_complete": False, "_uploaded": False,
            "_length": length,
        }  # fmt: skip
        self._journal.put("files", file["id"], file)
        return file

    def receive(self, file_id: str, data: bytes) -> int:
        """The bytes of an announced file, once; returns how many. Raises SandboxError for an unknown one."""
        file = self.all.get(file_id)
        if file is None or file["_complete"]:
            raise SandboxError("file_not_found")
        if file["_length"] not in (None, len(data)):
            raise SandboxError("file_size_mismatch")
        self._journal.put_blob(file_id, data)
        self._journal.put("files", file_id, {**file, "size": len(data), "_uploaded": True})
        return len(data)

    def complete(self, file_id: object, title: str | None) -> Json:
        file = self.all.get(str(file_id))
        if file is None or not file["_uploaded"]:
            raise SandboxError("file_not_found")
        self._journal.put("files", file["id"], {**file, "title": title or file["title"], "_complete": True})
        return self.all[file["id"]]

    def keep(self, name: str, mimetype: str | None, data: bytes, user: str) -> Json:
        """A file that a person puts into a message: announced, received and complete at once."""
        file = self.announce(name, user)
        if mimetype:
            self._journal.put("files", file["id"], {**file, "mimetype": mimetype})
        self.receive(file["id"], data)
        return self.complete(file["id"], None)

    def uploaded(self, values: Json, user: str) -> Json:
        """What somebody filled in, with files that were put into a file input ({name, type, base64}) uploaded by now.

        Nobody but them and the app sees these (docs: file input element).
        """
        return {
            block: {
                action: {**value, "files": [self._put_in(file, user) for file in value["files"]]}
                if isinstance(value, dict) and value.get("files")
                else value
                for action, value in inputs.items()
            }
            for block, inputs in values.items()
        }

    def _put_in(self, file: Json, user: str) -> Json:
        if "base64" not in file:
            return file
        kept = self.keep(file["name"], file.get("type"), unpacked(file["base64"]), user)
        self._journal.put("files", kept["id"], {**kept, "is_public": False})
        return self.brief(self.find(kept["id"]))

    def share(self, file: Json, room: Json, ts: str) -> None:
        where = "ims" if room["is_im"] else "groups" if room["is_private"] else "channels"
        level = "private" if room["is_private"] else "public"
        shares: dict[str, Any] = {**file["shares"]}
        shares[level] = {
            **shares.get(level, {}),
            room["id"]: [
                {
                    "ts": ts,
                    "channel_name": room["name"],
                    "team_id": TEAM_ID,
                    "reply_users": [],
                    "reply_users_count": 0,
                    "reply_count": 0,
                }
            ],
        }
        shared = {**file, where: [*file[where], room["id"]], "shares": shares}
        self._journal.put("files", file["id"], shared)

    def delete(self, file_id: object) -> None:
        self._journal.drop("files", self.find(file_id)["id"])

    def data(self, file_id: str) -> bytes:
        return self._journal.blob(self.find(file_id)["id"])

    def brief(self, file: Json) -> Json:
        """As it stands in a message: without where else it was shared."""
        return {k: v for k, v in self.public(file).items() if k not in ELSEWHERE}

    @staticmethod
    def foreign(file: Json) -> Json:
        """As it stands in a message from another workspace: the app has to ask files.info (docs: Slack Connect)."""
        return {"id": file["id"], "mode": "file_access", "file_access": "check_file_info", "created": 0,
                "timestamp": 0, "user": ""}  # fmt: skip

    def public(self, file: Json) -> Json:
        """With the addresses it has on this sandbox; they answer only to the bot's token."""
        shown = {k: v for k, v in file.items() if not k.startswith("_")}
        path = f"{TEAM_ID}-{file['id']}"
        return {
            **shown,
            "url_private": f"{self.base_url}/files-pri/{path}/{file['name']}",
            "url_private_download": f"{self.base_url}/files-pri/{path}/download/{file['name']}",
            "permalink": f"{self.base_url}/files/{file['user']}/{file['id']}/{file['name']}",
        }
