"""Statements that run for every mail: compiled once, and run on the driver's own cursor.

Building a statement costs 60 to 90 µs, running a built one through SQLAlchemy 15, running it in SQLite 2. What runs two
dozen times for a mail goes the short way; everything else is said to SQLAlchemy as usual.
"""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from core.storage.database import Tx

S = TypeVar("S")
Values = Mapping[str, Any]
Convert = Callable[[Any], Any] | None

_NEEDED = object()


def on_each(build: Callable[[Any], S]) -> Mapping[bool, S]:
    """A statement that needs its database's own `insert`, by `Tx.pg`."""
    return {True: build(postgresql.insert), False: build(sqlite.insert)}


def on_either(build: Callable[[bool], S]) -> Mapping[bool, S]:
    """A statement that says something differently on PostgreSQL, by `Tx.pg`."""
    return {pg: build(pg) for pg in (True, False)}


class _Listed(sa.types.TypeDecorator[Sequence[Any]]):
    """Strings or numbers as a JSON array, which SQLite can look into."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[Any] | None, dialect: sa.Dialect) -> str:
        return json.dumps(list(value or ()))


def among(pg: bool, column: sa.ColumnElement[Any], name: str, type_: Any = sa.String) -> sa.ColumnElement[bool]:
    """Whether a column is one of the values in this parameter. Unlike IN, it says the same however many they are."""
    if pg:
        listed: Any = sa.bindparam(name, type_=postgresql.ARRAY(type_))
        return column == sa.any_(listed)
    values = sa.func.json_each(sa.bindparam(name, type_=_Listed)).table_valued("value")
    return column.in_(sa.select(values.c.value))


class _Rows(sa.types.TypeDecorator[Sequence[Values]]):
    """Rows as one JSON array, times in words."""

    impl = postgresql.JSONB
    cache_ok = True

    def process_bind_param(self, value: Sequence[Values] | None, dialect: sa.Dialect) -> list[Values]:
        return [
            {name: cell.isoformat() if isinstance(cell, datetime) else cell for name, cell in row.items()}
            for row in value or ()
        ]


def rows_in(name: str, columns: Sequence[sa.Column[Any]]) -> sa.TableValuedAlias:
    """The rows in this parameter, for PostgreSQL: as many as there are go in one statement."""
    listed = sa.func.jsonb_to_recordset(sa.bindparam(name, type_=_Rows))
    cells = (sa.column(column.name, column.type) for column in columns)
    return listed.table_valued(*cells).render_derived(name=name, with_types=True)


def cells_of(table: sa.Table, but: Collection[str] = ()) -> dict[sa.Column[Any], sa.BindParameter[Any]]:
    """A parameter for each column of a table; what nobody names is what stands there when nobody says."""
    usual = _defaults(table)
    return {
        c: sa.bindparam(c.name, usual[c.name], type_=c.type) if c.name in usual else sa.bindparam(c.name, type_=c.type)
        for c in table.columns
        if c.name not in but
    }


class Prepared:
    """A statement whose words are fixed: no IN with a list. `columns`: those that an insert or update sets.

    Rows are named tuples. Errors are SQLAlchemy's, handled as its own.
    """

    def __init__(self, statement: Any, columns: Sequence[str] = ()):
        self._statement: Mapping[bool, Any] = (
            statement if isinstance(statement, Mapping) else {True: statement, False: statement}
        )
        self._columns = list(columns)
        self._compiled: dict[bool, _Compiled] = {}

    def rows(self, tx: Tx, values: Values) -> list[Any]:
        compiled = self._of(tx)
        cursor = compiled.run(tx, values)
        try:
            return [compiled.row(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def first(self, tx: Tx, values: Values) -> Any | None:
        """The first row, if there is one."""
        compiled = self._of(tx)
        cursor = compiled.run(tx, values)
        try:
            row = cursor.fetchone()
            return None if row is None else compiled.row(row)
        finally:
            cursor.close()

    def value(self, tx: Tx, values: Values) -> Any | None:
        """The first column of the first row."""
        row = self.first(tx, values)
        return None if row is None else row[0]

    def run(self, tx: Tx, values: Values) -> None:
        """For its effect."""
        self._of(tx).run(tx, values).close()

    def run_each(self, tx: Tx, rows: Sequence[Values]) -> None:
        """For its effect, once for each of these."""
        compiled = self._of(tx)
        if len(rows) == 1:
            compiled.run(tx, rows[0]).close()
        elif rows:
            compiled.run_each(tx, rows).close()

    def _of(self, tx: Tx) -> _Compiled:
        found = self._compiled.get(tx.pg)
        if found is None:
            found = self._compiled[tx.pg] = _compile(self._statement[tx.pg], self._columns, tx.sql.dialect)
        return found


class _Compiled(NamedTuple):
    """A statement in one database's words, with what turns our values into the driver's and back."""

    sql: str
    binds: tuple[tuple[str, Any, Convert], ...]  # name, what stands there when nobody names it, conversion
    by_name: bool  # the driver takes a mapping, not a tuple
    make: Callable[[Sequence[Any]], Any]
    converts: tuple[tuple[int, Callable[[Any], Any]], ...]

    def run(self, tx: Tx, values: Values) -> Any:
        return _do(tx.sql, "execute", self.sql, self._bound(values))

    def run_each(self, tx: Tx, rows: Sequence[Values]) -> Any:
        return _do(tx.sql, "executemany", self.sql, [self._bound(values) for values in rows])

    def row(self, row: Sequence[Any]) -> Any:
        if self.converts:
            changed = list(row)
            for at, convert in self.converts:
                changed[at] = convert(changed[at])
            row = changed
        return self.make(row)

    def _bound(self, values: Values) -> Any:
        if self.by_name:
            return {name: _converted(values, name, default, convert) for name, default, convert in self.binds}
        return [_converted(values, name, default, convert) for name, default, convert in self.binds]


def say(connection: sa.Connection, words: str) -> None:
    """Run a statement that is nothing but its words."""
    _do(connection, "execute", words, ()).close()


def _do(connection: sa.Connection, how: str, words: str, bound: Any) -> Any:
    cursor = connection.connection.cursor()
    try:
        getattr(cursor, how)(words, bound)
    except connection.dialect.loaded_dbapi.Error as error:
        # SQLAlchemy's own handling: it wraps the error, and forgets connections that are gone.
        connection._handle_dbapi_exception(error, words, bound, cursor, None)  # pyright: ignore[reportPrivateUsage]
    return cursor


def _converted(values: Values, name: str, default: Any, convert: Convert) -> Any:
    if name not in values and default is not _NEEDED:
        return default
    return values[name] if convert is None else convert(values[name])


def _compile(statement: Any, columns: Sequence[str], dialect: sa.Dialect) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns) or None)
    usual = {name: value for name, value in compiled.params.items() if not compiled.binds[name].required}
    usual |= _defaults(statement.table) if isinstance(statement, sa.Insert) else {}
    returned: list[Any] = list(statement.exported_columns)
    processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in returned]
    row: Any = namedtuple("Row", [column.key for column in returned], rename=True)  # pyright: ignore
    return _Compiled(
        sql=compiled.string,
        binds=tuple(
            (name, usual.get(name, _NEEDED), compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or compiled.bind_names.values()
        ),
        by_name=not compiled.positional,
        make=row._make,
        converts=tuple((at, convert) for at, convert in enumerate(processors) if convert is not None),
    )


def _defaults(table: Any) -> dict[str, Any]:
    """What stands in columns that nobody names."""
    nothing: dict[str, Any] = {column.key: None for column in table.columns if column.nullable}
    found: list[tuple[str, Any]] = [(column.key, column.default) for column in table.columns]
    return nothing | {key: default.arg for key, default in found if default is not None and default.is_scalar}
