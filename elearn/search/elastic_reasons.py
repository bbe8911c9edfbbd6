"""What a failure of Elasticsearch, or of the way to it, says to those who run it."""

from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, AuthenticationException, UnsupportedProductError

LONGEST = 300


def elastic_reason(cause: BaseException) -> str | None:
    """None for a failure of something else."""
    if isinstance(cause, UnsupportedProductError):
        return "what answers at ELEARN_ELASTICSEARCH_URL does not say that it is Elasticsearch"
    if isinstance(cause, AuthenticationException):
        return "Elasticsearch refuses the name and password of ELEARN_ELASTICSEARCH_URL (401)"
    if isinstance(cause, ApiError):
        return f"Elasticsearch refuses it ({cause.meta.status}{_said_in(cause.body)})"
    if isinstance(cause, ConnectionTimeout):
        return "Elasticsearch does not answer in time"
    if isinstance(cause, TransportError):
        said = " ".join(cause.message.split())[:LONGEST]
        return f"Elasticsearch does not answer ({said}): is it running?"
    return None


def _said_in(body: object) -> str:
    """A page of a proxy before it says nothing."""
    told = body.get("error") if isinstance(body, dict) else None
    if isinstance(told, dict):
        told = told.get("reason") or told.get("type")
    return f": {' '.join(str(told).split())[:LONGEST]}" if told else ""
