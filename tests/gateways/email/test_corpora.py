"""Mails of others, where they are at hand (CORPORA=DIR): every one is read, and gives what can be kept."""

import json
import os
from pathlib import Path

import pytest

from gateways.email.explain import explain_raw
from tests.gateways.email.test_explain import VALID

CORPORA = Path(os.environ.get("CORPORA", "/nonexistent")) / "mail"

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="no corpora at hand: set CORPORA to their folder")


def mails(folder: str) -> list[Path]:
    return [
        path for path in sorted((CORPORA / folder).rglob("*")) if path.is_file() and path.suffix not in (".json", ".md")
    ]


@pytest.mark.parametrize(
    "folder", sorted(path.name for path in CORPORA.iterdir() if path.is_dir()) if CORPORA.is_dir() else []
)
def test_every_mail_is_read(folder):
    for path in mails(folder):
        explained = explain_raw(path.read_bytes())
        VALID.validate(explained)
        assert json.dumps(explained, ensure_ascii=False).encode()
