"""What the bare parts do on this machine in this run: an echo over FastAPI, a durable insert into SQLite."""

import sqlite3
import sys
import time
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.requests import Request
from fastapi.responses import Response


def durable_inserts(folder: Path, seconds: float = 2.0) -> list[float]:
    """Seconds each insert took, each its own commit with fsync."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, content BLOB)")
    content, end, took = b"x" * 500, time.perf_counter() + seconds, []
    while (began := time.perf_counter()) < end:
        connection.execute("INSERT INTO bare (content) VALUES (?)", (content,))
        took.append(time.perf_counter() - began)
    connection.close()
    return took


def serve_echo(port: int) -> None:
    """Answer every form with what it sent."""
    app = FastAPI()

    async def echo(request: Request) -> Response:
        return Response(await request.body(), 202, media_type="application/json")

    app.add_api_route("/in/forms/{key}", echo, methods=["POST"])
    uvicorn.run(app, port=port, log_level="warning", access_log=False, loop="uvloop")


if __name__ == "__main__":
    serve_echo(int(sys.argv[1]))
