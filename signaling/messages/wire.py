"""Messages to JSON and back; what is no message is refused in one sentence that names the field."""

from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from signaling.messages import client, events, node, recording

T = TypeVar("T")


class WireError(ValueError):
    """These bytes are no message of this conversation."""


class Wire(Generic[T]):
    """Encodes and decodes one conversation's union of messages."""

    def __init__(self, union: Any) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(union)

    def decode(self, text: str | bytes) -> T:
        """Reads one message strictly; raises WireError."""
        try:
            return self._adapter.validate_json(text, strict=True, extra="forbid")
        except ValidationError as error:
            raise WireError(_sentence(error)) from None

    def encode(self, message: T) -> str:
        """Writes one message as JSON without spaces."""
        return self._adapter.dump_json(message).decode()

    def schema(self) -> dict[str, Any]:
        """The JSON Schema that the TypeScript types are made of."""
        return self._adapter.json_schema()


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "message"
    return f"{where}: {first['msg']}"


FROM_CLIENT: Final[Wire[client.ClientMessage]] = Wire(Annotated[client.ClientMessage, Field(discriminator="type")])
TO_CLIENT: Final[Wire[client.ServerMessage]] = Wire(Annotated[client.ServerMessage, Field(discriminator="type")])
TO_NODE: Final[Wire[node.SignalingMessage]] = Wire(Annotated[node.SignalingMessage, Field(discriminator="type")])
FROM_NODE: Final[Wire[node.NodeMessage]] = Wire(Annotated[node.NodeMessage, Field(discriminator="type")])
FROM_RECORDER: Final[Wire[recording.RecorderMessage]] = Wire(
    Annotated[recording.RecorderMessage, Field(discriminator="type")]
)
TO_RECORDER: Final[Wire[recording.RecordingMessage]] = Wire(
    Annotated[recording.RecordingMessage, Field(discriminator="type")]
)
EVENT: Final[Wire[events.Event]] = Wire(Annotated[events.Event, Field(discriminator="type")])
