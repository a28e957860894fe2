"""The doors by which mail is handed to the desk, as the settings name them."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

from core.phrases import Refused, phrase
from core.settings import Settings
from core.storage.database import Clock
from gateways.email.doors.arrivals import Arrivals
from gateways.email.doors.certificate import Certificate
from gateways.email.doors.conversation import Conversation
from gateways.email.doors.others import Handing, Submission
from gateways.email.doors.smtp import Intake, Limits, Manner


class Door(NamedTuple):
    """One of them; `setting` is what names its port."""

    intake: Intake
    host: str
    port: int
    setting: str


def doors_of(settings: Settings, arrivals: Arrivals, hostname: str, clock: Clock) -> Generator[Door]:
    """Every door that is to be opened. Raises Refused where one cannot be."""
    certificate = certificate_of(settings)
    limits = Limits(size=settings.smtp_max_size)

    def door(kind: type[Conversation], host: str, port: int, setting: str, limits: Limits = limits) -> Door:
        users = {name.casefold(): secret.get_secret_value() for name, secret in settings.submission_users.items()}
        intake = Intake(
            address=(host, port),
            hostname=hostname,
            serves=arrivals.serves,
            serves_domain=arrivals.serves_domain,
            accept=arrivals.keep,
            now=clock,
            limits=limits,
            manner=Manner(kind, certificate, users if kind is Submission else {}),
        )
        return Door(intake, host, port, setting)

    yield door(Conversation, settings.smtp_host, settings.smtp_port, "SMTP_PORT")
    if settings.lmtp_port is not None:
        # One server speaks for everybody: the limits of each peer are its own business.
        whole = Limits(size=settings.smtp_max_size, connections_per_peer=Limits().connections)
        yield door(Handing, settings.lmtp_host, settings.lmtp_port, "LMTP_PORT", whole)
    if settings.submission_port is not None:
        if certificate is None:
            raise Refused(phrase("SUBMISSION_PORT needs a certificate: passwords go over TLS only. Set SMTP_TLS_CERT."))
        if not all(secret.get_secret_value() for secret in settings.submission_users.values()):
            raise Refused(phrase("SUBMISSION_USERS names somebody without a password."))
        if not settings.submission_users:
            raise Refused(phrase("SUBMISSION_PORT lets nobody in: set SUBMISSION_USERS__NAME=password."))
        yield door(Submission, settings.submission_host, settings.submission_port, "SUBMISSION_PORT")


def certificate_of(settings: Settings) -> Certificate | None:
    """What our doors prove who they are with; None where it is not set. Raises Refused where it cannot be used."""
    if settings.smtp_tls_cert is None:
        return None
    return Certificate(settings.smtp_tls_cert, settings.smtp_tls_key)
