"""People's own accounts, connected with the bot (Telegram Business): who writes there, and what the bot may do."""

import secrets
import time
from collections.abc import Sequence

from sandbox.errors import Json, SandboxError
from sandbox.telegram.chats import Chats


class Business:
    """Every method is one action of a person. `owner` and `customer` are phones."""

    telegram: Chats

    async def connect_business(self, owner: int, can_reply: bool = True, is_enabled: bool = True) -> Json:
        """Connect an account with the bot, change what it may do there, or disconnect it."""
        user = self.telegram.phone(owner)["user"]
        known = self.telegram.business_of(owner)
        goes_on = known is not None and known["is_enabled"]
        connection = {
            "id": known["id"] if known is not None and goes_on else secrets.token_urlsafe(16),
            "user": user,
            "user_chat_id": owner,
            "date": int(time.time()),
            "is_enabled": is_enabled,
            "rights": {"can_reply": True} if can_reply else {},
        }
        self.telegram.keep_business(connection)
        self.telegram.tell_bot(business_connection=connection)
        return connection

    async def business_write(
        self, owner: int, customer: int, text: str, by_owner: bool = False, reply_to: int | None = None
    ) -> Json:
        """A customer writes to somebody's own account; or the owner to them, by their own hand."""
        connection = self._connection(owner)
        sender = self.telegram.phone(owner if by_owner else customer)["user"]
        content: Json = {"text": text, "business_connection_id": connection["id"]}
        if reply_to is not None:
            answered = self.telegram.find(customer, reply_to)
            if answered is None:
                raise SandboxError("message_not_found")
            content["reply_to_message"] = {k: v for k, v in answered.items() if k != "reply_to_message"}
        message = self.telegram.said(self.telegram.chat(customer), sender, **content)
        if connection["is_enabled"]:
            self.telegram.tell_bot(business_message=message)
        return message

    async def business_edit(self, customer: int, message: int, text: str) -> Json:
        """Whoever said it says it otherwise."""
        said = self.telegram.find(customer, message)
        if said is None or "business_connection_id" not in said:
            raise SandboxError("message_not_found")
        changed = {**said, "text": text, "edit_date": int(time.time())}
        self.telegram.keep(changed)
        self.telegram.tell_bot(edited_business_message=changed)
        return changed

    async def business_delete(self, owner: int, customer: int, messages: Sequence[int]) -> None:
        """Somebody deletes what was said, for both."""
        for message in messages:
            self.telegram.drop(customer, message)
        self.telegram.tell_bot(
            deleted_business_messages={
                "business_connection_id": self._connection(owner)["id"],
                "chat": self.telegram.chat(customer),
                "message_ids": list(messages),
            }
        )

    def _connection(self, owner: int) -> Json:
        found = self.telegram.business_of(owner)
        if found is None:
            raise SandboxError("business_not_connected")
        return found
