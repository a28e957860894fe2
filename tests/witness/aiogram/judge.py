"""What is wrong with something that a Bot API gave, by what aiogram knows of Telegram's types."""

from typing import Any

from aiogram import types
from pydantic import BaseModel, ValidationError


def unknown(value: Any, where: str) -> list[str]:
    """Fields that Telegram has not, as far as aiogram knows."""
    if isinstance(value, BaseModel):
        found = [f"{where}.{name} is unknown" for name in value.model_extra or {}]
        for name in type(value).model_fields:
            found += unknown(getattr(value, name), f"{where}.{name}")
        return found
    if isinstance(value, (list, tuple)):
        return [one for n, each in enumerate(value) for one in unknown(each, f"{where}[{n}]")]
    return []


def judged(kind: str, value: Any) -> list[str]:
    """Complaints about a value of a type of Telegram's."""
    try:
        return unknown(getattr(types, kind).model_validate(value), kind)
    except ValidationError as error:
        return [f"{kind}: {one['loc']}: {one['msg']}" for one in error.errors()]
