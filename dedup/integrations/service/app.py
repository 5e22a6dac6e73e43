"""The routes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from importlib.resources import files
from typing import Annotated, Any

from fastapi import FastAPI, Query, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.requests import Request

from dedup.integrations.service.gate import App, Gate
from dedup.integrations.service.messages import Add, Check, Compare, Done, Refused, Remove
from dedup.integrations.service.metrics import CONTENT_TYPE, Metrics
from dedup.integrations.service.queues import Queue
from dedup.integrations.service.schemas import (
    AddedOut,
    ArticleIn,
    ArticlesIn,
    ErrorOut,
    IdsIn,
    MatchOut,
    PairIn,
    RemovedOut,
    ResultOut,
    StateOut,
)
from dedup.integrations.service.settings import ServiceSettings

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

Top = Annotated[int, Query(ge=1, le=1000, description="Matches of an article, the best first.")]
All = Annotated[
    bool, Query(alias="all", description="Also what was compared and found not derived.")
]
MinSpan = Annotated[
    int, Query(ge=0, le=1000, description="Passages of fewer equal words are left out.")
]
Replace = Annotated[bool, Query(description="Put another text into the place of a known id's.")]

_REFUSALS = {
    400: "The body is no JSON.",
    401: "The token is missing or not right.",
    403: "The service only reads.",
    408: "The request took too long to arrive.",
    409: "An id is there, or comes twice, with another text.",
    413: "The request is too large.",
    415: "The body is not sent as JSON.",
    421: "The machine was asked for by a name that is not its own.",
    422: "The request is not as described here.",
    503: "There is no room or time for it now; try again after the seconds of Retry-After.",
}
_ANY = (400, 401, 408, 413, 415, 421, 422, 503)


def create_app(
    settings: ServiceSettings, metrics: Metrics, readers: Queue, writer: Queue | None
) -> App:
    """Make the application.

    Parameters
    ----------
    settings
        The limits.
    metrics
        Counts.
    readers, writer
        Who does what is asked; without a writer nothing can be changed.
    """
    app = FastAPI(
        title="dedup",
        version=version("dedup-wire"),
        description="Find which known article a news text was taken from, how much of it, "
        "and with what credit.",
        docs_url=None,
        redoc_url=None,
    )
    guarded = [Security(HTTPBearer(auto_error=False))] if settings.token is not None else []

    async def write(job: Add | Remove) -> Response:
        if writer is None:
            return _error(403, "this service only reads (--read-only)")
        return _response(await writer.do(job))

    @app.post("/check", responses=_documented(ResultOut, _ANY), dependencies=guarded, tags=["ask"])
    async def check(article: ArticleIn, top: Top = 5, everything: All = False) -> Response:
        """Find which known articles an article was taken from; it is not added."""
        return _response(await readers.do(Check([article.article()], top, everything)))

    @app.post(
        "/check/batch", responses=_documented(ResultOut, _ANY), dependencies=guarded, tags=["ask"]
    )
    async def check_batch(batch: ArticlesIn, top: Top = 5, everything: All = False) -> Response:
        """Find which known articles each of several was taken from; side B of a match is theirs."""
        articles = [one.article() for one in batch.articles]
        return _response(await readers.do(Check(articles, top, everything)))

    @app.post("/compare", responses=_documented(MatchOut, _ANY), dependencies=guarded, tags=["ask"])
    async def compare(pair: PairIn, min_span: MinSpan = 0) -> Response:
        """Compare two articles, with the passages in both; what other stories hold counts less."""
        return _response(
            await readers.do(Compare(pair.a.article("a"), pair.b.article("b"), min_span))
        )

    @app.post(
        "/add",
        responses=_documented(AddedOut, (*_ANY, 403, 409)),
        dependencies=guarded,
        tags=["change"],
    )
    async def add(batch: ArticlesIn, replace: Replace = False) -> Response:
        """Add articles, all of them or none; they are on disk when this is answered."""
        return await write(Add([one.article() for one in batch.articles], replace))

    @app.post(
        "/remove",
        responses=_documented(RemovedOut, (*_ANY, 403)),
        dependencies=guarded,
        tags=["change"],
    )
    async def remove(ids: IdsIn) -> Response:
        """Forget articles, and what the filter decided of them."""
        return await write(Remove(ids.ids))

    @app.get("/health", responses=_documented(StateOut, (421,)), tags=["state"])
    async def health() -> Response:
        """Say that the service answers."""
        return JSONResponse({"status": "ok"})

    @app.get("/ready", responses=_documented(StateOut, (421, 503)), tags=["state"])
    async def ready() -> Response:
        """Say whether it can do what it is asked."""
        if readers.ready and (writer is None or writer.ready):
            return JSONResponse({"status": "ok"})
        return _error(503, "a process of the service is not up")

    @app.get(
        "/metrics",
        responses={**_documented(None, (401, 421)), 200: {"content": {"text/plain": {}}}},
        dependencies=guarded,
        tags=["state"],
    )
    async def read_metrics() -> Response:
        """Give counts and times as Prometheus reads them."""
        return Response(metrics.page(), headers={"content-type": CONTENT_TYPE})

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        page = files("dedup.integrations.service").joinpath("docs.html").read_text("utf-8")
        return HTMLResponse(page, headers={"content-security-policy": _POLICY})

    app.add_exception_handler(RequestValidationError, _not_as_described)
    app.add_exception_handler(HTTPException, _not_served)
    queues: dict[str, Queue | None] = {
        str(getattr(route, "path", "")): None for route in app.routes
    }
    queues |= dict.fromkeys(("/check", "/check/batch", "/compare"), readers)
    queues |= dict.fromkeys(("/add", "/remove"), writer)
    return Gate(app, settings, metrics, queues)


def _response(outcome: Done | Refused) -> Response:
    if isinstance(outcome, Done):
        return Response(outcome.body, media_type="application/json")
    return _error(outcome.status, outcome.message)


def _error(status: int, message: str) -> Response:
    headers = {"retry-after": "1"} if status == 503 else None
    return _Ascii({"error": message}, status, headers)


class _Ascii(JSONResponse):
    """JSON in which whatever a client sent can stand, lone surrogates too."""

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - as Starlette has it
        return json.dumps(content).encode("ascii")


async def _not_served(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {
        400: "the body is not JSON that can be read",
        404: "there is nothing here; /docs says what there is",
        405: "this is not done with this method; /docs says with which",
    }.get(error.status_code, str(error.detail))
    response = _error(error.status_code, said)
    response.headers.update(error.headers or {})
    return response


async def _not_as_described(_: Request, error: Exception) -> Response:
    """Say where the first thing is that is not as described, and what it should be."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = [str(part) for part in first["loc"]]
    if first["type"] == "json_invalid":
        return _error(
            400, f"the body is not valid JSON: {first['ctx']['error']} at character {place[-1]}"
        )
    more = len(error.errors()) - 1
    also = f" (and {more} more)" if more else ""
    return _error(422, f"{'.'.join(place)}: {str(first['msg']).rstrip('.')}{also}")


def _documented(model: Any, refusals: Sequence[int]) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401
    documented: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorOut, "description": _REFUSALS[status]} for status in sorted(refusals)
    }
    if model is not None:
        documented[200] = {"model": model}
    return documented
