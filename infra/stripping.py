"""What of the installed packages no running function reads, so that a worker unpacks less at a cold start."""

import shutil
from pathlib import Path

# The scripts and styles are a documentation page's inside Powertools (1.7 MB).
# Of a distribution its METADATA stays, so that its version can be asked for.
_DROPPED_FOLDERS = frozenset({"tests", "__pycache__", "bin"})
_DROPPED_SUFFIXES = frozenset({".pyi", ".typed", ".lock", ".js", ".css"})
_KEPT_OF_DISTRIBUTION = frozenset({"METADATA"})
# Parts that nothing else in their distributions needs and that we do without: X-Ray's patches of other libraries, say.
_DROPPED_PARTS = (
    "pydantic/v1",
    *(
        f"aws_xray_sdk/ext/{library}"
        for library in (
            *("aiobotocore", "aiohttp", "bottle", "django", "flask", "flask_sqlalchemy", "httpx", "mysql", "sqlite3"),
            *("pg8000", "psycopg", "psycopg2", "pymongo", "pymysql", "pynamodb", "requests", "sqlalchemy"),
            "sqlalchemy_core",
        )
    ),
    "aws_lambda_powertools/event_handler",
    *(
        f"aws_lambda_powertools/utilities/{part}"
        for part in (
            *("auth_alpha", "batch", "data_classes", "data_masking", "idempotency", "kafka", "parser", "streaming"),
            "validation",
        )
    ),
)


def strip(place: Path) -> None:
    """Delete all of that from `place`, a folder of installed packages, and every folder that is empty then."""
    for part in _DROPPED_PARTS:
        shutil.rmtree(place / part, ignore_errors=True)
    for path in sorted(place.rglob("*"), reverse=True):
        if path.is_dir():
            if path.name in _DROPPED_FOLDERS:
                shutil.rmtree(path)
            elif not any(path.iterdir()):
                path.rmdir()
        elif path.suffix in _DROPPED_SUFFIXES or path.name.startswith(".") or _is_bulk(path.relative_to(place)):
            path.unlink()


def _is_bulk(path: Path) -> bool:
    return path.parts[0].endswith(".dist-info") and path.name not in _KEPT_OF_DISTRIBUTION
