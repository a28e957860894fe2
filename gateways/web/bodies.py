"""What is said over HTTP, both ways, as models: they check what comes, and the OpenAPI document is made of them."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from core.tickets.sources import Told

LARGEST = 32 * 1024 * 1024
"""Bytes of a whole request."""

MOST_FILES = 20
_LARGEST_NUMBER = 2**53 - 1  # what every JSON reader can hold


def _whole(said: Any) -> Any:
    """7.0 is a whole number, as JSON Schema has it."""
    return int(said) if isinstance(said, float) and said.is_integer() else said


def _absent(schema: dict[str, Any]) -> None:
    """What stands where nothing was said is no value that could be sent."""
    schema.pop("default", None)


Number = Annotated[int, Field(ge=1, le=_LARGEST_NUMBER), BeforeValidator(_whole)]
Urgency = Annotated[int, Field(ge=0, le=3), BeforeValidator(_whole)]
Key = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Line = Annotated[str, Field(max_length=500)]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", max_length=35)]
Words = Annotated[str, Field(max_length=100_000, pattern=r"\S")]
Base64 = Annotated[
    str,
    Field(
        pattern=r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        json_schema_extra={"contentEncoding": "base64"},
    ),
]
_SOMEWHERE: list[Any] = [{"required": ["thread"]}, {"required": ["ticket"]}, {"required": ["in_reply_to"]}]
_SOMETHING: list[Any] = [{"required": ["text"]}, {"required": ["files"]}]


class Said(BaseModel):
    """What a partner says. What is not known is left out: there is neither null nor a field of another name.

    What is wrong in ways of ours has a code of ours, of which faults.py makes a sentence.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _known_only(cls, said: Any) -> Any:
        """One fault is told of them, however many there are."""
        if isinstance(said, dict):
            if any(value is None for value in said.values()):
                raise PydanticCustomError("null", "null says nothing here")
            if said.keys() - cls.model_fields.keys():
                raise PydanticCustomError("unknown_field", "there are other fields", {"known": [*cls.model_fields]})
            if isinstance(said.get("files"), list) and len(said["files"]) > MOST_FILES:
                raise PydanticCustomError("too_many_files", "there are too many files", {"most": MOST_FILES})
        return said

    def canonical(self) -> bytes:
        """The same bytes for the same said, however it was written."""
        said = self.model_dump(mode="json", exclude_unset=True)
        return json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


class Person(Said):
    """Who wrote, as the partner knows them."""

    id: Key = Field(description="your own key of this person; the same key is the same person")
    name: Annotated[str, Field(max_length=200)] = Field("", description="what they call themselves")
    time_zone: Annotated[str, Field(pattern=r"^[A-Za-z0-9_+/-]*$", max_length=60)] = Field(
        "", description="where their day begins, as an IANA name: Europe/Lisbon. One that nobody knows says nothing"
    )


NOBODY = Person.model_construct(id="")


class Upload(Said):
    """A file that comes with a message."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    type: Annotated[str, Field(max_length=127, pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$")] = "application/octet-stream"
    content: Base64 = Field(description="its bytes, as base64 (RFC 4648 §4)")

    def bytes(self) -> bytes:
        return base64.b64decode(self.content)


class NewMessage(Said):
    """A message of a customer. It goes on in the thread's open ticket or opens one; or it names a ticket, or a message
    that it answers.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [{"anyOf": _SOMEWHERE}, {"anyOf": _SOMETHING}],
        }
    )

    text: Words = Field(
        "", description="what they wrote, as plain text; a file may come without words", json_schema_extra=_absent
    )
    thread: Key = Field(
        "",
        description="your own key of the conversation: a chat, an order, a call. Answers name it",
        json_schema_extra=_absent,
    )
    ticket: Number = Field(0, description="a ticket of yours that it belongs to", json_schema_extra=_absent)
    in_reply_to: Number = Field(0, description="the id of a message that it answers", json_schema_extra=_absent)
    person: Person = Field(NOBODY, description="default: the thread is one person's", json_schema_extra=_absent)
    subject: Line = Field("", description="what a new ticket is called; default: its first words")
    language: Language = Field("", description="where the words are too few to tell", json_schema_extra=_absent)
    urgency: Urgency = Field(
        0,
        description="how urgent a new ticket is, from 0 to 3, unless a rule of the desk says otherwise. It needs the "
        "scope messages:urgency",
        json_schema_extra=_absent,
    )
    written_by: Literal["person", "machine", "autoresponder"] = Field(
        "person",
        description="a machine (a form, a monitor) opens a ticket and is not written to by the desk itself; an "
        "autoresponder (away from the desk) opens none",
    )
    files: Annotated[list[Upload], Field(min_length=1, max_length=MOST_FILES)] = Field([], json_schema_extra=_absent)

    @model_validator(mode="after")
    def _says_something_somewhere(self) -> NewMessage:
        if not (self.thread or self.ticket or self.in_reply_to):
            raise PydanticCustomError("no_place", "it belongs nowhere")
        if not (self.text or self.files):
            raise PydanticCustomError("no_content", "it says nothing")
        return self


class OtherText(Said):
    """Other words of a message that was brought before."""

    text: Words


class Change(Said):
    """What becomes of a ticket."""

    status: Literal["open", "closed"]


class Wanted(BaseModel):
    """Which tickets are asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    thread: Key = Field("", description="those of this conversation", json_schema_extra=_absent)
    status: Literal["", "new", "open", "pending", "on_hold", "closed"] = ""
    after: Annotated[int, Field(ge=0, le=_LARGEST_NUMBER)] = Field(0, description="those with a higher number")
    limit: Annotated[int, Field(ge=1, le=100)] = 50


# What we say


class Answer(BaseModel):
    """What the desk says."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Accepted(Answer):
    """A message that the desk has: it is kept, and is understood a moment later."""

    id: int = Field(description="the number under which it came in")
    state: Literal["received", "heard", "kept_out"] = Field(
        description="heard: it is in its ticket; kept_out: it waits for an agent to let it in, or will not be"
    )
    ticket: int | None = None
    message: int | None = Field(None, description="its id in the ticket")


class TicketNow(Answer):
    """A ticket."""

    number: int
    thread: str
    status: Literal["new", "open", "pending", "on_hold", "closed"]
    goes_on: Literal["here", "elsewhere"] = Field(
        description="elsewhere: its customer is answered on another channel now. Its status is told all the same; what "
        "is said there is not. Once the customer writes by you again, it goes on here"
    )
    subject: str = Field(description="what it is called; empty where it was opened on another channel")
    language: str | None
    opened_at: datetime | None
    closed_at: datetime | None


class Tickets(Answer):
    """Some tickets; `next` is what to ask for as `after` where there are more."""

    tickets: list[TicketNow]
    next: int | None


class FileNow(Answer):
    """A file of a message. Its bytes are at `href`, by the token of the source."""

    name: str
    type: str
    size: int
    href: str


class MessageNow(Answer):
    """What was said in a ticket: by its customer (`requester`), by an agent (`reply`), by the desk itself."""

    id: int
    ticket: int
    part: Literal["requester", "reply", "acknowledgement", "reminder", "closing", "notice"]
    author: str
    text: str
    language: str | None
    at: datetime
    edited_at: datetime | None
    files: list[FileNow]


class Messages(Answer):
    """Everything that a customer may see of a ticket, oldest first."""

    messages: list[MessageNow]


class Data(Answer):
    """What a webhook is about: the ticket as it was then, and the message where it is about one."""

    ticket: TicketNow
    message: MessageNow | None = None


class Webhook(Answer):
    """What the desk posts to a source's URL. `message.created` is to be brought to the customer; the other types are
    told to who asked for them.
    """

    type: Literal["message.created"] | Told
    timestamp: datetime
    data: Data


class WaitingTicket(Answer):
    """A ticket as far as whoever is on call needs it: it may be nobody's of this source."""

    number: int
    queue: str
    urgency: int


class Waiting(Answer):
    """That a ticket waits for somebody of the desk's."""

    ticket: WaitingTicket
    step: int
    important: bool
    late: bool


class TicketWaits(Answer):
    """What a ladder posts to the source that one of its steps names ("webhook:NAME"), whoever's ticket it is."""

    type: Literal["ticket.waits"] = "ticket.waits"
    timestamp: datetime
    data: Waiting


class Fault(Answer):
    """One thing that is not right: in the body at `pointer` (a JSON Pointer, RFC 6901), or in the query's
    `parameter`. `code` stays; `detail` is for people.
    """

    pointer: str | None = None
    parameter: str | None = None
    code: str
    detail: str


class Problem(Answer):
    """What went wrong, by RFC 9457. `code` stays, for programs; `title` and `detail` are for people, in the language of
    Accept-Language.
    """

    type: str
    code: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
