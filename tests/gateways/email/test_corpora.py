"""Mails of others, where they are at hand (CORPORA=DIR): every one is read, and gives what can be kept."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateways.email.explain import explain_raw
from gateways.email.vouching.canonical import bare
from gateways.email.vouching.dkim import check, read_key, read_signature
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


GAMMA = (  # gamma._domainkey.gmail.com, as it stood in DNS until 2012
    b"k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDIhyR3oItOy22ZOaBrIVe9m/iME3RqOJeasANSpg2YTHTYV+Xtp4xwf5gTjCmH"
    b"QEMOs0qYu0FYiNQPQogJ2t0Mfx9zNu06rfRBDjiIU9tpx2T+NGlWZ8qhbiLo5By8apJavLyqTLavyPSrvsx0B3YzC63T4Age2CDqZYA+OwSM"
    b"WQIDAQAB"
)


def test_signatures_of_gmail_of_2009_hold_on_the_mails_that_no_list_has_changed():
    found = {}
    for path in mails("notmuch"):
        if b"s=gamma" in (raw := path.read_bytes()):
            mail = bare(raw)
            signature = read_signature(next(one for one in mail.fields if one.key == "dkim-signature"))
            at = datetime(2009, 11, 20, tzinfo=UTC)
            found[path.name] = check(mail, signature, read_key(GAMMA), at, hashed={})
    assert sorted(name for name, why in found.items() if why is None) == [
        "1382298587.002228:2,",
        "1382298587.004582:2,",
        "1382298770.004582:2,",
    ]
    assert set(found.values()) == {None, "the text was changed on its way", "its header was changed on its way"}
