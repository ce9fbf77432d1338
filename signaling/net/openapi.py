"""The route table for machines (OpenAPI 3.1)."""

import re
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from signaling.core.permissions import IN_LESSONS, OUTSIDE_LESSONS, Action
from signaling.messages.http import Problem
from signaling.net.routes import ROUTES, Route

VERSION: Final = "1"
_IN_PATH: Final = re.compile(r"\{(\w+)\}")


@cache
def document(routes: tuple[Route, ...] = ROUTES) -> dict[str, Any]:
    """The whole description; made when it is first asked for, as it takes a while."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "three-classrooms signaling", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The operator's key or a seat's token"},
                "feed": {"type": "http", "scheme": "basic", "description": "A feed's name and key"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "seat-{seat}"},
            },
        },
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.action,
        "summary": route.summary,
        "x-permitted": sorted(_permitted(route.action)),
        "security": _security(_permitted(route.action)),
        "responses": {
            str(route.status): _answer(route.result, schemas),
            "default": {"description": "Nothing has changed", "content": _content(Problem, schemas)},
        },
    }
    if named := _IN_PATH.findall(route.path):
        schema = {"type": "string"}
        operation["parameters"] = [{"name": it, "in": "path", "required": True, "schema": schema} for it in named]
    if route.body is bytes:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    elif route.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.body, schemas)}
    return operation


def _security(permitted: frozenset[str]) -> list[dict[str, list[str]]]:
    if "nobody" in permitted:
        return [{}]
    return [{"bearer": []}, {"feed": []} if "calendar" in permitted else {"cookie": []}]


def _permitted(action: Action) -> frozenset[str]:
    if action in OUTSIDE_LESSONS:
        return frozenset(OUTSIDE_LESSONS[action])
    return frozenset(who for table in IN_LESSONS.values() for who in table.get(action, ()))


def _answer(result: type | None, schemas: dict[str, Any]) -> dict[str, Any]:
    if result is None:
        return {"description": "Done"}
    return {"description": "Done", "content": _content(result, schemas)}


def _content(form: type, schemas: dict[str, Any]) -> dict[str, Any]:
    schema = TypeAdapter(form).json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas[form.__name__] = schema
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{form.__name__}"}}}
