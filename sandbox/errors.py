"""What the sandbox answers when it will not do as asked: Slack's error codes, and what a person on the page sees."""

from typing import Any

Json = dict[str, Any]


class SandboxError(Exception):
    """A refusal with Slack's error code; `details` are further fields of the answer (`errors`, `response_metadata`)."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(f"{code} {details}" if details else code)
        self.code = code
        self.details = details
