"""Makes the file fit the declared collections: new tables, new indexed fields filled from the bodies, old ones gone."""

import sqlite3
from collections.abc import Sequence

from shared.documents import Collection
from shared.sqlite import Statement, WrongFile, claim, transact
from shared.stores.declared import checked
from shared.stores.sqlite_table import Table

KIND, VERSION = 0x53414E44, 1  # "SAND"


def prepare(connection: sqlite3.Connection, collections: Sequence[Collection]) -> dict[str, Table]:
    """The tables of all collections, by name. Raises ValueError for a wrong declaration, WrongFile."""
    claim(connection, KIND, VERSION)
    tables = {}
    for collection in checked(collections):
        table = tables[collection.name] = Table(collection)
        if changes := [*_columns(connection, table), *_indexes(connection, table)]:
            try:
                transact(connection, changes)
            except sqlite3.IntegrityError as error:
                raise WrongFile(f"{collection.name} holds documents that are to be unique and are not") from error
    return tables


def _columns(connection: sqlite3.Connection, table: Table) -> list[Statement]:
    found = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
    if not found:
        fields = "".join(f", {column}" for column in table.columns.values())
        columns = "desk TEXT NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, content BLOB"
        return [(f"CREATE TABLE {table.name} ({columns}{fields}, UNIQUE (desk, key))", ())]
    changes: list[Statement] = []
    for field, column in table.columns.items():
        if f"f_{field}" not in found:
            changes.append((f"ALTER TABLE {table.name} ADD COLUMN {column}", ()))
            fill = f"UPDATE {table.name} SET {column} = json_extract(CAST(body AS TEXT), ?)"
            changes.append((fill, (f"$.{field}",)))
    return changes


def _indexes(connection: sqlite3.Connection, table: Table) -> list[Statement]:
    """Indexes before columns: one that is still indexed cannot be dropped."""
    name = table.collection.name
    wanted = {
        f"{name} by {field}": f"INDEX %s ON {table.name} (desk, {column}, key)"
        for field, column in table.columns.items()
    }
    for unique in table.collection.unique:
        columns = ", ".join(table.columns[field] for field in unique)
        wanted[f"{name} unique {' '.join(unique)}"] = f"UNIQUE INDEX %s ON {table.name} (desk, {columns})"
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND name GLOB ?", (f"{name} *",))
    found = {row[0] for row in rows}
    columns_found = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})") if row[1][:2] == "f_"}
    gone = columns_found - {f"f_{field}" for field in table.fields}
    return [
        *((f'DROP INDEX "{index}"', ()) for index in sorted(found - set(wanted))),
        *((f'ALTER TABLE {table.name} DROP COLUMN "{column}"', ()) for column in sorted(gone)),
        *(("CREATE " + create % f'"{index}"', ()) for index, create in wanted.items() if index not in found),
    ]
