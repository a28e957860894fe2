"""The OpenAPI document: valid, and what it promises is so, whatever is sent."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok

from core.tickets.sources import Scope
from gateways.web.api import Api
from gateways.web.bodies import NewMessage
from tests.world import World

EXAMPLES = 4


@contextmanager
def served(world: World) -> Generator[str]:
    """The API on a thread of its own; where it is."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    found: list[int] = []

    async def serve() -> None:
        app = web.Application()
        Api(world.desk).add_to(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        found.append(runner.addresses[0][1])
        ready.set()
        await asked.wait()
        await runner.cleanup()

    asked = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield f"http://127.0.0.1:{found[0]}/api/v1"
    finally:
        loop.call_soon_threadsafe(asked.set)
        thread.join()
        loop.close()


@pytest.fixture
def document(sqlite_url: str, tmp_path: Path) -> dict[str, Any]:
    with World(sqlite_url, tmp_path) as world:
        return json.loads(Api(world.desk)._document)  # pyright: ignore[reportPrivateUsage]


def test_whatever_is_sent_the_document_is_kept(sqlite_url: str, tmp_path: Path, document: dict[str, Any]) -> None:
    with World(sqlite_url, tmp_path) as world, served(world) as url:
        token = world.desk.add_source("shop", tuple(Scope)).token
        for result in schemathesis.openapi.from_dict(document).get_all_operations():
            assert isinstance(result, Ok)
            for mode in GenerationMode:
                asks(world, result.ok(), mode, url, token)


def asks(world: World, operation: APIOperation, mode: GenerationMode, url: str, token: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        world.now += timedelta(seconds=1)  # it keeps to our pace
        case.call_and_validate(base_url=url, headers={"Authorization": f"Bearer {token}"})

    ask()


def test_the_models_and_their_schema_say_the_same(document: dict[str, Any]) -> None:
    """What another program makes of the schema is what we make of the model."""
    schema = {"$ref": "#/components/schemas/NewMessage", **document}
    for said, is_right in (
        ({"text": "Hello", "thread": "1"}, True),
        ({"thread": "1", "files": [{"name": "a.txt", "content": "aGVsbG8="}]}, True),
        ({"text": "Hello"}, False),
        ({"thread": "1"}, False),
        ({"text": " ", "thread": "1"}, False),
        ({"text": "Hello", "thread": None}, False),
        ({"text": "Hello", "thread": "1", "files": [{"name": "a.txt", "content": "no base64"}]}, False),
        ({"text": "Hello", "thread": "1", "colour": "red"}, False),
        ({"text": "Hello", "ticket": 0}, False),
        ({"text": "Hello", "ticket": "7"}, False),
    ):
        assert jsonschema.Draft202012Validator(schema).is_valid(said) is is_right, said
        try:
            NewMessage.model_validate_json(json.dumps(said))
        except ValueError:
            assert not is_right, said
        else:
            assert is_right, said
