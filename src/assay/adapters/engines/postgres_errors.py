"""What PostgreSQL's errors mean, in our words. No message of ours holds a password, whatever the driver says."""

from typing import Any

from assay.adapters.engines.table_files import refusal
from assay.core.near import near_miss
from assay.core.problem import EvidenceError

INSTALL = 'pip install "assay[postgres]"'


class Address:
    """Where a database is: what the driver needs, and what people may see of it."""

    def __init__(self, conninfo: str, parts: dict[str, Any]) -> None:
        self.conninfo = conninfo
        self._parts = parts
        self._secrets = [str(parts[name]) for name in ("password", "sslpassword") if parts.get(name)]

    @property
    def database(self) -> str:
        return str(self._parts.get("dbname") or self._parts.get("user") or "the default database")

    @property
    def user(self) -> str:
        return str(self._parts.get("user") or "the default user")

    def __str__(self) -> str:
        host, port = self._parts.get("host") or self._parts.get("hostaddr") or "localhost", self._parts.get("port")
        return f"postgresql://{host}{f':{port}' if port else ''}/{self._parts.get('dbname') or ''}"

    def without_secrets(self, said: str) -> str:
        """A text in one line with stars for every secret of the address."""
        for secret in self._secrets:
            said = said.replace(secret, "***")
        return "; ".join(line.strip() for line in said.splitlines() if line.strip())


def not_installed() -> EvidenceError:
    """The driver is an extra."""
    because = ("psycopg reads PostgreSQL, and it is not installed where Assay runs",)
    return refusal("extra-not-installed", "tables of PostgreSQL cannot be read here", because, INSTALL)


def no_address() -> EvidenceError:
    """What was said of the database is no address; it is not shown, for it may hold a password."""
    because = ("it reads neither as postgresql://USER@HOST/DATABASE nor as host=HOST dbname=DATABASE",)
    return refusal("no-address", "the address of the PostgreSQL database does not read", because, "correct the address")


def not_connected(error: Exception, address: Address) -> EvidenceError:
    """Why there is no session. Before there is one, the server's words are all that tells."""
    said = address.without_secrets(str(error))
    lower = said.lower()
    if "password" in lower or "authentication failed" in lower or "pg_hba.conf" in lower or "role" in lower:
        return refusal(
            "login-refused",
            f"{address} does not let {address.user} in",
            (said,),
            "name the right user in the address, and set PGPASSWORD or write the password into ~/.pgpass",
        )
    if "database" in lower and "does not exist" in lower:
        because = (said,)
        return refusal("no-database", f"{address} has no database {address.database}", because, "correct the address")
    return refusal(
        "no-server",
        f"{address} cannot be reached",
        (said,),
        "start the server, or correct host and port of the address",
    )


def no_table(address: Address, name: str, known: list[str]) -> EvidenceError:
    """No table of that name, or none that this user sees."""
    near = near_miss(name, known) or near_miss(f"public.{name}", known)
    because = f"{address.user} sees {len(known)} tables and views there" if known else f"{address.user} sees no table"
    fix = f"did you mean {near}?" if near else "write SCHEMA.TABLE as the database spells it"
    return refusal("no-such-table", f"{address} has no table {name}", (because,), fix)


def no_right(address: Address, name: str, user: str) -> EvidenceError:
    """The table is there, and this user may not read it."""
    fix = f"GRANT SELECT ON {name} TO {user}, and USAGE on its schema"
    return refusal("no-right", f"{user} may not read {name} of {address}", ("the SELECT privilege is missing",), fix)


def failed(error: Any, address: Address) -> EvidenceError:
    """What went wrong with a query."""
    state = error.sqlstate or ""
    primary = getattr(error.diag, "message_primary", None) or str(error)
    said = (address.without_secrets(primary),)
    if state == "22021":
        fix = "mend the text, or move the tables into a database whose encoding is UTF8"
        return refusal("not-utf8", f"a text of {address} is not UTF-8", said, fix)
    match state[:2]:
        case "22":
            return refusal("query-failed", "what is asked cannot be computed", said, "look at the values")
        case "42" | "25" | "0A" | "54" | "21":
            return refusal("query-failed", "PostgreSQL does not take the query", said, "correct the query")
        case "" | "08":
            return refusal("no-server", f"the connection to {address} was lost", said, "run it again")
    match state:
        case "57014":
            fix = "check a part of the table (a view), or ask for fewer keys and quantiles at once"
            return refusal("query-too-slow", f"{address} took too long to answer", said, fix)
        case "55P03":
            return refusal("table-locked", f"a table of {address} is locked", said, "run it when the change is over")
        case _:
            return refusal("database-failed", f"{address} did not answer ({state})", said, "look into the server's log")
