"""What a database consists of, asked of its catalogue; as texts that can be compared between two servers."""

from __future__ import annotations

from dataclasses import dataclass

from .quote import qualified
from .wire import Connection

# Ours on the target, for as long as the move goes on.
OWN_SCHEMA = "stairway_move"
_USERS = f"n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '{OWN_SCHEMA}')"


def _no_member(catalogue: str, oid: str, kinds: str = "'e'") -> str:
    """An extension brings its objects itself."""
    return (
        f"NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '{catalogue}'::regclass AND e.objid = {oid}"
        f" AND e.deptype IN ({kinds}))"
    )


@dataclass(frozen=True)
class Table:
    """One table that holds rows: no view, and no parent of partitions.

    ``columns`` are those that can be written, ``all_columns`` the generated ones too. ``keys`` tell a row from every
    other; there may be none. ``identity`` is ``d``, ``i``, ``f`` or ``n``. ``rows`` is the server's guess, ``size`` in
    bytes. ``partition`` says that it is one, ``deferrable`` that its primary key is.
    """

    oid: int
    schema: str
    name: str
    owner: str
    identity: str
    logged: bool
    guarded: bool
    partition: bool
    size: int
    rows: int
    columns: tuple[str, ...]
    all_columns: tuple[str, ...]
    keys: tuple[str, ...]
    deferrable: bool = False

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        return qualified(self.schema, self.name)

    @property
    def followed(self) -> bool:
        """Whether the server can tell which row an update or delete meant."""
        return self.logged and (self.identity == "f" or (self.identity in ("d", "i") and bool(self.keys)))


# Where an UPDATE may say nothing but DEFAULT.
FIXED = f"""SELECT n.nspname || '.' || c.relname, a.attname FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attidentity = 'a' AND NOT a.attisdropped AND c.relkind = 'r' AND {_USERS}"""
_SEPARATOR = "\x1f"
# No server takes a key that is deferrable as what tells a row, nor one whose index was never finished: from the
# publication on it would refuse every UPDATE and DELETE of the app. With FULL it needs none, and such a key names rows.
_TABLES = f"""SELECT c.oid, n.nspname, c.relname, pg_get_userbyid(c.relowner), c.relreplident, c.relpersistence = 'p',
  c.relrowsecurity, c.relispartition, pg_table_size(c.oid), greatest(c.reltuples, 0)::bigint,
  (SELECT coalesce(string_agg(a.attname, E'\\x1f' ORDER BY a.attnum), '') FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
  (SELECT coalesce(string_agg(a.attname, E'\\x1f' ORDER BY a.attnum), '') FROM pg_attribute a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  (SELECT coalesce(string_agg(a.attname, E'\\x1f' ORDER BY k.at), '') FROM pg_index i
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, at)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
    WHERE i.indrelid = c.oid AND k.at <= i.indnkeyatts
      AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
      AND i.indisvalid AND (i.indimmediate OR c.relreplident = 'f')),
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND NOT i.indimmediate)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND {_USERS} AND {_no_member("pg_class", "c.oid")}
ORDER BY pg_table_size(c.oid) DESC, n.nspname, c.relname"""


def tables(connection: Connection) -> list[Table]:
    """Largest first."""
    return [
        Table(
            oid=int(row[0] or 0),
            schema=row[1] or "",
            name=row[2] or "",
            owner=row[3] or "",
            identity=row[4] or "",
            logged=row[5] == "t",
            guarded=row[6] == "t",
            partition=row[7] == "t",
            size=int(row[8] or 0),
            rows=int(row[9] or 0),
            columns=_names(row[10]),
            all_columns=_names(row[11]),
            keys=_names(row[12]),
            deferrable=row[13] == "t",
        )
        for row in connection.rows(_TABLES)
    ]


def _names(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").split(_SEPARATOR)) if text else ()


SEQUENCES = f"""SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND {_USERS} AND {_no_member("pg_class", "c.oid")} ORDER BY 1, 2"""


def sequences(connection: Connection) -> dict[str, tuple[str, str]]:
    """Where each sequence stands: its last value, and whether that was given out."""
    names = [qualified(row[0] or "", row[1] or "") for row in connection.rows(SEQUENCES)]
    if not names:
        return {}
    asked = " UNION ALL ".join(f"SELECT {number}, last_value, is_called FROM {n}" for number, n in enumerate(names))
    return {names[int(row[0] or 0)]: (row[1] or "", row[2] or "") for row in connection.rows(asked)}


def extensions(connection: Connection) -> list[tuple[str, str, str]]:
    """Name, schema and version of each but plpgsql."""
    rows = connection.rows(
        "SELECT extname, nspname, extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
        "WHERE extname <> 'plpgsql' ORDER BY 1"
    )
    return [(row[0] or "", row[1] or "", row[2] or "") for row in rows]


# Everything else that makes a database, as (kind, name, definition). A definition names no owner that is not compared.
# A partition has its parent's identity since PostgreSQL 17, and none before.
_OBJECTS: dict[str, str] = {
    "column": f"""SELECT n.nspname || '.' || c.relname || '.' || a.attname, concat_ws(' ',
  format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
  'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), CASE WHEN NOT c.relispartition THEN nullif(a.attidentity, '') END,
  nullif(a.attgenerated, ''),
  'COLLATE ' || (SELECT collname FROM pg_collation x WHERE x.oid = a.attcollation AND collname <> 'default'))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f') AND {_USERS}
  AND {_no_member("pg_class", "c.oid")}""",
    "table": f"""SELECT n.nspname || '.' || c.relname, concat_ws(' ', c.relkind, c.relpersistence,
  'of ' || (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i
    WHERE i.inhrelid = c.oid), pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid),
  CASE WHEN c.relrowsecurity THEN 'row level security' END,
  CASE WHEN c.relforcerowsecurity THEN 'of its owner too' END)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND {_USERS} AND {_no_member("pg_class", "c.oid")}""",
    # one that was never finished is not taken along, but for a part of one on a parent of partitions
    "index": f"""SELECT n.nspname || '.' || c.relname, pg_get_indexdef(i.indexrelid) ||
  CASE WHEN i.indisvalid AND i.indisready THEN '' ELSE ' (not valid)' END
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (i.indisvalid AND i.indisready OR c.relkind = 'I') AND {_USERS} AND {_no_member("pg_class", "i.indrelid")}""",
    "constraint": f"""SELECT n.nspname || '.' || coalesce(c.relname, t.typname) || '.' || k.conname,
  pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_type t ON t.oid = k.contypid
WHERE k.contype <> 'n' AND {_USERS} AND {_no_member("pg_class", "k.conrelid")}""",
    "trigger": f"""SELECT n.nspname || '.' || c.relname || '.' || t.tgname,
  pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {_USERS} AND {_no_member("pg_class", "c.oid")}""",
    "sequence": f"""SELECT n.nspname || '.' || c.relname, concat_ws(' ', format_type(s.seqtypid, NULL), s.seqstart,
  s.seqincrement, s.seqmin, s.seqmax, s.seqcycle, (SELECT d.refobjid::regclass || '.' || a.attname FROM pg_depend d
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_USERS} AND {_no_member("pg_class", "c.oid")}""",
    "view": f"""SELECT n.nspname || '.' || c.relname, pg_get_viewdef(c.oid) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {_USERS}
  AND {_no_member("pg_class", "c.oid")}""",
    "function": f"""SELECT n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
  CASE WHEN p.prokind = 'a' THEN 'aggregate' ELSE pg_get_functiondef(p.oid) END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_USERS} AND {_no_member("pg_proc", "p.oid")}""",
    "type": f"""SELECT n.nspname || '.' || t.typname, concat_ws(' ', t.typtype, nullif(t.typbasetype, 0)::regtype,
  t.typdefault, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND {_USERS}
  AND {_no_member("pg_type", "t.oid")}""",
    "policy": f"""SELECT n.nspname || '.' || c.relname || '.' || p.polname, concat_ws(' ', p.polcmd, p.polpermissive,
  (SELECT string_agg(CASE x WHEN 0 THEN 'everyone' ELSE pg_get_userbyid(x) END, ', ' ORDER BY 1)
    FROM unnest(p.polroles) x),
  pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_USERS}""",
    "rule": f"""SELECT n.nspname || '.' || c.relname || '.' || r.rulename, pg_get_ruledef(r.oid) FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND {_USERS} AND {_no_member("pg_class", "c.oid")}""",
    "grant": f"""SELECT n.nspname || '.' || c.relname || ' to ' ||
  CASE x.grantee WHEN 0 THEN 'everyone' ELSE pg_get_userbyid(x.grantee) END,
  string_agg(x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END, ', ' ORDER BY x.privilege_type)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) x
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND x.grantee <> c.relowner AND x.privilege_type <> 'MAINTAIN'
  AND {_USERS} AND {_no_member("pg_class", "c.oid")} GROUP BY 1
UNION ALL SELECT n.nspname || '.' || c.relname || '.' || a.attname || ' to ' ||
  CASE x.grantee WHEN 0 THEN 'everyone' ELSE pg_get_userbyid(x.grantee) END,
  string_agg(x.privilege_type || CASE WHEN x.is_grantable THEN '*' ELSE '' END, ', ' ORDER BY x.privilege_type)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped CROSS JOIN LATERAL aclexplode(a.attacl) x
WHERE x.grantee <> c.relowner AND {_USERS} AND {_no_member("pg_class", "c.oid")} GROUP BY 1""",
    # whose the tables are has the right by owning, whoever owns a function at the source
    "function right": f"""SELECT n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) ||
  ') to ' || CASE x.grantee WHEN 0 THEN 'everyone' ELSE pg_get_userbyid(x.grantee) END,
  CASE WHEN x.is_grantable THEN 'EXECUTE*' ELSE 'EXECUTE' END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
WHERE x.grantee <> p.proowner AND {_USERS} AND {_no_member("pg_proc", "p.oid")}
  AND x.grantee NOT IN (SELECT c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND {_USERS} AND {_no_member("pg_class", "c.oid")})""",
    "statistics": f"""SELECT n.nspname || '.' || s.stxname, pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE {_USERS} AND {_no_member("pg_class", "s.stxrelid")}""",
    "extension": "SELECT extname, nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace "
    "WHERE extname <> 'plpgsql'",
}
# Their texts differ from one major version to the next although they mean the same.
WORDED_BY_VERSION = ("view", "rule", "function", "policy", "statistics")


def objects(connection: Connection) -> dict[str, dict[str, str]]:
    """Definitions by kind and name."""
    return {
        kind: {row[0] or "": row[1] or "" for row in connection.rows(question)} for kind, question in _OBJECTS.items()
    }


def grants(connection: Connection) -> dict[str, str]:
    """Who has which rights on what."""
    return {row[0] or "": row[1] or "" for row in connection.rows(_OBJECTS["grant"])}


# Roles that own something, or that something is granted to.
ROLES = f"""SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND {_USERS} AND {_no_member("pg_class", "c.oid")}"""
GRANTEES = f"""SELECT DISTINCT pg_get_userbyid(x.grantee)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) x
WHERE x.grantee <> 0 AND {_USERS} AND {_no_member("pg_class", "c.oid")}
UNION SELECT pg_get_userbyid(x.grantee) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped CROSS JOIN LATERAL aclexplode(a.attacl) x
WHERE x.grantee <> 0 AND {_USERS} AND {_no_member("pg_class", "c.oid")}"""
# Of a CREATE INDEX CONCURRENTLY that failed, or still goes on.
UNFINISHED = f"""SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT (i.indisvalid AND i.indisready) AND c.relkind = 'i' AND {_USERS} AND {_no_member("pg_class", "i.indrelid")}
ORDER BY 1"""

# What stands in a database that is not the server's own, nor an extension's: as DROP takes it. A type of ranges has
# functions of its own, which go with it and not without it. An operator goes with its function.
INHABITANTS = f"""SELECT format('%s IF EXISTS %I.%I', CASE c.relkind WHEN 'v' THEN 'VIEW'
  WHEN 'm' THEN 'MATERIALIZED VIEW'
  WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND {_USERS} AND {_no_member("pg_class", "c.oid")}
UNION ALL SELECT 'ROUTINE IF EXISTS ' || p.oid::regprocedure
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {_USERS} AND {_no_member("pg_proc", "p.oid", "'e', 'i'")}
UNION ALL SELECT format('%s IF EXISTS %I.%I', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END,
  n.nspname, t.typname)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND {_USERS} AND {_no_member("pg_type", "t.oid")}
UNION ALL SELECT format('COLLATION IF EXISTS %I.%I', n.nspname, c.collname)
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
WHERE {_USERS} AND {_no_member("pg_collation", "c.oid")}
UNION ALL SELECT format('TEXT SEARCH CONFIGURATION IF EXISTS %I.%I', n.nspname, c.cfgname)
FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace
WHERE {_USERS} AND {_no_member("pg_ts_config", "c.oid")}
UNION ALL SELECT format('TEXT SEARCH DICTIONARY IF EXISTS %I.%I', n.nspname, d.dictname)
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
WHERE {_USERS} AND {_no_member("pg_ts_dict", "d.oid")}"""
SCHEMAS = f"""SELECT n.nspname FROM pg_namespace n WHERE {_USERS} AND {_no_member("pg_namespace", "n.oid")}"""
