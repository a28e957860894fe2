"""`deskbell dkim`: make a key that signs what the desk sends, and say what must stand in DNS for it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from core.desk.opening import wall_clock
from core.phrases import Refused, phrase
from deskbell.opening import read_settings
from deskbell.signing import domain_name, keys_of, selector_name
from deskbell.speaking import speak
from gateways.email.outgoing.signing import SigningKey, new_private, written

_PIECE = 250
"""Characters: a string in DNS holds 255."""


def main(options: argparse.Namespace) -> int:
    """Make one, or show those that are set."""
    if options.what == "show":
        keys = keys_of(read_settings())
        if not keys:
            raise Refused(phrase("No key is set, so nothing is signed. To make one: deskbell dkim new DOMAIN"))
        for key in keys:
            _print_record(key)
        return 0
    if not options.domain:
        raise Refused(phrase("For which domain? deskbell dkim new DOMAIN"))
    domain = domain_name(options.domain)
    month = f"desk{wall_clock():%Y%m}{'e' if options.ed25519 else ''}"
    key = SigningKey(domain, selector_name(options.selector or month), new_private(short=options.ed25519))
    path = Path(options.file) if options.file else read_settings().var / "dkim" / f"{key.selector}.{domain}.pem"
    _keep(path, written(key.private))
    speak(phrase("The key is in {path}. Put this into DNS:", path=str(path)))
    _print_record(key)
    speak(phrase("When it stands there (deskbell doctor looks), put this into .env and start the desk again:"))
    setting = key.selector.upper().replace("-", "_").replace(".", "_")
    for name, value in (("DOMAIN", domain), ("SELECTOR", key.selector), ("KEY_FILE", str(path))):
        print(f"DKIM__{setting}__{name}={value}")
    return 0


def _print_record(key: SigningKey) -> None:
    pieces = [key.record[at : at + _PIECE] for at in range(0, len(key.record), _PIECE)]
    print(f"{key.name}. TXT " + " ".join(f'"{piece}"' for piece in pieces))


def _keep(path: Path, pem: bytes) -> None:
    """For the desk alone to read; a key that is there already stays."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    except FileExistsError as error:
        raise Refused(
            phrase("{path} is there already, and stays. Choose another --selector or --file.", path=str(path))
        ) from error
    except OSError as error:
        cause = error.strerror or str(error)
        raise Refused(phrase("{path} cannot be written: {cause}", path=str(path), cause=cause)) from error
