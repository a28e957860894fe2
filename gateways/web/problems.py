"""What went wrong, as problem+json (RFC 9457), in a sentence that says what to do, in the asker's language."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web
from pydantic import ValidationError

from core.desk.bringing import GoesOnElsewhere, OtherWords, TooFast, seconds_of
from core.phrases import DeskError, NotFound, Phrase, Refused, phrase
from core.storage.database import StoreDown
from core.templates.locales import SOURCE, negotiate, translate
from gateways.web.bodies import LARGEST, Fault, Problem
from gateways.web.faults import Flaw, flaws_of

log = logging.getLogger(__name__)

TYPE = "application/problem+json"

_TITLES = {
    400: phrase("That cannot be read"),
    401: phrase("Nobody knows who asks"),
    403: phrase("That is not allowed"),
    404: phrase("There is no such thing"),
    405: phrase("That cannot be done there"),
    408: phrase("That took too long"),
    409: phrase("That contradicts what came before"),
    413: phrase("That is too large"),
    415: phrase("That is no form that is understood here"),
    422: phrase("That is not right"),
    429: phrase("That is too much at once"),
    503: phrase("The desk cannot do it now"),
}
_FAILED = phrase("Something went wrong here")

_CODES = {
    400: "unreadable",
    401: "unknown-token",
    403: "scope-missing",
    404: "not-found",
    405: "method-unknown",
    408: "too-slow",
    409: "key-reused",
    413: "too-large",
    415: "form-unknown",
    422: "not-right",
    429: "too-fast",
    503: "unavailable",
}
"""What programs go by where nothing more exact is said. These stay as they are."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Wrong(DeskError):
    """An answer that says no. `code` where the status does not say enough to a program."""

    def __init__(
        self,
        status: int,
        said: Phrase,
        flaws: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
        code: str = "",
    ):
        super().__init__(said)
        self.status, self.flaws, self.headers = status, tuple(flaws), dict(headers or {})
        self.code = code or _CODES.get(status, "desk-failed")


def not_right(error: ValidationError, in_query: bool = False) -> Wrong:
    """What does not fit its model, thing by thing."""
    said = phrase("What was sent is not right; errors says where. The form is in openapi.json.")
    return Wrong(422, said, flaws_of(error, in_query))


def too_large() -> Wrong:
    said = phrase("A request takes at most {megabytes} MB.", megabytes=LARGEST // 2**20)
    return Wrong(413, said, headers={"Connection": "close"})


@web.middleware
async def speaking(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is said in one form."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        return problem(request, Wrong(error.status, _plain(error.status), headers=kept))
    except DeskError as error:
        return problem(request, as_wrong(error))
    except ConnectionError:
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        said = phrase("The desk has a fault, which is in its log. Try again later, with the same Idempotency-Key.")
        return problem(request, Wrong(500, said))


def as_wrong(error: DeskError) -> Wrong:
    match error:
        case Wrong():
            return error
        case StoreDown():
            return Wrong(503, error.phrase, headers={"Retry-After": "5"})
        case TooFast():
            return Wrong(429, error.phrase, headers={"Retry-After": str(seconds_of(error.after))})
        case OtherWords():
            return Wrong(409, error.phrase)
        case GoesOnElsewhere():
            return Wrong(409, error.phrase, code="goes-on-elsewhere")
        case NotFound():
            return Wrong(404, error.phrase)
        case Refused():
            return Wrong(422, error.phrase)
        case _:
            return Wrong(503, error.phrase)


def problem(request: web.Request, wrong: Wrong) -> web.Response:
    """As the asker reads it."""
    wanted = [one.partition(";")[0].strip() for one in request.headers.get("Accept-Language", "")[:200].split(",")]
    locale = negotiate(*wanted) or SOURCE
    body = Problem(
        type="about:blank",
        code=wrong.code,
        title=translate(_TITLES.get(wrong.status, _FAILED), locale),
        status=wrong.status,
        detail=translate(wrong.phrase, locale),
        errors=[_fault(one, locale) for one in wrong.flaws] or None,
    ).model_dump_json(exclude_none=True)
    return web.Response(
        body=body.encode(),
        status=wrong.status,
        headers={**wrong.headers, "Content-Type": TYPE, "Content-Language": locale},
    )


def _fault(flaw: Flaw, locale: str) -> Fault:
    said = translate(flaw.said, locale)
    if flaw.in_query:
        return Fault(parameter=str(flaw.where[0]) if flaw.where else None, code=flaw.code, detail=said)
    return Fault(pointer=flaw.pointer, code=flaw.code, detail=said)


def _plain(status: int) -> Phrase:
    return {
        404: phrase("Nothing is served at this address. What there is: /api/v1/openapi.json"),
        405: phrase("This address does not take this method; Allow says which it takes."),
        413: phrase("A request takes at most {megabytes} MB.", megabytes=LARGEST // 2**20),
    }.get(status, phrase("The request cannot be read."))
