"""The pool of connections, and where it leads."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from recon.config import Settings
from recon.store.engine import DatabaseNotStarted, NotADatabaseUrl, connect, connection_string, database_url


def test_each_test_has_a_database_of_its_own(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("insert into feed (name, created_by) values ('bank', 'me')"))
        assert connection.execute(text("select count(*) from feed")).scalar() == 1


def test_the_next_test_sees_nothing_of_it(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from feed")).scalar() == 0


def test_the_application_is_no_superuser(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("select rolsuper from pg_roles where rolname = current_user")).scalar() is False


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_a_server_is_reached_by_psycopg_whatever_its_address_says(scheme: str) -> None:
    settings = Settings(DATABASE_URL=f"{scheme}://ann:s%40crET@db.example:6432/books", _env_file=None)
    assert database_url(settings).drivername == "postgresql+psycopg"
    assert connection_string(settings) == "postgresql://ann:s%40crET@db.example:6432/books"


@pytest.mark.parametrize("url", ["mysql://a@b/c", "sqlite:///x.db", "postgresql", "host=/tmp dbname=x", "db.example"])
def test_an_address_that_is_not_postgresql_is_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(NotADatabaseUrl, match="looks like postgresql://"):
        connect(Settings(DATABASE_URL=url, _env_file=None))


def test_without_a_started_database_the_sentence_says_how_to_start_it(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotStarted, match="make run"):
        connect(Settings(DATABASE_URL=None, RECON_HOME=tmp_path, _env_file=None))
