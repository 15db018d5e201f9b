"""
The wire contract: request and reply models, and the OpenAPI document that is generated from them.

Bodies are read strictly: one JSON object, no duplicate keys, no NaN, no lone surrogates in the fields we know.
Unknown fields are ignored. What is wrong is said with the name of the field and nothing of its value.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from promptready.errors import InvalidRequest

USER_ID_PATTERN = r"^[A-Za-z0-9_-]{8,128}$"
IDEMPOTENCY_KEY_PATTERN = r"^[A-Za-z0-9_-]{8,64}$"

UserId = Annotated[StrictStr, Field(pattern=USER_ID_PATTERN, description="Anonymous id, made on the device.")]
CohortName = Annotated[Literal["A", "B", "C"], Field(description="The arm of the model experiment.")]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class CheckCreditsRequest(_Wire):
    """Ask for a user's credits; the first call grants them."""

    userId: UserId  # noqa: N815 - the wire's spelling


class ProcessAiRequest(_Wire):
    """Ask for a page as clean Markdown. The stored cohort decides the model, whatever `cohort` says."""

    userId: UserId  # noqa: N815 - the wire's spelling
    cohort: CohortName
    content: Annotated[StrictStr, Field(min_length=1, description="The page's text. Never stored, never logged.")]


class CreditsReply(_Wire):
    """The user's credits and cohort."""

    status: Literal["OK"] = "OK"
    credits_remaining: Annotated[int, Field(ge=0)]
    cohort: CohortName


class AnswerReply(_Wire):
    """The page as Markdown."""

    status: Literal["SUCCESS"] = "SUCCESS"
    processed_content: str


class InsufficientCreditsReply(_Wire):
    """No credit is left."""

    status: Literal["INSUFFICIENT_CREDITS"] = "INSUFFICIENT_CREDITS"


class AtCapacityReply(_Wire):
    """The weekly budget is used up."""

    status: Literal["SERVICE_AT_CAPACITY"] = "SERVICE_AT_CAPACITY"


class ErrorReply(_Wire):
    """Any other error: a code to switch on, and one sentence that is safe to show."""

    status: Literal[
        "INVALID_REQUEST",
        "UNKNOWN_USER",
        "REQUEST_IN_FLIGHT",
        "REQUEST_ALREADY_ANSWERED",
        "CONTENT_TOO_LARGE",
        "IDEMPOTENCY_KEY_REUSED",
        "TOO_MANY_REQUESTS",
        "PROVIDER_FAILED",
        "SERVICE_UNAVAILABLE",
        "PROVIDER_TIMEOUT",
        "INTERNAL_ERROR",
    ]
    message: str


Reply = CreditsReply | AnswerReply | InsufficientCreditsReply | AtCapacityReply | ErrorReply
RequestModel = TypeVar("RequestModel", CheckCreditsRequest, ProcessAiRequest)


def parse(model: type[RequestModel], body: bytes) -> RequestModel:
    """
    Read a request body.

    Raises:
        InvalidRequest: the message names the first field that is wrong.
    """
    try:
        request = model.model_validate(_json_object(body))
    except ValidationError as exc:
        raise InvalidRequest(_sentence(exc)) from None  # the cause quotes the value
    if isinstance(request, ProcessAiRequest) and not request.content.strip():
        raise InvalidRequest("The field content must not be empty.")
    return request


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise InvalidRequest("The body must be UTF-8.") from None
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None
    except ValueError:
        raise InvalidRequest("The body must be JSON.") from None
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise InvalidRequest("The body must not repeat a field.")
    return table


def _no_constant(name: str) -> None:
    raise InvalidRequest(f"The body must be JSON, which has no {name}.")


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "body"
    match first["type"]:
        case "missing":
            return f"The field {field} is missing."
        case "string_pattern_mismatch":
            return f"The field {field} must be 8 to 128 letters, digits, '-' or '_'."
        case "literal_error":
            return f"The field {field} must be A, B or C."
        case "string_too_short":
            return f"The field {field} must not be empty."
        case "string_unicode":
            return f"The field {field} must be valid Unicode."
        case _:
            return f"The field {field} must be a string."


def openapi(version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the two calls."""
    models: tuple[type[BaseModel], ...] = (
        CheckCreditsRequest,
        ProcessAiRequest,
        CreditsReply,
        AnswerReply,
        InsufficientCreditsReply,
        AtCapacityReply,
        ErrorReply,
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "PromptReady",
            "version": version,
            "description": "Trial credits and AI cleaning for the PromptReady extension. Page content is never stored.",
        },
        "paths": {
            "/api/check-credits": {
                "post": _operation("checkCredits", CheckCreditsRequest, CreditsReply, _CHECK_ERRORS)
            },
            "/api/process-ai": {"post": _operation("processAi", ProcessAiRequest, AnswerReply, _PROCESS_ERRORS)},
        },
        "components": {
            "schemas": {model.__name__: model.model_json_schema() for model in models},
            "headers": _HEADERS,
        },
    }


_CHECK_ERRORS: Mapping[int, tuple[str, ...]] = {
    400: ("INVALID_REQUEST",),
    402: ("INSUFFICIENT_CREDITS",),
    413: ("CONTENT_TOO_LARGE",),
    429: ("TOO_MANY_REQUESTS",),
    500: ("INTERNAL_ERROR",),
    503: ("SERVICE_UNAVAILABLE",),
}
_PROCESS_ERRORS: Mapping[int, tuple[str, ...]] = {
    400: ("INVALID_REQUEST",),
    402: ("INSUFFICIENT_CREDITS",),
    404: ("UNKNOWN_USER",),
    409: ("REQUEST_IN_FLIGHT", "REQUEST_ALREADY_ANSWERED"),
    413: ("CONTENT_TOO_LARGE",),
    422: ("IDEMPOTENCY_KEY_REUSED",),
    429: ("TOO_MANY_REQUESTS",),
    500: ("INTERNAL_ERROR",),
    502: ("PROVIDER_FAILED",),
    503: ("SERVICE_AT_CAPACITY", "SERVICE_UNAVAILABLE"),
    504: ("PROVIDER_TIMEOUT",),
}
_OWN_BODY: Mapping[str, type[BaseModel]] = {
    "INSUFFICIENT_CREDITS": InsufficientCreditsReply,
    "SERVICE_AT_CAPACITY": AtCapacityReply,
}
_HEADERS: Mapping[str, Any] = {
    "X-PromptReady-Request-Id": {
        "schema": {"type": "string"},
        "description": "Names this request in the service's telemetry.",
    },
    "X-PromptReady-Credits-Remaining": {
        "schema": {"type": "integer"},
        "description": "Credits left after this reply; on 200.",
    },
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds until the request is worth repeating."},
}


def _operation(
    operation_id: str, request: type[BaseModel], reply: type[BaseModel], errors: Mapping[int, tuple[str, ...]]
) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": _response(reply.__doc__ or "", [reply], ["X-PromptReady-Credits-Remaining"])}
    for status, codes in errors.items():
        bodies = list(dict.fromkeys(_OWN_BODY.get(code, ErrorReply) for code in codes))
        headers = ["Retry-After"] if status in {409, 429, 503} else []
        responses[str(status)] = _response(" or ".join(codes), bodies, headers)
    operation: dict[str, Any] = {
        "operationId": operation_id,
        "summary": request.__doc__,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(request)}}},
        "responses": responses,
    }
    if request is ProcessAiRequest:
        operation["parameters"] = [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "One key is charged at most one credit.",
                "schema": {"type": "string", "pattern": IDEMPOTENCY_KEY_PATTERN},
            }
        ]
    return operation


def _response(description: str, bodies: list[type[BaseModel]], headers: list[str]) -> dict[str, Any]:
    schema = _ref(bodies[0]) if len(bodies) == 1 else {"oneOf": [_ref(body) for body in bodies]}
    names = ["X-PromptReady-Request-Id", *headers]
    return {
        "description": description,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {"application/json": {"schema": schema}},
    }


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
