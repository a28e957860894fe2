"""A mail server that brings mail to a desk, and what it is told."""

from __future__ import annotations

import aiosmtplib


async def deliver(
    port: int, raw: bytes, sender: str = "carla@example.com", to: str = "support@desk.example"
) -> tuple[int, str]:
    """The code and the words that a mail is answered with, by whichever command."""
    try:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=60, start_tls=False) as server:
            _, said = await server.sendmail(sender, [to], raw)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return refused.recipients[0].code, refused.recipients[0].message
    except aiosmtplib.SMTPResponseException as refused:
        return refused.code, refused.message
    return 250, said
