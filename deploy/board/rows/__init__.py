"""The rows of the board, from top to bottom."""

from deploy.board.panel import Row
from deploy.board.rows import deliveries, doors, glance, pipeline, promises, running, tickets

ROWS: tuple[Row, ...] = (
    glance.ROW,
    doors.ROW,
    tickets.ROW,
    pipeline.ROW,
    promises.ROW,
    deliveries.ROW,
    running.ROW,
)
