"""Who asked is gone before all of the question had come: nobody is to be answered, and nothing is wrong with us."""

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect


def let_go(app: FastAPI) -> None:
    """Let *app* end a request that was cut off without a word: told as a fault, many would fill the log and hold all threads."""

    @app.exception_handler(ClientDisconnect)
    async def gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=400)
