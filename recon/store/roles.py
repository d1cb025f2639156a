"""The role the application works in: it owns nothing, and where history is kept it may only add.

Whoever connects (`tieout`, or the user of DATABASE_URL) owns the tables and migrates them. An owner may switch triggers
off and drop tables, so every connection of the application first steps down to a role of its own, named after the
login: `tieout_app`. Roles belong to the whole server; named so, two installations on one server do not share theirs.

What the role may do is read from the catalogue after every migration, so a new table needs nothing said here:

- a table whose changes are refused by a trigger (`refuse_change`): read, and add rows without their number and time,
  which the database gives;
- the journal: read and add; only a rebuild, by the owner, corrects it;
- every other table: read, add, change, delete. Nothing may be truncated, altered or dropped.

A server that lets nobody make roles leaves the triggers alone to hold; `shortfall` says so.
"""

from __future__ import annotations

from typing import Final

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

SUFFIX: Final = "_app"

ADDED_TO: Final = ("account", "journal_entry", "journal_line", "customer", "holding_movement")
"""Projections nothing but a rebuild ever changes. Balances change with every entry."""

LOST_RACES: Final = ("23505", "42710", "XX000")
"""Another database's migration made the same role, or the same member of it, at the same moment."""

_ROLE: Final = f"left(session_user::text, {63 - len(SUFFIX)}) || '{SUFFIX}'"
_MAY_SET: Final = "case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end"

STEP_DOWN: Final = f"""
select set_config('role', rolname, false) from pg_roles
 where rolname = {_ROLE} and pg_has_role(session_user, oid, {_MAY_SET})
"""  # noqa: S608 - our own text, here and below
"""Becomes the application's role for the rest of the session; nothing happens where there is none."""


def step_down(connection: psycopg.Connection) -> None:
    """For a new connection, before its first transaction."""
    connection.autocommit = True  # a setting made in a transaction would end with its rollback
    connection.execute(STEP_DOWN)
    connection.autocommit = False


async def step_down_async(connection: psycopg.AsyncConnection) -> None:
    """The same for psycopg's pool of asynchronous connections."""
    await connection.set_autocommit(True)
    await connection.execute(STEP_DOWN)
    await connection.set_autocommit(False)


def as_owner(connection: Connection) -> None:
    """Until its transaction ends the connection is the login again: for migrations, and what else only an owner may."""
    connection.execute(text("set local role none"))


def is_settled(connection: Connection) -> bool:
    """Whether the role has its grants, or cannot be had. Cheap: every command asks."""
    return bool(connection.execute(text(_SETTLED)).scalar_one())


def grant(connection: Connection) -> None:
    """Make the role if it is missing and may be made, and give it what it needs of every table that is ours."""
    if not _is_usable(connection) and _may_make_roles(connection):
        _make(connection)
    if _is_usable(connection):
        connection.execute(text(_GRANT))


def shortfall(engine: Engine) -> str | None:
    """What is missing, and what to do about it, in plain words; None when nothing is."""
    with engine.connect() as connection:
        if _is_usable(connection):
            return None
        login, role = connection.execute(text(f"select session_user::text, {_ROLE}")).one()
    return (
        f"History is protected by triggers only: {login} may not make the role {role}, in which the application would "
        f'not own its tables. An administrator can: create role "{role}"; grant "{role}" to "{login}"; '
        "then migrate again."
    )


def _is_usable(connection: Connection) -> bool:
    return bool(connection.execute(text(f"select exists ({_USABLE})")).scalar_one())


def _may_make_roles(connection: Connection) -> bool:
    return bool(connection.execute(text(_MAY_MAKE)).scalar_one())


def _make(connection: Connection) -> None:
    for statement in (_CREATE, _JOIN):
        try:
            with connection.begin_nested():
                connection.execute(text(statement))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in LOST_RACES:
                raise


_USABLE: Final = f"select oid from pg_roles where rolname = {_ROLE} and pg_has_role(session_user, oid, {_MAY_SET})"  # noqa: S608

_MAY_MAKE: Final = "select rolsuper or rolcreaterole from pg_roles where rolname = session_user"

_OURS: Final = """
pg_class c where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace
             and pg_has_role(session_user, c.relowner, 'USAGE')
"""

_SETTLED: Final = f"""
with role as ({_USABLE})
select case when exists (select from role)
            then not exists (select from {_OURS} and not has_table_privilege((select oid from role), c.oid, 'SELECT'))
            else not ({_MAY_MAKE}) end
"""  # noqa: S608

_CREATE: Final = f"""
do $$ begin execute format('create role %I nologin', {_ROLE}); end $$
"""

_JOIN: Final = f"""
do $$ begin execute format('grant %I to %I', {_ROLE}, session_user); end $$
"""

_GRANT: Final = f"""
do $$
declare
    app text := {_ROLE};
    maintains text := case when current_setting('server_version_num')::int >= 170000 then ', maintain' else '' end;
    one record;
begin
    execute format('grant usage on schema %I to %I', current_schema(), app);
    execute format('grant usage on all sequences in schema %I to %I', current_schema(), app);
    for one in
        select c.oid::regclass as name,
               exists (select from pg_trigger t join pg_proc f on f.oid = t.tgfoid
                        where t.tgrelid = c.oid and f.proname = 'refuse_change') as is_append_only,
               (select string_agg(quote_ident(a.attname), ', ')
                  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
                   and pg_get_expr(d.adbin, d.adrelid) is distinct from 'clock_timestamp()') as given
          from {_OURS}
    loop
        execute format('revoke all on %s from %I', one.name, app);
        execute format('grant %s on %s to %I', case
            when one.is_append_only then 'select, insert (' || one.given || ')'
            when one.name::text in {ADDED_TO} then 'select, insert'
            when one.name::text = 'alembic_version' then 'select'
            else 'select, insert, update, delete' || maintains end, one.name, app);
    end loop;
end
$$
"""  # noqa: S608
