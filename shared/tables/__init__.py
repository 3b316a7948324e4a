"""Tables of a state that can be saved while work goes on: `table`, the `shape` of its rows, `pack` and `columns` at rest."""

from shared.tables.columns import Reader
from shared.tables.shape import Shape
from shared.tables.table import Table

__all__ = ["Reader", "Shape", "Table"]
